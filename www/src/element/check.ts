import type { Countersign, CountersignError, Template, Verdict } from "../public/index.ts";
import { type Content, fromValue, toValue } from "./content.ts";
import { languageOf, styleSheet } from "./dom.ts";
import { type EngineOptions, sharedEngine } from "./engine.ts";
import { FormField } from "./field.ts";
import { listen } from "./gestures.ts";
import { Session, type State, type Status } from "./session.ts";
import { ENGLISH, type Strings, stringsFor } from "./strings.ts";
import { STYLE } from "./style.ts";
import { Surface } from "./surface.ts";
import { sentence, validity } from "./validity.ts";
import { View } from "./view.ts";

/** Events of `<signature-check>`, besides `input` and `change`. */
export interface SignatureCheckEvents {
  "signature-state": CustomEvent<State>;
  "signature-verdict": CustomEvent<Verdict>;
  "signature-error": CustomEvent<CountersignError>;
}

const STATES: readonly State[] = ["empty", "pending", "match", "mismatch", "unsure", "error", "skipped", "unchecked"];

let sheet: CSSStyleSheet | undefined;

/**
 * A form field for a signature, checked against the template it is given.
 *
 * ```html
 * <signature-check name="signature" required on-unsure="block"></signature-check>
 * ```
 *
 * Attributes: `name`, `required`, `disabled`, `readonly`; `on-unsure` (`allow` or `block`, which is the default);
 * `allow-typed` (a name may be typed instead, which skips the check and says so in the value); `far`; `backend`;
 * `weights-url`; `preload` (get the model before anyone signs).
 * States for style sheets: `:state(empty)`, `pending`, `match`, `mismatch`, `unsure`, `error`, `skipped`, `unchecked`.
 */
export class SignatureCheck extends FormField {
  static readonly observedAttributes = ["required", "readonly", "on-unsure", "allow-typed", "far", "lang", "aria-label"];

  readonly #view: View;
  readonly #session: Session;
  #surface: Surface | undefined;
  #template: Template | null = null;
  #engine: Countersign | undefined;
  #own: Partial<Strings> = {};
  #strings: Strings = ENGLISH;
  #disabled = false;
  #value = "";
  /** Counts what the value was made of: one that took longer to make is dropped. */
  #turn = 0;
  #shown: State | undefined;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open", delegatesFocus: true });
    sheet ??= styleSheet(STYLE);
    root.adoptedStyleSheets = [sheet];
    this.#view = new View(root);
    const element = this;
    this.#session = new Session({
      get template() {
        return element.#template;
      },
      get options() {
        const far = element.getAttribute("far");
        return far === null ? {} : { far: Number(far) };
      },
      engine: async (onProgress) => element.#engine ?? sharedEngine(element.#engineOptions, onProgress),
      changed: () => element.#update(),
    });
    listen(this, this.#view, {
      editable: () => this.#editable,
      undo: () => this.undo(),
      clear: () => this.clear(),
      take: (file) => this.#take(file),
      typeInstead: () => this.#show({ kind: "typed", name: "" }),
      typed: (name) => {
        this.#session.set({ kind: "typed", name });
        this.#tell("input");
      },
      typedAll: () => this.#tell("change"),
    });
  }

  // --- what a page sets and reads ---

  /** What `enrol` gave for this signer; without it the field cannot be checked, and a form not be sent. */
  get template(): Template | null {
    return this.#template;
  }

  set template(template: Template | null) {
    this.#template = template;
    if (template && this.hasAttribute("preload")) this.#preload();
    this.#session.again();
  }

  /** A checker of the page's own; unless given, all elements share one that they load. */
  get engine(): Countersign | undefined {
    return this.#engine;
  }

  set engine(engine: Countersign | undefined) {
    this.#engine = engine;
  }

  /** Replaces some of what the element says. */
  get strings(): Partial<Strings> {
    return this.#own;
  }

  set strings(strings: Partial<Strings>) {
    this.#own = strings;
    void this.#speak();
  }

  /** What the form sends: JSON of a `FieldValue`, or nothing. Setting it shows its signature and checks that again. */
  get value(): string {
    return this.#value;
  }

  set value(json: string) {
    void fromValue(json).then((content) => this.#show(content));
  }

  get verdict(): Verdict | undefined {
    return this.#session.judged?.verdict;
  }

  get state(): State {
    return this.#session.status.state;
  }

  /** Takes back the last stroke, or the picture. */
  undo(): void {
    if (!this.#editable) return;
    if (this.#session.content.kind === "image") return this.clear();
    this.#surface?.undo();
    this.#drawn();
  }

  clear(): void {
    if (!this.#editable) return;
    this.#show({ kind: "empty" });
    this.#tell("change");
  }

  /** Checks what is there at once, without waiting for another stroke. */
  async check(): Promise<void> {
    await this.#session.checkNow();
  }

  // --- what the browser calls ---

  connectedCallback(): void {
    this.#surface ??= new Surface(this.#view.canvas, {
      onStart: () => this.#session.interrupt(),
      onChange: () => this.#drawn(),
    });
    const { content } = this.#session;
    if (content.kind === "strokes") this.#surface.strokes = content.strokes;
    if (this.hasAttribute("preload")) this.#preload();
    void this.#speak();
    this.#update();
  }

  disconnectedCallback(): void {
    this.#session.stop();
    this.#surface?.disconnect();
    this.#surface = undefined;
  }

  attributeChangedCallback(name: string): void {
    if (name === "lang" || name === "aria-label") void this.#speak();
    else if (name === "far") this.#session.again();
    else this.#update();
  }

  formDisabledCallback(disabled: boolean): void {
    this.#disabled = disabled;
    this.#update();
  }

  formResetCallback(): void {
    this.#show({ kind: "empty" });
  }

  formStateRestoreCallback(state: string | File | FormData | null): void {
    if (typeof state === "string") this.value = state;
  }

  // --- inside ---

  get #engineOptions(): EngineOptions {
    const backend = this.getAttribute("backend");
    const weightsUrl = this.getAttribute("weights-url") ?? undefined;
    return { backend: backend === "cpu" || backend === "webgpu" ? backend : "auto", weightsUrl };
  }

  get #editable(): boolean {
    return !this.#disabled && !this.hasAttribute("readonly");
  }

  /** A file that was chosen, pasted or dropped. */
  #take(file: File | undefined): void {
    if (!file || !this.#editable) return;
    this.#show({ kind: "image", file });
    this.#tell("input", "change");
  }

  /** The pad has other strokes. */
  #drawn(): void {
    const strokes = this.#surface?.strokes ?? [];
    this.#session.set(strokes.length > 0 ? { kind: "strokes", strokes } : { kind: "empty" });
    this.#tell("input", "change");
  }

  /** Content that does not come from the pad. */
  #show(content: Content): void {
    const { picture, name } = this.#view;
    if (picture.src) URL.revokeObjectURL(picture.src);
    picture.removeAttribute("src");
    if (content.kind === "image") picture.src = URL.createObjectURL(content.file);
    name.value = content.kind === "typed" ? content.name : "";
    if (content.kind === "strokes" && this.#surface) this.#surface.strokes = content.strokes;
    else this.#surface?.clear();
    this.#session.set(content);
  }

  #preload(): void {
    if (!this.#engine) sharedEngine(this.#engineOptions, () => undefined).catch(() => undefined);
  }

  async #speak(): Promise<void> {
    const language = languageOf(this);
    const strings = await stringsFor(language);
    if (language !== languageOf(this)) return;
    this.#strings = { ...strings, ...this.#own };
    this.#update();
  }

  /** Brings everything that is seen, heard or sent in line with the session and the attributes. */
  #update(): void {
    const { status, content } = this.#session;
    const { picture, hint, undo, clear, upload, type, drawn, typed, draw, name, verdict, surface } = this.#view;
    const editable = this.#editable;
    const empty = content.kind === "empty";
    const labelled = [...this.labels].map((label) => label.textContent?.trim()).join(" ");
    this.#view.say(this.#strings, this.getAttribute("aria-label") || labelled || this.#strings.label);

    if (this.#surface) this.#surface.enabled = editable && content.kind !== "image";
    drawn.hidden = content.kind === "typed";
    typed.hidden = !drawn.hidden;
    picture.hidden = content.kind !== "image";
    hint.hidden = !empty || status.state !== "empty";
    undo.disabled = clear.disabled = empty || !editable;
    upload.disabled = draw.disabled = name.disabled = !editable;
    type.hidden = !this.hasAttribute("allow-typed");
    type.disabled = !editable;
    surface.tabIndex = this.#disabled ? -1 : 0;
    surface.ariaDisabled = String(!editable);

    this.#say(verdict, status);
    this.#validate(status);
    void this.#send();
    this.#announce(status);
  }

  /** A live region that is written again is read again. */
  #say(verdict: HTMLElement, status: Status): void {
    const text = sentence(status, this.#strings);
    if (verdict.textContent !== text) verdict.textContent = text;
    verdict.dataset["state"] = status.state;
  }

  #validate(status: Status): void {
    const onUnsure = this.getAttribute("on-unsure") === "allow" ? "allow" : "block";
    const judged = validity(status, { required: this.hasAttribute("required"), onUnsure }, this.#strings);
    this.setValidity(judged, this.#view.drawn.hidden ? this.#view.name : this.#view.surface);
  }

  async #send(): Promise<void> {
    const turn = ++this.#turn;
    const value = await toValue(this.#session.content, this.#session.judged);
    if (turn !== this.#turn) return;
    this.#value = value;
    this.setFormValue(value);
  }

  #announce(status: Status): void {
    if (this.#shown === status.state && status.state !== "error") return;
    this.setState(status.state, STATES);
    const before = this.#shown;
    this.#shown = status.state;
    if (before === undefined) return;
    this.#dispatch("signature-state", status.state);
    if ("judged" in status) this.#dispatch("signature-verdict", status.judged.verdict);
    if (status.state === "error") this.#dispatch("signature-error", status.error);
  }

  #dispatch<K extends keyof SignatureCheckEvents>(name: K, detail: SignatureCheckEvents[K]["detail"]): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  #tell(...events: ("input" | "change")[]): void {
    for (const name of events) this.dispatchEvent(new Event(name, { bubbles: true, composed: true }));
  }
}

type Events = HTMLElementEventMap & SignatureCheckEvents;

export interface SignatureCheck {
  addEventListener<K extends keyof Events>(
    type: K,
    listener: (this: SignatureCheck, event: Events[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
}
