import { describe, expect, test, vi } from "vitest";
import type { Gpu } from "../../src/internal/adapter.ts";
import { Backends } from "../../src/internal/backends.ts";
import { Files } from "../../src/internal/files.ts";
import type { Request } from "../../src/internal/protocol.ts";
import { type Backend, type Choice, CountersignError, type LoadOptions } from "../../src/public/index.ts";
import { HandWorker, settle } from "./workers.ts";

const card = { requestAdapter: async () => ({ info: { isFallbackAdapter: false } }) as GPUAdapter } satisfies Gpu;
const program = { requestAdapter: async () => ({ info: { isFallbackAdapter: true } }) as GPUAdapter } satisfies Gpu;
const silent = { requestAdapter: async () => null } satisfies Gpu;
const throwing = {
  requestAdapter: async () => {
    throw new Error("the GPU process is gone");
  },
} satisfies Gpu;

const manifest = JSON.stringify({
  name: "m",
  golden: "golden.json",
  weights: { file: "weights.bpk", bytes: 4, sha256: "a".repeat(64) },
});

/** Files without a server behind them. */
class NoFiles extends Files {
  override async get(): Promise<Uint8Array> {
    return new Uint8Array(4);
  }
  override async text(): Promise<string> {
    return manifest;
  }
}

interface Given {
  readonly gpu: Gpu;
  /** What a worker of WebGPU fails to load with, from when it is set. */
  gpuError?: Error;
  readonly cpuError?: Error;
  /** Milliseconds that a check takes. */
  readonly ms?: Record<Backend, number>;
  readonly onBackend?: () => void;
}

/** A worker that answers everything; what it says of its speed is given. */
class QuickWorker extends HandWorker {
  readonly backend: Backend;
  readonly #ms: number;

  constructor(backend: Backend, given: Given) {
    super((backend === "cpu" ? given.cpuError : given.gpuError) ?? { adapter: backend === "cpu" ? "" : "Fast 3000", model: "m" });
    this.backend = backend;
    this.#ms = given.ms?.[backend] ?? (backend === "cpu" ? 400 : 20);
  }

  override postMessage(message: unknown): void {
    super.postMessage(message);
    const { call, id } = message as Request;
    if (call === "measure") queueMicrotask(() => this.reply({ id, kind: "done", out: this.#ms }));
  }
}

async function run(backend: NonNullable<LoadOptions["backend"]>, given: Given) {
  const workers: QuickWorker[] = [];
  const spawn = (which: Backend): QuickWorker => {
    const worker = new QuickWorker(which, given);
    workers.push(worker);
    return worker;
  };
  const choices: Choice[] = [];
  const request = {
    backend,
    place: { manifest: "https://host/m/manifest.json" },
    wasmUrl: undefined,
    signal: undefined,
    onProgress: undefined,
    onBackend: (choice: Choice) => {
      choices.push(choice);
      given.onBackend?.();
    },
  };
  const backends = await Backends.load(request, { gpu: given.gpu, files: new NoFiles(), spawn });
  return { backends, choices, workers, spawned: () => workers.map((worker) => worker.backend) };
}

describe("automatic choice", () => {
  test("the CPU answers first; a faster graphics card takes over, and the CPU's worker ends", async () => {
    const { backends, choices, workers, spawned } = await run("auto", { gpu: card });
    expect(backends.choice).toEqual({ backend: "cpu", reason: "CPU: WebGPU is being tried" });
    const asked = backends.call("enrol", { inputs: [] });
    // Measuring waits for what the page has asked for.
    await settle();
    expect(backends.choice.backend).toBe("cpu");
    workers[0]!.reply({ id: 1, kind: "done", out: new Uint8Array(1) });
    await asked;
    await backends.settled;
    expect(choices).toEqual([{ backend: "webgpu", reason: "WebGPU: Fast 3000" }]);
    expect(backends.choice).toEqual(choices[0]);
    expect(spawned()).toEqual(["cpu", "webgpu"]);
    expect(workers[0]!.terminate).toHaveBeenCalled();
    expect(workers[1]!.terminate).not.toHaveBeenCalled();
  });

  test("a slower one does not", async () => {
    const { backends, workers } = await run("auto", { gpu: card, ms: { cpu: 300, webgpu: 9000 } });
    await backends.settled;
    expect(backends.choice).toEqual({ backend: "cpu", reason: "CPU: Fast 3000 is slower here, 9000 ms against 300 ms" });
    expect(workers[1]!.terminate).toHaveBeenCalled();
    expect(workers[0]!.terminate).not.toHaveBeenCalled();
  });

  test.each([
    [undefined, "CPU: no graphics adapter answers (this browser, or this page's origin, offers no WebGPU)"],
    [silent, "CPU: no graphics adapter answers (the browser found none that it allows)"],
    [throwing, "CPU: no graphics adapter answers (the GPU process is gone)"],
    [program, "CPU: the graphics adapter is a program, not a card"],
  ])("the CPU stays alone when no card answers", async (gpu, reason) => {
    const { backends, spawned } = await run("auto", { gpu });
    await backends.settled;
    expect(backends.choice).toEqual({ backend: "cpu", reason });
    expect(spawned()).toEqual(["cpu"]);
  });

  test.each([
    failure("device-refused", "the graphics adapter gives no device (busy); use the CPU backend"),
    failure("self-test", "the webgpu backend computes wrong results (off by 1); use the CPU backend, or another browser"),
    failure("device-failed", "the device failed while computing (unreachable); load the model again"),
  ])("the CPU goes on when a device fails: %s", async (gpuError) => {
    const { backends } = await run("auto", { gpu: card, gpuError });
    await backends.settled;
    expect(backends.choice).toEqual({ backend: "cpu", reason: `CPU: ${gpuError.message.split("; ")[0]}` });
  });

  test("disposing of it while WebGPU warms up ends both workers and tells nothing more", async () => {
    const { backends, choices, workers } = await run("auto", { gpu: card });
    expect(backends.closed).toBe(false);
    backends.close(new CountersignError("disposed", "gone"));
    expect(backends.closed).toBe(true);
    await backends.settled;
    expect(choices).toEqual([]);
    for (const worker of workers) expect(worker.terminate).toHaveBeenCalled();
  });

  test("disposing of it while the browser looks for a card starts no worker for WebGPU", async () => {
    let found: (adapter: GPUAdapter) => void = () => undefined;
    const gpu = { requestAdapter: () => new Promise<GPUAdapter>((resolve) => (found = resolve)) };
    const { backends, choices, spawned } = await run("auto", { gpu });
    backends.close(new CountersignError("disposed", "gone"));
    found(await card.requestAdapter());
    await backends.settled;
    expect(spawned()).toEqual(["cpu"]);
    expect(choices).toEqual([]);
  });

  test("what a page throws when it hears of the choice is reported, and changes nothing", async () => {
    const reported = vi.fn();
    vi.stubGlobal("reportError", reported);
    const onBackend = (): void => {
      throw new Error("of the page");
    };
    const { backends } = await run("auto", { gpu: card, onBackend });
    await backends.settled;
    expect(backends.choice.backend).toBe("webgpu");
    expect(reported).toHaveBeenCalledOnce();
  });

  test.each([
    failure("no-adapter", "no graphics adapter answers (gone); use the CPU backend"),
    failure("device-refused", "the graphics adapter gives no device (busy); use the CPU backend"),
    failure("self-test", "the webgpu backend computes wrong results (0.3); use the CPU backend, or another browser"),
  ])("the CPU takes every call over from a device that is lost and does not come back: %s", async (gpuError) => {
    const given: Given = { gpu: card };
    const { backends, choices, workers, spawned } = await run("auto", given);
    await backends.settled;
    given.gpuError = gpuError;
    const calls = [backends.call("enrol", { inputs: [] }), backends.call("enrol", { inputs: [] })];
    workers[1]!.crash("lost");
    for (const call of calls) {
      await settle();
      workers.at(-1)!.done(new Uint8Array(2));
      await expect(call).resolves.toHaveLength(2);
    }
    expect(choices.at(-1)).toEqual({ backend: "cpu", reason: `CPU: ${gpuError.message.split("; ")[0]}` });
    expect(backends.choice).toEqual(choices.at(-1));
    expect(spawned()).toEqual(["cpu", "webgpu", "webgpu", "cpu"]);
  });

  test("so it does where the device fails twice; a refused signature is none of this", async () => {
    const { backends, choices, workers } = await run("auto", { gpu: card });
    await backends.settled;
    const blank = backends.call("enrol", { inputs: [] });
    const { id } = workers[1]!.calls.at(-1)!;
    workers[1]!.reply({ id, kind: "failed", code: "blank-page", message: "the page is blank" });
    await expect(blank).rejects.toMatchObject({ code: "blank-page" });
    expect(backends.choice.backend).toBe("webgpu");
    const call = backends.call("enrol", { inputs: [] });
    workers[1]!.crash("unreachable");
    await settle();
    workers[2]!.crash("unreachable again");
    await settle();
    workers[3]!.done(new Uint8Array(2));
    await expect(call).resolves.toHaveLength(2);
    expect(choices.at(-1)).toEqual({ backend: "cpu", reason: "CPU: the worker stopped (unreachable again)" });
    expect(workers[2]!.terminate).toHaveBeenCalled();
    backends.close(new CountersignError("disposed", "gone"));
    expect(workers[3]!.terminate).toHaveBeenCalled();
  });

  test("damaged weights are an error", async () => {
    const cpuError = failure("weights-hash", "the weights do not match the manifest (sha256); download the model again");
    await expect(run("auto", { gpu: card, cpuError })).rejects.toMatchObject({ code: "weights-hash" });
  });
});

describe("an explicit backend", () => {
  test("WebGPU is used without the CPU, a program for a card too", async () => {
    const { backends, spawned } = await run("webgpu", { gpu: program });
    expect(backends.choice).toEqual({ backend: "webgpu", reason: "WebGPU: Fast 3000" });
    expect(spawned()).toEqual(["webgpu"]);
  });

  test("WebGPU without an adapter is an error, not the CPU", async () => {
    await expect(run("webgpu", { gpu: silent })).rejects.toMatchObject({ code: "no-adapter" });
  });

  test("WebGPU with a device that is refused is an error, not the CPU", async () => {
    const gpuError = failure("device-refused", "the graphics adapter gives no device (busy); use the CPU backend");
    await expect(run("webgpu", { gpu: card, gpuError })).rejects.toMatchObject({ code: "device-refused" });
  });

  test("WebGPU that is lost and does not come back is an error, not the CPU", async () => {
    const given: Given = { gpu: card };
    const { backends, workers, spawned } = await run("webgpu", given);
    given.gpuError = failure("no-adapter", "no graphics adapter answers (gone); use the CPU backend");
    const call = backends.call("enrol", { inputs: [] });
    workers[0]!.crash("lost");
    await expect(call).rejects.toMatchObject({ code: "no-adapter" });
    expect(spawned()).toEqual(["webgpu", "webgpu"]);
  });

  test("the CPU asks for no adapter", async () => {
    const gpu = { requestAdapter: vi.fn(async () => null) };
    const { backends, spawned } = await run("cpu", { gpu });
    expect(backends.choice).toEqual({ backend: "cpu", reason: "CPU: as asked" });
    expect(spawned()).toEqual(["cpu"]);
    expect(gpu.requestAdapter).not.toHaveBeenCalled();
  });
});

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
