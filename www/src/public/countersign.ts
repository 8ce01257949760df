import { toInput } from "../internal/input.ts";
import { WorkerLine } from "../internal/line.ts";
import type { LoadRequest, Loaded } from "../internal/protocol.ts";
import { CountersignError } from "./errors.ts";
import type { Source } from "./source.ts";
import type { Backend, CheckOptions, LoadOptions, Template, Verdict } from "./types.ts";

/**
 * A loaded model, ready to compare signatures.
 *
 * All work happens in a worker of its own; calls made at the same time wait for one another. Nothing leaves
 * the page: the only requests are for the module and the model, from where the page itself came.
 *
 * ```ts
 * const countersign = await Countersign.load();
 * const template = await countersign.enrol([fileA, fileB]);
 * const verdict = await countersign.check(template, questioned, { explain: true });
 * countersign.dispose();
 * ```
 */
export class Countersign {
  /** What computes. */
  readonly backend: Backend;
  /** The backend and why it was chosen, in words: `WebGPU: NVIDIA ...` or `CPU: no graphics adapter answers`. */
  readonly reason: string;
  /** The name of the loaded model. */
  readonly model: string;
  readonly #line: WorkerLine;

  private constructor(line: WorkerLine, loaded: Loaded) {
    this.#line = line;
    this.backend = loaded.backend;
    this.reason = loaded.reason;
    this.model = loaded.model;
  }

  /**
   * Starts the worker, downloads module and model, and has the model answer known questions before it is used.
   *
   * @throws CountersignError `download-failed`, `invalid-manifest`, `weights-hash`, `weights-shape`;
   * with `backend: "webgpu"` also `no-adapter`, `device-refused` and `self-test`.
   */
  static async load(options: LoadOptions = {}): Promise<Countersign> {
    const worker = new Worker(new URL("../internal/worker.ts", import.meta.url), { type: "module", name: "countersign" });
    const line = new WorkerLine(worker);
    try {
      const loaded = await line.call("load", loadRequest(options), { onProgress: options.onProgress });
      return new Countersign(line, loaded);
    } catch (error) {
      line.close(new CountersignError("disposed", "this checker was never loaded; load it again"));
      throw error;
    }
  }

  /**
   * Turns the reference signatures of one writer into a template.
   *
   * @throws CountersignError what is wrong with a reference: `not-an-image`, `damaged-image`, `image-too-large`,
   * `empty-image`, `blank-page`, `too-little-ink`, `invalid-strokes`; `reference-count` when there are too few or too many;
   * `references-disagree` when they do not look as if by one hand.
   */
  async enrol(references: readonly Source[]): Promise<Template> {
    const inputs = await Promise.all(references.map(toInput));
    return this.#line.call("enrol", { inputs });
  }

  /**
   * Compares a questioned signature with a template.
   *
   * @throws CountersignError as `enrol`, and `invalid-template`, `template-model`, `invalid-option`, `device-failed`.
   */
  async check(template: Template, questioned: Source, options: CheckOptions = {}): Promise<Verdict> {
    const input = await toInput(questioned);
    return this.#line.call("check", { template, questioned: input, options });
  }

  /** Stops the worker and frees its memory. Calls still waiting are rejected with `disposed`. */
  dispose(): void {
    this.#line.close(new CountersignError("disposed", "this checker was disposed of; load a new one"));
  }
}

/** Addresses are resolved here because a worker resolves them against its own script. */
function loadRequest(options: LoadOptions): LoadRequest {
  const absolute = (url: string | URL): string => new URL(url, document.baseURI).href;
  const folder = absolute(options.weightsUrl ?? "models/countersign/");
  return {
    backend: options.backend ?? "auto",
    weightsUrl: folder.endsWith("/") ? folder : `${folder}/`,
    wasmUrl: options.wasmUrl && { cpu: absolute(options.wasmUrl.cpu), webgpu: absolute(options.wasmUrl.webgpu) },
  };
}
