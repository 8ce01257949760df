/** The two builds of the Rust crate, each downloaded only when asked for. Both export the same things. */
import type { Checker } from "../../wasm/countersign_cpu.js";
import type { Backend } from "../public/types.ts";
import { counted, open, type OnBytes } from "./download.ts";

/** What is used of a module. */
export interface Module {
  readonly Checker: { load(manifest: string, weights: Uint8Array, golden: string): Promise<Checker> };
}

export async function loadModule(backend: Backend, url: string | undefined, onBytes: OnBytes): Promise<Module> {
  const wasm = url ?? shipped(backend).href;
  const [glue, response] = await Promise.all([glueOf(backend), open(wasm)]);
  await glue.default({ module_or_path: counted(response, onBytes) });
  return glue;
}

// Both spellings are literal so that a bundler sees them and ships the files.
function shipped(backend: Backend): URL {
  return backend === "cpu"
    ? new URL("../../wasm/countersign_cpu_bg.wasm", import.meta.url)
    : new URL("../../wasm/countersign_gpu_bg.wasm", import.meta.url);
}

function glueOf(backend: Backend) {
  return backend === "cpu" ? import("../../wasm/countersign_cpu.js") : import("../../wasm/countersign_gpu.js");
}
