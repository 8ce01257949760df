/** A DET plot and a histogram, drawn into the page. */
import { svg } from "../svg.ts";
import { type Point, probit } from "./metrics.ts";

/** The drawing's own units; the style sheet gives it its size. */
const [WIDTH, HEIGHT] = [360, 300];
const FRAME = { left: 48, right: 350, top: 10, bottom: 252 };

/** Shares at the marks of both axes, the first and the last of which are their ends. */
const MARKS = [0.001, 0.005, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6];

/**
 * Both error rates at every threshold, on axes of normal deviates (Martin et al. 1997, "The DET curve in assessment of
 * detection task performance"): normally distributed scores make a straight line.
 */
export function detPlot(points: readonly Point[], equal: number | undefined): SVGElement {
  const place = axis(MARKS);
  const x = ({ far }: Point): number => FRAME.left + place(far) * (FRAME.right - FRAME.left);
  const y = ({ frr }: Point): number => FRAME.bottom - place(frr) * (FRAME.bottom - FRAME.top);
  const parts: SVGElement[] = MARKS.flatMap((share) => {
    const [u, v] = [x({ far: share, frr: 0 }), y({ far: 0, frr: share })];
    const label = String(Number((100 * share).toFixed(1)));
    return [
      svg("path", { class: "grid", d: `M${u} ${FRAME.top}V${FRAME.bottom}M${FRAME.left} ${v}H${FRAME.right}` }),
      svg("text", { x: u, y: FRAME.bottom + 14, "text-anchor": "middle" }, label),
      svg("text", { x: FRAME.left - 6, y: v + 4, "text-anchor": "end" }, label),
    ];
  });
  const corner = { far: 0.6, frr: 0.6 };
  parts.push(svg("path", { class: "even", d: `M${FRAME.left} ${FRAME.bottom}L${x(corner)} ${y(corner)}` }));
  parts.push(svg("polyline", { class: "curve", points: points.map((point) => `${x(point).toFixed(1)},${y(point).toFixed(1)}`).join(" ") }));
  if (equal !== undefined) {
    const both = { far: equal, frr: equal };
    parts.push(svg("circle", { class: "equal", cx: x(both), cy: y(both), r: 4.5 }));
  }
  return plot("DET plot", parts, "forgeries accepted, %", "genuine rejected, %");
}

/** 0 to 1 along an axis from the first to the last of `marks`; what lies beyond is at its end. */
export function axis(marks: readonly number[]): (share: number) => number {
  const [low, high] = [probit(marks[0] ?? 0.001), probit(marks.at(-1) ?? 0.5)];
  return (share) => (Math.min(Math.max(probit(share), low), high) - low) / (high - low);
}

/** Bins of the histogram, and the log-likelihood ratios at its ends. */
const BINS = 24;
const END = 12;

export function histogram(genuine: readonly number[], forged: readonly number[]): SVGElement {
  const shares = [counted(genuine), counted(forged)] as const;
  const most = Math.max(...shares.flat(), Number.MIN_VALUE);
  const width = (FRAME.right - FRAME.left) / BINS;
  const bars = shares.flatMap((bins, kind) =>
    bins.map((share, bin) => {
      const height = (share / most) * (FRAME.bottom - FRAME.top);
      const [x, y] = [FRAME.left + bin * width, FRAME.bottom - height];
      return svg("rect", { class: kind === 0 ? "genuine" : "forged", x, y, width, height });
    }),
  );
  const marks = [-12, -8, -4, 0, 4, 8, 12].map((llr) => {
    const x = FRAME.left + ((llr + END) / (2 * END)) * (FRAME.right - FRAME.left);
    return svg("text", { x, y: FRAME.bottom + 14, "text-anchor": "middle" }, String(llr).replace("-", "\u2212"));
  });
  const base = svg("path", { class: "base", d: `M${FRAME.left} ${FRAME.bottom}H${FRAME.right}` });
  return plot("Histogram of the scores", [...bars, base, ...marks], "log-likelihood ratio", "share of the signatures");
}

/** The share of the values in each bin; what lies beyond an end is in the bin there. */
export function counted(values: readonly number[]): number[] {
  const bins = new Array<number>(BINS).fill(0);
  for (const value of values) {
    const bin = Math.min(Math.max(Math.floor(((value + END) / (2 * END)) * BINS), 0), BINS - 1);
    bins[bin] = (bins[bin] ?? 0) + 1 / values.length;
  }
  return bins;
}

function plot(name: string, parts: SVGElement[], across: string, up: string): SVGElement {
  const middle = (FRAME.top + FRAME.bottom) / 2;
  return svg(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": name, class: "plot" },
    ...parts,
    svg("text", { x: (FRAME.left + FRAME.right) / 2, y: HEIGHT - 8, "text-anchor": "middle" }, across),
    svg("text", { x: 12, y: middle, "text-anchor": "middle", transform: `rotate(-90 12 ${middle})` }, up),
  );
}
