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
  /** Beside the status, of which every change is read out. */
  readonly #amount = find("#amount", HTMLElement);
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
    this.#show("Getting program and model", true);
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
      this.#show(loaded.reason, false);
      this.#changed();
    } catch (thrown) {
      if (signal.aborted) return;
      // Where one file has failed, the others may still come in.
      this.#attempt.abort();
      this.#retry.hidden = false;
      const error = CountersignError.from(thrown, "worker-failed");
      this.#show(`Not loaded (${error.code})`, false);
      for (const { onError } of this.#listeners) onError?.(error);
    }
  }

  #changed(): void {
    for (const { onChange } of this.#listeners) onChange();
  }

  #progress({ stage, loaded, total }: Progress): void {
    if (stage === "start") return this.#show("Testing the model on known signatures", true);
    this.#bar.value = loaded / total;
    this.#amount.textContent = `${megabytes(loaded)} of ${megabytes(total)} MB`;
  }

  #show(text: string, loading: boolean): void {
    this.#status.textContent = text;
    this.#amount.textContent = "";
    this.#bar.hidden = !loading;
    this.#bar.removeAttribute("value");
  }
}

function isChoice(value: string): value is Asked {
  return value === "auto" || value === "webgpu" || value === "cpu";
}
