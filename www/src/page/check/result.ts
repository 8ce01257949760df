/** What the result panel shows: a verdict or a refusal, never both. */
import "./result.css";
import type { CountersignError, Verdict } from "../../public/index.ts";
import { element } from "../element.ts";
import type { Mark } from "../mark.ts";
import { advice, alone, because, conclusion, evidence, milliseconds, percent, refusal, sentence, signed, TITLES } from "../words.ts";
import { comparison } from "./comparison.ts";
import { scale } from "./scale.ts";

export interface Timing {
  readonly enrolMs: number;
  readonly checkMs: number;
}

export function verdictView(verdict: Verdict, references: readonly Mark[], timing: Timing, reason: string): Node[] {
  const said = element(
    "div",
    { class: "said" },
    element("h2", { class: `verdict ${verdict.decision}` }, TITLES[verdict.decision]),
    element("p", { class: "lead" }, conclusion(verdict)),
    scale(verdict),
    element("p", {}, evidence(verdict.llr)),
  );
  const why = element("div", { class: "why" }, reasons(verdict), ...(verdict.quality.length > 0 ? [warnings(verdict)] : []));
  const seen = verdict.heatmap ? [comparison(verdict, verdict.heatmap, references)] : [];
  return [element("div", { class: "answer" }, said, why), ...seen, numbers(verdict, references.length, timing, reason)];
}

export function errorView(error: CountersignError): Node[] {
  const hints = advice(error.code).map((hint) => element("li", {}, hint));
  return [
    element("h2", { class: "verdict error" }, refusal(error.code)),
    element("p", { class: "lead" }, sentence(error.message)),
    ...(hints.length > 0 ? [element("ul", {}, ...hints)] : []),
    element("p", { class: "hint" }, "Error code ", element("code", {}, error.code)),
  ];
}

function reasons({ reasons, far }: Verdict): HTMLElement {
  const items = reasons.map((reason) => element("li", {}, because(reason, far)));
  return element("div", { class: "reasons" }, element("h3", {}, "Why"), element("ul", {}, ...items));
}

/** What is wrong with the pictures, of which there is something. */
export function warnings({ quality }: Pick<Verdict, "quality">): HTMLElement {
  const items = quality.map(({ of, number, message }) => {
    const which = of === "questioned" ? "the questioned signature" : `genuine signature ${number}`;
    return element("li", {}, sentence(`${which}: ${message}`));
  });
  return element("div", { class: "notice" }, element("h3", {}, "Take care"), element("ul", {}, ...items));
}

function numbers(verdict: Verdict, count: number, timing: Timing, reason: string): HTMLElement {
  const card = element("a", { href: "model.md" }, "model card");
  const rows: [string, ...(string | Node)[]][] = [
    ["Log-likelihood ratio", signed(verdict.llr)],
    ["Same hand, at even odds", percent(verdict.score)],
    ["By each genuine signature alone", verdict.references.map(alone).join(", ")],
    ["Error rate kept to", percent(verdict.far)],
    ["Time", `${milliseconds(timing.checkMs)} for the check, ${milliseconds(timing.enrolMs)} to enrol ${count}`],
    ["Backend", reason],
    ["Reasons, in numbers", verdict.reasons.map(({ message }) => sentence(message)).join(" ")],
    ["Model", `${verdict.model}, see its `, card],
  ];
  return element(
    "dl",
    { class: "numbers" },
    ...rows.flatMap(([name, ...value]) => [element("dt", {}, name), element("dd", {}, ...value)]),
  );
}
