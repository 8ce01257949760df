/** A signature as the network saw it, its ink coloured by where the references have no counterpart. */
import type { Verdict } from "../public/index.ts";

export type Heatmap = NonNullable<Verdict["heatmap"]>;

const AGREES = [22, 35, 63] as const;
const DIFFERS = [214, 40, 40] as const;
/**
 * The values between which the colour changes. Ink of the same hand stays below 0.16 nearly everywhere, since no one
 * signs twice alike; another hand's is at 0.2 to 0.5.
 */
const [CALM, LOUD] = [0.12, 0.4];
/** Canvas pixels for each pixel of the network's frame: smooth enough at the width of the page. */
const SCALE = 4;

/** The questioned signature's ink, red where it has no counterpart; transparent elsewhere. */
export function differenceMap(heatmap: Heatmap): HTMLCanvasElement {
  const { frame } = heatmap;
  const strength = inkStrength(frame.density);
  return paint(frame, (u, v) => {
    const differs = between(sample(heatmap.values, heatmap, u, v), CALM, LOUD);
    const mix = (channel: 0 | 1 | 2): number => AGREES[channel] + differs * (DIFFERS[channel] - AGREES[channel]);
    return [mix(0), mix(1), mix(2), strength * sample(frame.density, frame, u, v)];
  });
}

/** Ink as it is, without a map. */
export function inkPicture(frame: Heatmap["frame"]): HTMLCanvasElement {
  const strength = inkStrength(frame.density);
  return paint(frame, (u, v) => [...AGREES, strength * sample(frame.density, frame, u, v)]);
}

/**
 * By how much ink is made darker, at least 1: until its darkest quarter is black. Frames that show a stroke as dark as it
 * is wide draw the usual one at little more than half, which is right for a network and pale for people.
 */
export function inkStrength(density: ArrayLike<number>): number {
  const ink = Array.from(density).filter((value) => value > 0).sort((a, b) => a - b);
  return Math.max(1, 255 / (ink[Math.floor(0.75 * ink.length)] ?? 255));
}

/** A canvas for a frame, its pixels (red, green, blue, alpha) given by their place, 0 to 1 across and down. */
function paint(frame: Size, colour: (u: number, v: number) => readonly [number, number, number, number]): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = frame.width * SCALE;
  canvas.height = frame.height * SCALE;
  const context = canvas.getContext("2d");
  if (!context) return canvas;
  const image = context.createImageData(canvas.width, canvas.height);
  for (let y = 0; y < canvas.height; y += 1) {
    for (let x = 0; x < canvas.width; x += 1) {
      const at = 4 * (y * canvas.width + x);
      image.data.set(colour((x + 0.5) / canvas.width, (y + 0.5) / canvas.height), at);
    }
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The value at `u`, `v` (0 to 1 across the grid), between the centres of the four nearest cells. */
export function sample(grid: ArrayLike<number>, { width, height }: Size, u: number, v: number): number {
  const [x0, x1, fx] = neighbours(u, width);
  const [y0, y1, fy] = neighbours(v, height);
  const at = (x: number, y: number): number => grid[y * width + x] ?? 0;
  const top = at(x0, y0) * (1 - fx) + at(x1, y0) * fx;
  const bottom = at(x0, y1) * (1 - fx) + at(x1, y1) * fx;
  return top * (1 - fy) + bottom * fy;
}

/** How far `value` is on the way from `low` to `high`, 0 to 1. */
function between(value: number, low: number, high: number): number {
  return Math.min(Math.max((value - low) / (high - low), 0), 1);
}

function neighbours(share: number, cells: number): [number, number, number] {
  const at = Math.min(Math.max(share * cells - 0.5, 0), cells - 1);
  const low = Math.floor(at);
  return [low, Math.min(low + 1, cells - 1), at - low];
}
