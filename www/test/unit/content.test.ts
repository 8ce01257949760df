import { expect, test } from "vitest";
import { FieldJson, type FieldValue, fromValue, toValue } from "../../src/element/content.ts";
import type { Verdict } from "../../src/public/index.ts";

const strokes = [[{ x: 1, y: 2, t: 0, pressure: 0.5 }, { x: 3, y: 4, t: 8, pressure: 0.7 }]];

test("a value carries strokes, verdict, model and time, and gives the strokes back", () => {
  const verdict = { decision: "match", llr: 3, model: "countersign@0123", heatmap: { values: [1] } } as unknown as Verdict;
  const json = toValue({ kind: "strokes", strokes }, { verdict, time: "2026-01-01T00:00:00.000Z" });
  expect(JSON.parse(json) as FieldValue).toEqual({
    signature: { kind: "strokes", strokes },
    verdict: { decision: "match", llr: 3, model: "countersign@0123" },
    model: "countersign@0123",
    time: "2026-01-01T00:00:00.000Z",
    skipped: false,
  });
  expect(fromValue(json)).toEqual({ kind: "strokes", strokes });
});

test("a typed name says that the check was skipped", () => {
  const json = toValue({ kind: "typed", name: "Ada" }, undefined);
  expect(JSON.parse(json) as FieldValue).toMatchObject({ skipped: true, verdict: null, model: null });
  expect(fromValue(json)).toEqual({ kind: "typed", name: "Ada" });
});

test("nothing is nothing", () => {
  expect(toValue({ kind: "empty" }, undefined)).toBe("");
  expect(fromValue("")).toEqual({ kind: "empty" });
  expect(toValue({ kind: "typed", name: " " }, undefined)).toBe("");
});

test("a picture is sent once it is encoded, and comes back as it was sent", () => {
  const file = new Blob(["a photo"], { type: "image/jpeg" });
  expect(toValue({ kind: "image", file }, undefined)).toBe("");
  const encoded = { type: "image/png", data: btoa("a small photo") };
  const json = toValue({ kind: "image", file, encoded }, undefined);
  expect((JSON.parse(json) as FieldValue).signature).toEqual({ kind: "image", ...encoded });
  const back = fromValue(json);
  expect(back).toMatchObject({ kind: "image", encoded });
  expect(toValue(back, undefined)).toBe(json);
});

test("a text is made once for a content and its verdict", () => {
  let read = 0;
  const content = {
    kind: "image" as const,
    file: new Blob(),
    get encoded() {
      read += 1;
      return { type: "image/png", data: "" };
    },
  };
  const json = new FieldJson();
  const once = json.of(content, undefined);
  const [reads] = [read];
  expect(json.of(content, undefined)).toBe(once);
  expect(read).toBe(reads);
  json.of(content, { verdict: { decision: "match" } as Verdict, time: "" });
  expect(read).toBeGreaterThan(reads);
});

test.each([
  "no JSON",
  "3",
  "{}",
  '{"signature":{"kind":"strokes","strokes":[[]]}}',
  '{"signature":{"kind":"strokes","strokes":[[{"x":"1","y":2}]]}}',
  '{"signature":{"kind":"image","type":"image/png","data":"*"}}',
])("what is no value leaves the field empty: %s", (json) => {
  expect(fromValue(json)).toEqual({ kind: "empty" });
});
