import { CountersignError, type ErrorCode } from "../public/errors.ts";
import type { Backend, Choice, LoadOptions, Progress } from "../public/types.ts";
import { askForAdapter, type Gpu } from "./adapter.ts";
import type { Files } from "./files.ts";
import { type LineOptions, type WorkerLike, WorkerLine } from "./line.ts";
import { type ModelPlace, type OpenModel, openModel } from "./model.ts";
import { moduleFile } from "./modules.ts";
import type { Call, Calls, Loaded } from "./protocol.ts";
import { tell } from "./tell.ts";

/** Everything that loading reaches outside for; a test gives its own. */
export interface Surroundings {
  readonly gpu: Gpu;
  readonly files: Files;
  spawn(backend: Backend): WorkerLike;
}

export interface Request {
  readonly backend: "auto" | Backend;
  readonly place: ModelPlace;
  /** Absolute. */
  readonly wasmUrl: { readonly cpu: string; readonly webgpu: string } | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: Progress) => void) | undefined;
  readonly onBackend: LoadOptions["onBackend"];
}

/**
 * The worker in use, and which backend it is of.
 *
 * With `auto` the CPU answers first. WebGPU is started beside it where a graphics card answers, and takes over once
 * it has repeated known answers and was faster at the same check. Lost for good, it leaves its work to the CPU again.
 */
export class Backends {
  readonly model: OpenModel;
  readonly #request: Request;
  readonly #around: Surroundings;
  readonly #lines = new Set<WorkerLine>();
  #current: { line: WorkerLine; choice: Choice };
  #closed: CountersignError | undefined;
  /** Resolves when WebGPU was tried. */
  settled: Promise<void> = Promise.resolve();

  private constructor(request: Request, around: Surroundings, model: OpenModel) {
    this.#request = request;
    this.#around = around;
    this.model = model;
    const first = request.backend === "webgpu" ? "webgpu" : "cpu";
    this.#current = { line: this.#line(first), choice: { backend: first, reason: "" } };
  }

  static async load(request: Request, around: Surroundings): Promise<Backends> {
    const { backend, signal } = request;
    signal?.throwIfAborted();
    if (backend === "webgpu") {
      const { missing } = await askForAdapter(around.gpu);
      if (missing !== undefined) throw noAdapter(missing);
    }
    const model = await openModel(request.place, around.files, signal);
    const backends = new Backends(request, around, model);
    const abort = (): void => backends.close(new CountersignError("disposed", "loading was withdrawn"));
    signal?.addEventListener("abort", abort, { once: true });
    try {
      const { line } = backends.#current;
      const loaded = await line.start();
      signal?.throwIfAborted();
      const reason = { auto: "CPU: WebGPU is being tried", cpu: "CPU: as asked", webgpu: named(loaded) }[backend];
      backends.#current = { line, choice: { backend: backend === "webgpu" ? "webgpu" : "cpu", reason } };
      if (backend === "auto") backends.settled = backends.#warmUp();
      return backends;
    } catch (error) {
      backends.close(new CountersignError("disposed", "this checker was never loaded; load it again"));
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  get choice(): Choice {
    return this.#current.choice;
  }

  /** A call of the worker in use; made once more on the CPU where `auto` loses WebGPU to it. */
  async call<K extends Exclude<Call, "load">>(call: K, argument: Calls[K]["in"], options?: LineOptions): Promise<Calls[K]["out"]> {
    const { line, choice } = this.#current;
    try {
      return await line.call(call, argument, options);
    } catch (error) {
      if (this.#request.backend !== "auto" || choice.backend === "cpu" || !isLoss(error)) throw error;
      this.#fallBack(line, error);
      return this.#current.line.call(call, argument, options);
    }
  }

  get closed(): boolean {
    return this.#closed !== undefined;
  }

  close(error: CountersignError): void {
    this.#closed ??= error;
    for (const line of this.#lines) line.close(error);
  }

  /** Tries WebGPU while the CPU works; never fails, since the CPU goes on in any case. */
  async #warmUp(): Promise<void> {
    const cpu = this.#current.line;
    const stay = (why: string): void => this.#choose({ line: cpu, choice: { backend: "cpu", reason: `CPU: ${why}` } });
    const { missing, software } = await askForAdapter(this.#around.gpu);
    // `close` knows nothing of a worker that would be started now.
    if (this.#closed) return;
    if (missing !== undefined) return stay(whatHappened(noAdapter(missing)));
    if (software) return stay("the graphics adapter is a program, not a card");
    const gpu = this.#line("webgpu");
    try {
      const loaded = await gpu.start();
      const gpuMs = await gpu.call("measure", {});
      const cpuMs = await cpu.call("measure", {});
      if (gpuMs < cpuMs) {
        this.#choose({ line: gpu, choice: { backend: "webgpu", reason: named(loaded) } });
        // What the CPU was asked before is still its own to answer.
        await cpu.idle();
        this.#drop(cpu);
        return;
      }
      stay(`${loaded.adapter || "the graphics card"} is slower here, ${Math.round(gpuMs)} ms against ${Math.round(cpuMs)} ms`);
    } catch (error) {
      stay(whatHappened(error));
    }
    this.#drop(gpu);
  }

  /** Every call that waits for `gpu` fails with `error`, too, and comes here; the first has replaced it. */
  #fallBack(gpu: WorkerLine, error: CountersignError): void {
    if (this.#current.line !== gpu) return;
    this.#choose({ line: this.#line("cpu"), choice: { backend: "cpu", reason: `CPU: ${whatHappened(error)}` } });
    gpu.close(error);
    this.#lines.delete(gpu);
  }

  #choose(current: { line: WorkerLine; choice: Choice }): void {
    if (this.#closed) return;
    this.#current = current;
    tell(this.#request.onBackend, current.choice);
  }

  #line(backend: Backend): WorkerLine {
    const { signal, onProgress, wasmUrl } = this.#request;
    const file = moduleFile(backend, wasmUrl?.[backend]);
    const total = file.bytes + this.model.bytes;
    // Progress is of loading: what is fetched later, for WebGPU or after a crash, is nobody's wait.
    let loading = true;
    const line = new WorkerLine({
      spawn: () => this.#around.spawn(backend),
      load: async () => {
        const got = { module: 0, model: 0 };
        const told = (part: keyof typeof got) => (bytes: number) => {
          got[part] = bytes;
          if (loading) tell(onProgress, { stage: "download", loaded: got.module + got.model, total });
        };
        const during = loading ? signal : undefined;
        const [module, model] = await Promise.all([
          this.#around.files.get(file, { onBytes: told("module"), signal: during }),
          this.model.fetch(told("model"), during),
        ]);
        if (loading) tell(onProgress, { stage: "start", loaded: 0, total: 0 });
        loading = false;
        return { module, model };
      },
    });
    loading = this.#lines.size === 0;
    this.#lines.add(line);
    return line;
  }

  #drop(line: WorkerLine): void {
    line.close(this.#closed ?? new CountersignError("disposed", "another backend has taken over"));
    this.#lines.delete(line);
  }
}

/** What a line fails with when its backend is gone: it has started a worker again before. */
function isLoss(error: unknown): error is CountersignError {
  const codes: ErrorCode[] = ["no-adapter", "device-refused", "self-test", "device-failed", "worker-failed"];
  return error instanceof CountersignError && codes.includes(error.code);
}

function named({ adapter }: Loaded): string {
  return `WebGPU: ${adapter || "unnamed adapter"}`;
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
