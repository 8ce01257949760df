/** What a folder's scores say. */
import { element } from "../element.ts";
import { sentence } from "../words.ts";
import { equalErrorRate, points } from "./metrics.ts";
import { detPlot, histogram } from "./plots.ts";
import type { Outcome, Unreadable } from "./run.ts";
import { csv, json, summary } from "./scores.ts";

export interface About {
  readonly model: string;
  readonly backend: string;
  readonly seconds: number;
}

export function reportView(outcome: Outcome, { model, backend, seconds }: About): Node[] {
  const { writers, genuine, forged } = summary(outcome);
  const curve = points(genuine, forged);
  const equal = equalErrorRate(curve);
  const references = `${outcome.references} reference${outcome.references > 1 ? "s" : ""} each`;
  const counts = `${genuine.length} genuine and ${forged.length} forged signatures of ${writers} writers, ${references}; ${seconds.toFixed(1)} s.`;
  const head =
    equal === undefined
      ? [
          element("h2", {}, "No error rate"),
          element("p", { class: "lead" }, "That takes at least one questioned signature that is genuine and one that is forged; give more, or fewer references."),
          element("p", {}, counts),
        ]
      : [
          element("h2", {}, "Equal error rate ", element("span", { class: "eer" }, `${(100 * equal).toFixed(1)} %`)),
          element("p", { class: "lead" }, counts),
          element(
            "p",
            { class: "hint" },
            "At one threshold for all writers, as many genuine signatures would be rejected as forgeries accepted. With few writers it says little about others.",
          ),
          element(
            "div",
            { class: "plots" },
            figure(detPlot(curve, equal), "Each point is a threshold; the dot is the equal error rate. Axes are normal deviates."),
            figure(histogram(genuine, forged), element("span", { class: "genuine" }, "\u25a0 genuine"), " and ", element("span", { class: "forged" }, "\u25a0 forged"), " by their log-likelihood ratio; what lies beyond \u00b112 is at the ends."),
          ),
        ];
  const about = { model, backend, eer: equal ?? null };
  return [
    ...head,
    element(
      "div",
      { class: "actions" },
      // By the mark at its start Excel knows that it is UTF-8.
      download("Scores as CSV", "scores.csv", "text/csv", `\ufeff${csv(outcome)}`),
      download("Scores as JSON", "scores.json", "application/json", json(outcome, about)),
    ),
    ...(outcome.unreadable.length > 0 ? [left(outcome.unreadable)] : []),
  ];
}

function figure(picture: SVGElement, ...caption: (Node | string)[]): HTMLElement {
  return element("figure", {}, picture, element("figcaption", {}, ...caption));
}

function download(name: string, file: string, type: string, content: string): HTMLElement {
  const button = element("button", { type: "button" }, name);
  button.addEventListener("click", () => {
    const url = URL.createObjectURL(new Blob([content], { type }));
    element("a", { href: url, download: file }).click();
    URL.revokeObjectURL(url);
  });
  return button;
}

/** Everything that was not compared. */
function left(unreadable: readonly Unreadable[]): HTMLElement {
  const items = unreadable.map(({ path, message }) => element("li", {}, element("strong", {}, path), ` ${sentence(message)}`));
  const title = `Left out: ${unreadable.length}`;
  return element("details", { class: "notice", open: unreadable.length <= 5 }, element("summary", {}, title), element("ul", {}, ...items));
}
