import { describe, expect, test, vi } from "vitest";
import { CountersignError, Enrolment, type Source, type Verdict } from "../../src/public/index.ts";

interface Seen {
  readonly decision?: Verdict["decision"];
  readonly score?: number;
  readonly quality?: string[];
}

/** A checker that sees of each signature what the test says, in the order of its checks. */
function checker(...seen: Seen[]) {
  const enrol = vi.fn(async (references: readonly Source[]) => new Uint8Array(references.length));
  const check = vi.fn(async () => {
    const { decision = "match", score = 0.9, quality = [] } = seen.shift() ?? {};
    return { decision, score, quality: quality.map((code) => ({ of: "questioned", number: 0, code, message: "" })) } as unknown as Verdict;
  });
  return { enrol, check };
}

const signature = (): Source => [[{ x: 0, y: 0 }, { x: 9, y: 9 }]];

describe("enrolment", () => {
  test("three that agree make a template", async () => {
    const given = checker({ score: 1 }, { score: 0.9 }, { score: 0.7 });
    const enrolment = new Enrolment(given);
    expect(enrolment.consistency).toBeUndefined();
    for (let count = 1; count <= 3; count += 1) {
      expect(() => enrolment.finish()).toThrow(expect.objectContaining({ code: "reference-count" }));
      expect(await enrolment.add(signature())).toMatchObject({ kept: true });
    }
    // The first one's agreement with itself does not count.
    expect(enrolment.consistency).toBeCloseTo(0.8);
    expect(enrolment.finish()).toHaveLength(3);
  });

  test("one by another hand is refused, and the others stay", async () => {
    const enrolment = new Enrolment(checker({}, {}, { decision: "mismatch", score: 0.01 }, {}));
    await enrolment.add(signature());
    await enrolment.add(signature());
    expect(await enrolment.add(signature())).toMatchObject({ kept: false, why: "differs" });
    expect(enrolment.references).toHaveLength(2);
    await enrolment.add(signature());
    expect(enrolment.finish()).toHaveLength(3);
  });

  test("a poor picture is refused, the first one's too; a shadow is not", async () => {
    const enrolment = new Enrolment(checker({ quality: ["too-small"] }, { quality: ["shadowed"] }, { quality: ["clipped-at-edge"] }));
    expect(await enrolment.add(signature())).toMatchObject({ kept: false, why: "quality" });
    expect(await enrolment.add(signature())).toMatchObject({ kept: true });
    expect(await enrolment.add(signature())).toMatchObject({ kept: false, why: "quality" });
  });

  test("the first one that was taken out leaves the agreement of the others", async () => {
    const given = checker({ score: 1 }, { score: 0.8 }, { score: 0.6 });
    const enrolment = new Enrolment(given);
    for (let count = 0; count < 3; count += 1) await enrolment.add(signature());
    await enrolment.remove(1);
    expect(enrolment.consistency).toBeCloseTo(0.6);
    expect(enrolment.references).toHaveLength(2);
    expect(given.enrol.mock.lastCall?.[0]).toHaveLength(2);
  });

  test("one is not taken out where those left do not go together", async () => {
    const given = checker();
    const enrolment = new Enrolment(given);
    for (let count = 0; count < 3; count += 1) await enrolment.add(signature());
    given.enrol.mockRejectedValueOnce(new CountersignError("references-disagree", "they disagree"));
    await expect(enrolment.remove(0)).rejects.toMatchObject({ code: "references-disagree" });
    expect(enrolment.references).toHaveLength(3);
    expect(enrolment.finish()).toHaveLength(3);
    await enrolment.remove(1);
    expect(enrolment.references).toHaveLength(2);
  });

  test("no more than ten", async () => {
    const enrolment = new Enrolment(checker());
    for (let count = 0; count < 10; count += 1) await enrolment.add(signature());
    await expect(enrolment.add(signature())).rejects.toMatchObject({ code: "reference-count" });
    expect(enrolment.finish()).toHaveLength(10);
  });

  test("one that fits the others only one by one is refused as of another hand", async () => {
    const given = checker();
    const enrolment = new Enrolment(given);
    await enrolment.add(signature());
    given.enrol.mockRejectedValueOnce(new CountersignError("references-disagree", "they disagree"));
    expect(await enrolment.add(signature())).toMatchObject({ kept: false, why: "differs" });
    expect(enrolment.references).toHaveLength(1);
  });

  test("calls made at once take their turns", async () => {
    const given = checker({}, {}, { decision: "mismatch" }, {});
    const enrolment = new Enrolment(given);
    const added = await Promise.all([signature(), signature(), signature(), signature()].map((one) => enrolment.add(one)));
    expect(added.map(({ kept }) => kept)).toEqual([true, true, false, true]);
    expect(enrolment.finish()).toHaveLength(3);
    // One that is refused or withdrawn holds nobody up; the same one is taken out once.
    given.enrol.mockRejectedValueOnce(new Error("blank"));
    const ends = await Promise.allSettled([enrolment.add(signature()), enrolment.remove(0), enrolment.remove(0), enrolment.add(signature())]);
    expect(ends.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled", "fulfilled"]);
    expect(enrolment.finish()).toHaveLength(3);
  });

  test("a signature is kept as it was given, whatever becomes of its array", async () => {
    const given = checker();
    const enrolment = new Enrolment(given);
    const strokes = [[{ x: 0, y: 0 }, { x: 9, y: 9 }]];
    const added = [enrolment.add(strokes), enrolment.add(strokes)];
    strokes.length = 0;
    await Promise.all(added);
    expect(given.enrol.mock.lastCall?.[0]).toEqual([signature(), signature()]);
  });

  test("a checker's refusal keeps nothing", async () => {
    const given = checker();
    given.enrol.mockRejectedValueOnce(new Error("blank"));
    const enrolment = new Enrolment(given);
    await expect(enrolment.add(signature())).rejects.toThrow("blank");
    expect(enrolment.references).toHaveLength(0);
  });
});
