/** The shadow tree of `<signature-enrolment>`. */
import { LEAST_REFERENCES, MOST_REFERENCES, type Progress } from "../public/index.ts";
import { button, IMAGE_TYPES, make, reflect } from "./dom.ts";
import { progressBar, showProgress } from "./progress.ts";
import { fill, type Strings } from "./strings.ts";

/** What there is to see. */
export interface Shown {
  readonly strings: Strings;
  /** The language of the strings where it is not that of the place. */
  readonly mark: string | null;
  /** Addresses of the pictures of the signatures that are kept. */
  readonly pictures: readonly string[];
  readonly consistency: number | undefined;
  readonly busy: boolean;
}

export class EnrolmentView {
  readonly canvas = make("canvas", { part: "canvas", "aria-hidden": "true" });
  readonly undo = button("undo");
  readonly clear = button("clear");
  readonly upload = button("upload");
  readonly add = button("add");
  readonly finish = button("finish");
  readonly file = make("input", { type: "file", accept: IMAGE_TYPES, multiple: "", hidden: "", tabindex: "-1" });
  readonly pad: HTMLElement;
  readonly #hint = make("p", { part: "hint", class: "hint", "aria-hidden": "true" });
  readonly #title = make("h2", { part: "title", id: "title" });
  readonly #step = make("p", { part: "step", class: "step", id: "step" });
  readonly #help = make("span", { id: "help", class: "seen-only-by-readers" });
  readonly #status = make("p", { part: "status", class: "verdict", role: "status" });
  readonly #progress = progressBar();
  readonly #list = make("ul", { part: "kept", class: "kept" });
  readonly #meter = make("meter", { part: "meter", min: "0", max: "1", low: "0.5", high: "0.8", optimum: "1" });
  readonly #consistencyLabel = make("span");
  readonly #consistency = make("label", { class: "consistency", part: "consistency", hidden: "" }, this.#consistencyLabel, this.#meter);
  readonly #all: HTMLElement;
  readonly #onRemove: (index: number) => void;

  constructor(root: ShadowRoot, onRemove: (index: number) => void) {
    this.#onRemove = onRemove;
    this.pad = make(
      "div",
      { part: "surface", class: "surface", role: "group", tabindex: "0", "aria-describedby": "help step" },
      this.canvas,
      this.#hint,
    );
    this.add.classList.add("primary");
    const tools = make("div", { part: "tools", class: "tools" }, this.undo, this.clear, this.upload, this.file, this.add, this.finish);
    const said = [this.#status, this.#progress, this.#consistency, this.#list];
    this.#all = make("div", {}, this.#title, this.#step, this.pad, this.#help, tools, ...said);
    root.append(this.#all);
  }

  /** What came of the last signature. A live region that is written again is read again. */
  say(text: string, state: string): void {
    if (this.#status.textContent !== text) this.#status.textContent = text;
    this.#status.dataset["state"] = state;
  }

  /** How far the checker is loaded; nothing to see once it is. */
  load(progress: Progress | undefined, strings: Strings): void {
    showProgress(this.#progress, progress, strings.loading);
  }

  show({ strings, mark, pictures, consistency, busy }: Shown): void {
    reflect(this.#all, "lang", mark);
    this.#title.textContent = strings.enrolTitle;
    this.pad.ariaLabel = strings.label;
    this.#hint.textContent = strings.hint;
    this.#help.textContent = strings.help;
    this.undo.textContent = strings.undo;
    this.clear.textContent = strings.clear;
    this.upload.textContent = strings.upload;
    this.add.textContent = strings.add;
    this.finish.textContent = strings.finish;
    this.#consistencyLabel.textContent = strings.consistency;
    this.#step.textContent = instruction(pictures.length, strings);
    this.#list.replaceChildren(...pictures.map((picture, index) => this.#thumbnail(picture, index, strings, busy)));
    this.#consistency.hidden = consistency === undefined || pictures.length < 2;
    this.#meter.value = consistency ?? 0;
  }

  /** What can be done now. */
  enable({ empty, drawing, busy, kept }: { empty: boolean; drawing: boolean; busy: boolean; kept: number }): void {
    const full = kept === MOST_REFERENCES;
    this.#hint.hidden = !empty;
    this.undo.disabled = this.clear.disabled = empty || busy;
    this.add.disabled = empty || drawing || busy || full;
    this.upload.disabled = busy || full;
    this.finish.disabled = busy || kept < LEAST_REFERENCES;
  }

  #thumbnail(picture: string, index: number, strings: Strings, busy: boolean): HTMLLIElement {
    const label = fill(strings.remove, { number: index + 1 });
    const remove = make("button", { type: "button", part: "button remove", "aria-label": label }, "\u00d7");
    remove.disabled = busy;
    remove.addEventListener("click", () => this.#onRemove(index));
    return make("li", {}, make("img", { src: picture, alt: `${strings.label} ${index + 1}` }), remove);
  }
}

function instruction(count: number, strings: Strings): string {
  const numbers = { number: count + 1, least: LEAST_REFERENCES, count };
  if (count < LEAST_REFERENCES) return fill(strings.enrolStep, numbers);
  if (count === MOST_REFERENCES) return fill(strings.enrolFull, numbers);
  return `${strings.enrolReady} ${fill(strings.enrolMore, numbers)}`;
}
