/** Whose signature it is: the answer, and everybody it was compared with. */
import type { Ranked, Ranking } from "../../public/index.ts";
import { warnings } from "../check/result.ts";
import { element } from "../element.ts";
import type { Mark } from "../mark.ts";
import { bars } from "./bars.ts";

/** How many of the people are shown at first. */
const ROWS = 10;

/** A panel that is there while it has something to say. */
export class Answer {
  /** The only part that is read out by itself: fifty rows would be too much. It stays when its text changes, or nothing is. */
  readonly #heading = element("h2", { "aria-live": "polite" });
  readonly #below = element("div", { class: "findings" });
  readonly element = element("section", { class: "panel", "aria-label": "Answer", hidden: true }, this.#heading, this.#below);

  say(text: string, ...below: readonly Node[]): void {
    this.element.hidden = false;
    this.#heading.textContent = text;
    this.#below.replaceChildren(...below);
  }

  clear(): void {
    this.say("");
    this.element.hidden = true;
  }
}

/** The answer in a sentence or two; `name` is the first candidate's. */
export function answerText(candidates: readonly Ranked[] & Pick<Ranking, "fpir">, name: string): string {
  const { fpir } = candidates;
  if (fpir !== undefined && candidates.every(({ accepted }) => !accepted)) {
    const none = `none of these (at ${share(fpir)} false identifications)`;
    // People with other numbers of references have other thresholds: those behind the first may yet be unsure.
    return candidates.every(({ verdict }) => verdict.decision === "mismatch")
      ? `It is ${none}: even ${name}, the likeliest, differs as another hand does.`
      : `It is taken for ${none}. The likeliest is ${name}, but the evidence is too weak to name anybody.`;
  }
  const [first] = candidates;
  if (first?.accepted && first.verdict.decision === "match") return `This looks like the hand of ${name}.`;
  return `If it is one of these, it is most likely ${name}. The evidence is too weak to be sure.`;
}

/** What is shown below the sentence. `those` are in the order of the templates. */
export function answerView(ranking: Ranking, those: readonly { readonly name: string; readonly mark: Mark }[]): Node[] {
  const candidates = ranking.flatMap(({ index, verdict }) => {
    const person = those[index];
    return person ? [{ name: person.name, picture: person.mark.picture, share: verdict.score }] : [];
  });
  const hint = ["The bars say how probable the same hand is, for each alone, at even odds."];
  if (ranking.fpir !== undefined) hint.push(`Of signatures by none of these people, ${share(ranking.fpir)} at most are taken for somebody's.`);
  return [
    ...(ranking.quality.length > 0 ? [warnings(ranking)] : []),
    ...firstRows(bars(candidates)),
    element("p", { class: "hint" }, hint.join(" ")),
  ];
}

/** A long list with its first rows only, and a button for the others. */
function firstRows(list: HTMLElement): Node[] {
  const others = [...list.querySelectorAll("li")].slice(ROWS);
  const [next] = others;
  if (!next) return [list];
  for (const row of others) row.hidden = true;
  const all = element("button", { type: "button" }, `Show all ${list.childElementCount}`);
  all.addEventListener("click", () => {
    for (const row of others) row.hidden = false;
    // The button goes; the keyboard goes on with the first row that is new.
    next.tabIndex = -1;
    next.focus();
    all.remove();
  });
  return [list, all];
}

function share(rate: number): string {
  return `${Number((100 * rate).toFixed(6))} %`;
}
