/** The two builds of the Rust crate, each downloaded only when asked for. */
import { MODULES } from "../generated/build.ts";
import type { Backend } from "../public/types.ts";
import type { KnownFile } from "./files.ts";

/** The module for `backend`; at `url` (absolute) where the page says so. */
export function moduleFile(backend: Backend, url?: string): KnownFile {
  return { url: url ?? shipped(backend).href, role: backend, ...MODULES[backend] };
}

// Both spellings are literal so that a bundler sees them and ships the files.
function shipped(backend: Backend): URL {
  return backend === "cpu"
    ? new URL("../../wasm/countersign_cpu_bg.wasm", import.meta.url)
    : new URL("../../wasm/countersign_gpu_bg.wasm", import.meta.url);
}
