/** The shadow tree of `<signature-check>`. */
import { button, IMAGE_TYPES, make } from "./dom.ts";
import type { Strings } from "./strings.ts";

export class View {
  readonly canvas = make("canvas", { part: "canvas", "aria-hidden": "true" });
  readonly picture = make("img", { part: "picture", class: "picture", alt: "", hidden: "" });
  readonly hint = make("p", { part: "hint", class: "hint", "aria-hidden": "true" });
  readonly surface = make(
    "div",
    // A group with a name: what can be done with it is said by the buttons and by the help.
    { part: "surface", class: "surface", role: "group", tabindex: "0", "aria-describedby": "help verdict" },
    this.canvas,
    this.picture,
    this.hint,
  );
  readonly undo = button("undo");
  readonly clear = button("clear");
  readonly upload = button("upload");
  readonly type = button("type");
  readonly file = make("input", { type: "file", accept: IMAGE_TYPES, hidden: "", tabindex: "-1" });
  readonly name = make("input", { part: "name", type: "text", maxlength: "200", autocomplete: "name", "aria-describedby": "typed-note" });
  readonly draw = button("draw");
  readonly verdict = make("p", { part: "verdict", class: "verdict", id: "verdict", role: "status" });
  readonly drawn: HTMLElement;
  readonly typed: HTMLElement;
  readonly #help = make("span", { id: "help", class: "seen-only-by-readers" });
  readonly #nameLabel = make("span");
  readonly #note = make("p", { id: "typed-note" });

  constructor(root: ShadowRoot) {
    this.drawn = make(
      "div",
      {},
      this.surface,
      this.#help,
      make("div", { part: "tools", class: "tools" }, this.undo, this.clear, this.upload, this.file, this.type),
    );
    this.typed = make(
      "div",
      { class: "typed", part: "typed", hidden: "" },
      make("label", {}, this.#nameLabel, this.name),
      this.#note,
      make("div", { part: "tools", class: "tools" }, this.draw),
    );
    root.append(this.drawn, this.typed, this.verdict);
  }

  say(strings: Strings, label: string): void {
    this.surface.ariaLabel = label;
    this.hint.textContent = strings.hint;
    this.#help.textContent = strings.help;
    this.undo.textContent = strings.undo;
    this.clear.textContent = strings.clear;
    this.upload.textContent = strings.upload;
    this.type.textContent = strings.typeInstead;
    this.draw.textContent = strings.drawInstead;
    this.#nameLabel.textContent = strings.typedLabel;
    this.#note.textContent = strings.typedNote;
  }
}
