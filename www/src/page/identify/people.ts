/** Whose signature is it? A gallery of enrolled people, and one signature compared with all of them. */
import { CountersignError, MOST_REFERENCES, type Source, type Template } from "../../public/index.ts";
import type { Context } from "../context.ts";
import { element, find } from "../element.ts";
import { people as madeUp } from "../examples.ts";
import { forget, fromStrokes, image, type Mark } from "../mark.ts";
import { Tray } from "../tray.ts";
import { traySection } from "../trays.ts";
import { sentence } from "../words.ts";
import { Answer, answerText, answerView } from "./answer.ts";
import { Latest } from "./latest.ts";

/** One person alone is a matter for the first tab. */
const LEAST_PEOPLE = 2;
/** As many as a list on a page can show. */
const MOST_PEOPLE = 50;
const REFERENCES = 3;
/** The share of signatures by none of the people that may be taken for somebody's. */
const FPIR = 0.01;

interface Person {
  readonly name: string;
  readonly template: Template;
  /** Their first signature. */
  readonly mark: Mark;
}

export function people({ engine, pad }: Context): Node[] {
  const enrolled: Person[] = [];
  const list = element("ul", { class: "people", "aria-label": "Enrolled" });
  const said = element("p", { role: "status" });
  const answer = new Answer();
  const name = element("input", { type: "text", maxlength: "60", autocomplete: "off" });
  const enrolButton = element("button", { type: "button", class: "primary" }, "Enrol");
  const example = element("button", { type: "button", class: "link" }, "the made-up people");
  const newcomer = traySection({ id: "newcomer", title: "A new person", hint: "One signature or more; three make a good start.", several: true });
  const asked = traySection({ id: "asked", title: "Whose is this?", hint: "Draw it, choose a file or drop one here." });
  find("ul", HTMLElement, newcomer).before(element("label", { class: "name" }, "Name ", name));
  find(".actions", HTMLElement, newcomer).append(enrolButton);

  const latest = new Latest(0);
  /** Somebody is being enrolled; whoever comes next waits. */
  let enrolling = false;
  const references = new Tray({ section: newcomer, pad, most: MOST_REFERENCES, noun: "signature of this person", onChange: update });
  const questioned = new Tray({ section: asked, pad, most: 1, noun: "signature in question", onChange: identify });

  async function enrol(person: string, sources: readonly Source[], mark: Mark): Promise<boolean> {
    said.textContent = `Enrolling ${person}\u2026`;
    try {
      if (!engine.loaded) throw new CountersignError("disposed", "the model is being loaded; try again in a moment");
      enrolled.push({ name: person, template: await engine.loaded.enrol(sources), mark });
    } catch (thrown) {
      said.textContent = sentence(CountersignError.from(thrown, "worker-failed").message);
      return false;
    }
    said.textContent = `${person} is enrolled.`;
    show();
    return true;
  }

  async function alone(work: () => Promise<void>): Promise<void> {
    if (enrolling) return;
    enrolling = true;
    update();
    await work();
    enrolling = false;
    update();
  }

  async function enrolNewcomer(): Promise<void> {
    const person = name.value.trim();
    const { marks } = references;
    const [first] = marks;
    if (!first) return;
    const refused = refusal(person, enrolled.map((one) => one.name));
    if (refused) {
      said.textContent = refused;
      name.focus();
      return;
    }
    // A mark of its own: the tray releases its marks when it is emptied.
    const mark = Array.isArray(first.source) ? fromStrokes(first.source, person) : { ...first, picture: URL.createObjectURL(first.source as Blob) };
    if (await enrol(person, marks.map(({ source }) => source), mark)) {
      // What was given meanwhile is the next person's.
      references.remove(marks);
      if (name.value.trim() === person) name.value = "";
    } else {
      forget(mark);
    }
  }

  async function enrolMadeUp(): Promise<void> {
    try {
      for (const { name: person, genuine } of await madeUp()) {
        const [first] = genuine;
        if (first && !refusal(person, enrolled.map((one) => one.name))) await enrol(person, genuine.slice(0, REFERENCES), fromStrokes(first, person));
      }
    } catch (thrown) {
      said.textContent = sentence(CountersignError.from(thrown, "download-failed").message);
    }
  }

  function identify(): void {
    const [mark] = questioned.marks;
    answer.clear();
    latest.start(async (signal) => {
      if (!mark || !engine.loaded) return;
      if (enrolled.length < LEAST_PEOPLE) {
        answer.say("Enrol two people or more, so that there is something to choose from.");
        return;
      }
      const those = [...enrolled];
      answer.say("Comparing\u2026");
      try {
        const ranking = await engine.loaded.identify(those.map(({ template }) => template), mark.source, { signal, fpir: FPIR });
        const likeliest = ranking[0] && those[ranking[0].index];
        if (likeliest && !signal.aborted) answer.say(answerText(ranking, likeliest.name), ...answerView(ranking, those));
      } catch (thrown) {
        if (!signal.aborted) answer.say(sentence(CountersignError.from(thrown, "worker-failed").message));
      }
    });
  }

  function show(): void {
    list.replaceChildren(
      ...enrolled.map((person) => {
        const remove = element("button", { type: "button", class: "remove", "aria-label": `Remove ${person.name}` }, "\u00d7");
        remove.addEventListener("click", () => {
          enrolled.splice(enrolled.indexOf(person), 1);
          forget(person.mark);
          show();
          name.focus();
        });
        return element("li", {}, element("span", { class: "card" }, image(person.mark, ""), remove), element("span", {}, person.name));
      }),
    );
    identify();
  }

  function update(): void {
    enrolButton.disabled = references.marks.length === 0 || !engine.loaded || enrolling;
    example.disabled = !engine.loaded || enrolling;
  }

  enrolButton.addEventListener("click", () => void alone(enrolNewcomer));
  example.addEventListener("click", () => void alone(enrolMadeUp));
  engine.listen({
    onChange: () => {
      update();
      identify();
    },
  });
  update();
  return [
    element("p", { class: "hint" }, "Enrol a few people, then give a signature: whose is it? They are forgotten when this page is closed."),
    element("div", { class: "inputs" }, newcomer, asked),
    said,
    element("p", { class: "examples" }, "Nobody at hand? Enrol ", example, "."),
    list,
    answer.element,
  ];
}

/** Why nobody can be enrolled under this name, if so. */
export function refusal(name: string, taken: readonly string[]): string | undefined {
  if (name === "") return "Give the person a name.";
  if (taken.includes(name)) return `There is a ${name} already; give another name.`;
  if (taken.length >= MOST_PEOPLE) return `This page compares with ${MOST_PEOPLE} people at most; remove somebody.`;
  return undefined;
}
