/** The network for characters: fetched when the first is drawn, and shown pictures like those that it learned from. */
import { Countersign, type Strokes } from "../../public/index.ts";

/** Where `build.sh` puts models/omniglot. */
const FOLDER = "characters/";
/** Sides of a picture, in pixels: Omniglot's have 105, with lines of two to three. */
const SIDE = 210;
const LINE = 5;
/** How much of a side the drawing takes, as most of Omniglot's do. */
const SHARE = 0.65;

export class Characters {
  #loading: Promise<Countersign> | undefined;
  #isLoaded = false;

  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /**
   * Loads at the first call; a later one tries again after a failure.
   *
   * @throws CountersignError as `Countersign.load`.
   */
  load(): Promise<Countersign> {
    this.#loading ??= this.#fetch();
    return this.#loading;
  }

  async #fetch(): Promise<Countersign> {
    try {
      const loaded = await Countersign.load({ backend: "cpu", weightsUrl: FOLDER });
      this.#isLoaded = true;
      return loaded;
    } catch (thrown) {
      this.#loading = undefined;
      throw thrown;
    }
  }
}

/** Strokes in black on a white square, in its middle. */
export function picture(strokes: Strokes): OffscreenCanvas {
  const points = strokes.flat();
  const [x, y] = [span(points.map((point) => point.x)), span(points.map((point) => point.y))];
  const scale = (SHARE * SIDE) / Math.max(x.length, y.length, 1);
  const canvas = new OffscreenCanvas(SIDE, SIDE);
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("this browser cannot draw");
  pen.fillStyle = "white";
  pen.fillRect(0, 0, SIDE, SIDE);
  Object.assign(pen, { lineWidth: LINE, lineCap: "round", lineJoin: "round" });
  for (const stroke of strokes) {
    const placed = stroke.map((point) => [SIDE / 2 + scale * (point.x - x.middle), SIDE / 2 + scale * (point.y - y.middle)] as const);
    pen.beginPath();
    // A dot is a line to where it starts: round ends make it visible.
    for (const [left, top] of [...placed.slice(0, 1), ...placed]) pen.lineTo(left, top);
    pen.stroke();
  }
  return canvas;
}

function span(values: readonly number[]): { readonly middle: number; readonly length: number } {
  const [low, high] = values.reduce(([least, most], value) => [Math.min(least, value), Math.max(most, value)], [Infinity, -Infinity]);
  return { middle: (low + high) / 2, length: high - low };
}
