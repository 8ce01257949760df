/**
 * Every failure reaches the page as one class with a stable `code` and a sentence that says what to do.
 *
 * Codes of the Rust side (`src/error.rs`) pass through unchanged; the ones below are added by the JavaScript
 * around it. After an error there is never a score.
 */
export type PageErrorCode =
  /** A file of the module or the model could not be fetched. */
  | "download-failed"
  /** Something other than a Blob, ImageData, ImageBitmap, canvas or pen strokes was handed in. */
  | "unsupported-input"
  /** `dispose` was called, before or during the call. */
  | "disposed"
  /** The worker stopped unexpectedly. */
  | "worker-failed";

/** A refusal, with a stable code and a sentence for people. */
export class CountersignError extends Error {
  override readonly name = "CountersignError";
  /** Which kind of failure, for example `blank-page`, `weights-hash` or `no-adapter`. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** Any thrown value as a `CountersignError`: its own code where it has one, `fallback` otherwise. */
  static from(thrown: unknown, fallback: string): CountersignError {
    if (thrown instanceof CountersignError) return thrown;
    if (thrown instanceof Error) {
      const code = "code" in thrown && typeof thrown.code === "string" ? thrown.code : fallback;
      return new CountersignError(code, thrown.message, { cause: thrown });
    }
    return new CountersignError(fallback, String(thrown));
  }
}
