import { CountersignError } from "../public/errors.ts";
import type { Source } from "../public/source.ts";
import type { Input } from "../public/types.ts";

/** A signature on its way to a worker: what Rust takes, or a picture that the worker still has to read back. */
export type SentInput = Input | { readonly kind: "bitmap"; readonly bitmap: ImageBitmap };

/**
 * What a page has, in a form that can be sent to a worker.
 *
 * Files cross as their bytes: only Rust decodes them, so that page and native program see the same pixels. A canvas
 * crosses as a bitmap, because reading it back takes long where it is large.
 */
export async function toSent(source: Source): Promise<SentInput> {
  if (Array.isArray(source)) return { kind: "strokes", strokes: source };
  if (source instanceof Blob) return { kind: "file", bytes: new Uint8Array(await source.arrayBuffer()) };
  if (source instanceof ImageData) return fromPixels(source);
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

/** What Rust takes; in the worker. */
export function toInput(sent: SentInput): Input {
  return sent.kind === "bitmap" ? fromPixels(readBack(sent.bitmap)) : sent;
}

function fromPixels(image: ImageData): Input {
  return { kind: "rgba", width: image.width, height: image.height, data: image.data };
}

function readBack(bitmap: ImageBitmap): ImageData {
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (!context) throw new CountersignError("unsupported-input", "this canvas cannot be read back; give a file instead");
  context.drawImage(bitmap, 0, 0);
  // Sent without being given away, so that the call could be made once more: this copy is the worker's.
  bitmap.close();
  return context.getImageData(0, 0, width, height);
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
