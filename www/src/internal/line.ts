import { CountersignError } from "../public/errors.ts";
import type { Call, Calls, Loaded, LoadRequest, Reply, Request } from "./protocol.ts";
import { tell } from "./tell.ts";

/** The part of `Worker` that is used here; a test gives its own. */
export type WorkerLike = Pick<Worker, "postMessage" | "terminate" | "onmessage" | "onerror" | "onmessageerror">;

/** What a line needs to start its worker, and to start it again. */
export interface Supplies {
  spawn(): WorkerLike;
  /** The module and the model; asked for at each start, because the worker keeps what it gets. */
  load(): Promise<LoadRequest>;
}

interface Job {
  readonly request: Request;
  readonly signal: AbortSignal | undefined;
  readonly onTurn: (() => void) | undefined;
  readonly settle: (result: { out: Calls[Call]["out"] } | { error: unknown }) => void;
  /** Whether it has cost a worker already. */
  retried: boolean;
}

export interface LineOptions {
  readonly signal?: AbortSignal | undefined;
  /** Its turn has come. */
  readonly onTurn?: (() => void) | undefined;
}

/**
 * The page's end of the line to a worker: calls wait in a queue and one at a time is with the worker.
 *
 * The queue is kept here and not in the worker so that a call can still be withdrawn before its turn, and so that it
 * outlives the worker: after a crash or a lost device a new worker is started and the call made once more. One that
 * fails again in this way is rejected.
 */
export class WorkerLine {
  readonly #supplies: Supplies;
  readonly #waiting: Job[] = [];
  readonly #onIdle: (() => void)[] = [];
  #worker: WorkerLike | undefined;
  /** The worker is being started, for the next call or for the first. */
  #starting = false;
  #running: Job | undefined;
  /** Rejects a start that waits for its worker: one that was stopped never answers. */
  #giveUpStart: ((error: CountersignError) => void) | undefined;
  #closed: CountersignError | undefined;
  #lastId = 0;

  constructor(supplies: Supplies) {
    this.#supplies = supplies;
  }

  /** Starts the worker and loads the model into it. */
  async start(): Promise<Loaded> {
    this.#starting = true;
    try {
      return await this.#boot();
    } finally {
      this.#starting = false;
      this.#next();
    }
  }

  call<K extends Exclude<Call, "load">>(
    call: K,
    argument: Calls[K]["in"],
    { signal, onTurn }: LineOptions = {},
  ): Promise<Calls[K]["out"]> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(this.#closed);
      if (signal?.aborted) return reject(signal.reason);
      const request = { id: ++this.#lastId, call, in: argument } as Request;
      const onAbort = (): void => this.#withdraw(job);
      const settle: Job["settle"] = (result) => {
        signal?.removeEventListener("abort", onAbort);
        if ("out" in result) resolve(result.out as Calls[K]["out"]);
        else reject(result.error);
      };
      const job: Job = { request, signal, onTurn, settle, retried: false };
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#waiting.push(job);
      this.#next();
    });
  }

  /** Resolves when no call waits or runs. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#onIdle.push(resolve);
      this.#next();
    });
  }

  /** Stops the worker; every call that has no answer yet, and every later one, is rejected with `error`. */
  close(error: CountersignError): void {
    if (this.#closed) return;
    this.#closed = error;
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#giveUpStart?.(error);
    const unanswered = this.#running ? [this.#running, ...this.#waiting] : [...this.#waiting];
    this.#running = undefined;
    this.#waiting.length = 0;
    for (const job of unanswered) job.settle({ error });
    this.#next();
  }

  #next(): void {
    if (this.#running || this.#starting) return;
    const job = this.#waiting.shift();
    if (!job) {
      for (const resolve of this.#onIdle.splice(0)) resolve();
      return;
    }
    this.#running = job;
    if (this.#worker) this.#send(job, this.#worker);
    else void this.#restart(job);
  }

  /** A worker for a call that finds none. */
  async #restart(job: Job): Promise<void> {
    this.#starting = true;
    try {
      await this.#boot();
    } catch (error) {
      // A call that a worker took down with it at its start waits for the next one.
      if (this.#running === job) this.#end(job, { error });
    } finally {
      this.#starting = false;
    }
    if (job.signal?.aborted) this.#end(job, { error: job.signal.reason });
    if (this.#running === job && this.#worker) this.#send(job, this.#worker);
    else this.#next();
  }

  #send(job: Job, worker: WorkerLike): void {
    tell(job.onTurn, undefined);
    try {
      worker.postMessage(job.request);
    } catch (error) {
      // Something that cannot be copied to a worker, such as a function among the strokes.
      this.#end(job, { error: CountersignError.from(error, "unsupported-input") });
      this.#next();
    }
  }

  /** A new worker with the model in it. */
  async #boot(): Promise<Loaded> {
    const request = await this.#supplies.load();
    if (this.#closed) throw this.#closed;
    const worker = this.#spawn();
    this.#worker = worker;
    const loaded = new Promise<Loaded>((resolve, reject) => {
      const broken = (detail: string): void => {
        reject(workerFailed(detail));
        this.#broken(worker, workerFailed(detail));
      };
      worker.onmessage = ({ data }: MessageEvent<Reply>) => {
        if (data.id !== LOAD) this.#receive(data);
        else if (data.kind === "done") resolve(data.out as Loaded);
        else reject(new CountersignError(data.code, data.message));
      };
      worker.onerror = (event) => {
        event.preventDefault();
        broken(event.message || "its script could not be loaded");
      };
      worker.onmessageerror = () => broken("a message could not be read");
      this.#giveUpStart = reject;
    });
    worker.postMessage({ id: LOAD, call: "load", in: request } satisfies Request, [
      request.module.buffer,
      request.model.weights.buffer,
    ]);
    try {
      return await loaded;
    } catch (error) {
      worker.terminate();
      if (this.#worker === worker) this.#worker = undefined;
      throw error;
    }
  }

  #spawn(): WorkerLike {
    try {
      return this.#supplies.spawn();
    } catch (error) {
      // Such as a script of another origin, or one that the page's policy does not allow.
      const detail = error instanceof Error ? error.message : String(error);
      const message = `the worker could not be started (${detail}); serve its script from where the page comes from, and allow it`;
      throw new CountersignError("worker-failed", message, { cause: error });
    }
  }

  #receive(reply: Reply): void {
    const job = this.#running;
    if (!job || job.request.id !== reply.id) return;
    if (reply.kind === "failed" && reply.code === "device-failed" && this.#worker) {
      this.#broken(this.#worker, new CountersignError(reply.code, reply.message));
      return;
    }
    this.#end(job, reply.kind === "done" ? { out: reply.out } : { error: new CountersignError(reply.code, reply.message) });
    this.#next();
  }

  /** The worker is of no use any more; the call it had is made once more with another. */
  #broken(worker: WorkerLike, error: CountersignError): void {
    if (this.#worker !== worker) return;
    worker.terminate();
    this.#worker = undefined;
    const job = this.#running;
    if (!job) return;
    if (job.retried || job.signal?.aborted) {
      this.#end(job, { error });
    } else {
      job.retried = true;
      this.#running = undefined;
      this.#waiting.unshift(job);
    }
    this.#next();
  }

  #end(job: Job, result: Parameters<Job["settle"]>[0]): void {
    if (this.#running === job) this.#running = undefined;
    job.settle(result);
  }

  /** One that waits leaves the queue. One that runs keeps the worker busy to its end, but nobody waits for it. */
  #withdraw(job: Job): void {
    const at = this.#waiting.indexOf(job);
    if (at >= 0) this.#waiting.splice(at, 1);
    job.settle({ error: job.signal?.reason });
  }
}

/** The number of the request that loads; calls count from 1. */
const LOAD = 0;

function workerFailed(detail: string): CountersignError {
  return new CountersignError("worker-failed", `the worker stopped (${detail}); load the model again`);
}
