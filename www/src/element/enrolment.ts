import type { Countersign, Enroller, Progress, Source, Strokes, Template } from "../public/index.ts";
import { CountersignError, Enrolment, MOST_REFERENCES } from "../public/index.ts";
import { drawing } from "./drawing.ts";
import { BaseElement, mayTakeFocus, reflect, styleSheet, upgrade } from "./dom.ts";
import { engineOptionsOf, sharedEngine } from "./engine.ts";
import { EnrolmentView } from "./enrolment-view.ts";
import { receive } from "./incoming.ts";
import { Language } from "./language.ts";
import { isLoading } from "./progress.ts";
import type { Strings } from "./strings.ts";
import { STYLE } from "./style.ts";
import { Surface } from "./surface.ts";

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
  #engine: Countersign | undefined;
  #enrolment = this.#begin();
  /** Aborted when all that was given is given up. */
  #work = new AbortController();
  /** Addresses of what is shown of the kept signatures. */
  readonly #pictures = new Map<Source, string>();
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
    this.#surface?.clear();
    this.#startOver();
  }

  connectedCallback(): void {
    upgrade(this);
    this.#surface ??= new Surface(this.#view.canvas, { onStart: () => this.#enable(true), onChange: () => this.#enable(false) });
    this.#language.connect();
    this.#update();
  }

  disconnectedCallback(): void {
    this.#language.disconnect();
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
    undo.addEventListener("click", () => this.#change(() => this.#surface?.undo()));
    clear.addEventListener("click", () => this.#change(() => this.#surface?.clear()));
    upload.addEventListener("click", () => file.click());
    add.addEventListener("click", () => void this.#give([this.#surface?.strokes ?? []]));
    finish.addEventListener("click", () => this.#end());
    file.addEventListener("change", () => {
      void this.#give([...(file.files ?? [])]);
      file.value = "";
    });
    receive(this, pad, { ready: () => !this.#busy && this.count < MOST_REFERENCES, take: (pictures) => void this.#give(pictures) });
    pad.addEventListener("keydown", (event) => {
      const command = event.ctrlKey || event.metaKey;
      if (command && event.key.toLowerCase() === "z") this.#change(() => this.#surface?.undo());
      else if (event.key === "Delete" || event.key === "Backspace") this.#change(() => this.#surface?.clear());
      else return;
      event.preventDefault();
    });
  }

  /** A change of the drawing, unless it is being compared. */
  #change(change: () => void): void {
    if (this.#busy) return;
    change();
    this.#enable(false);
  }

  /** Signatures, one after the other; the first that is refused ends it, so that its reason stays in sight. */
  async #give(sources: readonly (Blob | Strokes)[]): Promise<void> {
    await this.#do(async (signal) => {
      for (const source of sources) {
        this.#say(this.#language.strings.checking, "pending");
        this.#update();
        if (!(await this.#keep(source, signal))) return;
      }
    });
  }

  async #keep(source: Blob | Strokes, signal: AbortSignal): Promise<boolean> {
    const { strings } = this.#language;
    const added = await this.#enrolment.add(source, { signal });
    signal.throwIfAborted();
    this.#surface?.clear();
    if (added.kept) {
      this.#say(strings.kept, "kept");
      return true;
    }
    const remark = added.verdict.quality.find(({ of, code }) => of === "questioned" && code in strings.reasons);
    this.#say((added.why === "quality" && remark && strings.reasons[remark.code]) || strings.differs, "refused");
    return false;
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
    const { failed, reasons } = this.#language.strings;
    this.#say(reasons[error.code] ?? `${failed} (${error.code})`, "refused");
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
    for (const [source, picture] of this.#pictures) {
      if (references.includes(source)) continue;
      URL.revokeObjectURL(picture);
      this.#pictures.delete(source);
    }
    const pictures = references.map((source) => this.#picture(source));
    this.#view.show({ strings: this.#language.strings, pictures, consistency: this.#enrolment.consistency, busy: this.#busy });
  }

  #picture(source: Source): string {
    const shown = source instanceof Blob ? source : new Blob([drawing(source as Strokes)], { type: "image/svg+xml" });
    const picture = this.#pictures.get(source) ?? URL.createObjectURL(shown);
    this.#pictures.set(source, picture);
    return picture;
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
