/** A genuine signature beside the questioned one, over which the difference map is laid as strongly as a slider says. */
import type { Verdict } from "../../public/index.ts";
import { differenceMap, type Heatmap, inkPicture } from "../difference.ts";
import { element } from "../element.ts";
import { image, type Mark } from "../mark.ts";
import { percent } from "../words.ts";

export function comparison({ references: scores }: Verdict, heatmap: Heatmap, references: readonly Mark[]): HTMLElement {
  const paper = element("div", { class: "paper" });
  const choice = element("select", { "aria-label": "Genuine signature to show" });
  choice.append(
    ...references.map((_, index) => {
      const score = scores[index]?.score;
      return element("option", { value: String(index) }, `Genuine ${index + 1}${score === undefined ? "" : `: ${percent(score)}`}`);
    }),
  );
  const show = (): void => {
    const mark = references[Number(choice.value)];
    if (mark) paper.replaceChildren(image(mark, `Genuine signature ${Number(choice.value) + 1}`));
  };
  choice.addEventListener("change", show);
  // The most like one is the fairest to compare with.
  choice.value = String(nearest(scores.map(({ score }) => score)));
  show();
  return element(
    "section",
    { class: "comparison", "aria-label": "Side by side" },
    element("figure", {}, paper, element("figcaption", {}, choice)),
    questioned(heatmap),
  );
}

function questioned(heatmap: Heatmap): HTMLElement {
  const map = differenceMap(heatmap);
  map.classList.add("map");
  map.setAttribute("role", "img");
  map.setAttribute("aria-label", "Where the questioned signature differs");
  const slider = element("input", { type: "range", min: "0", max: "100", step: "5", value: "100" });
  const output = element("output", {});
  const apply = (): void => {
    map.style.opacity = String(slider.valueAsNumber / 100);
    output.textContent = `${slider.value} %`;
    slider.setAttribute("aria-valuetext", `${slider.value} %`);
  };
  slider.addEventListener("input", apply);
  apply();
  return element(
    "figure",
    {},
    element("div", { class: "paper layers" }, inkPicture(heatmap.frame), map),
    element(
      "figcaption",
      {},
      element("label", { class: "strength" }, "Show differences ", slider, output),
      "The questioned signature as the network saw it. ",
      element("span", { class: "swatch" }, "Red"),
      " ink has no counterpart in the genuine ones.",
    ),
  );
}

/** Where the highest of the values stands. */
export function nearest(values: readonly number[]): number {
  return values.reduce((best, value, index) => (value > (values[best] ?? -Infinity) ? index : best), 0);
}
