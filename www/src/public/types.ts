/** The types a page works with. Those of the verdict are generated from the Rust side, never kept by hand. */
import type { Backend, Input } from "../../wasm/countersign_cpu.js";

export type { Backend, CheckOptions, Input, Verdict } from "../../wasm/countersign_cpu.js";

/** Pen strokes: `x`, `y` in any common unit, `t` in milliseconds, `pressure` from 0 to 1. */
export type Strokes = Extract<Input, { kind: "strokes" }>["strokes"];

/** Enrolled reference signatures as bytes: what a page may store and give to `check` later. */
export type Template = Uint8Array;

/** How far loading is. `total` is 0 while it is not known. */
export interface Progress {
  readonly stage: "module" | "weights" | "start";
  /** Bytes received so far. */
  readonly loaded: number;
  /** Bytes expected. */
  readonly total: number;
}

export interface LoadOptions {
  /**
   * `auto` (the default) takes WebGPU when a graphics adapter answers and computes right, else the CPU.
   * `webgpu` fails with `no-adapter`, `device-refused` or `self-test` rather than fall back.
   */
  readonly backend?: "auto" | Backend;
  /** The model's folder, holding `manifest.json`; `models/countersign/` beside the page unless given. */
  readonly weightsUrl?: string | URL;
  /** Where the two modules lie instead of beside the script. */
  readonly wasmUrl?: { readonly cpu: string | URL; readonly webgpu: string | URL };
  readonly onProgress?: (progress: Progress) => void;
}
