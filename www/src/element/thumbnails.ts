import type { Source, Strokes } from "../public/index.ts";
import { drawing } from "./drawing.ts";

/** Pictures of the signatures that are kept, by address; `ink` is the colour of the pad's. */
export class Thumbnails {
  readonly #made = new Map<Source, string>();

  /** Of these signatures; those of others are released. */
  of(sources: readonly Source[], ink: string): string[] {
    for (const [source, picture] of this.#made) {
      if (sources.includes(source)) continue;
      URL.revokeObjectURL(picture);
      this.#made.delete(source);
    }
    return sources.map((source) => this.#one(source, ink));
  }

  #one(source: Source, ink: string): string {
    const shown = source instanceof Blob ? source : new Blob([drawing(source as Strokes, ink)], { type: "image/svg+xml" });
    const picture = this.#made.get(source) ?? URL.createObjectURL(shown);
    this.#made.set(source, picture);
    return picture;
  }
}
