import { CountersignError } from "../public/errors.ts";
import type { Source } from "../public/source.ts";
import type { Input } from "../public/types.ts";

/**
 * What a page has, in the form the Rust side takes.
 *
 * Files cross as their bytes: only Rust decodes them, so that page and native program see the same pixels.
 */
export async function toInput(source: Source): Promise<Input> {
  if (Array.isArray(source)) return { kind: "strokes", strokes: source };
  if (source instanceof Blob) return { kind: "file", bytes: new Uint8Array(await source.arrayBuffer()) };
  if (source instanceof ImageData) return fromPixels(source);
  if (isA(source, "ImageBitmap") || isA(source, "HTMLCanvasElement") || isA(source, "OffscreenCanvas")) {
    return fromPixels(readBack(source));
  }
  throw new CountersignError(
    "unsupported-input",
    "this is no signature that can be read; give a file, ImageData, ImageBitmap, a canvas or pen strokes",
  );
}

function fromPixels(image: ImageData): Input {
  return { kind: "rgba", width: image.width, height: image.height, data: image.data };
}

function readBack(source: ImageBitmap | HTMLCanvasElement | OffscreenCanvas): ImageData {
  // An empty canvas cannot be read back; the Rust side has the sentence for it.
  if (source.width === 0 || source.height === 0) throw emptyImage(source.width, source.height);
  const canvas = new OffscreenCanvas(source.width, source.height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new CountersignError("unsupported-input", "this canvas cannot be read back; give a file instead");
  context.drawImage(source, 0, 0);
  return context.getImageData(0, 0, source.width, source.height);
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
