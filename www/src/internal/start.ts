import type { Checker } from "../../wasm/countersign_cpu.js";
import { CountersignError } from "../public/errors.ts";
import type { Backend, Progress } from "../public/types.ts";
import { whyNoAdapter, type Gpu } from "./adapter.ts";
import type { OnBytes } from "./download.ts";
import type { Faults } from "./faults.ts";
import type { ModelFiles } from "./model.ts";
import type { Module } from "./modules.ts";
import type { Loaded, LoadRequest } from "./protocol.ts";

/** Everything that starting reaches outside for; a test gives its own. */
export interface Surroundings {
  readonly gpu: Gpu;
  readonly faults: Pick<Faults, "guard">;
  loadModule(backend: Backend, url: string | undefined, onBytes: OnBytes): Promise<Module>;
  downloadModel(folder: string, onBytes: OnBytes): Promise<ModelFiles>;
}

export interface Started extends Loaded {
  readonly checker: Checker;
}

/** Chooses the backend, downloads what it needs and returns a checker that has passed its self-test. */
export async function start(
  request: LoadRequest,
  around: Surroundings,
  onProgress: (progress: Progress) => void,
): Promise<Started> {
  const model = handled(
    around.downloadModel(request.weightsUrl, (loaded, total) => onProgress({ stage: "weights", loaded, total })),
  );

  function download(backend: Backend): Promise<Module> {
    const onBytes: OnBytes = (loaded, total) => onProgress({ stage: "module", loaded, total });
    return handled(around.loadModule(backend, request.wasmUrl?.[backend], onBytes));
  }

  async function load(backend: Backend, module: Promise<Module>, reason: (checker: Checker) => string) {
    const [{ Checker }, { name, manifest, weights, golden }] = await Promise.all([module, model]);
    onProgress({ stage: "start", loaded: 0, total: 0 });
    const checker = await around.faults.guard(() => Checker.load(manifest, weights, golden));
    return { checker, backend, reason: reason(checker), model: name };
  }

  async function onGpu(): Promise<Started> {
    const detail = await whyNoAdapter(around.gpu);
    if (detail !== undefined) throw noAdapter(detail);
    return load("webgpu", download("webgpu"), ({ adapter }) => `WebGPU: ${adapter || "unnamed adapter"}`);
  }

  switch (request.backend) {
    case "webgpu":
      return onGpu();
    case "cpu":
      return load("cpu", download("cpu"), () => "CPU: as asked");
    case "auto": {
      // The small module comes in any case, at the same time as the adapter is asked for.
      const cpu = download("cpu");
      try {
        return await onGpu();
      } catch (error) {
        if (!isOfTheDevice(error)) throw error;
        return load("cpu", cpu, () => `CPU: ${whatHappened(error)}`);
      }
    }
  }
}

/** The same promise, whose failure counts as seen even before it is awaited. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/** Whether the CPU may do better. Damaged weights are damaged on every backend. */
function isOfTheDevice(error: unknown): boolean {
  const { code } = CountersignError.from(error, "device-failed");
  return !["weights-hash", "weights-shape", "invalid-manifest"].includes(code);
}

/** The first half of an error's sentence; the second says what to do, and that is being done. */
function whatHappened(error: unknown): string {
  const { message } = CountersignError.from(error, "device-failed");
  return message.split("; ")[0] ?? message;
}

/** The sentence of `src/error.rs`, for when it is found out before the module is there. */
function noAdapter(detail: string): CountersignError {
  return new CountersignError("no-adapter", `no graphics adapter answers (${detail}); use the CPU backend`);
}
