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
  if (source instanceof Blob) return { kind: "file", bytes: await bytesOf(source) };
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

/** Larger files are not read: no picture of a signature needs them. */
const MOST_BYTES = 32 << 20;

/** @throws CountersignError `image-too-large` for a file that is not worth reading. */
export function refuseTooLarge({ size }: Blob): void {
  if (size <= MOST_BYTES) return;
  const megabytes = [size, MOST_BYTES].map((bytes) => Math.ceil(bytes / (1 << 20)));
  throw new CountersignError("image-too-large", `the file has ${megabytes[0]} MiB; scale it down to ${megabytes[1]} at most`);
}

async function bytesOf(file: Blob): Promise<Uint8Array> {
  refuseTooLarge(file);
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch (error) {
    throw unreadable(error);
  }
}

/** What the browser says of a file that it cannot read, as this library's error. */
export function unreadable(error: unknown): CountersignError {
  const detail = error instanceof Error ? error.message || error.name : String(error);
  return new CountersignError("unreadable-file", `the file cannot be read (${detail}); choose it again`, { cause: error });
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
