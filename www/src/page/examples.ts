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

const REFERENCES = 3;
let turn = 0;

/** The next made-up writer's references, and a questioned signature that is theirs or an imitation of it. */
export async function nextCase(questioned: "genuine" | "forged"): Promise<Case> {
  const response = await fetch(new URL("examples.json", document.baseURI));
  if (!response.ok) throw new Error(`the examples could not be downloaded (status ${response.status}); draw instead`);
  const { writers } = (await response.json()) as Examples;
  const writer = writers[turn++ % writers.length];
  const strokes = questioned === "genuine" ? writer?.genuine[REFERENCES] : writer?.forged[0];
  if (!writer || !strokes) throw new Error("there are no examples here; draw instead");
  return {
    references: writer.genuine.slice(0, REFERENCES).map((drawn) => fromStrokes(drawn, "made up")),
    questioned: fromStrokes(strokes, "made up"),
  };
}
