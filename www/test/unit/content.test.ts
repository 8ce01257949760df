import { expect, test } from "vitest";
import { type FieldValue, fromValue, toValue } from "../../src/element/content.ts";
import type { Verdict } from "../../src/public/index.ts";

const strokes = [[{ x: 1, y: 2, t: 0, pressure: 0.5 }, { x: 3, y: 4, t: 8, pressure: 0.7 }]];

test("a value carries strokes, verdict, model and time, and gives the strokes back", async () => {
  const verdict = { decision: "match", llr: 3, model: "countersign@0123", heatmap: { values: [1] } } as unknown as Verdict;
  const json = await toValue({ kind: "strokes", strokes }, { verdict, time: "2026-01-01T00:00:00.000Z" });
  expect(JSON.parse(json) as FieldValue).toEqual({
    signature: { kind: "strokes", strokes },
    verdict: { decision: "match", llr: 3, model: "countersign@0123" },
    model: "countersign@0123",
    time: "2026-01-01T00:00:00.000Z",
    skipped: false,
  });
  expect(await fromValue(json)).toEqual({ kind: "strokes", strokes });
});

test("a typed name says that the check was skipped", async () => {
  const json = await toValue({ kind: "typed", name: "Ada" }, undefined);
  expect(JSON.parse(json) as FieldValue).toMatchObject({ skipped: true, verdict: null, model: null });
  expect(await fromValue(json)).toEqual({ kind: "typed", name: "Ada" });
});

test("nothing is nothing", async () => {
  expect(await toValue({ kind: "empty" }, undefined)).toBe("");
  expect(await fromValue("")).toEqual({ kind: "empty" });
});

test.each([
  "no JSON",
  "3",
  "{}",
  '{"signature":{"kind":"strokes","strokes":[[]]}}',
  '{"signature":{"kind":"strokes","strokes":[[{"x":"1","y":2}]]}}',
  '{"signature":{"kind":"image","type":"image/png","data":"*"}}',
])("what is no value leaves the field empty: %s", async (json) => {
  expect(await fromValue(json)).toEqual({ kind: "empty" });
});
