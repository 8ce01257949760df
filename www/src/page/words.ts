/** The verdict in words. */
import type { Verdict } from "../public/index.ts";

export const TITLES: Record<Verdict["decision"], string> = {
  match: "Match",
  mismatch: "Mismatch",
  unsure: "Unsure",
};

export function conclusion({ decision, quality }: Pick<Verdict, "decision" | "quality">): string {
  switch (decision) {
    case "match":
      return "The questioned signature agrees with the genuine ones.";
    case "mismatch":
      return "The questioned signature differs from the genuine ones as another hand's does.";
    case "unsure":
      return quality.length > 0
        ? "This does not bear an answer. Better pictures may: see what to take care of."
        : "The evidence is too weak to say. More genuine signatures may help.";
  }
}

/** What a log-likelihood ratio says, without its logarithm. */
export function evidence(llr: number): string {
  const times = Math.exp(Math.abs(llr));
  if (times < 1.5) return "The signature would look like this about as often from the same hand as from another.";
  const hands = llr > 0 ? ["the same hand", "another hand"] : ["another hand", "the same hand"];
  const factor = times > 10_000 ? "more than 10,000" : `about ${count(times)}`;
  return `Finding this likeness is ${factor} times as probable from ${hands[0]} as from ${hands[1]}.`;
}

export function percent(share: number): string {
  const value = share * 100;
  if (value > 99.9) return "above 99.9 %";
  if (value < 0.1) return "below 0.1 %";
  return `${value.toFixed(1)} %`;
}

export function signed(value: number): string {
  return `${value < 0 ? "\u2212" : "+"}${Math.abs(value).toFixed(2)}`;
}

export function milliseconds(value: number): string {
  return value < 10 ? `${value.toFixed(1)} ms` : value < 10_000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`;
}

export function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

function count(value: number): string {
  return value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString("en");
}
