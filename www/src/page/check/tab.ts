/** Two trays of signatures, one button, one result; and the way to the challenge. */
import { type Countersign, CountersignError, MOST_REFERENCES, type Template } from "../../public/index.ts";
import type { Context } from "../context.ts";
import { find } from "../element.ts";
import { type Author, type Case, nextCase } from "../examples.ts";
import { timed } from "../timed.ts";
import { Tray } from "../tray.ts";
import { errorView, verdictView } from "./result.ts";

const LEAST_REFERENCES = 2;

interface Enrolled {
  readonly template: Template;
  readonly ms: number;
}

export class CheckTab {
  readonly #context: Context;
  readonly #button = find("#check", HTMLButtonElement);
  readonly #missing = find("#missing", HTMLElement);
  readonly #result = find("#result", HTMLElement);
  readonly #challenge = find("#challenge", HTMLButtonElement);
  readonly #references: Tray;
  readonly #questioned: Tray;
  #busy = false;
  /** A signature of the gallery waits for its check. */
  #wanted = false;
  /** The challenge is being opened. */
  #opening = false;
  /** Counts every change of what would be compared: an answer to an older question is dropped. */
  #question = 0;
  /** Enrolment is kept until a reference changes or another model is loaded. */
  #enrolled: Enrolled | undefined;

  constructor(context: Context) {
    this.#context = context;
    const { engine, pad } = context;
    this.#references = new Tray({
      section: find("#references", HTMLElement),
      pad,
      most: MOST_REFERENCES,
      noun: "genuine signature",
      onChange: () => this.#changed({ enrolAgain: true }),
    });
    this.#questioned = new Tray({
      section: find("#questioned", HTMLElement),
      pad,
      most: 1,
      noun: "questioned signature",
      onChange: () => this.#changed({ enrolAgain: false }),
    });
    engine.listen({
      onChange: () => {
        this.#changed({ enrolAgain: true, wanted: this.#wanted });
        if (this.#wanted) void this.#check();
      },
      onError: (error) => this.#show(errorView(error)),
    });
    this.#button.addEventListener("click", () => void this.#check());
    for (const author of ["writer", "imitator", "stranger"] as const) {
      find(`#example-${author}`, HTMLButtonElement).addEventListener("click", () => void this.#useExample(author));
    }
    this.#openGallery();
    this.#challenge.addEventListener("click", () => void this.#startChallenge());
    this.#update();
  }

  async #check(): Promise<void> {
    const countersign = this.#context.engine.loaded;
    const mark = this.#questioned.marks[0];
    if (!countersign || !mark || this.#busy) return;
    const asked = this.#question;
    this.#busy = true;
    this.#wanted = false;
    this.#clear();
    this.#update();
    let parts: Node[];
    try {
      const { template, ms: enrolMs } = await this.#template(countersign);
      const { value, ms } = await timed(() => countersign.check(template, mark.source, { explain: true }));
      parts = verdictView(value, this.#references.marks, { enrolMs, checkMs: ms }, countersign.reason);
    } catch (thrown) {
      parts = errorView(CountersignError.from(thrown, "worker-failed"));
    }
    this.#busy = false;
    if (asked === this.#question) this.#show(parts);
    this.#update();
    if (this.#wanted) void this.#check();
  }

  async #template(countersign: Countersign): Promise<Enrolled> {
    if (this.#enrolled) return this.#enrolled;
    const asked = this.#question;
    const sources = this.#references.marks.map(({ source }) => source);
    const { value: template, ms } = await timed(() => countersign.enrol(sources));
    if (asked === this.#question) this.#enrolled = { template, ms };
    return { template, ms };
  }

  async #useExample(author: Author): Promise<void> {
    try {
      this.#use(await nextCase(author));
      this.#button.focus();
    } catch (thrown) {
      this.#show(errorView(CountersignError.from(thrown, "download-failed")));
    }
  }

  #use({ references, questioned }: Case): void {
    this.#references.replace(references);
    this.#questioned.replace([questioned]);
  }

  /** The gallery is fetched when it is unfolded. */
  #openGallery(): void {
    const details = find("#gallery", HTMLDetailsElement);
    const fill = async (): Promise<void> => {
      const list = find("div", HTMLElement, details);
      if (!details.open || list.childElementCount > 0) return;
      try {
        const { gallery } = await import("./gallery.ts");
        const use = (example: Case): void => {
          this.#use(example);
          this.#wanted = true;
          void this.#check();
        };
        list.replaceChildren(...(await gallery(use)));
      } catch (thrown) {
        this.#show(errorView(CountersignError.from(thrown, "download-failed")));
      }
    };
    details.addEventListener("toggle", () => void fill());
  }

  async #startChallenge(): Promise<void> {
    const countersign = this.#context.engine.loaded;
    const model = this.#references.marks[0];
    if (!countersign || !model || this.#busy || this.#opening) return;
    const asked = this.#question;
    this.#opening = true;
    this.#clear();
    this.#update();
    try {
      const [{ challenge }, { template }] = await Promise.all([import("./challenge.ts"), this.#template(countersign)]);
      if (asked !== this.#question) return;
      const place = find("#attempts", HTMLElement);
      const inputs = find("#comparing", HTMLElement);
      inputs.hidden = true;
      const onEnd = (): void => {
        place.replaceChildren();
        inputs.hidden = false;
        this.#challenge.focus();
      };
      challenge(place, { engine: this.#context.engine, template, model, onEnd });
    } catch (thrown) {
      if (asked === this.#question) this.#show(errorView(CountersignError.from(thrown, "worker-failed")));
    } finally {
      this.#opening = false;
      this.#update();
    }
  }

  /** A verdict belongs to what it was given for: it goes when that changes. */
  #changed({ enrolAgain, wanted = false }: { enrolAgain: boolean; wanted?: boolean }): void {
    this.#question += 1;
    this.#wanted = wanted;
    if (enrolAgain) this.#enrolled = undefined;
    this.#clear();
    this.#update();
  }

  #update(): void {
    const lacking: string[] = [];
    const more = LEAST_REFERENCES - this.#references.marks.length;
    const ready = this.#context.engine.loaded !== undefined;
    if (more > 0) lacking.push(more === 1 ? "one more genuine signature" : "two genuine signatures");
    if (this.#questioned.marks.length === 0) lacking.push("the questioned signature");
    this.#challenge.disabled = more > 0 || !ready || this.#opening;
    this.#button.disabled = lacking.length > 0 || !ready;
    this.#button.ariaBusy = String(this.#busy);
    this.#button.textContent = this.#busy ? "Checking" : "Check the signature";
    this.#missing.textContent = lacking.length > 0 ? `Still needed: ${lacking.join(" and ")}.` : "";
  }

  #show(parts: Node[]): void {
    this.#result.replaceChildren(...parts);
    this.#result.scrollIntoView({ block: "nearest" });
  }

  #clear(): void {
    this.#result.replaceChildren();
  }
}
