/** Signs with the mouse. */
import type { Locator, Page } from "@playwright/test";

export type Strokes = { x: number; y: number }[][];

/** Every so many points of a stroke are drawn: the shape is the same, and each costs a message to the browser. */
const STEP = 3;

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Draws a signature into the middle of a canvas. */
export async function sign({ mouse }: Page, canvas: Locator, strokes: Strokes): Promise<void> {
  await canvas.scrollIntoViewIfNeeded();
  const pad = await canvas.boundingBox();
  if (!pad) throw new Error("the pad is not shown");
  for (const [first, ...rest] of path(strokes, pad)) {
    if (!first) continue;
    await mouse.move(...first);
    await mouse.down();
    for (const point of rest) await mouse.move(...point);
    await mouse.up();
  }
}

/** Where the mouse goes for a signature in the middle of a pad. */
export function path(strokes: Strokes, pad: Box): [number, number][][] {
  const points = strokes.flat();
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const size = [Math.max(...xs) - left || 1, Math.max(...ys) - top || 1] as const;
  const scale = Math.min((0.9 * pad.width) / size[0], (0.9 * pad.height) / size[1]);
  const at = ({ x, y }: { x: number; y: number }): [number, number] => [
    pad.x + pad.width / 2 + (x - left - size[0] / 2) * scale,
    pad.y + pad.height / 2 + (y - top - size[1] / 2) * scale,
  ];
  return strokes.map((stroke) =>
    stroke.filter((_, index) => index === 0 || (index - 1) % STEP === 0 || index === stroke.length - 1).map(at),
  );
}
