/** What a custom element needs to take part in a form as the browser's own fields do. */
import { BaseElement } from "./dom.ts";
import type { Validity } from "./validity.ts";

export abstract class FormField extends BaseElement {
  static readonly formAssociated = true;

  readonly #internals = this.attachInternals();

  get name(): string {
    return this.getAttribute("name") ?? "";
  }

  get form(): HTMLFormElement | null {
    return this.#internals.form;
  }

  get type(): string {
    return this.localName;
  }

  get labels(): NodeList {
    return this.#internals.labels;
  }

  get validity(): ValidityState {
    return this.#internals.validity;
  }

  get validationMessage(): string {
    return this.#internals.validationMessage;
  }

  get willValidate(): boolean {
    return this.#internals.willValidate;
  }

  checkValidity(): boolean {
    return this.#internals.checkValidity();
  }

  reportValidity(): boolean {
    return this.#internals.reportValidity();
  }

  /** What the form sends, and what the browser gives back when it restores the page; nothing for an empty text. */
  protected setFormValue(value: string): void {
    this.#internals.setFormValue(value === "" ? null : value, value);
  }

  /** The browser shows the message at the anchor. */
  protected setValidity({ flags, message }: Validity, anchor: HTMLElement): void {
    this.#internals.setValidity(flags, message, anchor);
  }

  /** One of several states for style sheets. */
  protected setState(state: string, all: readonly string[]): void {
    const { states } = this.#internals;
    for (const other of all) states.delete(other);
    states.add(state);
  }
}
