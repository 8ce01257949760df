/** Error rates of a score: the definitions of `src/evaluate/metrics.rs`, checked by the same committed scores. */

/** The two error rates at a threshold, 0 to 1. */
export interface Point {
  /** False acceptance rate: forgeries above the threshold. */
  readonly far: number;
  /** False rejection rate: genuine signatures that are not above it. */
  readonly frr: number;
}

/**
 * The operating points in order, as the threshold rises past one distinct score at a time: all accepted at first, none at
 * last. Empty if either list is empty or a score is not a number.
 */
export function points(genuine: readonly number[], forged: readonly number[]): Point[] {
  const scores = [...genuine, ...forged];
  if (genuine.length === 0 || forged.length === 0 || scores.some(Number.isNaN)) return [];
  const groups = new Map<number, { genuine: number; forged: number }>();
  for (const score of scores.sort((a, b) => a - b)) groups.set(score, { genuine: 0, forged: 0 });
  for (const score of genuine) groups.get(score)!.genuine += 1;
  for (const score of forged) groups.get(score)!.forged += 1;
  let [accepted, rejected] = [forged.length, 0];
  const passed = [...groups.values()].map((group): Point => {
    accepted -= group.forged;
    rejected += group.genuine;
    return { far: accepted / forged.length, frr: rejected / genuine.length };
  });
  return [{ far: 1, frr: 0 }, ...passed];
}

/** Where both error rates are equal, on the line between the two operating points next to it; undefined without points. */
export function equalErrorRate(points: readonly Point[]): number | undefined {
  let last: Point | undefined;
  for (const next of points) {
    if (last && next.frr >= next.far) {
      const [before, after] = [last.far - last.frr, next.far - next.frr];
      // They are the same for a first point that both rates share.
      const part = before > after ? before / (before - after) : 0;
      return last.frr + part * (next.frr - last.frr);
    }
    last = next;
  }
  return last?.frr;
}

/**
 * The normal deviate of a share between 0 and 1, the axis of a DET plot: the inverse of the normal distribution, by
 * Acklam's rational approximation (relative error below 1.2e-9).
 */
export function probit(share: number): number {
  if (share <= 0) return -Infinity;
  if (share >= 1) return Infinity;
  const tail = 0.02425;
  if (share > 1 - tail) return -probit(1 - share);
  if (share < tail) {
    const q = Math.sqrt(-2 * Math.log(share));
    return polynomial(TAIL_ABOVE, q) / (polynomial(TAIL_BELOW, q) * q + 1);
  }
  const q = share - 0.5;
  return (polynomial(ABOVE, q * q) * q) / (polynomial(BELOW, q * q) * q * q + 1);
}

const ABOVE = [-39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716, 2.506628277459239];
const BELOW = [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572];
const TAIL_ABOVE = [-0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968, 2.938163982698783];
const TAIL_BELOW = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416];

function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);
}
