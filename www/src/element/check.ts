import type { Countersign, CountersignError, Template, Verdict } from "../public/index.ts";
import { CheckAttributes } from "./attributes.ts";
import { type Content, FieldJson, fromValue } from "./content.ts";
import { styleSheet, upgrade } from "./dom.ts";
import { engineOptionsOf, sharedEngine } from "./engine.ts";
import { hold, listen } from "./gestures.ts";
import { Language } from "./language.ts";
import { encode } from "./picture.ts";
import { Session, type State, type Status } from "./session.ts";
import type { Strings } from "./strings.ts";
import { STYLE } from "./style.ts";
import { Surface } from "./surface.ts";
import { validity } from "./validity.ts";
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
 * `weights-url`; `preload` (get the model before anyone signs). Each is a property, too.
 * States for style sheets: `:state(empty)`, `pending`, `match`, `mismatch`, `unsure`, `error`, `skipped`, `unchecked`.
 */
export class SignatureCheck extends CheckAttributes {
  static readonly observedAttributes = ["required", "readonly", "on-unsure", "allow-typed", "far", "preload", "lang", "aria-label"];

  readonly #view: View;
  readonly #session: Session;
  readonly #language = new Language(this, () => this.#update());
  #surface: Surface | undefined;
  #template: Template | null = null;
  #engine: Countersign | undefined;
  #disabled = false;
  readonly #json = new FieldJson();
  #value = "";
  /** What events have told of. */
  #announced: Status | undefined;

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
        const { far } = element;
        return far === null ? {} : { far };
      },
      engine: async (onProgress) => element.#engine ?? sharedEngine(engineOptionsOf(element), onProgress),
      encode,
      changed: () => element.#update(),
    });
    listen(this, this.#view, {
      editable: () => this.#editable,
      undo: () => this.#gesture(() => this.undo()),
      clear: () => this.#gesture(() => this.clear()),
      take: (file) => file && this.#gesture(() => this.#show({ kind: "image", file })),
      typeInstead: () => this.#gesture(() => this.#show({ kind: "typed", name: "" })),
      retry: () => void this.check(),
      typed: (name) => this.#session.set({ kind: "typed", name }),
      typedAll: () => this.#tell("change"),
      enter: () => this.enter(),
    });
  }

  // --- what a page sets and reads ---

  /** What `enrol` gave for this signer; without it the field cannot be checked, and a form not be sent. */
  get template(): Template | null {
    return this.#template;
  }

  set template(template: Template | null) {
    this.#template = template;
    if (template) this.#load();
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
    return this.#language.own;
  }

  set strings(strings: Partial<Strings> | null | undefined) {
    this.#language.own = strings;
  }

  /** What the form sends: JSON of a `FieldValue`, or nothing. Setting it shows its signature and checks that again. */
  get value(): string {
    return this.#value;
  }

  set value(json: string) {
    this.#show(fromValue(json));
    this.#enforce();
  }

  get verdict(): Verdict | undefined {
    return this.#session.judged?.verdict;
  }

  get state(): State {
    return this.#session.status.state;
  }

  /** Takes back the last stroke, or the picture. */
  undo(): void {
    const { content } = this.#session;
    if (content.kind === "image") return this.clear();
    this.#surface?.undo();
    // Out of the page there is no pad.
    this.#drawn(this.#surface || content.kind !== "strokes" ? undefined : content.strokes.slice(0, -1));
  }

  clear(): void {
    this.#show({ kind: "empty" });
  }

  /** Checks what is there at once, without waiting for another stroke. */
  async check(): Promise<void> {
    await this.#session.checkNow();
  }

  // --- what the browser calls ---

  connectedCallback(): void {
    upgrade(this);
    this.#surface ??= new Surface(this.#view.canvas, {
      onStart: () => this.#session.interrupt(),
      onChange: (isKept) => {
        // Two fingers that zoom the page have changed nothing.
        if (!isKept) return this.#drawn();
        if (this.#editable) hold(this.#view.surface);
        this.#byHand(() => this.#drawn());
      },
    });
    const { content, status } = this.#session;
    if (content.kind === "strokes") this.#surface.strokes = content.strokes;
    if (content.kind === "image") this.#view.hold(content.file);
    // Its check was stopped when the field was taken out of the page.
    if (status.state === "pending") this.#session.again();
    this.#load();
    this.#enforce();
    this.#language.connect();
    this.#update();
  }

  disconnectedCallback(): void {
    this.#session.stop();
    this.#language.disconnect();
    this.#view.hold(undefined);
    this.#surface?.disconnect();
    this.#surface = undefined;
  }

  attributeChangedCallback(name: string): void {
    if (name === "lang") void this.#language.update();
    else if (name === "far") this.#session.again();
    else if (name === "preload") this.#load();
    else if (name === "allow-typed") this.#enforce();
    this.#update();
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

  get #editable(): boolean {
    return !this.#disabled && !this.readOnly;
  }

  /** What the signer asks for; the page may do the same with a field that takes nothing. */
  #gesture(change: () => void): void {
    if (this.#editable) this.#byHand(change);
  }

  /** The pad has other strokes. */
  #drawn(strokes = this.#surface?.strokes ?? []): void {
    this.#session.set(strokes.length > 0 ? { kind: "strokes", strokes } : { kind: "empty" });
  }

  /** What the signer does, which events tell of. */
  #byHand(change: () => void): void {
    const { content: before } = this.#session;
    change();
    const { content } = this.#session;
    // An empty field that is emptied is as it was.
    if (content !== before && (content.kind !== "empty" || before.kind !== "empty")) this.#tell("input", "change");
  }

  /** Content that does not come from the pad. */
  #show(content: Content): void {
    this.#view.hold(content.kind === "image" && this.isConnected ? content.file : undefined);
    this.#view.name.value = content.kind === "typed" ? content.name : "";
    if (content.kind === "strokes" && this.#surface) this.#surface.strokes = content.strokes;
    else this.#surface?.clear();
    this.#session.set(content);
  }

  /** A typed name that was set or restored counts only where one may be typed. */
  #enforce(): void {
    if (this.isConnected && !this.allowTyped && this.#session.content.kind === "typed") this.#show({ kind: "empty" });
  }

  /** Gets the model before it is needed, where the page wants that. */
  #load(): void {
    if (this.preload && this.isConnected && !this.#engine) sharedEngine(engineOptionsOf(this)).catch(() => undefined);
  }

  /** Brings everything that is seen, sent or heard in line with the session and the attributes, in this order. */
  #update(): void {
    // A stroke that is cut short by it is content.
    if (this.#surface) this.#surface.enabled = this.#editable && this.#session.content.kind !== "image";
    const { status, content } = this.#session;
    const { strings, mark, place } = this.#language;
    const labelled = [...this.labels].map((label) => label.textContent?.trim()).join(" ");
    const label = this.getAttribute("aria-label") || labelled || strings.label;
    const [editable, disabled] = [this.#editable, this.#disabled];
    const { required, allowTyped } = this;
    this.#view.show({ status, content, strings, mark, place, label, editable, disabled, required: required && editable, allowTyped });

    const kept = this.#json.of(content, this.#session.judged);
    // What could not be checked is not sent; the signer, come back to the page, finds it again.
    this.#value = status.state === "error" ? "" : kept;
    this.setFormValue(this.#value, kept);
    this.setValidity(validity(status, this, strings), this.#view.anchor);
    this.#announce(status);
  }

  #announce(status: Status): void {
    const before = this.#announced;
    if (before === status) return;
    this.#announced = status;
    this.setState(status.state, STATES);
    if (!before) return;
    if (before.state !== status.state) this.#dispatch("signature-state", status.state);
    // Who has heard the first may have changed the field.
    if (this.#session.status !== status) return;
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
