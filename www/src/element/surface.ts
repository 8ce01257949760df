import SignaturePad, { type PointGroup, type SignatureEvent } from "signature_pad";
import type { Strokes } from "../public/index.ts";

export interface SurfaceEvents {
  /** A stroke begins. */
  readonly onStart: () => void;
  /** The stroke has ended, by the pen and not by a property or a call; `isKept` is false for one that the browser took over. */
  readonly onChange: (isKept: boolean) => void;
}

/**
 * A canvas to sign on, by signature_pad: strokes with time and pressure, kept when the canvas changes its size.
 *
 * The canvas takes its size from style sheets, and its ink from their `color`.
 */
export class Surface {
  readonly #canvas: HTMLCanvasElement;
  readonly #pad: SignaturePad;
  readonly #onChange: SurfaceEvents["onChange"];
  readonly #observer = new ResizeObserver(() => this.#fit());
  readonly #gone = new AbortController();
  /** The canvas in CSS pixels, to which the strokes belong. */
  #size = { width: 0, height: 0 };
  /** Strokes that were set before the canvas had a size. */
  #early: Strokes | undefined;
  #enabled = false;
  /** The pen is down. */
  #drawing = false;
  /** How many strokes were drawn by this class: their times count from the first, those of the pen from 1970. */
  #redrawn = 0;
  /** When the first of them began. */
  #start = 0;

  constructor(canvas: HTMLCanvasElement, { onStart, onChange }: SurfaceEvents) {
    this.#canvas = canvas;
    this.#pad = new SignaturePad(canvas, { minWidth: 1, maxWidth: 3, throttle: 0, minDistance: 1 });
    this.#onChange = onChange;
    this.#pad.addEventListener("beginStroke", (event) => {
      this.#drawing = true;
      onStart();
      // Who was told may have cleared the pad.
      if (!this.#drawing) event.preventDefault();
    });
    this.#pad.addEventListener("endStroke", (event) => {
      this.#drawing = false;
      const { type } = (event as CustomEvent<SignatureEvent>).detail;
      // The browser took the finger over, to scroll or to zoom: that was no stroke.
      const isKept = type !== "pointercancel" && type !== "touchcancel";
      if (!isKept) this.undo();
      this.#fit();
      onChange(isKept);
    });
    this.#listen(true);
    this.#observer.observe(canvas);
    this.#follow();
  }

  set enabled(enabled: boolean) {
    // Listening anew would end a stroke that is being drawn.
    if (enabled === this.#enabled) return;
    const wasDrawing = this.#drawing;
    this.#listen(enabled);
    if (!wasDrawing) return;
    // What there is of the stroke stays; drawn again, so that the pad forgets the pointer.
    this.#redraw(this.strokes);
    this.#fit();
    this.#onChange(true);
  }

  get isEmpty(): boolean {
    return this.#pad.isEmpty() && !this.#early;
  }

  /** In CSS pixels; time in milliseconds from the first point. */
  get strokes(): Strokes {
    if (this.#early) return this.#early;
    const groups = this.#pad.toData();
    const start = this.#redrawn > 0 ? this.#start : (groups[0]?.points[0]?.time ?? 0);
    return groups.map(({ points }, at) => {
      const since = at < this.#redrawn ? 0 : start;
      return points.map(({ x, y, time, pressure }) => ({ x, y, t: time - since, pressure }));
    });
  }

  /** Shows strokes of any unit, made to fit. Those that were drawn here come back as they were. */
  set strokes(strokes: Strokes) {
    const { width, height } = this.#size;
    this.#early = width === 0 ? strokes : undefined;
    this.#draw(width === 0 ? [] : fitted(strokes, width, height));
    // What is added now follows the last of them.
    this.#start = Date.now() - range(strokes.flat().map(({ t = 0 }) => t))[1];
  }

  undo(): void {
    const left = this.strokes.slice(0, -1);
    if (this.#early) this.#early = left.length > 0 ? left : undefined;
    else this.#redraw(left);
  }

  clear(): void {
    this.#early = undefined;
    this.#draw([]);
  }

  disconnect(): void {
    this.#observer.disconnect();
    this.#gone.abort();
    this.#pad.off();
  }

  #listen(enabled: boolean): void {
    this.#enabled = enabled;
    this.#drawing = false;
    this.#pad.off();
    if (!enabled) return;
    this.#pad.on();
    // One finger draws; two move and zoom the page, so that nobody is caught on the pad.
    this.#canvas.style.touchAction = "pinch-zoom";
  }

  /** The same strokes once more, or some of them. */
  #redraw(strokes: Strokes): void {
    const first = this.#pad.toData()[0]?.points[0];
    if (this.#redrawn === 0) this.#start = first?.time ?? 0;
    this.#draw(strokes);
  }

  #draw(strokes: Strokes): void {
    const wasDrawing = this.#drawing;
    // The pad takes no further strokes where one is wiped away under the pen, unless it is ended first.
    if (wasDrawing) this.#listen(this.#enabled);
    this.#redrawn = strokes.length;
    this.#pad.penColor = getComputedStyle(this.#canvas).color;
    const { penColor, dotSize, minWidth, maxWidth, velocityFilterWeight, compositeOperation } = this.#pad;
    const groups = strokes.map((stroke): PointGroup => ({
      ...{ penColor, dotSize, minWidth, maxWidth, velocityFilterWeight, compositeOperation },
      points: stroke.map(({ x, y, t = 0, pressure = 0 }) => ({ x, y, time: t, pressure })),
    }));
    this.#pad.fromData(groups);
    if (wasDrawing) this.#fit();
  }

  /** The browser's zoom, or another screen, has other pixels for a canvas of the same size. */
  #follow(): void {
    const change = (): void => {
      this.#fit();
      this.#follow();
    };
    matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener("change", change, { once: true, signal: this.#gone.signal });
  }

  /** A canvas has its own pixels: as many as the screen shows. What was drawn is drawn again, larger or smaller. */
  #fit(): void {
    // After the stroke: drawing again would end it.
    if (this.#drawing) return;
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const ratio = Math.max(window.devicePixelRatio, 1);
    const pixels = [Math.round(width * ratio), Math.round(height * ratio)] as const;
    const before = this.#size;
    // A canvas may have its pixels from another surface, before it was moved in the page.
    const fits = before.width === width && this.#canvas.width === pixels[0] && this.#canvas.height === pixels[1];
    if (width === 0 || height === 0 || fits) return;
    const drawn = this.strokes;
    this.#size = { width, height };
    [this.#canvas.width, this.#canvas.height] = pixels;
    this.#canvas.getContext("2d")?.scale(ratio, ratio);
    if (this.#early) this.strokes = this.#early;
    else this.#redraw(scaled(drawn, before.width ? Math.min(width / before.width, height / before.height) : 1));
  }
}

function scaled(strokes: Strokes, factor: number): Strokes {
  if (factor === 1) return strokes;
  return strokes.map((stroke) => stroke.map((point) => ({ ...point, x: point.x * factor, y: point.y * factor })));
}

/** Strokes that reach beyond the canvas, or hardly show on it, moved and scaled to the middle of it. */
function fitted(strokes: Strokes, width: number, height: number): Strokes {
  const points = strokes.flat();
  if (points.length === 0) return [];
  const [left, right] = range(points.map(({ x }) => x));
  const [top, bottom] = range(points.map(({ y }) => y));
  const inside = left >= 0 && top >= 0 && right <= width && bottom <= height;
  const [wide, high] = [Math.max(right - left, 1), Math.max(bottom - top, 1)];
  if (inside && (wide > width / 8 || high > height / 8)) return strokes;
  const factor = Math.min((0.9 * width) / wide, (0.9 * height) / high);
  const [x0, y0] = [(width - wide * factor) / 2, (height - high * factor) / 2];
  return strokes.map((stroke) =>
    stroke.map((point) => ({ ...point, x: (point.x - left) * factor + x0, y: (point.y - top) * factor + y0 })),
  );
}

function range(values: readonly number[]): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  return [low, high];
}
