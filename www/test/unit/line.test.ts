import { describe, expect, test, vi } from "vitest";
import { WorkerLine } from "../../src/internal/line.ts";
import { CountersignError } from "../../src/public/index.ts";
import { HandWorker, settle, supplied } from "./workers.ts";

/** A started line, and every worker that it has had. */
async function started(...more: HandWorker[]) {
  const workers: HandWorker[] = [];
  const next = [new HandWorker(), ...more];
  const line = new WorkerLine({
    spawn: () => {
      const worker = next.shift();
      if (!worker) throw new Error("no worker is left");
      workers.push(worker);
      return worker;
    },
    load: async () => supplied(),
  });
  await line.start();
  return { line, workers, worker: workers[0]! };
}

const bytes = new Uint8Array([1, 2, 3]);
const enrol = { inputs: [] };

describe("the queue", () => {
  test("one call at a time is with the worker, the others wait", async () => {
    const { worker, line } = await started();
    const turns: string[] = [];
    const first = line.call("enrol", enrol, { onTurn: () => turns.push("first") });
    const second = line.call("enrol", enrol, { onTurn: () => turns.push("second") });
    expect(worker.calls).toHaveLength(1);
    expect(turns).toEqual(["first"]);
    worker.done(bytes);
    await expect(first).resolves.toEqual(bytes);
    expect(worker.calls).toHaveLength(2);
    expect(turns).toEqual(["first", "second"]);
    worker.reply({ id: 2, kind: "failed", code: "blank-page", message: "the page is blank" });
    await expect(second).rejects.toMatchObject({ code: "blank-page", message: "the page is blank" });
  });

  test("a failure does not hold up the next call, nor start the worker again", async () => {
    const { worker, line, workers } = await started();
    const first = line.call("enrol", enrol);
    const second = line.call("enrol", enrol);
    worker.reply({ id: 1, kind: "failed", code: "too-little-ink", message: "y" });
    await expect(first).rejects.toBeInstanceOf(CountersignError);
    worker.done(bytes);
    await expect(second).resolves.toEqual(bytes);
    expect(workers).toHaveLength(1);
  });

  test("closing rejects what waits and what comes later, and ends the worker", async () => {
    const { worker, line } = await started();
    const running = line.call("enrol", enrol);
    const waiting = line.call("enrol", enrol);
    line.close(new CountersignError("disposed", "gone"));
    line.close(new CountersignError("worker-failed", "only the first counts"));
    for (const call of [running, waiting, line.call("enrol", enrol)]) {
      await expect(call).rejects.toMatchObject({ code: "disposed" });
    }
    expect(worker.terminate).toHaveBeenCalledOnce();
    worker.reply({ id: 1, kind: "done", out: bytes });
  });

  test("closing while the worker loads rejects the start", async () => {
    const silent = Object.assign(new HandWorker(), { postMessage: () => undefined });
    const line = new WorkerLine({ spawn: () => silent, load: async () => supplied() });
    const start = line.start();
    await settle();
    line.close(new CountersignError("disposed", "gone"));
    await expect(start).rejects.toMatchObject({ code: "disposed" });
    expect(silent.terminate).toHaveBeenCalled();
  });

  test("what cannot be copied to a worker is refused, and the line goes on", async () => {
    const { worker, line } = await started();
    const strokes = [[{ x: 0, y: 0, t: 0, pressure: (() => 1) as unknown as number }]];
    const wrong = line.call("enrol", { inputs: [{ kind: "strokes", strokes }] });
    const right = line.call("enrol", enrol);
    await expect(wrong).rejects.toMatchObject({ code: "unsupported-input" });
    worker.done(bytes);
    await expect(right).resolves.toEqual(bytes);
  });

  test("what a page throws when its turn has come is reported, and the line goes on", async () => {
    const reported = vi.fn();
    vi.stubGlobal("reportError", reported);
    const { worker, line } = await started();
    const onTurn = (): void => {
      throw new Error("of the page");
    };
    const calls = [line.call("enrol", enrol, { onTurn }), line.call("enrol", enrol, { onTurn })];
    for (const call of calls) {
      worker.done(bytes);
      await expect(call).resolves.toEqual(bytes);
    }
    expect(reported).toHaveBeenCalledTimes(2);
  });

  test("idle waits for what runs and what waits", async () => {
    const { worker, line } = await started();
    const seen = vi.fn();
    const calls = [line.call("enrol", enrol), line.call("enrol", enrol)];
    const idle = line.idle().then(seen);
    worker.done(bytes);
    await settle();
    expect(seen).not.toHaveBeenCalled();
    worker.done(bytes);
    await Promise.all([...calls, idle]);
    await line.idle();
  });
});

describe("withdrawing", () => {
  test("a call that waits leaves the queue with the signal's reason", async () => {
    const { worker, line } = await started();
    const abort = new AbortController();
    const first = line.call("enrol", enrol);
    const second = line.call("enrol", enrol, { signal: abort.signal });
    abort.abort(new Error("changed my mind"));
    await expect(second).rejects.toThrow("changed my mind");
    worker.done(bytes);
    await first;
    expect(worker.calls).toHaveLength(1);
  });

  test("a call that runs rejects at once; its answer is not taken for the next one's", async () => {
    const { worker, line } = await started();
    const abort = new AbortController();
    const first = line.call("enrol", enrol, { signal: abort.signal });
    const second = line.call("enrol", enrol);
    abort.abort();
    await expect(first).rejects.toMatchObject({ name: "AbortError" });
    expect(worker.calls).toHaveLength(1);
    worker.reply({ id: 1, kind: "done", out: new Uint8Array() });
    worker.done(bytes);
    await expect(second).resolves.toEqual(bytes);
  });

  test("a signal that was aborted before asks nothing", async () => {
    const { worker, line } = await started();
    await expect(line.call("enrol", enrol, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: "AbortError" });
    expect(worker.calls).toHaveLength(0);
  });
});

describe("a worker that breaks down", () => {
  test("is replaced, and its call made once more", async () => {
    const second = new HandWorker();
    const { worker, line, workers } = await started(second);
    const call = line.call("enrol", enrol);
    worker.crash("unreachable");
    expect(worker.terminate).toHaveBeenCalled();
    await settle();
    expect(workers).toHaveLength(2);
    second.done(bytes);
    await expect(call).resolves.toEqual(bytes);
  });

  test("so is one whose device is lost", async () => {
    const second = new HandWorker();
    const { worker, line } = await started(second);
    const call = line.call("enrol", enrol);
    const next = line.call("enrol", enrol);
    worker.reply({ id: 1, kind: "failed", code: "device-failed", message: "the device was lost" });
    await settle();
    second.done(bytes);
    await expect(call).resolves.toEqual(bytes);
    second.done(bytes);
    await expect(next).resolves.toEqual(bytes);
  });

  test("twice in one call is a typed error, and the next call has a new worker again", async () => {
    const [second, third] = [new HandWorker(), new HandWorker()];
    const { worker, line } = await started(second, third);
    const call = line.call("enrol", enrol);
    worker.crash("unreachable");
    await settle();
    second.crash("unreachable again");
    await expect(call).rejects.toMatchObject({ code: "worker-failed" });
    await expect(call).rejects.toThrow("unreachable again");
    const next = line.call("enrol", enrol);
    await settle();
    third.done(bytes);
    await expect(next).resolves.toEqual(bytes);
  });

  test("between calls costs no call its second try", async () => {
    const [second, third] = [new HandWorker(), new HandWorker()];
    const { worker, line } = await started(second, third);
    worker.crash("out of memory");
    const call = line.call("enrol", enrol);
    await settle();
    second.crash("once more");
    await settle();
    third.done(bytes);
    await expect(call).resolves.toEqual(bytes);
  });

  test("and cannot be replaced rejects with the reason", async () => {
    const { worker, line } = await started(
      new HandWorker(Object.assign(new Error("no adapter"), { code: "no-adapter" })),
    );
    const call = line.call("enrol", enrol);
    worker.crash("unreachable");
    await expect(call).rejects.toMatchObject({ code: "no-adapter" });
  });

  test("at its restart takes no call down that is run anyway", async () => {
    const silent = Object.assign(new HandWorker(), { postMessage: () => undefined });
    const third = new HandWorker();
    const { worker, line, workers } = await started(silent, third);
    worker.crash("between calls");
    const call = line.call("enrol", enrol);
    await settle();
    silent.crash("out of memory");
    await settle();
    expect(workers).toHaveLength(3);
    third.done(bytes);
    await expect(call).resolves.toEqual(bytes);
  });

  test("and may not be started is a typed error", async () => {
    const line = new WorkerLine({
      spawn: () => {
        throw new DOMException("the script is of another origin", "SecurityError");
      },
      load: async () => supplied(),
    });
    await expect(line.start()).rejects.toMatchObject({ code: "worker-failed", message: expect.stringContaining("of another origin") });
  });

  test("while it loads rejects the start", async () => {
    const silent = Object.assign(new HandWorker(), { postMessage: () => undefined });
    const line = new WorkerLine({ spawn: () => silent, load: async () => supplied() });
    const start = line.start();
    await settle();
    silent.crash("404");
    await expect(start).rejects.toMatchObject({ code: "worker-failed" });
  });
});
