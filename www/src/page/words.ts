/** The verdict in words. */
import type { ErrorCode, Verdict } from "../public/index.ts";

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

type Reason = Verdict["reasons"][number];

/** A reason in words for everybody; the message that it comes with has the numbers. */
export function because({ code, message }: Reason, rate: number): string {
  const share = `${Number((100 * rate).toFixed(2))} in 100`;
  switch (code) {
    case "like-genuine":
      return `It is so like the genuine signatures as at most ${share} skilled forgeries are.`;
    case "like-forged":
      return `It is so unlike the genuine signatures as at most ${share} of a writer's own are.`;
    case "between":
      return `Either answer would be wrong more often than ${share} times.`;
    case "references-split":
      return "The genuine signatures disagree: by one alone it would be a match, by another a mismatch.";
    case "one-reference":
      return "There is one genuine signature only. With three or more, fewer checks end unsure.";
    case "poor-picture":
      return sentence(message);
  }
}

/**
 * How strongly a log-likelihood ratio supports an answer: in the steps of the verbal scale of ENFSI's guideline for
 * evaluative reporting (2015), whose upper ones are put together.
 */
export function support(llr: number): string {
  const times = Math.exp(Math.abs(llr));
  if (times < 2) return "No support for either";
  const strength = times < 10 ? "Weak" : times < 100 ? "Moderate" : times < 1000 ? "Moderately strong" : "Strong";
  return `${strength} support for ${llr > 0 ? "the same hand" : "another hand"}`;
}

/** What to do about an error, where that takes more than its own sentence. */
export function advice(code: ErrorCode): readonly string[] {
  if (code !== "references-disagree") return [];
  return [
    "Are they all by one person, who wrote the same each time: not a full name once and initials once?",
    "If one stands apart, remove it; a hurried one spoils the comparison for the others.",
    "Three or more that belong together make a good start.",
  ];
}

/** The headline over an error. */
export function refusal(code: ErrorCode): string {
  return code === "references-disagree" ? "The genuine signatures do not go together" : "No verdict";
}

export function sentence(text: string): string {
  const full = text.charAt(0).toUpperCase() + text.slice(1);
  return full.endsWith(".") ? full : `${full}.`;
}

/** What a log-likelihood ratio says, without its logarithm. */
export function evidence(llr: number): string {
  const times = Math.exp(Math.abs(llr));
  if (times < 1.5) return "The signature would look like this about as often from the same hand as from another.";
  const hands = llr > 0 ? ["the same hand", "another hand"] : ["another hand", "the same hand"];
  const factor = times > 10_000 ? "more than 10,000" : `about ${count(times)}`;
  return `Finding this likeness is ${factor} times as probable from ${hands[0]} as from ${hands[1]}.`;
}

/** What one genuine signature says alone. */
export function alone({ score, turned }: Verdict["references"][number]): string {
  if (turned === 0) return percent(score);
  return `${percent(score)} (turned by ${Math.abs(turned)}\u00b0 ${turned > 0 ? "clockwise" : "anticlockwise"})`;
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
