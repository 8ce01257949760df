/** The loaded model, its progress bar and the choice of backend. */
import { type Choice, Countersign, CountersignError, type LoadOptions, type Progress } from "../public/index.ts";
import { find } from "./element.ts";
import { megabytes } from "./words.ts";

type Asked = NonNullable<LoadOptions["backend"]>;

export interface EngineListener {
  /** A model was loaded or given up. */
  readonly onChange: () => void;
  readonly onError?: (error: CountersignError) => void;
}

export class Engine {
  readonly #listeners: EngineListener[] = [];
  readonly #status = find("#engine", HTMLElement);
  readonly #bar = find("#progress", HTMLProgressElement);
  readonly #choice = find("#backend", HTMLSelectElement);
  readonly #retry = find("#retry", HTMLButtonElement);
  #loaded: Countersign | undefined;
  /** Aborted when another attempt begins. */
  #attempt = new AbortController();

  constructor() {
    const asked = new URLSearchParams(location.search).get("backend");
    if (asked && isChoice(asked)) this.#choice.value = asked;
    this.#choice.addEventListener("change", () => void this.load());
    this.#retry.addEventListener("click", () => {
      // The button goes while it is tried.
      this.#choice.focus();
      void this.load();
    });
  }

  listen(listener: EngineListener): void {
    this.#listeners.push(listener);
  }

  get loaded(): Countersign | undefined {
    return this.#loaded;
  }

  /** Loads with the chosen backend; a choice made meanwhile wins. */
  async load(): Promise<void> {
    this.#attempt.abort();
    this.#attempt = new AbortController();
    const { signal } = this.#attempt;
    this.#retry.hidden = true;
    this.#loaded?.dispose();
    this.#loaded = undefined;
    this.#changed();
    this.#show("Getting the model", undefined);
    const backend = isChoice(this.#choice.value) ? this.#choice.value : "auto";
    try {
      const onProgress = (progress: Progress): void => {
        if (!signal.aborted) this.#progress(progress);
      };
      const onBackend = ({ reason }: Choice): void => {
        if (!signal.aborted) this.#status.textContent = reason;
      };
      const loaded = await Countersign.load({ backend, signal, onProgress, onBackend });
      this.#loaded = loaded;
      this.#bar.hidden = true;
      this.#status.textContent = loaded.reason;
      this.#changed();
    } catch (thrown) {
      if (signal.aborted) return;
      // Where one file has failed, the others may still come in.
      this.#attempt.abort();
      this.#retry.hidden = false;
      this.#bar.hidden = true;
      const error = CountersignError.from(thrown, "worker-failed");
      this.#status.textContent = `Not loaded (${error.code})`;
      for (const { onError } of this.#listeners) onError?.(error);
    }
  }

  #changed(): void {
    for (const { onChange } of this.#listeners) onChange();
  }

  #progress({ stage, loaded, total }: Progress): void {
    if (stage === "start") {
      this.#show("Testing the model on known signatures", undefined);
      return;
    }
    this.#show(`Getting program and model: ${megabytes(loaded)} of ${megabytes(total)} MB`, loaded / total);
  }

  #show(text: string, share: number | undefined): void {
    this.#status.textContent = text;
    this.#bar.hidden = false;
    if (share === undefined) this.#bar.removeAttribute("value");
    else this.#bar.value = share;
  }
}

function isChoice(value: string): value is Asked {
  return value === "auto" || value === "webgpu" || value === "cpu";
}
