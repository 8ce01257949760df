/** Symbols drawn by the program, for those who cannot or would not draw. */
import type { Strokes } from "../../public/index.ts";

type Path = readonly (readonly [number, number])[];

const circle = (turns: number, shrink: number): Path =>
  Array.from({ length: 61 }, (_, i) => {
    const [angle, radius] = [(2 * Math.PI * turns * i) / 60, 50 * (1 - (shrink * i) / 60)];
    return [50 + radius * Math.cos(angle), 50 + radius * Math.sin(angle)] as const;
  });

const SHAPES: readonly (readonly Path[])[] = [
  // A star, a house, a spiral, a lightning flash, a crossed circle.
  [[[20, 100], [50, 0], [80, 100], [0, 38], [100, 38], [20, 100]]],
  [[[10, 100], [10, 45], [50, 5], [90, 45], [90, 100], [10, 100]], [[42, 100], [42, 70], [62, 70], [62, 100]]],
  [circle(3, 0.9)],
  [[[60, 0], [25, 55], [55, 55], [30, 100], [85, 42], [52, 42], [75, 0], [60, 0]]],
  [circle(1, 0), [[15, 15], [85, 85]], [[85, 15], [15, 85]]],
];

export const SHAPE_COUNT = SHAPES.length;
/** Larger than any board: what does not fit one is scaled and centred on it. */
const UNIT = 30;
/** Points on each straight piece. */
const POINTS = 14;

/** The shape of this number, drawn a little differently for each `turn`: leaning, stretched and with a slow tremor. */
export function shape(number: number, turn: number): Strokes {
  const paths = SHAPES[number % SHAPE_COUNT] ?? [];
  const wave = (speed: number): number => Math.sin(speed * (turn + 1) + number);
  const [lean, stretch] = [0.12 * wave(1.7), 1 + 0.12 * wave(2.9)];
  return paths.map((path, stroke) => {
    const dense = path.flatMap(([x, y], at) => {
      const [fromX, fromY] = path[at - 1] ?? [x, y];
      const steps = path.length > 20 || at === 0 ? 1 : POINTS;
      return Array.from({ length: steps }, (_, i) => [fromX + ((x - fromX) * (i + 1)) / steps, fromY + ((y - fromY) * (i + 1)) / steps] as const);
    });
    return dense.map(([x, y], at) => ({
      x: UNIT * ((x + lean * (y - 50)) * stretch + 1.6 * Math.sin(at / 5 + stroke + 3 * wave(4.1))),
      y: UNIT * (y + 1.6 * Math.cos(at / 6 + 2 * wave(5.3))),
      t: 10 * at,
      pressure: 0.5,
    }));
  });
}
