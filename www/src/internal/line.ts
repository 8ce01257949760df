import { CountersignError } from "../public/errors.ts";
import type { Progress } from "../public/types.ts";
import type { Call, Calls, Reply, Request } from "./protocol.ts";

/** The part of `Worker` that is used here; a test gives its own. */
export type WorkerLike = Pick<Worker, "postMessage" | "terminate" | "onmessage" | "onerror" | "onmessageerror">;

interface Job {
  readonly request: Request;
  readonly onProgress: ((progress: Progress) => void) | undefined;
  readonly resolve: (out: Calls[Call]["out"]) => void;
  readonly reject: (error: CountersignError) => void;
}

/**
 * The page's end of the line to a worker: calls wait in a queue and one at a time is with the worker.
 *
 * The queue is kept here and not in the worker so that a call can still be withdrawn before its turn.
 */
export class WorkerLine {
  readonly #worker: WorkerLike;
  readonly #waiting: Job[] = [];
  #running: Job | undefined;
  #closed: CountersignError | undefined;
  #lastId = 0;

  constructor(worker: WorkerLike) {
    this.#worker = worker;
    worker.onmessage = (event: MessageEvent<Reply>) => this.#receive(event.data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.close(workerFailed(event.message || "its script could not be loaded"));
    };
    worker.onmessageerror = () => this.close(workerFailed("a message could not be read"));
  }

  call<K extends Call>(
    call: K,
    argument: Calls[K]["in"],
    { onProgress }: { onProgress?: ((progress: Progress) => void) | undefined } = {},
  ): Promise<Calls[K]["out"]> {
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(this.#closed);
        return;
      }
      const request = { id: ++this.#lastId, call, in: argument } as Request;
      this.#waiting.push({ request, onProgress, resolve: resolve as Job["resolve"], reject });
      this.#next();
    });
  }

  /** Stops the worker; every call that has no answer yet, and every later one, is rejected with `error`. */
  close(error: CountersignError): void {
    if (this.#closed) return;
    this.#closed = error;
    this.#worker.terminate();
    const unanswered = this.#running ? [this.#running, ...this.#waiting] : [...this.#waiting];
    this.#running = undefined;
    this.#waiting.length = 0;
    for (const job of unanswered) job.reject(error);
  }

  #next(): void {
    if (this.#running || this.#closed) return;
    const job = this.#waiting.shift();
    if (!job) return;
    this.#running = job;
    try {
      this.#worker.postMessage(job.request);
    } catch (error) {
      // Something that cannot be copied to a worker, such as a function among the strokes.
      this.#running = undefined;
      job.reject(CountersignError.from(error, "unsupported-input"));
      this.#next();
    }
  }

  #receive(reply: Reply): void {
    const job = this.#running;
    if (!job || job.request.id !== reply.id) return;
    if (reply.kind === "progress") {
      job.onProgress?.(reply.progress);
      return;
    }
    this.#running = undefined;
    if (reply.kind === "done") job.resolve(reply.out);
    else job.reject(new CountersignError(reply.code, reply.message));
    this.#next();
  }
}

function workerFailed(detail: string): CountersignError {
  return new CountersignError("worker-failed", `the worker stopped (${detail}); load the model again`);
}
