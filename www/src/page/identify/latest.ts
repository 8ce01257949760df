/** Work for somebody who goes on drawing: it waits for a pause, and only the newest counts. */
export class Latest {
  readonly #pause: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: AbortController | undefined;

  /** `pause`: milliseconds without a change before work begins. */
  constructor(pause: number) {
    this.#pause = pause;
  }

  /** Begins `work` after the pause, and has whatever was begun before given up. */
  start(work: (signal: AbortSignal) => Promise<void>): void {
    this.stop();
    const mine = new AbortController();
    this.#running = mine;
    this.#timer = setTimeout(() => void work(mine.signal), this.#pause);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#running?.abort();
  }
}
