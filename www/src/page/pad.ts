import SignaturePad from "signature_pad";
import type { Strokes } from "../public/index.ts";
import { find } from "./element.ts";

/** The dialog in which a signature is drawn. */
export class Pad {
  readonly #dialog = find("#pad", HTMLDialogElement);
  readonly #title = find("#pad-title", HTMLElement);
  readonly #canvas = find("canvas", HTMLCanvasElement, this.#dialog);
  readonly #another = find(".another", HTMLButtonElement, this.#dialog);
  readonly #done = find(".done", HTMLButtonElement, this.#dialog);
  readonly #pad = new SignaturePad(this.#canvas, { penColor: "#16233f", minWidth: 1, maxWidth: 3, throttle: 0, minDistance: 1 });
  #onStrokes: (strokes: Strokes) => void = () => undefined;

  constructor() {
    this.#pad.addEventListener("endStroke", () => this.#enable());
    find(".clear", HTMLButtonElement, this.#dialog).addEventListener("click", () => this.#clear());
    this.#another.addEventListener("click", () => {
      this.#give();
      this.#clear();
    });
    this.#done.addEventListener("click", () => {
      this.#give();
      this.#dialog.close();
    });
    new ResizeObserver(() => this.#fit()).observe(this.#canvas);
  }

  /** Opens the dialog; `onStrokes` is called for each signature that is added. */
  open(title: string, several: boolean, onStrokes: (strokes: Strokes) => void): void {
    this.#title.textContent = title;
    this.#another.hidden = !several;
    this.#onStrokes = onStrokes;
    this.#dialog.showModal();
    this.#fit();
    this.#clear();
  }

  #give(): void {
    this.#onStrokes(
      this.#pad.toData().map(({ points }) => points.map(({ x, y, time, pressure }) => ({ x, y, t: time, pressure }))),
    );
  }

  #clear(): void {
    this.#pad.clear();
    this.#enable();
  }

  #enable(): void {
    const empty = this.#pad.isEmpty();
    this.#done.disabled = empty;
    this.#another.disabled = empty;
  }

  /** A canvas has its own pixels: as many as the screen shows. What was drawn is drawn again. */
  #fit(): void {
    const { clientWidth, clientHeight } = this.#canvas;
    const ratio = Math.max(window.devicePixelRatio, 1);
    const [width, height] = [Math.round(clientWidth * ratio), Math.round(clientHeight * ratio)];
    if (width === 0 || (this.#canvas.width === width && this.#canvas.height === height)) return;
    const drawn = this.#pad.toData();
    this.#canvas.width = width;
    this.#canvas.height = height;
    this.#canvas.getContext("2d")?.scale(ratio, ratio);
    this.#pad.clear();
    this.#pad.fromData(drawn);
  }
}
