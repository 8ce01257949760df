/** What a custom element needs to take part in a form as the browser's own fields do. */
import { BaseElement, reflect } from "./dom.ts";
import type { Validity } from "./validity.ts";

export abstract class FormField extends BaseElement {
  static readonly formAssociated = true;

  readonly #internals = this.attachInternals();

  get name(): string {
    return this.getAttribute("name") ?? "";
  }

  set name(name: string | null | undefined) {
    reflect(this, "name", name);
  }

  get required(): boolean {
    return this.hasAttribute("required");
  }

  set required(required: boolean) {
    reflect(this, "required", required);
  }

  /** By its own attribute; a fieldset may disable it, too. */
  get disabled(): boolean {
    return this.hasAttribute("disabled");
  }

  set disabled(disabled: boolean) {
    reflect(this, "disabled", disabled);
  }

  get readOnly(): boolean {
    return this.hasAttribute("readonly");
  }

  set readOnly(readOnly: boolean) {
    reflect(this, "readonly", readOnly);
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

  /** Enter in a text field: presses the form's first button that sends it; a form without one is sent. */
  protected enter(): void {
    const button = [...(this.form?.elements ?? [])].find(isSubmit);
    if (button) button.click();
    else this.form?.requestSubmit();
  }

  /** What the form sends, which is nothing for an empty text, and what the browser gives back when it restores the page. */
  protected setFormValue(value: string, state: string): void {
    this.#internals.setFormValue(value === "" ? null : value, state);
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

function isSubmit(field: Element): field is HTMLButtonElement | HTMLInputElement {
  return (field instanceof HTMLButtonElement || field instanceof HTMLInputElement) && field.type === "submit";
}
