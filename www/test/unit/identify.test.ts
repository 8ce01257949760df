import { expect, test } from "vitest";
import { shares } from "../../src/page/identify/bars.ts";
import { answerText, refusal } from "../../src/page/identify/people.ts";
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

test("nobody is named who is not accepted, or not by an own match", () => {
  const said = (accepted: boolean, decision: "match" | "unsure" | "mismatch") =>
    answerText({ index: 0, accepted, verdict: { decision, llr: 0, score: 0.5, references: [] } }, "Anna");
  expect(said(true, "match")).toBe("This looks like the hand of Anna.");
  for (const weak of [said(true, "unsure"), said(false, "unsure"), said(false, "match")]) expect(weak).toMatch(/^If it is one of these/);
  expect(said(false, "mismatch")).toMatch(/^It is none of these/);
});

test("a made-up symbol is drawn a little differently each time", () => {
  for (let number = 0; number < SHAPE_COUNT; number += 1) {
    const [once, again] = [shape(number, 0), shape(number, 1)];
    expect(once).not.toEqual(again);
    expect(once.map((stroke) => stroke.length)).toEqual(again.map((stroke) => stroke.length));
  }
});
