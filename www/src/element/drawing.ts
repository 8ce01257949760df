import type { Strokes } from "../public/index.ts";

/** An SVG of pen strokes, for the eye alone: what is compared is drawn in Rust. */
export function drawing(strokes: Strokes, ink: string): string {
  const points = strokes.flat();
  const [left, right] = range(points.map((point) => point.x));
  const [top, bottom] = range(points.map((point) => point.y));
  const size = Math.max(right - left, bottom - top, 1);
  const pen = size / 90;
  const margin = size / 25;
  const box = [left - margin, top - margin, right - left + 2 * margin, bottom - top + 2 * margin].map(round);
  const paths = strokes.map((stroke) => {
    const [first, ...rest] = stroke.map(({ x, y }) => `${round(x)} ${round(y)}`);
    // A dot is a line to where it starts: round ends make it visible.
    return `<path d="M${first} L${(rest.length ? rest : [first]).join(" ")}"/>`;
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${box.join(" ")}" width="${box[2]}" height="${box[3]}">` +
    `<g fill="none" stroke="${ink}" stroke-width="${round(pen)}" stroke-linecap="round" stroke-linejoin="round">` +
    `${paths.join("")}</g></svg>`
  );
}

function range(values: readonly number[]): [number, number] {
  return values.reduce<[number, number]>(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Infinity, -Infinity],
  );
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
