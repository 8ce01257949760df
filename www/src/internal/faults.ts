import { CountersignError } from "../public/errors.ts";

/** The part of the worker's global scope that is listened to. */
export type Scope = Pick<EventTarget, "addEventListener">;

/**
 * Failures that no promise reports.
 *
 * When Rust panics in a callback the awaited promise either never settles or, worse, resolves with numbers that
 * mean nothing. Such a panic shows only as an uncaught error of the worker, and a lost device only as an event:
 * `guard` turns both into a rejection.
 */
export class Faults {
  #fault: string | undefined;
  /** A lost device does not come back: no call after it can succeed. */
  #forGood = false;
  #fail: ((error: CountersignError) => void) | undefined;

  constructor(scope: Scope) {
    scope.addEventListener("error", (event) => {
      event.preventDefault();
      this.#record((event as ErrorEvent).message);
    });
    scope.addEventListener("unhandledrejection", (event) => {
      event.preventDefault();
      const { reason } = event as PromiseRejectionEvent;
      this.#record(reason instanceof Error ? reason.message : String(reason));
    });
  }

  /** The device is lost. */
  report(message: string): void {
    this.#record(message);
    this.#forGood = true;
  }

  /** The result of `work`, unless something failed unseen before it settled. */
  async guard<T>(work: () => Promise<T>): Promise<T> {
    if (!this.#forGood) this.#fault = undefined;
    if (this.#fault !== undefined) throw deviceFailed(this.#fault);
    const failed = new Promise<never>((_, reject) => {
      this.#fail = reject;
    });
    try {
      const value = await Promise.race([work(), failed]);
      if (this.#fault !== undefined) throw deviceFailed(this.#fault);
      return value;
    } finally {
      this.#fail = undefined;
    }
  }

  #record(message: string): void {
    this.#fault ??= message;
    this.#fail?.(deviceFailed(message));
  }
}

function deviceFailed(detail: string): CountersignError {
  return new CountersignError("device-failed", `the device failed while computing (${detail}); load the model again`);
}
