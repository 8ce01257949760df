import { expect, test } from "vitest";
import { answerText } from "../../src/page/identify/answer.ts";
import { shares } from "../../src/page/identify/bars.ts";
import { refusal } from "../../src/page/identify/people.ts";
import { shape, SHAPE_COUNT } from "../../src/page/identify/shapes.ts";

test("shares add up to one and keep the ratios of the likelihoods", () => {
  const [a = 0, b = 0, c = 0] = shares([Math.log(6), Math.log(3), 0]);
  expect([a, b, c].map((share) => Number(share.toFixed(9)))).toEqual([0.6, 0.3, 0.1]);
  // What is common to all cancels out, and nothing overflows.
  expect(shares([2000, 1000])).toEqual([1, 0]);
  expect(shares([-5, -5])).toEqual([0.5, 0.5]);
});

test("a name is needed, and each is given once", () => {
  expect(refusal("", [])).toContain("a name");
  expect(refusal("Anna", ["Anna"])).toContain("already");
  expect(refusal("Anna", ["Ben"])).toBeUndefined();
  expect(refusal("Anna", Array.from({ length: 50 }, String))).toContain("at most");
});

type Decision = "match" | "unsure" | "mismatch";

/** What is said of these candidates, of whom the first is Anna. */
function said(fpir: number | undefined, ...candidates: readonly (readonly [accepted: boolean | undefined, decision: Decision])[]): string {
  const ranked = candidates.map(([accepted, decision], index) => ({ index, accepted, verdict: { decision, llr: 0, open_llr: 0, score: 0.5, references: [] } }));
  return answerText(Object.assign(ranked, fpir === undefined ? {} : { fpir }), "Anna");
}

test("somebody is named who is accepted, by an own match", () => {
  expect(said(0.01, [true, "match"], [false, "mismatch"])).toBe("This looks like the hand of Anna.");
  expect(said(0.01, [true, "unsure"], [false, "unsure"])).toMatch(/^If it is one of these/);
});

test("where nobody is accepted it is none of these, at the rate that was kept", () => {
  const weak = "It is taken for none of these (at 1 % false identifications). The likeliest is Anna, but the evidence is too weak to name anybody.";
  for (const decision of ["match", "unsure"] as const) expect(said(0.01, [false, decision], [false, "mismatch"])).toBe(weak);
  expect(said(0.001, [false, "unsure"])).toContain("(at 0.1 % false identifications)");
});

test("another hand is spoken of where everybody is a mismatch, and not where somebody behind the first is unsure", () => {
  const all = "It is none of these (at 1 % false identifications): even Anna, the likeliest, differs as another hand does.";
  expect(said(0.01, [false, "mismatch"], [false, "mismatch"])).toBe(all);
  expect(said(0.01, [false, "mismatch"], [false, "unsure"])).toMatch(/^It is taken for none of these/);
});

test("without a rate nobody is ruled out", () => {
  for (const decision of ["match", "unsure", "mismatch"] as const) expect(said(undefined, [undefined, decision])).toMatch(/^If it is one of these/);
});

test("a made-up symbol is drawn a little differently each time", () => {
  for (let number = 0; number < SHAPE_COUNT; number += 1) {
    const [once, again] = [shape(number, 0), shape(number, 1)];
    expect(once).not.toEqual(again);
    expect(once.map((stroke) => stroke.length)).toEqual(again.map((stroke) => stroke.length));
  }
});
