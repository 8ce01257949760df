/** Signatures made by a program, so that the page can be tried without real ones. */
import type { Strokes } from "../public/index.ts";
import { fromStrokes, type Mark } from "./mark.ts";

/** The form of `examples.json`. */
interface Examples {
  readonly writers: readonly { readonly genuine: readonly Strokes[]; readonly forged: readonly Strokes[] }[];
}

export interface Case {
  readonly references: readonly Mark[];
  readonly questioned: Mark;
}

/** Who wrote the questioned signature: the writer, somebody imitating the writer, or somebody else for themselves. */
export type Author = "writer" | "imitator" | "stranger";

const REFERENCES = 3;
let turn = 0;

/** The next made-up writer's references, and a questioned signature by `author`. */
export async function nextCase(author: Author): Promise<Case> {
  const { writers } = await examples();
  const made = caseOf(writers, turn % writers.length, author);
  turn += 1;
  return made;
}

/** A made-up person's signatures. */
export interface Person {
  readonly name: string;
  readonly genuine: readonly Strokes[];
  readonly forged: readonly Strokes[];
}

/** The made-up writers, with names to tell them apart. */
export async function people(): Promise<Person[]> {
  const { writers } = await examples();
  return writers.map((writer, index) => ({ name: `Writer ${String.fromCharCode(65 + index)}`, ...writer }));
}

/** The questioned signature that `author` made for the writer at `index`, beside references by that writer. */
export function caseOf(writers: Examples["writers"], index: number, author: Author): Case {
  const writer = writers[index];
  const stranger = writers[(index + 1) % writers.length];
  const by = { writer: writer?.genuine[REFERENCES], imitator: writer?.forged[0], stranger: stranger?.genuine[0] };
  const strokes = by[author];
  if (!writer || !strokes) throw new Error("there are no examples here; draw instead");
  return {
    references: writer.genuine.slice(0, REFERENCES).map((drawn) => fromStrokes(drawn, "made up")),
    questioned: fromStrokes(strokes, "made up"),
  };
}

async function examples(): Promise<Examples> {
  const response = await fetch(new URL("examples.json", document.baseURI));
  if (!response.ok) throw new Error(`the examples could not be downloaded (status ${response.status}); draw instead`);
  return (await response.json()) as Examples;
}
