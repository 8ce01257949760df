import { hasFiles } from "./drops.ts";
import { element, find } from "./element.ts";
import { forget, fromFile, fromStrokes, image, type Mark } from "./mark.ts";
import type { Pad } from "./pad.ts";

export interface TrayOptions {
  readonly section: HTMLElement;
  readonly pad: Pad;
  /** How many marks fit; a new one takes the place of the last when the tray is full. */
  readonly most: number;
  /** What one mark is called, for titles and labels. */
  readonly noun: string;
  readonly onChange: () => void;
}

/** A section of the page that holds signatures: drawn, chosen or dropped onto it. */
export class Tray {
  readonly #options: TrayOptions;
  readonly #list: HTMLUListElement;
  #marks: Mark[] = [];

  constructor(options: TrayOptions) {
    this.#options = options;
    const { section, pad, noun, most } = options;
    this.#list = find(".cards", HTMLUListElement, section);
    const input = find("input[type=file]", HTMLInputElement, section);
    input.addEventListener("change", () => {
      this.add([...(input.files ?? [])].map(fromFile));
      // So that the same file can be chosen again after it was removed.
      input.value = "";
    });
    find(".draw", HTMLButtonElement, section).addEventListener("click", () => {
      pad.open(`Draw ${most > 1 ? "a" : "the"} ${noun}`, most > 1, (strokes) =>
        this.add([fromStrokes(strokes, "drawn")]),
      );
    });
    this.#takeDrops(section);
  }

  get marks(): readonly Mark[] {
    return this.#marks;
  }

  add(marks: readonly Mark[]): void {
    // What there is stays, and so does what came of it.
    if (marks.length === 0) return;
    const all = [...this.#marks, ...marks];
    all.splice(0, all.length - this.#options.most).forEach(forget);
    this.#set(all);
  }

  replace(marks: readonly Mark[]): void {
    this.#marks.forEach(forget);
    this.#set([...marks]);
  }

  remove(marks: readonly Mark[]): void {
    marks.forEach(forget);
    this.#set(this.#marks.filter((mark) => !marks.includes(mark)));
  }

  #set(marks: Mark[]): void {
    this.#marks = marks;
    this.#list.replaceChildren(...marks.map((mark, index) => this.#card(mark, index)));
    this.#options.onChange();
  }

  #card(mark: Mark, index: number): HTMLLIElement {
    const label = `${capital(this.#options.noun)} ${this.#options.most > 1 ? index + 1 : ""}`.trim();
    const picture = image(mark, `${label}, ${mark.name}`);
    const remove = element("button", { type: "button", class: "remove", "aria-label": `Remove ${label}` }, "\u00d7");
    remove.addEventListener("click", () => {
      this.remove([mark]);
      find(".draw", HTMLButtonElement, this.#options.section).focus();
    });
    return element("li", { class: "card" }, picture, remove);
  }

  #takeDrops(section: HTMLElement): void {
    section.addEventListener("dragover", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      section.classList.add("target");
    });
    section.addEventListener("dragleave", () => section.classList.remove("target"));
    section.addEventListener("drop", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      section.classList.remove("target");
      this.add([...(event.dataTransfer?.files ?? [])].map(fromFile));
    });
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
