/** The device is handed over: can a friend forge the signature? Nothing of it is kept or sent. */
import "./challenge.css";
import { IMAGE_TYPES } from "../../element/dom.ts";
import { CountersignError, type Strokes, type Template, type Verdict } from "../../public/index.ts";
import { Board } from "../board.ts";
import { element } from "../element.ts";
import type { Engine } from "../engine.ts";
import { forget, fromFile, fromStrokes, image, type Mark } from "../mark.ts";
import { percent, sentence } from "../words.ts";

export interface Challenge {
  readonly engine: Engine;
  readonly template: Template;
  /** The genuine signature that the friend may look at. */
  readonly model: Mark;
  readonly onEnd: () => void;
}

interface Attempt {
  readonly number: number;
  readonly mark: Mark;
  readonly verdict: Verdict;
}

/** What the verdict on an attempt means to the two. */
const OUTCOMES: Readonly<Record<Verdict["decision"], string>> = {
  match: "Fooled it",
  unsure: "Left it unsure",
  mismatch: "Caught",
};

/** Fills `place` with the challenge, until it is ended. */
export function challenge(place: HTMLElement, { engine, template, model, onEnd }: Challenge): void {
  const attempts: Attempt[] = [];
  let busy = false;
  /** What is being checked when the challenge is ended is of no use any more. */
  const over = new AbortController();

  const board = new Board({ label: "Sign here as the other person does", onChange: () => update() });
  const submit = element("button", { type: "button", class: "primary" }, "Is it good enough?");
  const end = element("button", { type: "button" }, "End the challenge");
  const file = element("input", { type: "file", accept: IMAGE_TYPES });
  const said = element("p", { role: "status", class: "said-of-it" });
  const list = element("ol", { class: "attempts" });
  const show = element("input", { type: "checkbox", checked: true });
  const copy = element("figure", { class: "copy" }, element("div", { class: "card" }, image(model, "The signature to forge")));

  show.addEventListener("change", () => (copy.hidden = !show.checked));
  submit.addEventListener("click", () => {
    void attempt(board.strokes);
    // The button goes while it is checked, and afterwards nothing is drawn.
    if (submit.disabled) board.focus();
  });
  file.addEventListener("change", () => {
    const [chosen] = file.files ?? [];
    if (chosen) void attempt(chosen);
    file.value = "";
  });
  end.addEventListener("click", () => {
    over.abort();
    board.disconnect();
    for (const { mark } of attempts) forget(mark);
    onEnd();
  });

  async function attempt(source: File | Strokes): Promise<void> {
    if (busy) return;
    busy = true;
    update();
    try {
      if (!engine.loaded) throw new CountersignError("disposed", "the model is being loaded again; try once more in a moment");
      const verdict = await engine.loaded.check(template, source, { signal: over.signal });
      if (over.signal.aborted) return;
      const mark = source instanceof File ? fromFile(source) : fromStrokes(source, "drawn");
      attempts.push({ number: attempts.length + 1, mark, verdict });
      said.textContent = summary(attempts);
      list.replaceChildren(...attempts.map((one) => row(one, one === best(attempts))).reverse());
      board.clear();
    } catch (thrown) {
      if (over.signal.aborted) return;
      said.textContent = sentence(CountersignError.from(thrown, "worker-failed").message);
    }
    busy = false;
    update();
  }

  function update(): void {
    // What is drawn meanwhile would be wiped away with the attempt.
    board.enabled = !busy;
    submit.disabled = busy || board.isEmpty;
  }

  const heading = element("h2", { tabindex: "-1" }, "Hand over the device");
  place.replaceChildren(
    element(
      "section",
      { class: "panel challenge", "aria-label": "Challenge" },
      heading,
      element("p", {}, "Your friend has as many attempts as you grant. Attempts stay in this page and are forgotten at the end."),
      element("label", {}, show, " Show the signature to forge"),
      element("div", { class: "duel" }, copy, board.element),
      element("div", { class: "actions" }, submit, board.clearButton, element("label", { class: "button" }, "Choose a file", file), end),
      said,
      list,
    ),
  );
  update();
  heading.focus();
}

/** The attempt that was most like the genuine ones. */
export function best<A extends { readonly verdict: Pick<Verdict, "llr"> }>(attempts: readonly A[]): A | undefined {
  return attempts.reduce<A | undefined>((most, one) => (most && most.verdict.llr >= one.verdict.llr ? most : one), undefined);
}

function summary(attempts: readonly Attempt[]): string {
  const last = attempts.at(-1);
  const leader = best(attempts);
  if (!last || !leader) return "";
  const outcome = `Attempt ${last.number}: ${OUTCOMES[last.verdict.decision].toLowerCase()}, ${percent(last.verdict.score)}.`;
  const record = leader === last ? "The best so far." : `The best so far is attempt ${leader.number}, ${percent(leader.verdict.score)}.`;
  return `${outcome} ${record}`;
}

function row({ number, mark, verdict }: Attempt, leads: boolean): HTMLElement {
  const { decision, score } = verdict;
  return element(
    "li",
    { class: leads ? "leads" : "" },
    element("span", { class: "card" }, image(mark, `Attempt ${number}`)),
    element(
      "span",
      {},
      element("strong", { class: decision }, OUTCOMES[decision]),
      ...(leads ? [element("span", { class: "badge" }, "best so far")] : []),
      element("br"),
      `Attempt ${number}, same hand at even odds: ${percent(score)}`,
    ),
  );
}
