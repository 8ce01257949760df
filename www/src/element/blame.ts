/** Whose fault an error is. */
import type { CountersignError, ErrorCode } from "../public/index.ts";

const OF_SIGNATURE: readonly ErrorCode[] = [
  "not-an-image",
  "damaged-image",
  "empty-image",
  "image-too-large",
  "unreadable-file",
  "blank-page",
  "too-little-ink",
  "invalid-strokes",
  "same-reference",
  "unsupported-input",
];

const OF_THE_MOMENT: readonly ErrorCode[] = ["download-failed", "weights-hash", "worker-failed", "device-failed", "disposed"];

/** Another signature may do. */
export function isOfSignature({ code }: CountersignError): boolean {
  return OF_SIGNATURE.includes(code);
}

/** The same signature may do a little later. */
export function mayPass({ code }: CountersignError): boolean {
  return OF_THE_MOMENT.includes(code);
}
