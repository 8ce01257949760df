import { type Countersign, CountersignError, Enrolment, LEAST_REFERENCES, MOST_REFERENCES, type Strokes, type Template } from "../public/index.ts";
import { drawing } from "./drawing.ts";
import { BaseElement, button, imageIn, IMAGE_TYPES, languageOf, make, styleSheet } from "./dom.ts";
import { sharedEngine } from "./engine.ts";
import { ENGLISH, fill, type Strings, stringsFor } from "./strings.ts";
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
 */
export class SignatureEnrolment extends BaseElement {
  static readonly observedAttributes = ["lang"];

  readonly #canvas = make("canvas", { part: "canvas", "aria-hidden": "true" });
  readonly #hint = make("p", { part: "hint", class: "hint", "aria-hidden": "true" });
  readonly #pad = make("div", { part: "surface", class: "surface", role: "group", tabindex: "0", "aria-describedby": "help step" }, this.#canvas, this.#hint);
  readonly #title = make("h2", { part: "title", id: "title" });
  readonly #step = make("p", { part: "step", class: "step", id: "step" });
  readonly #help = make("span", { id: "help", class: "seen-only-by-readers" });
  readonly #undo = button("undo");
  readonly #clear = button("clear");
  readonly #upload = button("upload");
  readonly #add = button("add");
  readonly #finish = button("finish");
  readonly #file = make("input", { type: "file", accept: IMAGE_TYPES, multiple: "", hidden: "", tabindex: "-1" });
  readonly #status = make("p", { part: "status", class: "verdict", role: "status" });
  readonly #list = make("ul", { part: "kept", class: "kept" });
  readonly #meter = make("meter", { part: "meter", min: "0", max: "1", low: "0.5", high: "0.8", optimum: "1" });
  readonly #consistency: HTMLElement;
  readonly #consistencyLabel = make("span");
  #surface: Surface | undefined;
  #engine: Countersign | undefined;
  #enrolment: Promise<Enrolment> | undefined;
  #kept: { readonly picture: string }[] = [];
  #strings: Strings = ENGLISH;
  #own: Partial<Strings> = {};
  #busy = false;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open", delegatesFocus: true });
    sheet ??= styleSheet(STYLE);
    root.adoptedStyleSheets = [sheet];
    this.#add.classList.add("primary");
    this.#consistency = make("label", { class: "consistency", part: "consistency", hidden: "" }, this.#consistencyLabel, this.#meter);
    const tools = make("div", { part: "tools", class: "tools" }, this.#undo, this.#clear, this.#upload, this.#file, this.#add, this.#finish);
    root.append(this.#title, this.#step, this.#pad, this.#help, tools, this.#status, this.#consistency, this.#list);
    this.#listen();
  }

  /** A checker of the page's own; unless given, it is the one that all elements share. */
  set engine(engine: Countersign | undefined) {
    this.#engine = engine;
    this.#enrolment = undefined;
  }

  set strings(strings: Partial<Strings>) {
    this.#own = strings;
    void this.#speak();
  }

  /** How many signatures are kept. */
  get count(): number {
    return this.#kept.length;
  }

  /** Begins anew. */
  reset(): void {
    this.#enrolment = undefined;
    this.#kept.forEach(({ picture }) => URL.revokeObjectURL(picture));
    this.#kept = [];
    this.#surface?.clear();
    this.#say("", "");
    void this.#update();
  }

  connectedCallback(): void {
    this.#surface ??= new Surface(this.#canvas, { onStart: () => this.#enable(true), onChange: () => this.#enable(false) });
    void this.#speak();
  }

  disconnectedCallback(): void {
    this.#surface?.disconnect();
    this.#surface = undefined;
  }

  attributeChangedCallback(): void {
    void this.#speak();
  }

  #listen(): void {
    this.#undo.addEventListener("click", () => this.#change(() => this.#surface?.undo()));
    this.#clear.addEventListener("click", () => this.#change(() => this.#surface?.clear()));
    this.#upload.addEventListener("click", () => this.#file.click());
    this.#add.addEventListener("click", () => void this.#give([this.#surface?.strokes ?? []]));
    this.#finish.addEventListener("click", () => void this.#end());
    this.#file.addEventListener("change", () => {
      void this.#give([...(this.#file.files ?? [])]);
      this.#file.value = "";
    });
    this.addEventListener("paste", (event) => {
      const image = imageIn(event.clipboardData);
      if (image) void this.#give([image]);
    });
    this.#pad.addEventListener("keydown", (event) => {
      const command = event.ctrlKey || event.metaKey;
      if (command && event.key.toLowerCase() === "z") this.#change(() => this.#surface?.undo());
      else if (event.key === "Delete" || event.key === "Backspace") this.#change(() => this.#surface?.clear());
      else return;
      event.preventDefault();
    });
  }

  #change(change: () => void): void {
    change();
    this.#enable(false);
  }

  /** Signatures, one after the other; the first that is refused ends it, so that its reason stays in sight. */
  async #give(sources: readonly (Blob | Strokes)[]): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (const source of sources) {
        this.#say(this.#strings.checking, "pending");
        void this.#update();
        if (!(await this.#keep(source))) break;
      }
    } catch (thrown) {
      this.#refuse(CountersignError.from(thrown, "worker-failed"));
    }
    this.#busy = false;
    await this.#update();
    this.#pad.focus();
  }

  async #keep(source: Blob | Strokes): Promise<boolean> {
    this.#enrolment ??= this.#begin();
    // One that could not begin, for want of a connection, is begun again with the next signature.
    this.#enrolment.catch(() => (this.#enrolment = undefined));
    const enrolment = await this.#enrolment;
    const added = await enrolment.add(source);
    this.#surface?.clear();
    if (!added.kept) {
      const remark = added.verdict.quality.find(({ of, code }) => of === "questioned" && code in this.#strings.reasons);
      this.#say((added.why === "quality" && remark && this.#strings.reasons[remark.code]) || this.#strings.differs, "refused");
      return false;
    }
    const shown = source instanceof Blob ? source : new Blob([drawing(source)], { type: "image/svg+xml" });
    this.#kept.push({ picture: URL.createObjectURL(shown) });
    this.#say(this.#strings.kept, "kept");
    return true;
  }

  async #begin(): Promise<Enrolment> {
    return new Enrolment(this.#engine ?? (await sharedEngine({ backend: "auto", weightsUrl: undefined }, () => undefined)));
  }

  async #remove(index: number): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      await (await this.#enrolment)?.remove(index);
      for (const { picture } of this.#kept.splice(index, 1)) URL.revokeObjectURL(picture);
      this.#say("", "");
    } catch (thrown) {
      this.#refuse(CountersignError.from(thrown, "worker-failed"));
    }
    this.#busy = false;
    await this.#update();
    this.#pad.focus();
  }

  async #end(): Promise<void> {
    const enrolment = await this.#enrolment;
    if (!enrolment) return;
    try {
      const detail = { template: enrolment.finish(), references: enrolment.references.length, consistency: enrolment.consistency ?? 0 };
      this.#dispatch("signature-enrolled", detail);
    } catch (thrown) {
      this.#refuse(CountersignError.from(thrown, "worker-failed"));
    }
  }

  #refuse(error: CountersignError): void {
    this.#say(this.#strings.reasons[error.code] ?? `${this.#strings.failed} (${error.code})`, "refused");
    this.#dispatch("signature-error", error);
  }

  #say(text: string, state: string): void {
    this.#status.textContent = text;
    this.#status.dataset["state"] = state;
  }

  async #speak(): Promise<void> {
    const language = languageOf(this);
    const strings = await stringsFor(language);
    if (language !== languageOf(this)) return;
    this.#strings = { ...strings, ...this.#own };
    await this.#update();
  }

  async #update(): Promise<void> {
    const strings = this.#strings;
    const count = this.#kept.length;
    this.#title.textContent = strings.enrolTitle;
    this.#pad.ariaLabel = strings.label;
    this.#hint.textContent = strings.hint;
    this.#help.textContent = strings.help;
    this.#undo.textContent = strings.undo;
    this.#clear.textContent = strings.clear;
    this.#upload.textContent = strings.upload;
    this.#add.textContent = strings.add;
    this.#finish.textContent = strings.finish;
    this.#consistencyLabel.textContent = strings.consistency;
    this.#step.textContent = this.#instruction(count);
    this.#list.replaceChildren(...this.#kept.map((kept, index) => this.#thumbnail(kept, index)));
    this.#enable(false);
    const consistency = await this.#enrolment?.then(({ consistency }) => consistency).catch(() => undefined);
    this.#consistency.hidden = consistency === undefined || this.#kept.length < 2;
    this.#meter.value = consistency ?? 0;
  }

  #instruction(count: number): string {
    const numbers = { number: count + 1, least: LEAST_REFERENCES, count };
    if (count < LEAST_REFERENCES) return fill(this.#strings.enrolStep, numbers);
    if (count === MOST_REFERENCES) return fill(this.#strings.enrolFull, numbers);
    return `${this.#strings.enrolReady} ${fill(this.#strings.enrolMore, numbers)}`;
  }

  #thumbnail({ picture }: { readonly picture: string }, index: number): HTMLLIElement {
    const remove = make("button", { type: "button", "aria-label": fill(this.#strings.remove, { number: index + 1 }) }, "\u00d7");
    remove.disabled = this.#busy;
    remove.addEventListener("click", () => void this.#remove(index));
    return make("li", {}, make("img", { src: picture, alt: `${this.#strings.label} ${index + 1}` }), remove);
  }

  #enable(drawing: boolean): void {
    const empty = !drawing && (this.#surface?.isEmpty ?? true);
    const full = this.#kept.length === MOST_REFERENCES;
    this.#hint.hidden = !empty;
    this.#undo.disabled = this.#clear.disabled = empty;
    this.#add.disabled = empty || drawing || this.#busy || full;
    this.#upload.disabled = this.#busy || full;
    this.#finish.disabled = this.#busy || this.#kept.length < LEAST_REFERENCES;
    if (this.#surface) this.#surface.enabled = !this.#busy && !full;
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
