import type { RustErrorCode } from "../generated/build.ts";

/**
 * Every failure reaches the page as one class with a stable `code` and a sentence that says what to do.
 *
 * Codes of the Rust side (`src/error.rs`) pass through unchanged; the ones below are added by the JavaScript
 * around it. After an error there is never a score.
 */
export type PageErrorCode =
  /** A file of the module or the model could not be fetched, or is not the expected one. */
  | "download-failed"
  /** Something other than a Blob, ImageData, ImageBitmap, canvas or pen strokes was handed in. */
  | "unsupported-input"
  /** The browser cannot read a file that was handed in: it was moved, changed or is a folder. */
  | "unreadable-file"
  /** `dispose` was called, before or during the call. */
  | "disposed"
  /** The worker stopped unexpectedly, and so did the one that replaced it. */
  | "worker-failed"
  /** Stored templates cannot be kept or read in this browser. */
  | "storage-failed"
  /** There is no stored template of that name. */
  | "unknown-template";

export type ErrorCode = RustErrorCode | PageErrorCode;

/** A refusal, with a stable code and a sentence for people. */
export class CountersignError extends Error {
  override readonly name = "CountersignError";
  /** Which kind of failure, for example `blank-page`, `weights-hash` or `no-adapter`. */
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** Any thrown value as a `CountersignError`: its own code where it has one, `fallback` otherwise. */
  static from(thrown: unknown, fallback: ErrorCode): CountersignError {
    if (thrown instanceof CountersignError) return thrown;
    if (thrown instanceof Error) {
      // Rust is the only other side that gives its errors a code of letters; a DOMException's is a number.
      const code = "code" in thrown && typeof thrown.code === "string" ? (thrown.code as ErrorCode) : fallback;
      return new CountersignError(code, thrown.message, { cause: thrown });
    }
    return new CountersignError(fallback, String(thrown));
  }
}
