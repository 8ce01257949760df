import { vi } from "vitest";
import type { WorkerLike } from "../../src/internal/line.ts";
import type { Loaded, LoadRequest, Reply, Request } from "../../src/internal/protocol.ts";

/** A worker that answers when the test says so; only loading answers by itself. */
export class HandWorker implements WorkerLike {
  onmessage: Worker["onmessage"] = null;
  onerror: Worker["onerror"] = null;
  onmessageerror: Worker["onmessageerror"] = null;
  readonly received: Request[] = [];
  readonly terminate = vi.fn();
  readonly #loaded: Loaded | Error | undefined;

  constructor(loaded: Loaded | Error | undefined = { adapter: "", model: "m" }) {
    this.#loaded = loaded;
  }

  postMessage(message: unknown): void {
    const request = structuredClone(message) as Request;
    this.received.push(request);
    if (request.call !== "load") return;
    const loaded = this.#loaded;
    if (loaded instanceof Error) {
      const { code } = loaded as Error & { code: "self-test" };
      queueMicrotask(() => this.reply({ id: request.id, kind: "failed", code, message: loaded.message }));
    } else if (loaded) queueMicrotask(() => this.reply({ id: request.id, kind: "done", out: loaded }));
  }

  /** The calls it has received, without the first message, which loads. */
  get calls(): Request[] {
    return this.received.filter(({ call }) => call !== "load");
  }

  reply(reply: Reply): void {
    this.onmessage?.call(this as unknown as Worker, { data: reply } as MessageEvent);
  }

  /** Answers the last call. */
  done(out: Extract<Reply, { kind: "done" }>["out"]): void {
    this.reply({ id: this.received.at(-1)?.id ?? -1, kind: "done", out });
  }

  crash(message: string): void {
    const event = { message, preventDefault: () => undefined } as ErrorEvent;
    this.onerror?.call(this as unknown as Worker, event);
  }
}

export const supplied = (): LoadRequest => ({
  module: new Uint8Array(1),
  model: { manifest: "{}", weights: new Uint8Array(1), golden: "{}" },
});

/** Lets promises that are ready settle. */
export async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
}
