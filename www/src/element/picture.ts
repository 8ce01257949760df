/** The picture of a form value: made of a file once, when it is taken. */
import { refuseTooLarge, unreadable } from "../internal/input.ts";

/** An image file in base64. */
export interface Encoded {
  readonly type: string;
  readonly data: string;
}

/** The longer side of a picture in the value; the check has had the file itself. */
const MOST_SIDE = 1600;

/**
 * The bytes of a picture in the value. In base64 they are a third more, and the rest of the value has room beside them in
 * what a server takes (`MOST_BYTES` of `src/submission.rs`).
 */
const MOST_SENT = 11 << 20;

const made = new WeakMap<Blob, Promise<Encoded>>();

/**
 * A file as PNG, scaled down; as it is where the browser cannot show it.
 *
 * @throws CountersignError `image-too-large`, `unreadable-file`.
 */
export function encode(file: Blob): Promise<Encoded> {
  const known = made.get(file);
  if (known) return known;
  const encoded = make(file);
  made.set(file, encoded);
  encoded.catch(() => made.delete(file));
  return encoded;
}

async function make(file: Blob): Promise<Encoded> {
  refuseTooLarge(file);
  const sent = await toPng(file).catch(() => file);
  // A PNG of that side has 10 MB at most; a file as it is may have more.
  refuseTooLarge(sent, MOST_SENT);
  return { type: sent.type, data: await base64(sent) };
}

/** Decoding, scaling and encoding run outside the page's thread. */
async function toPng(file: Blob): Promise<Blob> {
  const bitmap = await fitting(file);
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
  bitmap.close();
  return canvas.convertToBlob({ type: "image/png" });
}

async function fitting(file: Blob): Promise<ImageBitmap> {
  const full = await createImageBitmap(file);
  const { width, height } = full;
  const share = MOST_SIDE / Math.max(width, height);
  if (share >= 1) return full;
  full.close();
  const [resizeWidth, resizeHeight] = [width, height].map((side) => Math.max(Math.round(side * share), 1)) as [number, number];
  return createImageBitmap(file, { resizeWidth, resizeHeight, resizeQuality: "medium" });
}

function base64(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).split(",")[1] ?? "");
    reader.onerror = () => reject(unreadable(reader.error));
    reader.readAsDataURL(blob);
  });
}
