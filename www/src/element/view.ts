/** The shadow tree of `<signature-check>`. */
import { mayPass } from "./blame.ts";
import type { Content } from "./content.ts";
import { button, IMAGE_TYPES, make, reflect } from "./dom.ts";
import { progressBar, showProgress } from "./progress.ts";
import type { Status } from "./session.ts";
import type { Strings } from "./strings.ts";
import { sentence } from "./validity.ts";

/** What there is to see. */
export interface Shown {
  readonly content: Content;
  readonly status: Status;
  readonly strings: Strings;
  /** The language of the strings where it is not that of the place, which is the other. */
  readonly mark: string | null;
  readonly place: string;
  /** The name of the field. */
  readonly label: string;
  readonly editable: boolean;
  readonly disabled: boolean;
  /** A signature has to be given. */
  readonly required: boolean;
  readonly allowTyped: boolean;
}

export class View {
  readonly canvas = make("canvas", { part: "canvas", "aria-hidden": "true" });
  readonly surface: HTMLElement;
  readonly undo = button("undo");
  readonly clear = button("clear");
  readonly upload = button("upload");
  readonly type = button("type");
  readonly file = make("input", { type: "file", accept: IMAGE_TYPES, hidden: "", tabindex: "-1" });
  readonly name = make("input", { part: "name", type: "text", maxlength: "200", autocomplete: "name", "aria-describedby": "typed-note" });
  readonly draw = button("draw");
  readonly retry = button("retry");
  readonly #picture = make("img", { part: "picture", class: "picture", alt: "", hidden: "" });
  /** In place of a picture that the browser cannot show. */
  readonly #unseen = make("span", { part: "file-name", class: "unseen", hidden: "" });
  readonly #hint = make("p", { part: "hint", class: "hint", "aria-hidden": "true" });
  readonly #verdict = make("p", { part: "verdict", class: "verdict", id: "verdict", role: "status" });
  readonly #progress = progressBar();
  readonly #all: HTMLElement;
  readonly #drawn: HTMLElement;
  readonly #typed: HTMLElement;
  /** A group has no attribute for it. */
  readonly #required = make("span", { id: "required", class: "seen-only-by-readers" });
  readonly #help = make("span", { id: "help", class: "seen-only-by-readers" });
  readonly #nameLabel = make("span");
  readonly #note = make("p", { id: "typed-note" });

  constructor(root: ShadowRoot) {
    this.surface = make(
      "div",
      // A group with a name: what can be done with it is said by the buttons and by the help.
      { part: "surface", class: "surface", role: "group", tabindex: "0", "aria-describedby": "required help verdict" },
      this.canvas,
      this.#picture,
      this.#unseen,
      this.#hint,
    );
    this.#drawn = make(
      "div",
      {},
      this.surface,
      this.#required,
      this.#help,
      make("div", { part: "tools", class: "tools" }, this.undo, this.clear, this.upload, this.file, this.type),
    );
    this.#typed = make(
      "div",
      { class: "typed", part: "typed", hidden: "" },
      make("label", {}, this.#nameLabel, this.name),
      this.#note,
      make("div", { part: "tools", class: "tools" }, this.draw),
    );
    this.#all = make("div", {}, this.#drawn, this.#typed, this.#verdict, this.retry, this.#progress);
    root.append(this.#all);
    this.#picture.addEventListener("error", () => (this.#unseen.hidden = false));
  }

  /** Where the browser says why a form cannot be sent. */
  get anchor(): HTMLElement {
    return this.#drawn.hidden ? this.name : this.surface;
  }

  /** The picture in place of the pad; `undefined` takes it away. */
  hold(file: Blob | undefined): void {
    if (this.#picture.src) URL.revokeObjectURL(this.#picture.src);
    this.#unseen.hidden = true;
    // One that comes back in a value has no name.
    this.#unseen.textContent = file instanceof File ? file.name : (file?.type ?? "");
    if (file) this.#picture.src = URL.createObjectURL(file);
    else this.#picture.removeAttribute("src");
  }

  show({ content, status, strings, mark, place, label, editable, disabled, required, allowTyped }: Shown): void {
    const empty = content.kind === "empty";
    this.#say(strings, label);
    reflect(this.#all, "lang", mark);
    // A label of the page's own is in the language of the page.
    reflect(this.surface, "lang", mark !== null && label !== strings.label ? place : null);
    this.#required.textContent = required ? strings.required : "";
    this.name.required = required;
    this.#drawn.hidden = content.kind === "typed";
    this.#typed.hidden = !this.#drawn.hidden;
    this.#picture.hidden = content.kind !== "image";
    this.#hint.hidden = !empty || status.state !== "empty";
    this.undo.disabled = this.clear.disabled = empty || !editable;
    this.upload.disabled = this.draw.disabled = this.name.disabled = !editable;
    this.type.hidden = !allowTyped;
    this.type.disabled = !editable;
    this.retry.hidden = disabled || status.state !== "error" || !mayPass(status.error);
    this.surface.tabIndex = disabled ? -1 : 0;
    this.surface.ariaDisabled = String(!editable);

    const text = sentence(status, strings);
    // A live region that is written again is read again.
    if (this.#verdict.textContent !== text) this.#verdict.textContent = text;
    this.#verdict.dataset["state"] = status.state;
    showProgress(this.#progress, status.state === "pending" ? status.progress : undefined, strings.loading);
  }

  #say(strings: Strings, label: string): void {
    this.surface.ariaLabel = label;
    this.#hint.textContent = strings.hint;
    this.#help.textContent = strings.help;
    this.undo.textContent = strings.undo;
    this.clear.textContent = strings.clear;
    this.upload.textContent = strings.upload;
    this.type.textContent = strings.typeInstead;
    this.draw.textContent = strings.drawInstead;
    this.retry.textContent = strings.retry;
    this.#nameLabel.textContent = strings.typedLabel;
    this.#note.textContent = strings.typedNote;
  }
}
