/** Measures both backends one after the other and writes the medians as a Markdown table. */
import { type Backend, Countersign, CountersignError, type Strokes } from "../public/index.ts";
import { element, find } from "../page/element.ts";
import { milliseconds } from "../page/words.ts";

const REFERENCES = 3;
/** A software adapter takes a second and more for each check. */
const REPEATS: Record<Backend, number> = { cpu: 50, webgpu: 15 };

const rows = [
  "| backend | load | enrol 3, median | check, first | check, median | checks |",
  "|---|---|---|---|---|---|",
];
for (const backend of ["cpu", "webgpu"] as const) {
  rows.push(await measure(backend));
  find("#table", HTMLElement).textContent = rows.join("\n");
}
document.body.append(element("p", { id: "done" }, "Done."));

async function measure(backend: Backend): Promise<string> {
  try {
    const { references, questioned } = await example();
    const load = await timed(() => Countersign.load({ backend }));
    const countersign = load.value;
    const first = await timed(async () => countersign.check(await countersign.enrol(references), questioned));
    const enrol: number[] = [];
    const check: number[] = [];
    let template = await countersign.enrol(references);
    for (let turn = 0; turn < REPEATS[backend]; turn += 1) {
      if (turn % 5 === 0) {
        const enrolled = await timed(() => countersign.enrol(references));
        template = enrolled.value;
        enrol.push(enrolled.ms);
      }
      check.push((await timed(() => countersign.check(template, questioned))).ms);
    }
    const cells = [load.ms, median(enrol), first.ms, median(check)].map(milliseconds);
    countersign.dispose();
    return `| ${countersign.reason} | ${cells.join(" | ")} | ${check.length} |`;
  } catch (thrown) {
    const { code, message } = CountersignError.from(thrown, "worker-failed");
    return `| ${backend}: ${code}, ${message} | | | | | 0 |`;
  }
}

async function example(): Promise<{ references: Strokes[]; questioned: Strokes }> {
  const response = await fetch(new URL("examples.json", document.baseURI));
  const { writers } = (await response.json()) as { writers: { genuine: Strokes[] }[] };
  const genuine = writers[0]?.genuine ?? [];
  const questioned = genuine[REFERENCES];
  if (!questioned) throw new Error("examples.json holds too few signatures");
  return { references: genuine.slice(0, REFERENCES), questioned };
}

async function timed<T>(work: () => Promise<T>): Promise<{ value: T; ms: number }> {
  const start = performance.now();
  const value = await work();
  return { value, ms: performance.now() - start };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[sorted.length % 2 ? middle : middle - 1], sorted[middle]];
  return ((low ?? NaN) + (high ?? NaN)) / 2;
}
