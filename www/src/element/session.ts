import { type CheckOptions, type Countersign, CountersignError, type Progress, type Source, type Template, type Verdict } from "../public/index.ts";
import { isOfSignature } from "./blame.ts";
import { type Content, type Judged, toSource } from "./content.ts";
import type { Encoded } from "./picture.ts";

/** How far the check of a field's content is. */
export type Status =
  | { readonly state: "empty" }
  /** Being drawn, or being checked. */
  | { readonly state: "pending"; readonly progress: Progress | undefined }
  | { readonly state: Verdict["decision"]; readonly judged: Judged }
  | { readonly state: "error"; readonly error: CountersignError }
  /** Typed: the signer chose not to have it checked. */
  | { readonly state: "skipped" }
  /** There is nothing to compare with. */
  | { readonly state: "unchecked" };

export type State = Status["state"];

/** What a session asks of the element that it works for. */
export interface Host {
  readonly template: Template | null;
  readonly options: Pick<CheckOptions, "far">;
  engine(onProgress: (progress: Progress) => void): Promise<Pick<Countersign, "check">>;
  /** What is sent of a picture. */
  encode(file: Blob): Promise<Encoded>;
  /** The content or its status has changed. */
  changed(): void;
}

/** Milliseconds without a new stroke after which a signature counts as given. */
const PAUSE = 700;

/** The content of a field and its check: started a moment after the last stroke, dropped by the next one. */
export class Session {
  readonly #host: Host;
  #content: Content = { kind: "empty" };
  #status: Status = { state: "empty" };
  /** A stroke is being drawn; its end is new content. */
  #drawing = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: AbortController | undefined;

  constructor(host: Host) {
    this.#host = host;
  }

  get content(): Content {
    return this.#content;
  }

  get status(): Status {
    return this.#status;
  }

  get judged(): Judged | undefined {
    return "judged" in this.#status ? this.#status.judged : undefined;
  }

  /** New content. Strokes may be followed by more: they are checked after a pause, all else at once. */
  set(content: Content): void {
    this.#drawing = false;
    this.#drop();
    this.#content = content;
    if (content.kind === "empty") this.#become({ state: "empty" });
    else if (content.kind === "typed") this.#become({ state: content.name.trim() === "" ? "empty" : "skipped" });
    else this.#wait(content.kind === "strokes" ? PAUSE : 0);
  }

  /** A stroke has begun: what was checked is not what will be given. */
  interrupt(): void {
    this.#drawing = true;
    this.#drop();
    this.#become({ state: "pending", progress: undefined });
  }

  /** The template or the options have changed: the same content once more, unless a stroke's end brings another. */
  again(): void {
    if (!this.#drawing) this.set(this.#content);
  }

  /** Checks at once, without the pause; not what is still being drawn. */
  async checkNow(): Promise<void> {
    const source = toSource(this.#content);
    if (!source || this.#drawing) return;
    this.#drop();
    this.#running = new AbortController();
    const { signal } = this.#running;
    this.#become({ state: "pending", progress: undefined });
    try {
      signal.throwIfAborted();
      const status = await this.#judge(source, signal).catch(failed);
      signal.throwIfAborted();
      // A picture counts as given when what is sent of it is there, too. One that the check refuses, as it does by the
      // header where it is too large, is not decoded here either.
      if (status.state !== "error" || !isOfSignature(status.error)) await this.#encode();
      signal.throwIfAborted();
      this.#become(status);
    } catch (thrown) {
      if (!signal.aborted) this.#become(failed(thrown));
    }
  }

  /** Stops what runs; the element is gone. */
  stop(): void {
    this.#drawing = false;
    this.#drop();
  }

  async #judge(source: Source, signal: AbortSignal): Promise<Status> {
    const { template, options } = this.#host;
    if (!template) return { state: "unchecked" };
    const checker = await this.#host.engine((progress) => {
      if (!signal.aborted) this.#become({ state: "pending", progress });
    });
    signal.throwIfAborted();
    const verdict = await checker.check(template, source, { ...options, signal });
    return { state: verdict.decision, judged: { verdict, time: new Date().toISOString() } };
  }

  async #encode(): Promise<void> {
    const content = this.#content;
    if (content.kind !== "image" || content.encoded) return;
    const encoded = await this.#host.encode(content.file);
    if (this.#content === content) this.#content = { ...content, encoded };
  }

  #wait(pause: number): void {
    // First: who hears of it may change the content again, or break down.
    this.#timer = setTimeout(() => void this.checkNow(), pause);
    this.#become({ state: "pending", progress: undefined });
  }

  #drop(): void {
    clearTimeout(this.#timer);
    this.#running?.abort();
    this.#running = undefined;
  }

  #become(status: Status): void {
    this.#status = status;
    this.#host.changed();
  }
}

function failed(thrown: unknown): Status {
  return { state: "error", error: CountersignError.from(thrown, "worker-failed") };
}
