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
  const own = await snapshot(source);
  if (Array.isArray(own)) return { kind: "strokes", strokes: own };
  if (own instanceof Blob) return { kind: "file", bytes: await bytesOf(own) };
  if (own instanceof ImageData) return { kind: "rgba", width: own.width, height: own.height, data: own.data };
  if (isA(own, "ImageBitmap")) return { kind: "bitmap", bitmap: own };
  throw unsupported("it is none of these");
}

/**
 * A signature as it is at this moment: a call may wait for its turn, and be made once more, while the page draws on.
 *
 * The browser copies a canvas or bitmap at once, although it hands it out later.
 */
export async function snapshot(source: Source): Promise<Source> {
  const isCanvas = isA(source, "HTMLCanvasElement") || isA(source, "OffscreenCanvas");
  // An empty canvas gives no bitmap; the Rust side has the sentence for it.
  if (isCanvas && (source.width === 0 || source.height === 0)) throw emptyImage(source.width, source.height);
  const isBitmap = isCanvas || isA(source, "ImageBitmap");
  if (isBitmap || isA(source, "ImageData")) refuseTooManyPixels(source);
  try {
    if (isBitmap) return await createImageBitmap(source);
    return source instanceof Blob ? source : structuredClone(source);
  } catch (error) {
    throw unsupported(error instanceof Error ? error.message : String(error), error);
  }
}

/** `MAX_PIXELS` of `src/ink/decode.rs`: more are not copied only to be refused there. */
const MOST_PIXELS = 40e6;

function refuseTooManyPixels({ width, height }: { readonly width: number; readonly height: number }): void {
  if (width * height <= MOST_PIXELS) return;
  const message = `the image is ${width} x ${height}, more than the limit of ${MOST_PIXELS / 1e6} megapixels; scale it down first`;
  throw new CountersignError("image-too-large", message);
}

/** Larger files are not read: no picture of a signature needs them. */
const MOST_BYTES = 32 << 20;

/** @throws CountersignError `image-too-large` for a file that is not worth reading, or not to be sent. */
export function refuseTooLarge({ size }: Blob, most = MOST_BYTES): void {
  if (size <= most) return;
  const megabytes = [size, most].map((bytes) => Math.ceil(bytes / (1 << 20)));
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

function unsupported(detail: string, cause?: unknown): CountersignError {
  const message = `this is no signature that can be read (${detail}); give a file, ImageData, ImageBitmap, a canvas or pen strokes`;
  return new CountersignError("unsupported-input", message, { cause });
}

function emptyImage(width: number, height: number): CountersignError {
  return new CountersignError("empty-image", `the image has no pixels (${width} x ${height}); give one with content`);
}

/** `instanceof` for classes that a browser may lack. */
function isA<Name extends "ImageData" | "ImageBitmap" | "HTMLCanvasElement" | "OffscreenCanvas">(
  value: unknown,
  name: Name,
): value is InstanceType<(typeof globalThis)[Name]> {
  return typeof globalThis[name] === "function" && value instanceof globalThis[name];
}
