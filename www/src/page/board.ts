/** A place to draw, in the page and not in a dialog. */
import { Surface } from "../element/surface.ts";
import type { Strokes } from "../public/index.ts";
import { element } from "./element.ts";

export interface BoardOptions {
  /** What is drawn here, for those who do not see the board. */
  readonly label: string;
  /** A stroke was added, or all were taken away. */
  readonly onChange: () => void;
}

export class Board {
  readonly element: HTMLElement;
  readonly clearButton: HTMLButtonElement;
  readonly onChange: () => void;
  readonly #surface: Surface;

  constructor({ label, onChange }: BoardOptions) {
    this.onChange = onChange;
    const canvas = element("canvas", { role: "img", "aria-label": label });
    this.#surface = new Surface(canvas, { onStart: () => undefined, onChange });
    this.clearButton = element("button", { type: "button", "aria-label": `Clear: ${label}` }, "Clear");
    this.clearButton.addEventListener("click", () => {
      this.clear();
      onChange();
    });
    this.element = element("div", { class: "paper board" }, canvas);
  }

  /** Whether nothing is drawn. */
  get isEmpty(): boolean {
    return this.#surface.isEmpty;
  }

  get strokes(): Strokes {
    return this.#surface.strokes;
  }

  /** Setting them calls no `onChange`. */
  set strokes(strokes: Strokes) {
    this.#surface.strokes = strokes;
  }

  set enabled(enabled: boolean) {
    this.#surface.enabled = enabled;
    this.clearButton.disabled = !enabled;
  }

  clear(): void {
    this.#surface.clear();
  }

  disconnect(): void {
    this.#surface.disconnect();
  }
}
