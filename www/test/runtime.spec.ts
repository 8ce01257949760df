import { readFileSync } from "node:fs";
import { expect, type Page, test } from "@playwright/test";
import { MODULES } from "../src/generated/build.ts";
import { api, strokes, watch } from "./own.ts";

const { weights } = JSON.parse(readFileSync(new URL("../model/manifest.json", import.meta.url), "utf8")) as { weights: { bytes: number } };

/** Loads, checks, and says what happened. */
async function visit(page: Page) {
  return page.evaluate(
    async ([{ Countersign, CountersignError }, drawn]) => {
      const progress: [number, number][] = [];
      try {
        const countersign = await Countersign.load({
          backend: "cpu",
          onProgress: ({ stage, loaded, total }) => void (stage === "download" && progress.push([loaded, total])),
        });
        const template = await countersign.enrol(drawn.slice(0, 3));
        const { llr } = await countersign.check(template, drawn[3] ?? []);
        countersign.dispose();
        return { progress, llr, code: "" };
      } catch (error) {
        return { progress, llr: NaN, code: error instanceof CountersignError ? error.code : String(error) };
      }
    },
    [await api(page), strokes] as const,
  );
}

/** The large files that the page asked the server for. */
function downloads(page: Page): string[] {
  const asked: string[] = [];
  page.on("request", (request) => {
    const large = /countersign_[cg]pu_bg|weights/.exec(request.url());
    if (large) asked.push(large[0]);
  });
  return asked;
}

/** Runs `code` in the first `times` workers of `backend` before their own script does anything. */
async function inWorker(page: Page, backend: "cpu" | "gpu", code: string, times = Infinity): Promise<{ started: number }> {
  const seen = { started: 0 };
  await page.route(`**/worker-${backend}-*.js`, async (route) => {
    seen.started += 1;
    const response = await route.fetch();
    const body = await response.text();
    await route.fulfill({ response, body: seen.started <= times ? `${code}\n${body}` : body });
  });
  return seen;
}

test("module and weights are fetched once, counted in bytes, and then work without a connection", async ({ page }) => {
  const seen = watch(page);
  const asked = downloads(page);
  const first = await visit(page);
  expect(first.code).toBe("");
  expect(asked.sort()).toEqual(["countersign_cpu_bg", "weights"]);
  const total = MODULES.cpu.bytes + weights.bytes;
  expect(first.progress.at(-1)).toEqual([total, total]);
  expect(first.progress.length).toBeGreaterThan(4);
  expect(first.progress.map(([loaded]) => loaded)).toEqual(first.progress.map(([loaded]) => loaded).sort((a, b) => a - b));
  expect(seen).toEqual({ outside: [], complaints: [] });

  // The scripts come from where the page does; that they do so without a connection is the page's business.
  await page.route(/\.(wasm|bpk|json)/, (route) => route.abort("internetdisconnected"));
  const second = await visit(page);
  expect(second).toMatchObject({ code: "", llr: first.llr });
  expect(second.progress.at(-1)).toEqual([total, total]);
  expect(asked).toHaveLength(2);
});

test("what was damaged in the cache is fetched again; where nothing can be kept, memory does", async ({ page }) => {
  const asked = downloads(page);
  const first = await visit(page);
  const kept = await page.evaluate(async () => {
    const cache = await caches.open("countersign");
    const files = (await cache.keys()).filter(({ url }) => url.includes("/countersign-files/"));
    for (const key of files) {
      const bytes = new Uint8Array(await (await cache.match(key))!.arrayBuffer());
      bytes[bytes.length >> 1]! ^= 1;
      await cache.put(key, new Response(bytes));
    }
    return files.length;
  });
  expect(kept).toBe(2);
  expect(await visit(page)).toMatchObject({ code: "", llr: first.llr });
  expect(asked).toHaveLength(4);

  await page.addInitScript(() => {
    CacheStorage.prototype.open = async () => {
      throw new DOMException("storage is blocked", "SecurityError");
    };
  });
  const { started } = await crashing(page, 1);
  expect(await visit(page)).toMatchObject({ code: "", llr: first.llr });
  expect(started()).toBe(2);
  expect(asked).toHaveLength(6);
});

/** The first `times` workers break down when they are to check. */
async function crashing(page: Page, times: number) {
  const seen = await inWorker(
    page,
    "cpu",
    // Not as an error that the worker itself notices and reports.
    `addEventListener("error", (event) => event.stopImmediatePropagation());
     addEventListener("message", (event) => {
       if (event.data.call !== "check") return;
       event.stopImmediatePropagation();
       throw new Error("out of memory");
     });`,
    times,
  );
  return { started: () => seen.started };
}

test("a worker that breaks down is replaced once, then there is a typed error", async ({ page }) => {
  const once = await crashing(page, 1);
  expect(await visit(page)).toMatchObject({ code: "", llr: expect.any(Number) });
  expect(once.started()).toBe(2);

  await page.unroute("**/worker-cpu-*.js");
  const always = await crashing(page, Infinity);
  expect(await visit(page)).toMatchObject({ code: "worker-failed" });
  expect(always.started()).toBe(2);

  await page.unroute("**/worker-cpu-*.js");
  await page.route("**/worker-cpu-*.js", (route) => route.fulfill({ status: 404 }));
  expect(await visit(page)).toMatchObject({ code: "worker-failed" });
});

test("a graphics card takes over from the CPU with the same verdict, is started again when it is lost, and gives way when it is gone", async ({ page }) => {
  test.slow();
  // A program is not tried unasked, and slower than the CPU: here it passes for a card, and the CPU for a slow one.
  await page.addInitScript(() => Object.defineProperty(GPUAdapterInfo.prototype, "isFallbackAdapter", { get: () => false }));
  await inWorker(page, "cpu", "const now = performance.now.bind(performance); performance.now = () => 1000 * now();");
  const gpu = await inWorker(
    page,
    "gpu",
    `const { requestDevice } = GPUAdapter.prototype;
     GPUAdapter.prototype.requestDevice = async function (...options) {
       const device = await requestDevice.apply(this, options);
       // One that is destroyed by its owner says so; this one goes as a driver takes it.
       const lost = new Promise((resolve) => {
         new BroadcastChannel("lose").onmessage = () => {
           device.destroy();
           resolve({ reason: "unknown", message: "taken by a test" });
         };
       });
       Object.defineProperty(device, "lost", { value: lost });
       return device;
     };`,
  );
  const handle = await page.evaluateHandle(
    async ([{ Countersign }, drawn]) => {
      const changes: string[] = [];
      const countersign = await Countersign.load({ onBackend: ({ backend, reason }) => void changes.push(`${backend} ${reason}`) });
      const template = await countersign.enrol(drawn.slice(0, 3));
      const check = async () => countersign.check(template, drawn[3] ?? []);
      const verdicts = [await check()];
      await countersign.settled;
      verdicts.push(await check());
      const lose = async () => {
        new BroadcastChannel("lose").postMessage("now");
        await new Promise((resolve) => setTimeout(resolve, 500));
        verdicts.push(await check());
        return { changes, verdicts: verdicts.map(({ backend, llr, decision }) => ({ backend, llr, decision })), reason: countersign.reason };
      };
      await lose();
      return { lose };
    },
    [await api(page), strokes] as const,
  );
  const none = await inWorker(page, "gpu", "GPU.prototype.requestAdapter = async () => null;");
  const seen = await handle.evaluate(async ({ lose }) => lose());
  expect(none.started).toBe(1);
  expect(seen.changes).toEqual([expect.stringMatching(/^webgpu WebGPU: /), expect.stringMatching(/^cpu CPU: no graphics adapter answers/)]);
  expect(seen.reason).toMatch(/^CPU: no graphics adapter answers/);
  const [cpu, first, again, last] = seen.verdicts;
  expect([cpu?.backend, first?.backend, again?.backend, last?.backend]).toEqual(["cpu", "webgpu", "webgpu", "cpu"]);
  expect(last?.llr).toBe(cpu?.llr);
  // golden.rs holds the backends to a hundredth of a nat.
  for (const verdict of [first, again]) {
    expect(Math.abs((verdict?.llr ?? NaN) - (cpu?.llr ?? NaN))).toBeLessThan(0.03);
    expect(verdict?.decision).toBe(cpu?.decision);
  }
  expect(gpu.started).toBe(2);
});

test("the page's thread is never busy for 50 ms while signatures are checked", async ({ page, browser }, testInfo) => {
  const handle = await page.evaluateHandle(
    async ([{ Countersign }, drawn]) => {
      const countersign = await Countersign.load({ backend: "cpu" });
      const canvas = new OffscreenCanvas(2400, 1200);
      const pen = canvas.getContext("2d")!;
      pen.lineWidth = 20;
      pen.beginPath();
      for (let x = 200; x < 2200; x += 10) pen.lineTo(x, 600 + 300 * Math.sin(x / 120) * Math.cos(x / 400));
      pen.stroke();
      return { countersign, template: await countersign.enrol(drawn.slice(0, 3)), strokes: drawn[3] ?? [], canvas, photo: await canvas.convertToBlob() };
    },
    [await api(page), strokes] as const,
  );
  await browser.startTracing(page, { categories: ["toplevel", "devtools.timeline"], path: testInfo.outputPath("trace.json") });
  await handle.evaluate(async ({ countersign, template, strokes: drawn, canvas, photo }) => {
    for (const source of [drawn, canvas, photo]) await countersign.check(template, source, { explain: true });
  });
  const trace = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
  const longest = longestTask(trace.traceEvents);
  testInfo.annotations.push({ type: "longest task", description: `${longest.toFixed(1)} ms` });
  expect(longest).toBeGreaterThan(0);
  expect(longest).toBeLessThan(50);
});

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds of processor time: waiting for a processor that others use is not the page's doing. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** In milliseconds, over the main threads of all pages. */
function longestTask(events: readonly TraceEvent[]): number {
  const main = new Set(events.filter(({ name, args }) => name === "thread_name" && args?.name === "CrRendererMain").map(({ pid, tid }) => `${pid} ${tid}`));
  const tasks = events.filter(({ name, ph, pid, tid }) => ph === "X" && name.endsWith("RunTask") && main.has(`${pid} ${tid}`));
  return Math.max(0, ...tasks.map(({ tdur = 0 }) => tdur / 1000));
}
