/** Every questioned signature of a folder against its writer's first references. */
import { type Countersign, CountersignError, type ErrorCode, type Template } from "../../public/index.ts";
import { type Found, MOST_BYTES, type Writer } from "./layout.ts";

/** One questioned signature. */
export interface Scored {
  readonly writer: string;
  readonly path: string;
  readonly genuine: boolean;
  readonly llr: number;
  readonly decision: string;
}

/** What could not be compared, and why. */
export interface Unreadable {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

export interface Outcome {
  readonly references: number;
  readonly scores: readonly Scored[];
  readonly unreadable: readonly Unreadable[];
}

export interface RunOptions {
  /** References a writer: the first ones that can be read. */
  readonly references: number;
  readonly signal: AbortSignal;
  /** So many of all files are done. */
  readonly onProgress: (done: number, total: number) => void;
}

/**
 * @throws The signal's reason when it is aborted; a CountersignError that is not about one file, after which the scores of
 * a part would pass for those of all.
 */
export async function run(
  checker: Pick<Countersign, "enrol" | "check">,
  writers: readonly Writer[],
  { references, signal, onProgress }: RunOptions,
): Promise<Outcome> {
  const scores: Scored[] = [];
  const unreadable: Unreadable[] = [];
  const total = writers.reduce((sum, { genuine, forged }) => sum + genuine.length + forged.length, 0);
  let done = 0;
  const step = (by = 1): void => onProgress((done += by), total);

  for (const { name, genuine, forged } of writers) {
    const usable: Found[] = [];
    let rest = genuine;
    while (usable.length < references && rest.length > 0) {
      const [next, ...later] = rest as [Found, ...Found[]];
      rest = later;
      const enrolled = await attempt(next, unreadable, () => checker.enrol([next.file], { signal }));
      if (enrolled) usable.push(next);
      step();
    }
    const place = { path: `${name}/genuine`, file: undefined };
    const template =
      usable.length === references
        ? await attempt(place, unreadable, () => checker.enrol(usable.map(({ file }) => file), { signal }))
        : lacking(place.path, usable.length, references, unreadable);
    const questioned = [...rest.map((found) => ({ found, genuine: true })), ...forged.map((found) => ({ found, genuine: false }))];
    if (!template) {
      step(questioned.length);
      continue;
    }
    for (const { found, genuine } of questioned) {
      const verdict = await attempt(found, unreadable, () => checker.check(template, found.file, { signal }));
      if (verdict) scores.push({ writer: name, path: found.path, genuine, llr: verdict.llr, decision: verdict.decision });
      step();
    }
  }
  return { references, scores, unreadable };
}

/** What is wrong with one file or one writer's references; after anything else the next would fail as well. */
const OF_ONE: readonly ErrorCode[] = [
  "not-an-image",
  "damaged-image",
  "empty-image",
  "image-too-large",
  "unreadable-file",
  "blank-page",
  "too-little-ink",
  "references-disagree",
  "same-reference",
];

/** What `work` gives, or undefined with a line in `unreadable`. */
async function attempt<T>(
  { path, file }: { readonly path: string; readonly file: File | undefined },
  unreadable: Unreadable[],
  work: () => Promise<T>,
): Promise<T | undefined> {
  if (file && file.size > MOST_BYTES) {
    unreadable.push({ path, code: "image-too-large", message: `the file has more than ${MOST_BYTES >> 20} MiB` });
    return undefined;
  }
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof CountersignError) || !OF_ONE.includes(thrown.code)) throw thrown;
    const { code, message } = thrown;
    unreadable.push({ path, code, message: message.replace(/^reference 1 cannot be used: /, "") });
    return undefined;
  }
}

function lacking(path: string, given: number, references: number, unreadable: Unreadable[]): Template | undefined {
  const message = `${given} genuine signatures can be read, ${references} are needed as references; the writer is left out`;
  unreadable.push({ path, code: "reference-count", message });
  return undefined;
}
