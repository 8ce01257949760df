import { snapshot } from "../internal/input.ts";
import type { Countersign } from "./countersign.ts";
import { CountersignError } from "./errors.ts";
import type { Source } from "./source.ts";
import type { CallOptions, Template, Verdict } from "./types.ts";

/** The part of a checker that enrolment needs. */
export type Enroller = Pick<Countersign, "enrol" | "check">;

/** Fewer references make checks unsure. */
export const LEAST_REFERENCES = 3;
/** As many as the Rust side takes. */
export const MOST_REFERENCES = 10;

/** What became of a signature that was given. */
export type Added =
  | { readonly kept: true; readonly verdict: Verdict }
  /** Its picture is poor: `verdict.quality` says how; or it differs from those before as another hand's does. */
  | { readonly kept: false; readonly why: "quality" | "differs"; readonly verdict: Verdict };

interface Kept {
  readonly source: Source;
  readonly agreement: number | undefined;
}

/** What makes a picture useless as a reference; a shadow or pale ink is cleaned away. */
const DEFECTS = ["too-small", "clipped-at-edge"];

/**
 * Enrols a writer signature by signature, and refuses those that would spoil the template.
 *
 * Calls made at once take their turns: each signature is compared with all that were given before it.
 *
 * ```ts
 * const enrolment = new Enrolment(countersign);
 * const added = await enrolment.add(strokes);
 * const template = enrolment.finish();
 * ```
 */
export class Enrolment {
  readonly #checker: Enroller;
  #kept: Kept[] = [];
  #template: Template | undefined;
  /** Settles when what was asked for last is done. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(checker: Enroller) {
    this.#checker = checker;
  }

  /** The signatures that were kept, as they were when they were given, and in that order. */
  get references(): readonly Source[] {
    return this.#kept.map(({ source }) => source);
  }

  /**
   * How well the signatures agree with those before them, 0 to 1: the mean of their scores. Undefined before there
   * are two.
   */
  get consistency(): number | undefined {
    const agreements = this.#kept.flatMap(({ agreement }) => agreement ?? []);
    if (agreements.length === 0) return undefined;
    return agreements.reduce((sum, agreement) => sum + agreement, 0) / agreements.length;
  }

  /**
   * Compares a signature with those before it, and keeps it if it fits.
   *
   * @throws CountersignError as `Countersign.enrol`; then nothing is kept.
   */
  add(source: Source, options: CallOptions = {}): Promise<Added> {
    const own = snapshot(source);
    // Told in its turn.
    own.catch(() => undefined);
    return this.#inTurn(async () => this.#add(await own, options));
  }

  /**
   * Takes one out again: the one that is at `index` now, whatever waits for its turn.
   *
   * @throws CountersignError as `Countersign.enrol`, `references-disagree` above all: how well signatures have to agree depends
   * on how many there are, and those left may not do. Then all stay, and another one may be taken out first.
   */
  remove(index: number, options: CallOptions = {}): Promise<void> {
    const one = this.#kept[index];
    return this.#inTurn(() => this.#remove(one, options));
  }

  /**
   * The template of all that were kept.
   *
   * @throws CountersignError `reference-count` while there are fewer than three.
   */
  finish(): Template {
    if (!this.#template || this.#kept.length < LEAST_REFERENCES) throw wrongCount(this.#kept.length);
    return this.#template;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #add(source: Source, options: CallOptions): Promise<Added> {
    if (this.#kept.length === MOST_REFERENCES) throw wrongCount(MOST_REFERENCES + 1);
    const before = this.#template;
    // The first is compared with itself, for what is said of its picture.
    const verdict = await this.#checker.check(before ?? (await this.#checker.enrol([source], options)), source, options);
    const poor = verdict.quality.some(({ of, code }) => of === "questioned" && DEFECTS.includes(code));
    if (poor) return { kept: false, why: "quality", verdict };
    if (before && verdict.decision === "mismatch") return { kept: false, why: "differs", verdict };
    try {
      this.#template = await this.#checker.enrol([...this.references, source], options);
    } catch (error) {
      // It fits each by itself well enough, but all together not.
      const disagrees = error instanceof CountersignError && error.code === "references-disagree";
      if (before && disagrees) return { kept: false, why: "differs", verdict };
      throw error;
    }
    this.#kept.push({ source, agreement: before && verdict.score });
    return { kept: true, verdict };
  }

  async #remove(one: Kept | undefined, options: CallOptions): Promise<void> {
    if (!one || !this.#kept.includes(one)) return;
    const kept = this.#kept.filter((other) => other !== one);
    this.#template = kept.length > 0 ? await this.#checker.enrol(kept.map(({ source }) => source), options) : undefined;
    this.#kept = kept;
  }
}

function wrongCount(given: number): CountersignError {
  return new CountersignError(
    "reference-count",
    `${given} reference signatures were given; give ${LEAST_REFERENCES} to ${MOST_REFERENCES}`,
  );
}
