import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { dropped } from "../../src/page/batch/folder.ts";
import { type Found, LayoutError, MOST_BYTES, MOST_FILES, writersIn } from "../../src/page/batch/layout.ts";
import { equalErrorRate, points, probit } from "../../src/page/batch/metrics.ts";
import { axis, counted } from "../../src/page/batch/plots.ts";
import { run } from "../../src/page/batch/run.ts";
import { csv, json } from "../../src/page/batch/scores.ts";
import { CountersignError, type ErrorCode, type Verdict } from "../../src/public/index.ts";

const fixture = (name: string) => readFileSync(new URL(`../../../tests/fixtures/metrics/${name}`, import.meta.url), "utf8");

describe("error rates", () => {
  test("are those of independent programs, as on the Rust side", () => {
    const rows = fixture("scores.csv").trim().split("\n").slice(1).map((line) => line.split(","));
    const of = (label: string) => rows.filter(([kind]) => kind === label).map(([, score]) => Number(score));
    const expected = JSON.parse(fixture("expected.json")) as { eer: number; points: [number, number][] };
    const curve = points(of("genuine"), of("forged"));
    expect(equalErrorRate(curve)).toBeCloseTo(expected.eer, 9);
    expect(curve).toHaveLength(expected.points.length);
    for (const [at, [far, frr]] of expected.points.entries()) {
      expect(curve[at]?.far).toBeCloseTo(far, 12);
      expect(curve[at]?.frr).toBeCloseTo(frr, 12);
    }
  });

  // The cases of src/evaluate/metrics/tests.rs.
  test("of separated, exchanged, equal and missing scores", () => {
    const eer = (genuine: number[], forged: number[]) => equalErrorRate(points(genuine, forged));
    expect(eer([2, 3], [0, 1])).toBe(0);
    expect(eer([0, 1], [2, 3])).toBe(1);
    expect(eer([1, 4, 5, 6], [0, 0.5, 2, 4.5])).toBe(0.25);
    expect(eer([1, 1, 1], [1, 1])).toBe(0.5);
    expect([eer([], [1]), eer([1], []), eer([NaN], [1])]).toEqual([undefined, undefined, undefined]);
  });

  test("have an axis of normal deviates", () => {
    const known: [number, number][] = [[0.5, 0], [0.841344746068543, 1], [0.022750131948179, -2], [0.001, -3.090232306167813]];
    for (const [share, deviate] of known) expect(probit(share)).toBeCloseTo(deviate, 7);
    expect([probit(0), probit(1)]).toEqual([-Infinity, Infinity]);
    const place = axis([0.01, 0.1, 0.5]);
    expect([place(0), place(0.01), place(0.5), place(1)]).toEqual([0, 0, 1, 1]);
    expect(place(0.1)).toBeGreaterThan(0.4);
  });

  test("have a histogram that loses no score", () => {
    const bins = counted([-100, -0.1, 0.1, 100]);
    expect(bins.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
    expect([bins[0], bins[11], bins[12], bins[23]]).toEqual([0.25, 0.25, 0.25, 0.25]);
  });
});

function found(path: string, size = 10): Found {
  return { path, file: { name: path.split("/").at(-1), size } as File };
}

describe("a folder", () => {
  test("is sorted into writers, by number where names have one", () => {
    const paths = ["all/w10/genuine/2.png", "all/w10/genuine/10.png", "all/w2/genuine/a.png", "all/w2/forged/b.png", "all/w2/.DS_Store", "all/readme.txt"];
    const writers = writersIn(paths.map((path) => found(path)));
    expect(writers.map(({ name, genuine, forged }) => [name, genuine.length, forged.length])).toEqual([["all/w2", 1, 1], ["all/w10", 2, 0]]);
    expect(writers[1]?.genuine.map(({ path }) => path)).toEqual(["all/w10/genuine/2.png", "all/w10/genuine/10.png"]);
  });

  test("that is laid out in another way is told what was expected", () => {
    const wrong = (...paths: string[]) => () => writersIn(paths.map((path) => found(path)));
    for (const refused of [wrong(), wrong("a/notes.txt"), wrong("genuine/1.png")]) expect(refused).toThrow(LayoutError);
    expect(wrong("all/w/1.png")).toThrow("all/w/1.png is neither genuine nor forged; expected a folder that holds WRITER/genuine/*");
    expect(wrong("all/w/forged/1.png")).toThrow("all/w holds no genuine signature");
    const many = Array.from({ length: MOST_FILES + 1 }, (_, index) => `a/w/genuine/${index}.png`);
    expect(wrong(...many)).toThrow("more than 5,000 files");
  });
});

describe("a drop", () => {
  const entry = (fullPath: string) => ({ isFile: true, fullPath, file: (done: (file: File) => void) => done({ name: fullPath } as File) });
  /** A folder whose reader gives its children in parts, as browsers do. */
  const tree = (...children: unknown[]) => ({
    isDirectory: true,
    createReader: () => {
      const parts = [children.slice(0, 1), children.slice(1), []];
      return { readEntries: (done: (part: unknown) => void) => done(parts.shift() ?? []) };
    },
  });
  const drop = (...entries: unknown[]) => ({ items: entries.map((one) => ({ webkitGetAsEntry: () => one })) }) as unknown as DataTransfer;

  test("is read to the end of its folders", async () => {
    const files = await dropped(drop(tree(tree(entry("/a/w/genuine/1.png"), entry("/a/w/genuine/2.png")), entry("/a/x.txt"))));
    expect(files.map(({ path }) => path).sort()).toEqual(["a/w/genuine/1.png", "a/w/genuine/2.png", "a/x.txt"]);
    expect(await dropped(null)).toEqual([]);
  });

  test("of too many files is given up", async () => {
    const many = Array.from({ length: MOST_FILES + 2 }, (_, index) => entry(`/a/${index}.png`));
    await expect(dropped(drop(tree(...many)))).rejects.toThrow("more than 5,000 files");
  });
});

/** Answers by the names of files: `bad` ones are refused, the number in the others is their score. */
function checker() {
  const enrolled: string[][] = [];
  const named = (file: unknown): string => (file as File).name;
  const judge = (file: unknown): void => {
    if (named(file).startsWith("bad")) throw new CountersignError("not-an-image", "this is no image; give one");
    if (named(file).startsWith("lost")) throw new CountersignError("device-failed", "the device broke down");
  };
  return {
    enrolled,
    enrol: async (files: readonly unknown[]) => {
      files.forEach(judge);
      enrolled.push(files.map(named));
      return new Uint8Array();
    },
    check: async (_: Uint8Array, file: unknown) => {
      judge(file);
      return { llr: Number.parseFloat(named(file)), decision: "unsure" } as unknown as Verdict;
    },
  };
}

describe("a run", () => {
  const signal = new AbortController().signal;
  const writer = (name: string, genuine: string[], forged: string[]) => ({
    name,
    genuine: genuine.map((file) => found(`${name}/genuine/${file}`)),
    forged: forged.map((file) => found(`${name}/forged/${file}`)),
  });

  test("compares all but the first readable references and lists what it leaves out", async () => {
    const fake = checker();
    const steps: number[] = [];
    const writers = [writer("a", ["bad.png", "1.png", "2.png", "3.png"], ["-1.png", "bad2.png"]), writer("b", ["1.png"], ["-2.png"])];
    const outcome = await run(fake, writers, { references: 2, signal, onProgress: (done, total) => steps.push(done, total) });
    expect(fake.enrolled.at(-2)).toEqual(["1.png", "2.png"]);
    expect(outcome.scores.map(({ path, genuine, llr }) => [path, genuine, llr])).toEqual([
      ["a/genuine/3.png", true, 3],
      ["a/forged/-1.png", false, -1],
    ]);
    expect(outcome.unreadable.map(({ path, code }) => [path, code])).toEqual([
      ["a/genuine/bad.png", "not-an-image"],
      ["a/forged/bad2.png", "not-an-image"],
      ["b/genuine", "reference-count"],
    ]);
    expect(steps.slice(-2)).toEqual([8, 8]);
  });

  test("reads no file that is too large", async () => {
    const large = { name: "a", genuine: [found("a/genuine/1.png", MOST_BYTES + 1)], forged: [] };
    const { unreadable } = await run(checker(), [large], { references: 1, signal, onProgress: () => undefined });
    expect(unreadable[0]?.code).toBe("image-too-large");
  });

  test.each<ErrorCode>(["no-adapter", "device-refused", "backend-missing", "invalid-manifest", "weights-shape", "invalid-template"])(
    "ends when every other file would fail as well: %s",
    async (code) => {
      const gone = { ...checker(), check: () => Promise.reject(new CountersignError(code, "gone")) };
      await expect(run(gone, [writer("a", ["1.png", "2.png"], [])], { references: 1, signal, onProgress: () => undefined })).rejects.toMatchObject({ code });
    },
  );

  test("ends when it is cancelled or the device fails, and gives no score then", async () => {
    const options = { references: 1, signal, onProgress: () => undefined };
    await expect(run(checker(), [writer("a", ["1.png", "lost.png"], [])], options)).rejects.toThrow("broke down");
    const stopped = { ...checker(), check: () => Promise.reject(new DOMException("stopped", "AbortError")) };
    await expect(run(stopped, [writer("a", ["1.png", "2.png"], [])], options)).rejects.toThrow("stopped");
  });
});

test("files of scores", () => {
  const score = { writer: 'w "1", x', path: "=1+1", genuine: true, llr: 1.5, decision: "match" };
  const outcome = { references: 3, scores: [score], unreadable: [] };
  expect(csv(outcome)).toBe('writer,path,label,llr,decision\r\n"w ""1"", x",\'=1+1,genuine,1.5,match\r\n');
  expect(csv({ ...outcome, scores: [{ ...score, writer: "a;b" }] })).toContain('\r\n"a;b",');
  expect(JSON.parse(json(outcome, { model: "m", backend: "cpu", eer: null }))).toMatchObject({ eer: null, writers: 1, genuine: 1, forged: 0, scores: [score] });
});
