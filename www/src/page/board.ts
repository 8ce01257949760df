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
  readonly #canvas: HTMLCanvasElement;
  readonly #surface: Surface;

  constructor({ label, onChange }: BoardOptions) {
    this.onChange = onChange;
    this.#canvas = element("canvas", { role: "img", "aria-label": label, tabindex: "-1" });
    this.#surface = new Surface(this.#canvas, { onStart: () => undefined, onChange });
    this.clearButton = element("button", { type: "button", "aria-label": `Clear: ${label}` }, "Clear");
    this.clearButton.addEventListener("click", () => {
      this.clear();
      onChange();
    });
    this.element = element("div", { class: "paper board" }, this.#canvas);
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

  /** For where a button is left that has nothing more to do. */
  focus(): void {
    this.#canvas.focus();
  }

  clear(): void {
    this.#surface.clear();
  }

  disconnect(): void {
    this.#surface.disconnect();
  }
}
