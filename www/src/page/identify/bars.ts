/** A ranked list with a bar for each candidate. */
import { element } from "../element.ts";
import { percent } from "../words.ts";

export interface Candidate {
  readonly name: string;
  /** The address of a picture of it. */
  readonly picture: string;
  /** The length of its bar, 0 to 1. */
  readonly share: number;
}

/** `candidates` in the order in which they are shown, the likeliest first. */
export function bars(candidates: readonly Candidate[]): HTMLElement {
  const rows = candidates.map(({ name, picture, share }) => {
    const fill = element("span", { class: "fill" });
    fill.style.width = `${Math.max(100 * share, 0.5)}%`;
    return element(
      "li",
      {},
      element("span", { class: "card" }, element("img", { src: picture, alt: "" })),
      element("span", { class: "name" }, name),
      element("span", { class: "track", "aria-hidden": "true" }, fill),
      element("span", { class: "share" }, percent(share)),
    );
  });
  return element("ol", { class: "ranked" }, ...rows);
}

/**
 * How probable each is if it is one of them and all were equally likely beforehand, from the log-likelihood ratios of
 * each against others: what is common to all of them cancels out.
 */
export function shares(llrs: readonly number[]): number[] {
  const most = Math.max(...llrs);
  const ratios = llrs.map((llr) => Math.exp(llr - most));
  const sum = ratios.reduce((all, ratio) => all + ratio, 0);
  return ratios.map((ratio) => ratio / sum);
}
