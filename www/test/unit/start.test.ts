import { describe, expect, test, vi } from "vitest";
import type { Gpu } from "../../src/internal/adapter.ts";
import type { Module } from "../../src/internal/modules.ts";
import { start, type Surroundings } from "../../src/internal/start.ts";
import { type Backend, CountersignError, type LoadOptions } from "../../src/public/index.ts";

const answering = { requestAdapter: async () => ({}) as GPUAdapter } satisfies Gpu;
const silent = { requestAdapter: async () => null } satisfies Gpu;
const throwing = {
  requestAdapter: async () => {
    throw new Error("the GPU process is gone");
  },
} satisfies Gpu;

/** A module whose checker loads, or fails with `error`. */
function moduleOf(adapter: string, error?: Error): Module {
  const load = async () => {
    if (error) throw error;
    return { adapter } as Awaited<ReturnType<Module["Checker"]["load"]>>;
  };
  return { Checker: { load } };
}

function around(given: { gpu: Gpu; gpuError?: Error; cpuError?: Error }) {
  const loadModule = vi.fn(async (backend: Backend) =>
    backend === "cpu" ? moduleOf("", given.cpuError) : moduleOf("Fast 3000", given.gpuError),
  );
  const surroundings: Surroundings = {
    gpu: given.gpu,
    faults: { guard: (work) => work() },
    loadModule,
    downloadModel: async () => ({ name: "m", manifest: "{}", weights: new Uint8Array(), golden: "{}" }),
  };
  return { surroundings, downloaded: () => loadModule.mock.calls.map(([backend]) => backend) };
}

async function run(backend: NonNullable<LoadOptions["backend"]>, given: Parameters<typeof around>[0]) {
  const { surroundings, downloaded } = around(given);
  const started = start({ backend, weightsUrl: "https://host/m/", wasmUrl: undefined }, surroundings, () => undefined);
  return { ...(await started), downloaded: downloaded() };
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

describe("automatic choice", () => {
  test("WebGPU when an adapter answers, with the small module beside it", async () => {
    const started = await run("auto", { gpu: answering });
    expect(started).toMatchObject({ backend: "webgpu", reason: "WebGPU: Fast 3000", model: "m" });
    expect(started.downloaded.sort()).toEqual(["cpu", "webgpu"]);
  });

  test.each([
    [undefined, "CPU: no graphics adapter answers (this browser, or this page's origin, offers no WebGPU)"],
    [silent, "CPU: no graphics adapter answers (the browser found none that it allows)"],
    [throwing, "CPU: no graphics adapter answers (the GPU process is gone)"],
  ])("the CPU alone is downloaded when none does", async (gpu, reason) => {
    const started = await run("auto", { gpu });
    expect(started).toMatchObject({ backend: "cpu", reason, downloaded: ["cpu"] });
  });

  test.each([
    failure("device-refused", "the graphics adapter gives no device (busy); use the CPU backend"),
    failure("self-test", "the webgpu backend computes wrong results (off by 1); use the CPU backend, or another browser"),
    new CountersignError("device-failed", "the device failed while computing (unreachable); load the model again"),
    new WebAssembly.RuntimeError("unreachable"),
  ])("the CPU takes over from a device that fails: %s", async (gpuError) => {
    const started = await run("auto", { gpu: answering, gpuError });
    expect(started.backend).toBe("cpu");
    expect(started.reason).toBe(`CPU: ${gpuError.message.split("; ")[0]}`);
  });

  test("damaged weights are no reason to try the other backend", async () => {
    const gpuError = failure("weights-hash", "the weights do not match the manifest (sha256); download the model again");
    await expect(run("auto", { gpu: answering, gpuError })).rejects.toMatchObject({ code: "weights-hash" });
  });
});

describe("an explicit backend", () => {
  test("WebGPU without an adapter is an error, not the CPU", async () => {
    await expect(run("webgpu", { gpu: silent })).rejects.toMatchObject({ code: "no-adapter" });
  });

  test("WebGPU with a device that is refused is an error, not the CPU", async () => {
    const gpuError = failure("device-refused", "the graphics adapter gives no device (busy); use the CPU backend");
    await expect(run("webgpu", { gpu: answering, gpuError })).rejects.toMatchObject({ code: "device-refused" });
  });

  test("the CPU asks for no adapter and downloads one module", async () => {
    const gpu = { requestAdapter: vi.fn(async () => null) };
    const started = await run("cpu", { gpu });
    expect(started).toMatchObject({ backend: "cpu", reason: "CPU: as asked", downloaded: ["cpu"] });
    expect(gpu.requestAdapter).not.toHaveBeenCalled();
  });
});
