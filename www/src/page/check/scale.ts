/** The log-likelihood ratio on a scale that can be read without knowing what that is. */
import type { Verdict } from "../../public/index.ts";
import { element } from "../element.ts";
import { signed, support } from "../words.ts";

/** The log-likelihood ratio at either end. */
const END = 6;

/** How many times as probable; the marks of the scale, to either side. */
const TIMES = [10, 100];

export function scale({ llr, decision }: Pick<Verdict, "llr" | "decision">): HTMLElement {
  const marker = at("span", llr, `marker ${decision}`);
  const ticks = [...TIMES.map((times) => -times).reverse(), 1, ...TIMES].map((times) => {
    const place = Math.sign(times) * Math.log(Math.abs(times));
    return at("span", place, "tick", times === 1 ? "even" : `${Math.abs(times)}\u00d7`);
  });
  const label = `${support(llr)}: evidence ${signed(llr)} on a scale from another hand to the same hand`;
  return element(
    "div",
    { class: "scale" },
    element("p", { class: "support" }, support(llr)),
    element("div", { class: "bar", role: "img", "aria-label": label }, marker),
    element("div", { class: "ticks", "aria-hidden": "true" }, ...ticks),
    element(
      "div",
      { class: "ends", "aria-hidden": "true" },
      element("span", {}, "\u2190 another hand"),
      element("span", {}, "same hand \u2192"),
    ),
  );
}

/** How far from the left end, 0 to 1. */
export function place(llr: number): number {
  return (Math.min(Math.max(llr, -END), END) + END) / (2 * END);
}

function at(tag: "span", llr: number, name: string, text = ""): HTMLElement {
  const made = element(tag, { class: name }, text);
  made.style.left = `${100 * place(llr)}%`;
  return made;
}
