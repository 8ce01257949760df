/** How it works: a signature followed through the pipeline, a picture for each stage. */
import "./style.css";
import { CountersignError, type Stages, type Verdict } from "../../public/index.ts";
import { errorView } from "../check/result.ts";
import { scale } from "../check/scale.ts";
import type { Context } from "../context.ts";
import { differenceMap } from "../difference.ts";
import { element } from "../element.ts";
import { type Author, caseOf, people } from "../examples.ts";
import { forget, image, type Mark } from "../mark.ts";
import { Tray } from "../tray.ts";
import { traySection } from "../trays.ts";
import { evidence } from "../words.ts";
import { channelsPicture, energyPicture, greyPicture, inkOnWhite } from "./pictures.ts";

const EXAMPLES: readonly [Author, string][] = [
  ["writer", "genuine"],
  ["imitator", "imitated"],
  ["stranger", "somebody else\u2019s"],
];

export async function open(panel: HTMLElement, { engine, pad }: Context): Promise<void> {
  const [first, second] = [
    traySection({ id: "followed", title: "A signature to follow", hint: "Yours, or a made-up one." }),
    traySection({ id: "known", title: "A genuine one to compare it with", hint: "By the person whose signature it should be." }),
  ];
  const shown = element("ol", { class: "stages", "aria-live": "polite", "aria-label": "Stages" });
  /** Counts the runs: pictures of an older one are dropped. */
  let turn = 0;

  async function run(): Promise<void> {
    const mine = ++turn;
    const [mark, genuine] = [followed.marks[0], known.marks[0]];
    const countersign = engine.loaded;
    if (!countersign || !mark) return shown.replaceChildren();
    shown.ariaBusy = "true";
    let parts: Node[];
    try {
      const stages = await countersign.stages(mark.source);
      const template = genuine && (await countersign.enrol([genuine.source]));
      const verdict = template && (await countersign.check(template, mark.source, { explain: true }));
      parts = stagesView(mark, stages, verdict);
    } catch (thrown) {
      parts = [element("li", { class: "panel" }, ...errorView(CountersignError.from(thrown, "worker-failed")))];
    }
    if (mine !== turn) return;
    shown.ariaBusy = "false";
    shown.replaceChildren(...parts);
  }

  const followed = new Tray({ section: first, pad, most: 1, noun: "signature to follow", onChange: () => void run() });
  const known = new Tray({ section: second, pad, most: 1, noun: "genuine signature", onChange: () => void run() });
  engine.listen({ onChange: () => void run() });
  const made = await people();
  const use = (author: Author): void => {
    const { references, questioned } = caseOf(made, 0, author);
    references.slice(1).forEach(forget);
    known.replace(references.slice(0, 1));
    followed.replace([questioned]);
  };
  const examples = EXAMPLES.map(([author, name]) => {
    const button = element("button", { type: "button", class: "link" }, name);
    button.addEventListener("click", () => use(author));
    return button;
  });
  panel.replaceChildren(
    element("p", { class: "hint" }, "What the network sees of a signature, and what it makes of it. All of it is computed here."),
    element("div", { class: "inputs" }, first, second),
    element("p", { class: "examples" }, "Made up: ", ...examples.flatMap((button, at) => (at > 0 ? [", ", button] : [button])), "."),
    shown,
  );
  use("imitator");
}

function stagesView(mark: Mark, stages: Stages, verdict: Verdict | undefined): Node[] {
  const { page, ink, frame, map } = stages;
  const steps = [
    stage("As given", "A photo, a scan or pen strokes.", image(mark, "The signature as it was given")),
    stage("Page", `In grey, dark ink on light paper: ${page.width} by ${page.height} pixels.`, greyPicture(page)),
    stage("Ink", "Paper, shadows, lines and specks are taken away: a forgery must not be told by its scan.", inkOnWhite(ink)),
    stage(
      "Frame",
      `Cropped, centred and redrawn with a pen of one width, so that the pen does not count; darker where a stroke was wider than the rest: ${frame.width} by ${frame.height} pixels. This is all that the network sees.`,
      inkOnWhite(frame),
    ),
  ];
  if (map) {
    const of = `${map.channels} numbers for each of ${map.width} by ${map.height} places`;
    steps.push(
      stage("Features", `The encoder describes each place by what the pen does around it: ${of}. Here, how much it found.`, cells(energyPicture(map))),
      stage("Channels", "The same numbers one by one: each small picture answers to another kind of movement.", cells(channelsPicture(map))),
    );
  }
  if (verdict?.heatmap) {
    steps.push(
      stage(
        "Differences",
        "Each place looks for its counterpart in the genuine signature; red ink found none.",
        differenceMap(verdict.heatmap),
      ),
    );
  }
  if (verdict) {
    const text = "All differences together give a number, calibrated on writers whose signatures were not trained on.";
    steps.push(stage("Evidence", text, scale(verdict), element("p", {}, evidence(verdict.llr))));
  }
  return steps;
}

function stage(title: string, text: string, ...shown: HTMLElement[]): HTMLElement {
  const [first] = shown;
  if (first instanceof HTMLCanvasElement) {
    first.setAttribute("role", "img");
    first.setAttribute("aria-label", title);
  }
  const paper = first?.matches("canvas, img") ? [element("div", { class: "paper" }, first)] : shown;
  return element("li", { class: "panel" }, element("h3", {}, title), ...paper, element("p", { class: "hint" }, text));
}

/** A picture whose cells are to be seen. */
function cells(canvas: HTMLCanvasElement): HTMLCanvasElement {
  canvas.classList.add("cells");
  return canvas;
}
