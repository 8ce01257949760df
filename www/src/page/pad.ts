import { Surface } from "../element/surface.ts";
import type { Strokes } from "../public/index.ts";
import { find } from "./element.ts";

/** The dialog in which a signature is drawn. */
export class Pad {
  readonly #dialog = find("#pad", HTMLDialogElement);
  readonly #title = find("#pad-title", HTMLElement);
  readonly #another = find(".another", HTMLButtonElement, this.#dialog);
  readonly #done = find(".done", HTMLButtonElement, this.#dialog);
  readonly #surface = new Surface(find("canvas", HTMLCanvasElement, this.#dialog), {
    onStart: () => undefined,
    onChange: () => this.#enable(),
  });
  #onStrokes: (strokes: Strokes) => void = () => undefined;

  constructor() {
    find(".clear", HTMLButtonElement, this.#dialog).addEventListener("click", () => this.#clear());
    this.#another.addEventListener("click", () => {
      this.#onStrokes(this.#surface.strokes);
      this.#clear();
    });
    this.#done.addEventListener("click", () => {
      this.#onStrokes(this.#surface.strokes);
      this.#dialog.close();
    });
  }

  /** Opens the dialog; `onStrokes` is called for each signature that is added. */
  open(title: string, several: boolean, onStrokes: (strokes: Strokes) => void): void {
    this.#title.textContent = title;
    this.#another.hidden = !several;
    this.#onStrokes = onStrokes;
    this.#dialog.showModal();
    this.#clear();
  }

  #clear(): void {
    this.#surface.clear();
    this.#enable();
  }

  #enable(): void {
    const empty = this.#surface.isEmpty;
    this.#done.disabled = empty;
    this.#another.disabled = empty;
  }
}
