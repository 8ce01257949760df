/// <reference lib="esnext.disposable" preserve="true" />
import { Backends } from "../internal/backends.ts";
import { Files } from "../internal/files.ts";
import { toSent } from "../internal/input.ts";
import { modelIn, shippedModel } from "../internal/model.ts";
import type { SentInput } from "../internal/protocol.ts";
import { spawn } from "../internal/spawn.ts";
import { tell } from "../internal/tell.ts";
import { CountersignError } from "./errors.ts";
import type { Source } from "./source.ts";
import type {
  Backend,
  CallOptions,
  CheckOptions,
  IdentifyOptions,
  LoadOptions,
  Ranking,
  Stages,
  Template,
  TemplateInfo,
  Verdict,
} from "./types.ts";

/**
 * A loaded model, ready to compare signatures.
 *
 * All work happens in workers of its own; calls made at the same time wait for one another. Nothing leaves the page:
 * the only requests are for the module and the model, from where the page itself came, and they are kept in the
 * browser's cache by their hash. When a worker crashes or the graphics device is lost, it is started again and the
 * call made once more; only a second failure is an error. With `backend: "auto"` the CPU then takes WebGPU's place, and
 * the call.
 *
 * ```ts
 * using countersign = await Countersign.load();
 * const template = await countersign.enrol([fileA, fileB]);
 * const verdict = await countersign.check(template, questioned, { explain: true });
 * ```
 */
export class Countersign {
  readonly #backends: Backends;

  private constructor(backends: Backends) {
    this.#backends = backends;
  }

  /**
   * What computes. With `backend: "auto"` it may change from the CPU to WebGPU until `settled`, and back where the graphics
   * device is lost for good.
   */
  get backend(): Backend {
    return this.#backends.choice.backend;
  }

  /** The backend and why it was chosen, in words: `WebGPU: NVIDIA ...` or `CPU: no graphics adapter answers`. */
  get reason(): string {
    return this.#backends.choice.reason;
  }

  /** The name of the loaded model. */
  get model(): string {
    return this.#backends.model.name;
  }

  /** What templates name the loaded model by: one of another model has to be enrolled again. */
  get modelId(): string {
    return this.#backends.model.id;
  }

  /** Resolves when the backend will not change any more, unless the graphics device is lost. Never rejects. */
  get settled(): Promise<void> {
    return this.#backends.settled;
  }

  /** Whether `dispose` was called: then every call is rejected. */
  get disposed(): boolean {
    return this.#backends.closed;
  }

  /**
   * Downloads module and model, starts the worker, and has the model answer known questions before it is used.
   *
   * @throws CountersignError `download-failed`, `invalid-manifest`, `weights-hash`, `weights-shape`, `self-test`;
   * with `backend: "webgpu"` also `no-adapter` and `device-refused`. The signal's reason when it is aborted.
   */
  static async load(options: LoadOptions = {}): Promise<Countersign> {
    const { backend = "auto", weightsUrl, wasmUrl, signal, onProgress, onBackend } = options;
    const request = {
      backend,
      place: weightsUrl === undefined ? shippedModel() : modelIn(absolute(weightsUrl)),
      wasmUrl: wasmUrl && { cpu: absolute(wasmUrl.cpu), webgpu: absolute(wasmUrl.webgpu) },
      signal,
      onProgress,
      onBackend,
    };
    return new Countersign(await Backends.load(request, { gpu: navigator.gpu, files: new Files(), spawn }));
  }

  /**
   * Turns the reference signatures of one writer into a template.
   *
   * @throws CountersignError what is wrong with a reference: `not-an-image`, `damaged-image`, `image-too-large`,
   * `unreadable-file`, `empty-image`, `blank-page`, `too-little-ink`, `invalid-strokes`; `reference-count` when there are
   * too few or too many; `references-disagree` when they do not look as if by one hand.
   */
  async enrol(references: readonly Source[], options: CallOptions = {}): Promise<Template> {
    const inputs = await this.#read(references, options);
    return this.#backends.call("enrol", { inputs }, during(options));
  }

  /**
   * Compares a questioned signature with a template.
   *
   * @throws CountersignError as `enrol`, and `invalid-template`, `template-model`, `invalid-option`, `device-failed`.
   */
  async check(template: Template, questioned: Source, options: CheckOptions = {}): Promise<Verdict> {
    const asked = { template: copy(template), options: plain(options) };
    const [input] = await this.#read([questioned], options);
    return this.#backends.call("check", { ...asked, questioned: input }, during(options));
  }

  /**
   * Whose signature is it? Compares it with all templates at once; the likeliest writer comes first.
   *
   * With `fpir`, each candidate says whether it is `accepted`: of signatures by none of these people, at most this share
   * has any accepted candidate. Without it the list is a ranking and nothing else, and takes two templates at least.
   *
   * @throws CountersignError as `check`, and `gallery-size`, `same-reference` when two templates hold the same
   * signature, `no-impostors` when this model cannot keep a rate `fpir`.
   */
  async identify(templates: readonly Template[], questioned: Source, options: IdentifyOptions = {}): Promise<Ranking> {
    const asked = { templates: templates.map(copy), options: plain(options) };
    const [input] = await this.#read([questioned], options);
    const { candidates, ...found } = await this.#backends.call("identify", { ...asked, questioned: input }, during(options));
    const ranked = candidates.map(({ index, accepted, ...verdict }) => ({ index, verdict, accepted }));
    return Object.assign(ranked, found);
  }

  /**
   * How a signature looks at each stage between the page and a comparison, for showing it to somebody.
   *
   * @throws CountersignError what is wrong with it, as `enrol`; `device-failed`.
   */
  async stages(source: Source, options: CallOptions = {}): Promise<Stages> {
    const [input] = await this.#read([source], options);
    return this.#backends.call("stages", { input }, during(options));
  }

  /**
   * Which model made a template, and from how many signatures.
   *
   * @throws CountersignError `invalid-template`.
   */
  async inspect(template: Template, options: CallOptions = {}): Promise<TemplateInfo> {
    return this.#backends.call("inspect", { template: copy(template) }, during(options));
  }

  /** Stops the workers and frees their memory. Calls still waiting are rejected with `disposed`. */
  dispose(): void {
    this.#backends.close(new CountersignError("disposed", "this checker was disposed of; load a new one"));
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  async #read<const Sources extends readonly Source[]>(
    sources: Sources,
    { signal, onProgress }: CallOptions,
  ): Promise<{ -readonly [K in keyof Sources]: SentInput }> {
    signal?.throwIfAborted();
    let loaded = 0;
    const inputs = sources.map(async (source) => {
      const input = await toSent(source);
      tell(onProgress, { stage: "read", loaded: ++loaded, total: sources.length });
      return input;
    });
    const read = await Promise.all(inputs);
    tell(onProgress, { stage: "wait", loaded: 0, total: 0 });
    return read as { -readonly [K in keyof Sources]: SentInput };
  }
}

function during({ signal, onProgress }: CallOptions) {
  return { signal, onTurn: () => onProgress?.({ stage: "compute", loaded: 0, total: 0 }) };
}

/** The page may use its bytes for something else before the call has its turn. */
function copy(template: Template): Template {
  return new Uint8Array(template);
}

/** What Rust reads of the options; it refuses what it does not know. */
function plain<Options extends CallOptions>({ signal: _, onProgress: __, ...options }: Options) {
  return options;
}

/** Against the page's address, as a link would be. */
function absolute(url: string | URL): string {
  try {
    return new URL(url, document.baseURI).href;
  } catch (error) {
    throw new CountersignError("download-failed", `${url} is no address; give that of a folder or file`, { cause: error });
  }
}
