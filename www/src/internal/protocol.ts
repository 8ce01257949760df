/** What page and worker say to each other. One request, then any number of progress notes, then one answer. */
import type { Backend, CheckOptions, Input, Progress, Template, Verdict } from "../public/types.ts";

export interface LoadRequest {
  readonly backend: "auto" | Backend;
  /** Absolute, with a final slash. */
  readonly weightsUrl: string;
  readonly wasmUrl: { readonly cpu: string; readonly webgpu: string } | undefined;
}

export interface Loaded {
  readonly backend: Backend;
  readonly reason: string;
  readonly model: string;
}

/** Every call: what goes in and what comes out. */
export interface Calls {
  load: { in: LoadRequest; out: Loaded };
  enrol: { in: { inputs: Input[] }; out: Template };
  check: { in: { template: Template; questioned: Input; options: CheckOptions }; out: Verdict };
}

export type Call = keyof Calls;

export type Request = { [K in Call]: { id: number; call: K; in: Calls[K]["in"] } }[Call];

export type Reply =
  | { id: number; kind: "progress"; progress: Progress }
  | { id: number; kind: "done"; out: Calls[Call]["out"] }
  | { id: number; kind: "failed"; code: string; message: string };
