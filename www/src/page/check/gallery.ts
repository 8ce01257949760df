/** Made-up signatures to try at a click. */
import "./gallery.css";
import { element } from "../element.ts";
import { type Author, type Case, caseOf, people, type Person } from "../examples.ts";
import { forget, image } from "../mark.ts";

const AUTHORS: Readonly<Record<Author, string>> = {
  writer: "genuine",
  imitator: "an imitation",
  stranger: "somebody else\u2019s",
};

/** A row for each made-up writer; a click on one of its signatures has it checked against the writer's references. */
export async function gallery(use: (example: Case) => void): Promise<Node[]> {
  const writers = await people();
  return writers.map(({ name }, index) => {
    const buttons = (["writer", "imitator", "stranger"] as const).map((author) => trial(writers, index, author, use));
    return element("div", { class: "trials", role: "group", "aria-label": name }, element("h3", {}, name), ...buttons);
  });
}

function trial(writers: readonly Person[], index: number, author: Author, use: (example: Case) => void): HTMLElement {
  // Each click makes marks of its own, because the trays release theirs.
  const shown = caseOf(writers, index, author);
  shown.references.forEach(forget);
  const button = element(
    "button",
    { type: "button", class: "trial" },
    element("span", { class: "card" }, image(shown.questioned, "")),
    element("span", {}, AUTHORS[author]),
  );
  button.addEventListener("click", () => use(caseOf(writers, index, author)));
  return button;
}
