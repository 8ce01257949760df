/** The demo page: two trays of signatures, one button, one result. */
import { type Countersign, CountersignError, type Template } from "../public/index.ts";
import { find } from "./element.ts";
import { Engine } from "./engine.ts";
import { type Author, nextCase } from "./examples.ts";
import { Pad } from "./pad.ts";
import { errorView, verdictView } from "./result.ts";
import { Tray } from "./tray.ts";

const LEAST_REFERENCES = 2;
/** As many as the Rust side takes. */
const MOST_REFERENCES = 10;

const button = find("#check", HTMLButtonElement);
const missing = find("#missing", HTMLElement);
const result = find("#result", HTMLElement);

let busy = false;
/** Counts every change of what would be compared: an answer to an older question is dropped. */
let question = 0;
/** Enrolment is kept until a reference changes or another model is loaded. */
let enrolled: { readonly template: Template; readonly ms: number } | undefined;

const pad = new Pad();
const references = new Tray({
  section: find("#references", HTMLElement),
  pad,
  most: MOST_REFERENCES,
  noun: "genuine signature",
  onChange: () => changed({ enrolAgain: true }),
});
const questioned = new Tray({
  section: find("#questioned", HTMLElement),
  pad,
  most: 1,
  noun: "questioned signature",
  onChange: () => changed({ enrolAgain: false }),
});
const engine = new Engine({
  onChange: () => changed({ enrolAgain: true }),
  onError: (error) => show(errorView(error)),
});

button.addEventListener("click", () => void check());
for (const author of ["writer", "imitator", "stranger"] as const) {
  find(`#example-${author}`, HTMLButtonElement).addEventListener("click", () => void useExample(author));
}
void engine.load();

async function check(): Promise<void> {
  const countersign = engine.loaded;
  const mark = questioned.marks[0];
  if (!countersign || !mark || busy) return;
  const asked = question;
  busy = true;
  clear();
  update();
  let parts: Node[];
  try {
    const { template, ms: enrolMs } = enrolled ?? (await enrol(countersign));
    if (asked === question) enrolled = { template, ms: enrolMs };
    const { value, ms } = await timed(() => countersign.check(template, mark.source, { explain: true }));
    const timing = { enrolMs, checkMs: ms, references: references.marks.length };
    parts = verdictView(value, timing, countersign.reason);
  } catch (thrown) {
    parts = errorView(CountersignError.from(thrown, "worker-failed"));
  }
  busy = false;
  if (asked === question) show(parts);
  update();
}

async function enrol(countersign: Countersign): Promise<{ template: Template; ms: number }> {
  const { value, ms } = await timed(() => countersign.enrol(references.marks.map(({ source }) => source)));
  return { template: value, ms };
}

async function useExample(author: Author): Promise<void> {
  try {
    const example = await nextCase(author);
    references.replace(example.references);
    questioned.replace([example.questioned]);
    button.focus();
  } catch (thrown) {
    show(errorView(CountersignError.from(thrown, "download-failed")));
  }
}

/** A verdict belongs to what it was given for: it goes when that changes. */
function changed({ enrolAgain }: { enrolAgain: boolean }): void {
  question += 1;
  if (enrolAgain) enrolled = undefined;
  clear();
  update();
}

function update(): void {
  const lacking: string[] = [];
  const more = LEAST_REFERENCES - references.marks.length;
  if (more > 0) lacking.push(more === 1 ? "one more genuine signature" : "two genuine signatures");
  if (questioned.marks.length === 0) lacking.push("the questioned signature");
  button.disabled = lacking.length > 0 || !engine.loaded;
  button.ariaBusy = String(busy);
  button.textContent = busy ? "Checking" : "Check the signature";
  missing.textContent = lacking.length > 0 ? `Still needed: ${lacking.join(" and ")}.` : "";
}

function show(parts: Node[]): void {
  result.replaceChildren(...parts);
  result.scrollIntoView({ block: "nearest" });
}

function clear(): void {
  result.replaceChildren();
}

async function timed<T>(work: () => Promise<T>): Promise<{ value: T; ms: number }> {
  const start = performance.now();
  const value = await work();
  return { value, ms: performance.now() - start };
}
