/** The playground: one drawing of each of a few symbols is enough to know them again. */
import { type Countersign, CountersignError, type Template } from "../../public/index.ts";
import { Board } from "../board.ts";
import { element } from "../element.ts";
import { forget, fromStrokes, type Mark } from "../mark.ts";
import { sentence } from "../words.ts";
import { bars, shares } from "./bars.ts";
import { Characters, picture } from "./characters.ts";
import { Latest } from "./latest.ts";
import { shape, SHAPE_COUNT } from "./shapes.ts";

/** Milliseconds without a stroke after which a drawing is taken for finished. */
const PAUSE = 400;
/** What the drawing in question is called where something is wrong with it. */
const QUESTION = "The one drawn again";

interface Taught {
  readonly template: Template;
  readonly mark: Mark;
}

export function symbols(): HTMLElement {
  const characters = new Characters();
  const taught = new Array<Taught | undefined>(SHAPE_COUNT).fill(undefined);
  const said = element("p", { role: "status" });
  /** What is wrong with which drawing, for as long as it is: whatever is said of the others does not replace it. */
  const faults = new Map<string, string>();
  const wrong = element("p", { role: "status" });
  const retry = action("Try again", () => {
    faults.clear();
    complain();
    // The button goes while it is tried.
    question.focus();
    for (const [index, lesson] of lessons.entries()) if (!taught[index]) lesson.onChange();
  });
  const ranking = element("div", {});
  const asking = new Latest(PAUSE);
  let turn = 0;

  const lessons = taught.map((_, index) => {
    const latest = new Latest(PAUSE);
    const onChange = (): void => latest.start((signal) => teach(index, signal));
    return new Board({ label: title(index), onChange });
  });
  const question = new Board({ label: "Draw one of them again", onChange: () => ask() });

  async function teach(index: number, signal: AbortSignal): Promise<void> {
    const lesson = lessons[index];
    const before = taught[index];
    if (!lesson) return;
    taught[index] = undefined;
    if (before) forget(before.mark);
    if (lesson.isEmpty) {
      faults.delete(title(index));
      complain();
    } else {
      const { strokes } = lesson;
      const template = await attempt(title(index), (network) => network.enrol([picture(strokes)], { signal }), signal);
      if (template) taught[index] = { template, mark: fromStrokes(strokes, title(index)) };
    }
    if (signal.aborted) return;
    if (question.isEmpty) tell();
    else ask();
  }

  function ask(): void {
    asking.start(async (signal) => {
      const known = taught.flatMap((one, index) => (one ? [{ ...one, name: title(index) }] : []));
      ranking.replaceChildren();
      tell();
      faults.delete(QUESTION);
      complain();
      if (question.isEmpty || known.length < 2) return;
      const templates = known.map(({ template }) => template);
      const ranked = await attempt(QUESTION, (network) => network.identify(templates, picture(question.strokes), { signal }), signal);
      if (!ranked || signal.aborted) return;
      // What ranks them: two that are both beyond doubt would have equal bars.
      const parts = shares(ranked.map(({ verdict }) => verdict.open_llr));
      const candidates = ranked.flatMap(({ index }, at) => {
        const one = known[index];
        return one ? [{ name: one.name, picture: one.mark.picture, share: parts[at] ?? 0 }] : [];
      });
      ranking.replaceChildren(bars(candidates));
      said.textContent = candidates[0] ? `That looks like ${candidates[0].name.toLowerCase()}.` : "";
    });
  }

  /** What the call gives; what is wrong with this drawing is said. */
  async function attempt<T>(drawing: string, call: (network: Countersign) => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
    if (!characters.isLoaded) said.textContent = "The network for characters is being fetched.";
    try {
      const given = await call(await characters.load());
      if (!signal.aborted) faults.delete(drawing);
      return given;
    } catch (thrown) {
      const { message } = CountersignError.from(thrown, "worker-failed");
      // Without the network it is the same for all of them.
      if (!signal.aborted) faults.set(drawing, sentence(characters.isLoaded ? `${drawing}: ${message}` : message));
      return undefined;
    } finally {
      complain();
    }
  }

  function complain(): void {
    const text = [...new Set(faults.values())].join(" ");
    // What is set anew is read out anew.
    if (wrong.textContent !== text) wrong.textContent = text;
    retry.hidden = faults.size === 0 || characters.isLoaded;
  }

  function tell(): void {
    const count = taught.filter((one) => one).length;
    const more = count < 2 ? "Draw at least two different symbols." : "Now draw one of them again.";
    said.textContent = `${count} of ${SHAPE_COUNT} learned. ${more}`;
  }

  const example = action("Fill in made-up symbols", () => {
    for (const [index, lesson] of lessons.entries()) {
      lesson.strokes = shape(index, 0);
      lesson.onChange();
    }
  });
  const draw = action("Draw one for me", () => {
    question.strokes = shape(turn, turn + 1);
    turn += 1;
    ask();
  });
  const clear = action("Start again", () => {
    for (const board of [...lessons, question]) {
      board.clear();
      board.onChange();
    }
  });
  tell();
  complain();
  return element(
    "section",
    { class: "panel symbols", "aria-labelledby": "symbols-title" },
    element("h2", { id: "symbols-title" }, "Teach me five symbols"),
    element("p", {}, "Draw one example of each: a letter, a sign, a doodle. Another network than that for signatures is fetched for this; it learned to tell the characters of thirty alphabets apart, and has never seen yours."),
    element("div", { class: "lessons" }, ...lessons.map((lesson, index) => place(lesson, title(index)))),
    element("div", { class: "actions" }, example, clear),
    element("h3", {}, "Draw one of them again"),
    element("div", { class: "duel" }, element("div", {}, question.element, element("div", { class: "actions" }, draw, question.clearButton)), element("div", {}, said, wrong, retry, ranking)),
    element("p", { class: "hint" }, "The bars say how probable each symbol is if it is one of these."),
  );
}

function title(index: number): string {
  return `Symbol ${index + 1}`;
}

function place(board: Board, name: string): HTMLElement {
  return element("figure", {}, board.element, element("figcaption", {}, name, board.clearButton));
}

function action(name: string, work: () => void): HTMLButtonElement {
  const button = element("button", { type: "button" }, name);
  button.addEventListener("click", work);
  return button;
}
