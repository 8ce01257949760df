/** The sections that a tab makes for its trays. */
import { IMAGE_TYPES } from "../element/dom.ts";
import { element } from "./element.ts";

export interface TraySection {
  readonly id: string;
  readonly title: string;
  readonly hint: string;
  readonly several?: boolean;
}

/** A section as `Tray` takes it. */
export function traySection({ id, title, hint, several = false }: TraySection): HTMLElement {
  const input = element("input", { type: "file", multiple: several, accept: IMAGE_TYPES });
  return element(
    "section",
    { class: "panel", id, "aria-labelledby": `${id}-title` },
    element("h2", { id: `${id}-title` }, title),
    element("p", { class: "hint" }, hint),
    element("ul", { class: several ? "cards" : "cards one" }),
    element(
      "div",
      { class: "actions" },
      element("button", { type: "button", class: "draw" }, "Draw"),
      element("label", { class: "button" }, several ? "Choose files" : "Choose a file", input),
    ),
  );
}
