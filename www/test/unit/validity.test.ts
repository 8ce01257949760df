import { describe, expect, test } from "vitest";
import type { Status } from "../../src/element/session.ts";
import { ENGLISH, fill, markOf, type Strings, stringsFor } from "../../src/element/strings.ts";
import { type Policy, sentence, validity } from "../../src/element/validity.ts";
import { CountersignError, type Verdict } from "../../src/public/index.ts";

const judged = (quality: Verdict["quality"] = []) => ({ verdict: { quality } as unknown as Verdict, time: "" });
const error = new CountersignError("blank-page", "the page is blank; sign on it");

const statuses: Status[] = [
  { state: "empty" },
  { state: "pending", progress: undefined },
  { state: "match", judged: judged() },
  { state: "mismatch", judged: judged() },
  { state: "unsure", judged: judged() },
  { state: "error", error },
  { state: "skipped" },
  { state: "unchecked" },
];

function passes(policy: Policy): string[] {
  return statuses.filter((status) => validity(status, policy, ENGLISH).message === "").map(({ state }) => state);
}

describe("what a form may be sent with", () => {
  test("a match, or the signer's choice to type", () => {
    expect(passes({ required: true, onUnsure: "block" })).toEqual(["match", "skipped"]);
    expect(passes({ required: true, onUnsure: "allow" })).toEqual(["match", "unsure", "skipped"]);
    expect(passes({ required: false, onUnsure: "block" })).toEqual(["empty", "match", "skipped"]);
  });

  test("an empty required field lacks its value; everything else has a reason", () => {
    const [empty, pending] = statuses.map((status) => validity(status, { required: true, onUnsure: "block" }, ENGLISH));
    expect(empty).toEqual({ flags: { valueMissing: true }, message: ENGLISH.missing });
    expect(pending).toEqual({ flags: { customError: true }, message: ENGLISH.checking });
  });

  test("where a page wants nothing said, what blocks a form still does: a browser refuses an empty message", () => {
    const names = Object.entries(ENGLISH).map(([name, said]) => [name, typeof said === "string" ? "" : Object.fromEntries(Object.keys(said).map((code) => [code, ""]))]);
    const silent = Object.fromEntries(names) as unknown as Strings;
    const blocked = statuses.map((status) => validity(status, { required: true, onUnsure: "block" }, silent));
    expect(blocked.filter(({ flags }) => Object.keys(flags).length > 0)).toHaveLength(6);
    for (const { flags, message } of blocked) expect(message === "").toBe(Object.keys(flags).length === 0);
  });
});

describe("sentences", () => {
  test("a poor picture is said rather than that the answer is unsure", () => {
    const quality = [{ of: "questioned", number: 0, code: "too-small", message: "" }] as const;
    expect(sentence({ state: "unsure", judged: judged([...quality]) }, ENGLISH)).toBe(ENGLISH.reasons["too-small"]);
    expect(sentence({ state: "unsure", judged: judged() }, ENGLISH)).toBe(ENGLISH.unsure);
  });

  test("an error without a sentence of its own names its code", () => {
    expect(sentence({ state: "error", error }, ENGLISH)).toBe(ENGLISH.reasons["blank-page"]);
    // Of those that would be left without one that is removed.
    const disagree = new CountersignError("references-disagree", "x");
    expect(sentence({ state: "error", error: disagree }, ENGLISH)).toMatch(/Please remove another one first\.$/);
    const other = new CountersignError("worker-failed", "x");
    expect(sentence({ state: "error", error: other }, ENGLISH)).toBe(`${ENGLISH.failed} (worker-failed)`);
  });

  test("loading begins and ends; a reader does not hear every percent of it", () => {
    const said = (["download", "download", "start", "wait", "compute"] as const).map((stage, at) =>
      sentence({ state: "pending", progress: { stage, loaded: at, total: 200 } }, ENGLISH),
    );
    expect(said).toEqual([ENGLISH.loading, ENGLISH.loading, ENGLISH.loading, ENGLISH.checking, ENGLISH.checking]);
  });
});

describe("languages", () => {
  const placeholders = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(([found]) => found).sort();

  test.each(["de", "es", "fr", "hi", "zh"])("%s says everything that English says", async (language) => {
    const strings = await stringsFor(`${language}-XX`);
    expect(strings).not.toBe(ENGLISH);
    expect(Object.keys(strings).sort()).toEqual(Object.keys(ENGLISH).sort());
    expect(Object.keys(strings.reasons).sort()).toEqual(Object.keys(ENGLISH.reasons).sort());
    for (const [name, english] of Object.entries(ENGLISH)) {
      const said = strings[name as keyof Strings];
      if (typeof english !== "string" || typeof said !== "string") continue;
      expect(placeholders(said), name).toEqual(placeholders(english));
      // Signature is French, too.
      if (name !== "label") expect(said, name).not.toBe(english);
    }
  });

  test("Chinese is written in the characters of the place, or else there is English", async () => {
    const simplified = await stringsFor("zh");
    expect(simplified).not.toBe(ENGLISH);
    for (const place of ["zh-CN", "zh-Hans-TW", "zh-SG"]) expect(await stringsFor(place), place).toBe(simplified);
    for (const place of ["zh-TW", "zh-Hant", "zh-HK", "ZH-hant-CN"]) expect(await stringsFor(place), place).toBe(ENGLISH);
  });

  test("English in a place of another language is marked, unless the page says something itself", async () => {
    const mark = async (place: string, own: Partial<Strings> = {}) => markOf(await stringsFor(place), place, own);
    for (const place of ["ar", "zh-TW", "", "x-english"]) expect(await mark(place), place).toBe("en");
    for (const place of ["en", "EN-gb", "de-AT", "zh-Hans"]) expect(await mark(place), place).toBeNull();
    expect(await mark("ar", { undo: "تراجع" })).toBeNull();
  });

  test("an unknown one is English", async () => {
    expect(await stringsFor("tlh")).toBe(ENGLISH);
    expect(await stringsFor("no tag")).toBe(ENGLISH);
    expect(fill("{a} of {b}", { a: 1 })).toBe("1 of {b}");
  });
});
