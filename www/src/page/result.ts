/** What the result panel shows: a verdict or a refusal, never both. */
import type { CountersignError, Verdict } from "../public/index.ts";
import { differenceMap, type Heatmap } from "./difference.ts";
import { element } from "./element.ts";
import { conclusion, evidence, milliseconds, percent, signed, TITLES } from "./words.ts";

export interface Timing {
  readonly enrolMs: number;
  readonly checkMs: number;
  readonly references: number;
}

/** The log-likelihood ratio at either end of the drawn scale. */
const SCALE_END = 6;

export function verdictView(verdict: Verdict, timing: Timing, reason: string): Node[] {
  const said = element(
    "div",
    { class: "said" },
    element("h2", { class: `verdict ${verdict.decision}` }, TITLES[verdict.decision]),
    element("p", { class: "lead" }, conclusion(verdict)),
    scale(verdict),
    element("p", {}, evidence(verdict.llr)),
    ...(verdict.quality.length > 0 ? [warnings(verdict)] : []),
  );
  const seen = verdict.heatmap ? [difference(verdict.heatmap)] : [];
  return [element("div", { class: "answer" }, said, ...seen), numbers(verdict, timing, reason)];
}

export function errorView(error: CountersignError): Node[] {
  return [
    element("h2", { class: "verdict error" }, "No verdict"),
    element("p", { class: "lead" }, sentence(error.message)),
    element("p", { class: "hint" }, "Error code ", element("code", {}, error.code)),
  ];
}

/** Where the evidence lies between another hand and the same hand. */
function scale({ llr, decision }: Verdict): HTMLElement {
  const share = (Math.min(Math.max(llr, -SCALE_END), SCALE_END) + SCALE_END) / (2 * SCALE_END);
  const marker = element("span", { class: `marker ${decision}` });
  marker.style.left = `${share * 100}%`;
  return element(
    "div",
    { class: "scale" },
    element("div", { class: "bar", role: "img", "aria-label": `Evidence ${signed(llr)}, from another hand to the same hand` }, marker),
    element("div", { class: "ends", "aria-hidden": "true" }, element("span", {}, "another hand"), element("span", {}, "same hand")),
  );
}

function difference(heatmap: Heatmap): HTMLElement {
  return element(
    "figure",
    { class: "difference" },
    element("div", { class: "paper" }, differenceMap(heatmap)),
    element(
      "figcaption",
      {},
      "The questioned signature as the network saw it. ",
      element("span", { class: "swatch" }, "Red"),
      " ink has no counterpart in the genuine ones.",
    ),
  );
}

function warnings({ quality }: Verdict): HTMLElement {
  const items = quality.map(({ of, number, message }) => {
    const which = of === "questioned" ? "the questioned signature" : `genuine signature ${number}`;
    return element("li", {}, sentence(`${which}: ${message}`));
  });
  return element("div", { class: "notice" }, element("h3", {}, "Take care"), element("ul", {}, ...items));
}

function numbers(verdict: Verdict, timing: Timing, reason: string): HTMLElement {
  const rows: [string, string][] = [
    ["Log-likelihood ratio", signed(verdict.llr)],
    ["Same hand, at even odds", percent(verdict.score)],
    ["By each genuine signature alone", verdict.references.map(({ score }) => percent(score)).join(", ")],
    ["Error rate kept to", percent(verdict.far)],
    ["Time", `${milliseconds(timing.checkMs)} for the check, ${milliseconds(timing.enrolMs)} to enrol ${timing.references}`],
    ["Backend", reason],
    ["Model", verdict.model],
  ];
  return element(
    "dl",
    { class: "numbers" },
    ...rows.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]),
  );
}

function sentence(text: string): string {
  const full = text.charAt(0).toUpperCase() + text.slice(1);
  return full.endsWith(".") ? full : `${full}.`;
}
