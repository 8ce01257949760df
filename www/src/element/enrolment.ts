import type { Countersign, Enroller, Progress, Source, Strokes, Template } from "../public/index.ts";
import { CountersignError, Enrolment, MOST_REFERENCES } from "../public/index.ts";
import { isOfSignature } from "./blame.ts";
import { BaseElement, mayTakeFocus, reflect, styleSheet, upgrade } from "./dom.ts";
import { engineOptionsOf, sharedEngine } from "./engine.ts";
import { EnrolmentView } from "./enrolment-view.ts";
import { hold, key, press } from "./gestures.ts";
import { receive } from "./incoming.ts";
import { Language } from "./language.ts";
import { isLoading } from "./progress.ts";
import { fill, type Strings } from "./strings.ts";
import { STYLE } from "./style.ts";
import { Surface } from "./surface.ts";
import { Thumbnails } from "./thumbnails.ts";
import { sentence } from "./validity.ts";

/** What enrolment ends with. */
export interface Enrolled {
  readonly template: Template;
  readonly references: number;
  /** The mean agreement of each signature with those before it, 0 to 1. */
  readonly consistency: number;
}

export interface SignatureEnrolmentEvents {
  "signature-enrolled": CustomEvent<Enrolled>;
  "signature-error": CustomEvent<CountersignError>;
}

let sheet: CSSStyleSheet | undefined;

/**
 * Takes three to ten signatures of one writer, one after the other, and makes a template of them.
 *
 * A signature whose picture is poor, or that differs from those before it, is refused with the reason. A bar shows how
 * well the kept ones agree. `signature-enrolled` carries the template; storing it is the page's business, for example
 * with `TemplateStore` of `countersign/templates`.
 *
 * Attributes: `backend`; `weights-url`. Each is a property, too.
 */
export class SignatureEnrolment extends BaseElement {
  static readonly observedAttributes = ["lang", "backend", "weights-url"];

  readonly #view: EnrolmentView;
  readonly #language = new Language(this, () => this.#update());
  #surface: Surface | undefined;
  /** What is on the pad while the element is out of the page. */
  #drawn: Strokes = [];
  #engine: Countersign | undefined;
  #enrolment = this.#begin();
  /** Aborted when all that was given is given up. */
  #work = new AbortController();
  readonly #thumbnails = new Thumbnails();
  #busy = false;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open", delegatesFocus: true });
    sheet ??= styleSheet(STYLE);
    root.adoptedStyleSheets = [sheet];
    this.#view = new EnrolmentView(root, (index) => void this.#remove(index));
    this.#listen();
  }

  /** A checker of the page's own; unless given, it is the one that all elements share. Another one begins anew. */
  get engine(): Countersign | undefined {
    return this.#engine;
  }

  set engine(engine: Countersign | undefined) {
    if (engine === this.#engine) return;
    this.#engine = engine;
    this.#exchanged();
  }

  get backend(): "auto" | "cpu" | "webgpu" {
    return engineOptionsOf(this).backend ?? "auto";
  }

  set backend(backend: "auto" | "cpu" | "webgpu" | null | undefined) {
    reflect(this, "backend", backend);
  }

  /** The folder of another model than the one of this package. */
  get weightsUrl(): string | null {
    return this.getAttribute("weights-url");
  }

  set weightsUrl(folder: string | null | undefined) {
    reflect(this, "weights-url", folder);
  }

  /** Replaces some of what the element says. */
  get strings(): Partial<Strings> {
    return this.#language.own;
  }

  set strings(strings: Partial<Strings> | null | undefined) {
    this.#language.own = strings;
  }

  /** How many signatures are kept. */
  get count(): number {
    return this.#enrolment.references.length;
  }

  /** Begins anew. */
  reset(): void {
    this.#wipe();
    this.#startOver();
  }

  connectedCallback(): void {
    upgrade(this);
    this.#surface ??= new Surface(this.#view.canvas, {
      onStart: () => this.#enable(true),
      onChange: (isKept) => {
        if (isKept) hold(this.#view.pad);
        this.#enable(false);
      },
    });
    if (this.#drawn.length > 0) this.#surface.strokes = this.#drawn;
    this.#language.connect();
    this.#update();
  }

  disconnectedCallback(): void {
    this.#language.disconnect();
    this.#drawn = this.#surface?.strokes ?? [];
    this.#surface?.disconnect();
    this.#surface = undefined;
    this.#show([]);
  }

  attributeChangedCallback(name: string, before: string | null, value: string | null): void {
    if (name === "lang") void this.#language.update();
    else if (before !== value && !this.#engine) this.#exchanged();
  }

  /** What is kept, or being compared, is of another checker now; what is on the pad is of none. */
  #exchanged(): void {
    if (this.count > 0 || this.#busy) this.#startOver();
  }

  #startOver(): void {
    this.#work.abort();
    this.#work = new AbortController();
    this.#enrolment = this.#begin();
    this.#busy = false;
    this.#say("", "");
    this.#update();
  }

  #listen(): void {
    const { undo, clear, upload, add, finish, file, pad } = this.#view;
    const pen = {
      undo: () => this.#change(() => this.#surface?.undo()),
      clear: () => this.#change(() => this.#surface?.clear()),
    };
    press(undo, pad, pen.undo);
    press(clear, pad, pen.clear);
    upload.addEventListener("click", () => file.click());
    add.addEventListener("click", () => void this.#give([this.#surface?.strokes ?? []]));
    finish.addEventListener("click", () => this.#end());
    // It would leave the shadow tree.
    file.addEventListener("input", (event) => event.stopPropagation());
    file.addEventListener("change", () => {
      void this.#give([...(file.files ?? [])]);
      file.value = "";
    });
    receive(this, pad, { ready: () => !this.#busy && this.count < MOST_REFERENCES, take: (files) => void this.#give(files) });
    pad.addEventListener("keydown", (event) => key(event, pen));
  }

  /** A change of the drawing, unless it is being compared. */
  #change(change: () => void): void {
    if (this.#busy) return;
    change();
    this.#enable(false);
  }

  #wipe(): void {
    this.#drawn = [];
    this.#surface?.clear();
  }

  /** Signatures, one after the other; of those that are refused the first has its reason said. */
  async #give(sources: readonly (Blob | Strokes)[]): Promise<void> {
    await this.#do(async (signal) => {
      const errors: CountersignError[] = [];
      const refusals: string[] = [];
      let left = sources.length;
      for (const source of sources) {
        if (this.count === MOST_REFERENCES) break;
        this.#say(this.#language.strings.checking, "pending");
        this.#update();
        try {
          const refusal = await this.#keep(source, signal);
          if (refusal === undefined) left -= 1;
          else refusals.push(refusal);
        } catch (thrown) {
          signal.throwIfAborted();
          const error = CountersignError.from(thrown, "worker-failed");
          errors.push(error);
          refusals.push(sentence({ state: "error", error }, this.#language.strings));
          if (!isOfSignature(error)) break;
        }
      }
      const { kept, notTaken } = this.#language.strings;
      const rest = left > 0 && sources.length > 1 ? ` ${fill(notTaken, { count: left, number: sources.length })}` : "";
      this.#say((refusals[0] ?? kept) + rest, refusals.length > 0 ? "refused" : "kept");
      for (const error of errors) this.#dispatch("signature-error", error);
    });
  }

  /** Why a signature was not kept, if so. */
  async #keep(source: Blob | Strokes, signal: AbortSignal): Promise<string | undefined> {
    const { strings } = this.#language;
    const added = await this.#enrolment.add(source, { signal });
    signal.throwIfAborted();
    // A picture leaves alone what is drawn beside it.
    if (!(source instanceof Blob)) this.#wipe();
    if (added.kept) return undefined;
    const remark = added.verdict.quality.find(({ of, code }) => of === "questioned" && code in strings.reasons);
    return (added.why === "quality" && remark && strings.reasons[remark.code]) || strings.differs;
  }

  async #remove(index: number): Promise<void> {
    await this.#do(async (signal) => {
      await this.#enrolment.remove(index, { signal });
      signal.throwIfAborted();
      this.#say("", "");
    });
  }

  /** One thing at a time; what was begun before `reset` ends unseen. */
  async #do(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    if (this.#busy) return;
    const { signal } = this.#work;
    this.#busy = true;
    try {
      await work(signal);
    } catch (thrown) {
      if (!signal.aborted) this.#refuse(CountersignError.from(thrown, "worker-failed"));
    }
    if (signal.aborted) return;
    this.#busy = false;
    this.#update();
    if (mayTakeFocus(this)) this.#view.pad.focus();
  }

  #end(): void {
    try {
      const { references, consistency = 0 } = this.#enrolment;
      this.#dispatch("signature-enrolled", { template: this.#enrolment.finish(), references: references.length, consistency });
    } catch (thrown) {
      this.#refuse(CountersignError.from(thrown, "worker-failed"));
    }
  }

  /** Asks for the checker at each call: one that could not be loaded is asked for again with the next signature. */
  #begin(): Enrolment {
    const enroller: Enroller = {
      enrol: async (...asked) => (await this.#checker()).enrol(...asked),
      check: async (...asked) => (await this.#checker()).check(...asked),
    };
    return new Enrolment(enroller);
  }

  async #checker(): Promise<Enroller> {
    if (this.#engine) return this.#engine;
    const { signal } = this.#work;
    const tell = (progress: Progress | undefined): void => {
      if (signal.aborted) return;
      const { strings } = this.#language;
      this.#view.load(progress, strings);
      this.#view.say(isLoading(progress) ? strings.loading : strings.checking, "pending");
    };
    try {
      return await sharedEngine(engineOptionsOf(this), tell);
    } finally {
      tell(undefined);
    }
  }

  #refuse(error: CountersignError): void {
    this.#say(sentence({ state: "error", error }, this.#language.strings), "refused");
    this.#dispatch("signature-error", error);
  }

  #say(text: string, state: string): void {
    this.#view.load(undefined, this.#language.strings);
    this.#view.say(text, state);
  }

  #update(): void {
    this.#show(this.isConnected ? this.#enrolment.references : []);
    this.#enable(false);
  }

  #show(references: readonly Source[]): void {
    const pictures = this.#thumbnails.of(references, getComputedStyle(this.#view.canvas).color);
    const { strings, mark } = this.#language;
    this.#view.show({ strings, mark, pictures, consistency: this.#enrolment.consistency, busy: this.#busy });
  }

  #enable(drawing: boolean): void {
    if (this.#surface) this.#surface.enabled = !this.#busy && this.count < MOST_REFERENCES;
    const empty = !drawing && (this.#surface?.isEmpty ?? true);
    this.#view.enable({ empty, drawing, busy: this.#busy, kept: this.count });
  }

  #dispatch<K extends keyof SignatureEnrolmentEvents>(name: K, detail: SignatureEnrolmentEvents[K]["detail"]): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}

type Events = HTMLElementEventMap & SignatureEnrolmentEvents;

export interface SignatureEnrolment {
  addEventListener<K extends keyof Events>(
    type: K,
    listener: (this: SignatureEnrolment, event: Events[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
}
