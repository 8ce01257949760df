import { CountersignError } from "../public/errors.ts";
import type { Source } from "../public/source.ts";
import type { SentInput } from "./protocol.ts";

/**
 * What a page has, in a form that can be sent to a worker.
 *
 * Files cross as their bytes: only Rust decodes them, so that page and native program see the same pixels. A canvas
 * crosses as a bitmap, because reading it back takes long where it is large.
 */
export async function toSent(source: Source): Promise<SentInput> {
  if (Array.isArray(source)) return { kind: "strokes", strokes: source };
  if (source instanceof Blob) return { kind: "file", bytes: new Uint8Array(await source.arrayBuffer()) };
  if (source instanceof ImageData) return { kind: "rgba", width: source.width, height: source.height, data: source.data };
  if (isA(source, "ImageBitmap")) return { kind: "bitmap", bitmap: source };
  if (isA(source, "HTMLCanvasElement") || isA(source, "OffscreenCanvas")) {
    // An empty canvas gives no bitmap; the Rust side has the sentence for it.
    if (source.width === 0 || source.height === 0) throw emptyImage(source.width, source.height);
    return { kind: "bitmap", bitmap: await createImageBitmap(source) };
  }
  throw new CountersignError(
    "unsupported-input",
    "this is no signature that can be read; give a file, ImageData, ImageBitmap, a canvas or pen strokes",
  );
}

function emptyImage(width: number, height: number): CountersignError {
  return new CountersignError("empty-image", `the image has no pixels (${width} x ${height}); give one with content`);
}

/** `instanceof` for classes that a browser may lack. */
function isA<Name extends "ImageBitmap" | "HTMLCanvasElement" | "OffscreenCanvas">(
  value: unknown,
  name: Name,
): value is InstanceType<(typeof globalThis)[Name]> {
  return typeof globalThis[name] === "function" && value instanceof globalThis[name];
}
