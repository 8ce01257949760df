import type { Backend } from "../public/types.ts";

/**
 * A worker for `backend`, from a file beside this one.
 *
 * One file for each: a bundler then needs no code splitting inside workers, which not every one does unasked.
 */
export function spawn(backend: Backend): Worker {
  return backend === "cpu"
    ? new Worker(new URL("./worker-cpu.ts", import.meta.url), { type: "module", name: "countersign-cpu" })
    : new Worker(new URL("./worker-gpu.ts", import.meta.url), { type: "module", name: "countersign-gpu" });
}
