/** What page and worker say to each other: one request, then one answer. */
import type { Checker, Identification } from "../../wasm/countersign_cpu.js";
import type { ErrorCode } from "../public/errors.ts";
import type { Input, Stages, Template, TemplateInfo, Verdict } from "../public/types.ts";
import type { ModelFiles } from "./model.ts";

/** A signature on its way to a worker: what Rust takes, or a picture that the worker still has to read back. */
export type SentInput = Input | { readonly kind: "bitmap"; readonly bitmap: ImageBitmap };

type Options = Parameters<Checker["check"]>[2];
type SearchOptions = Parameters<Checker["identify"]>[2];

export interface LoadRequest {
  /** The WebAssembly module's bytes. */
  readonly module: Uint8Array;
  readonly model: ModelFiles;
}

export interface Loaded {
  /** What the graphics adapter calls itself; empty on the CPU. */
  readonly adapter: string;
  /** What templates name the model by. */
  readonly model: string;
}

/** Every call: what goes in and what comes out. */
export interface Calls {
  load: { in: LoadRequest; out: Loaded };
  enrol: { in: { inputs: SentInput[] }; out: Template };
  check: { in: { template: Template; questioned: SentInput; options: Options }; out: Verdict };
  identify: { in: { templates: Template[]; questioned: SentInput; options: SearchOptions }; out: Identification };
  stages: { in: { input: SentInput }; out: Stages };
  inspect: { in: { template: Template }; out: TemplateInfo };
  /** Milliseconds for a check of a made-up signature, once everything is warm. */
  measure: { in: Record<string, never>; out: number };
}

export type Call = keyof Calls;

export type Request = { [K in Call]: { id: number; call: K; in: Calls[K]["in"] } }[Call];

export type Reply =
  | { id: number; kind: "done"; out: Calls[Call]["out"] }
  | { id: number; kind: "failed"; code: ErrorCode; message: string };
