import { CountersignError } from "../public/errors.ts";
import type { Input } from "../public/types.ts";
import type { SentInput } from "./protocol.ts";

/** What Rust takes of what was sent; in the worker. */
export function toInput(sent: SentInput): Input {
  if (sent.kind !== "bitmap") return sent;
  const { bitmap } = sent;
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (!context) throw new CountersignError("unsupported-input", "this canvas cannot be read back; give a file instead");
  context.drawImage(bitmap, 0, 0);
  // The page has its own, in case the call is made once more.
  bitmap.close();
  return { kind: "rgba", width, height, data: context.getImageData(0, 0, width, height).data };
}
