/** One signature on the page: what is checked, and the picture that is shown of it. */
import { drawing } from "../element/drawing.ts";
import type { Source, Strokes } from "../public/index.ts";
import { element } from "./element.ts";

export interface Mark {
  readonly source: Source;
  readonly name: string;
  /** An object URL; `forget` releases it. */
  readonly picture: string;
}

/** On paper that is white by day and by night. */
const INK = "#16233f";

export function fromFile(file: File): Mark {
  return { source: file, name: file.name, picture: URL.createObjectURL(file) };
}

export function fromStrokes(strokes: Strokes, name: string): Mark {
  const picture = new Blob([drawing(strokes, INK)], { type: "image/svg+xml" });
  return { source: strokes, name, picture: URL.createObjectURL(picture) };
}

/** The picture of a mark, or its name: not every format that Rust reads is one that a browser shows. */
export function image(mark: Mark, alt: string): HTMLImageElement {
  const picture = element("img", { src: mark.picture, alt });
  picture.addEventListener("error", () => picture.replaceWith(element("span", { class: "unseen" }, mark.name)));
  return picture;
}

/** An image that was shown just now may still have to be loaded, so its address is released a little later. */
export function forget(mark: Mark): void {
  setTimeout(() => URL.revokeObjectURL(mark.picture), 5000);
}
