/** The types a page works with. Those of the verdict are generated from the Rust side, never kept by hand. */
import type {
  Backend,
  Candidate,
  CheckOptions as RustOptions,
  Identification,
  IdentifyOptions as RustIdentifyOptions,
  Input,
} from "../../wasm/countersign_cpu.js";

export type { Backend, Input, Stages, TemplateInfo, Verdict } from "../../wasm/countersign_cpu.js";

/** Pen strokes: `x`, `y` in any common unit, `t` in milliseconds, `pressure` from 0 to 1. */
export type Strokes = Extract<Input, { kind: "strokes" }>["strokes"];

/** Enrolled reference signatures as bytes: what a page may store and give to `check` later. */
export type Template = Uint8Array;

/** How far a call is. `total` is 0 while it is not known. */
export interface Progress {
  /**
   * While loading: `download` of module and model, in bytes, then `start`.
   * Of a call: `read` of the pictures, in pictures; `wait` for earlier calls; `compute`.
   */
  readonly stage: "download" | "start" | "read" | "wait" | "compute";
  readonly loaded: number;
  readonly total: number;
}

/** What every call takes. */
export interface CallOptions {
  /**
   * Withdraws the call: it rejects with the signal's reason, as `fetch` does. A computation that has begun runs to
   * its end unseen.
   */
  readonly signal?: AbortSignal | undefined;
  /** What it throws is reported as any uncaught error of the page; the call goes on. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** How to check. */
export interface CheckOptions extends RustOptions, CallOptions {}

/** How to identify. */
export interface IdentifyOptions extends RustIdentifyOptions, CallOptions {}

/** One candidate of `identify`. */
export interface Ranked {
  /** Where the template stood in the list that was given. */
  readonly index: number;
  /** What `check` says of this template alone, in short. */
  readonly verdict: Pick<Candidate, "decision" | "llr" | "open_llr" | "score" | "references">;
  /**
   * With `fpir`: whether this may be taken for the writer at that rate. Where nobody is accepted, the signature is by
   * none of these people.
   */
  readonly accepted?: boolean | undefined;
}

/**
 * What `identify` says: the candidates, the likeliest first, and as fields of that list the rest of it. `slice`, `map` and
 * JSON keep the candidates only.
 *
 * `quality` says what is wrong with the questioned picture, which may be why nobody is accepted; `people` is how many there
 * were to choose from, and `fpir` the rate that was asked for.
 */
export interface Ranking extends Array<Ranked>, Readonly<Omit<Identification, "candidates">> {}

/** What computes, and why, in words: `WebGPU: NVIDIA ...` or `CPU: no graphics adapter answers`. */
export interface Choice {
  readonly backend: Backend;
  readonly reason: string;
}

export interface LoadOptions extends CallOptions {
  /**
   * `auto` (the default) answers with the CPU at once, warms WebGPU up meanwhile where a graphics card answers, and
   * changes over when that has computed right and faster. Where the graphics device is lost and cannot be started again,
   * the CPU takes over for good.
   * `webgpu` fails with `no-adapter`, `device-refused` or `self-test` rather than fall back.
   */
  readonly backend?: "auto" | Backend | undefined;
  /** The folder of another model, holding `manifest.json`; the model of this package unless given. */
  readonly weightsUrl?: string | URL | undefined;
  /** Where the two modules of this package lie, if not where a bundler put them. */
  readonly wasmUrl?: { readonly cpu: string | URL; readonly webgpu: string | URL } | undefined;
  /** The backend, or the reason for it, has changed after loading. */
  readonly onBackend?: ((choice: Choice) => void) | undefined;
}
