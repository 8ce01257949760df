import { describe, expect, test, vi } from "vitest";
import { WorkerLine, type WorkerLike } from "../../src/internal/line.ts";
import type { Reply, Request } from "../../src/internal/protocol.ts";
import { CountersignError } from "../../src/public/index.ts";

/** A worker that answers when the test says so. */
class HandWorker implements WorkerLike {
  onmessage: Worker["onmessage"] = null;
  onerror: Worker["onerror"] = null;
  onmessageerror: Worker["onmessageerror"] = null;
  readonly received: Request[] = [];
  readonly terminate = vi.fn();

  postMessage(request: Request): void {
    this.received.push(structuredClone(request));
  }

  reply(reply: Reply): void {
    this.onmessage?.call(this as unknown as Worker, { data: reply } as MessageEvent);
  }
}

function line(): { worker: HandWorker; line: WorkerLine } {
  const worker = new HandWorker();
  return { worker, line: new WorkerLine(worker) };
}

const bytes = new Uint8Array([1, 2, 3]);

describe("the line to the worker", () => {
  test("one call at a time is with the worker, the others wait", async () => {
    const { worker, line: calls } = line();
    const first = calls.call("enrol", { inputs: [] });
    const second = calls.call("enrol", { inputs: [] });
    expect(worker.received).toHaveLength(1);
    worker.reply({ id: 1, kind: "done", out: bytes });
    await expect(first).resolves.toEqual(bytes);
    expect(worker.received).toHaveLength(2);
    worker.reply({ id: 2, kind: "failed", code: "blank-page", message: "the page is blank" });
    await expect(second).rejects.toMatchObject({ code: "blank-page", message: "the page is blank" });
  });

  test("a failure does not hold up the next call", async () => {
    const { worker, line: calls } = line();
    const first = calls.call("enrol", { inputs: [] });
    const second = calls.call("enrol", { inputs: [] });
    worker.reply({ id: 1, kind: "failed", code: "x", message: "y" });
    await expect(first).rejects.toBeInstanceOf(CountersignError);
    worker.reply({ id: 2, kind: "done", out: bytes });
    await expect(second).resolves.toEqual(bytes);
  });

  test("progress goes to the call it belongs to", async () => {
    const { worker, line: calls } = line();
    const seen = vi.fn();
    const load = calls.call(
      "load",
      { backend: "cpu", weightsUrl: "https://host/m/", wasmUrl: undefined },
      { onProgress: seen },
    );
    worker.reply({ id: 1, kind: "progress", progress: { stage: "weights", loaded: 1, total: 2 } });
    worker.reply({ id: 9, kind: "progress", progress: { stage: "weights", loaded: 2, total: 2 } });
    worker.reply({ id: 1, kind: "done", out: { backend: "cpu", reason: "CPU: as asked", model: "m" } });
    await load;
    expect(seen.mock.calls).toEqual([[{ stage: "weights", loaded: 1, total: 2 }]]);
  });

  test("closing rejects what waits and what comes later, and ends the worker", async () => {
    const { worker, line: calls } = line();
    const running = calls.call("enrol", { inputs: [] });
    const waiting = calls.call("enrol", { inputs: [] });
    calls.close(new CountersignError("disposed", "gone"));
    calls.close(new CountersignError("other", "only the first counts"));
    for (const call of [running, waiting, calls.call("enrol", { inputs: [] })]) {
      await expect(call).rejects.toMatchObject({ code: "disposed" });
    }
    expect(worker.terminate).toHaveBeenCalledOnce();
    worker.reply({ id: 1, kind: "done", out: bytes });
  });

  test("a worker that breaks down rejects with worker-failed", async () => {
    const { worker, line: calls } = line();
    const running = calls.call("enrol", { inputs: [] });
    const event = { message: "unreachable", preventDefault: () => undefined } as ErrorEvent;
    worker.onerror?.call(worker as unknown as Worker, event);
    await expect(running).rejects.toMatchObject({ code: "worker-failed" });
    await expect(running).rejects.toThrow("unreachable");
  });

  test("what cannot be copied to a worker is refused, and the line goes on", async () => {
    const { worker, line: calls } = line();
    const strokes = [[{ x: 0, y: 0, t: 0, pressure: (() => 1) as unknown as number }]];
    const wrong = calls.call("enrol", { inputs: [{ kind: "strokes", strokes }] });
    const right = calls.call("enrol", { inputs: [] });
    await expect(wrong).rejects.toMatchObject({ code: "unsupported-input" });
    worker.reply({ id: 2, kind: "done", out: bytes });
    await expect(right).resolves.toEqual(bytes);
  });
});
