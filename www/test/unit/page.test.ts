import { describe, expect, test } from "vitest";
import { inkStrength, sample } from "../../src/page/difference.ts";
import { best } from "../../src/page/check/challenge.ts";
import { nearest } from "../../src/page/check/comparison.ts";
import { place } from "../../src/page/check/scale.ts";
import { heat } from "../../src/page/stages/pictures.ts";
import { neighbour } from "../../src/page/tabs.ts";
import { drawing } from "../../src/element/drawing.ts";
import { advice, alone, because, conclusion, evidence, milliseconds, percent, refusal, signed, support } from "../../src/page/words.ts";

describe("words", () => {
  test("evidence names the likelier hand first", () => {
    expect(evidence(Math.log(20))).toContain("about 20 times as probable from the same hand as from another");
    expect(evidence(-Math.log(20))).toContain("about 20 times as probable from another hand as from the same");
    expect(evidence(0.1)).toContain("about as often");
    expect(evidence(40)).toContain("more than 10,000");
  });

  test("an unsure answer says what would help", () => {
    const remark = { of: "questioned", number: 0, code: "too-small", message: "scan it larger" } as const;
    expect(conclusion({ decision: "unsure", quality: [] })).toContain("More genuine signatures");
    expect(conclusion({ decision: "unsure", quality: [remark] })).toContain("Better pictures");
  });

  test("every kind of reason has a sentence without a logarithm", () => {
    const codes = ["like-genuine", "like-forged", "between", "references-split", "one-reference"] as const;
    const said = codes.map((code) => because({ code, message: "its log-likelihood ratio of +5.00" }, 0.005));
    expect(new Set(said).size).toBe(codes.length);
    for (const sentence of said) expect(sentence).not.toContain("log-likelihood");
    expect(said[0]).toContain("at most 0.5 in 100");
    expect(because({ code: "poor-picture", message: "the picture is too small" }, 0.01)).toBe("The picture is too small.");
  });

  test("support goes by factors of ten, and names the hand", () => {
    expect(support(Math.log(1.9))).toBe("No support for either");
    expect(support(Math.log(3))).toBe("Weak support for the same hand");
    expect(support(-Math.log(20))).toBe("Moderate support for another hand");
    expect(support(Math.log(200))).toBe("Moderately strong support for the same hand");
    expect(support(-Math.log(2000))).toBe("Strong support for another hand");
  });

  test("references that disagree get advice, other errors their own sentence", () => {
    expect(refusal("references-disagree")).toBe("The genuine signatures do not go together");
    expect(advice("references-disagree")).toHaveLength(3);
    expect([refusal("blank-page"), advice("blank-page")]).toEqual(["No verdict", []]);
  });

  test("numbers", () => {
    expect([percent(0.5), percent(1), percent(0)]).toEqual(["50.0 %", "above 99.9 %", "below 0.1 %"]);
    expect(alone({ score: 0.5, turned: 0 })).toBe("50.0 %");
    expect(alone({ score: 0.5, turned: -10 })).toBe("50.0 % (turned by 10\u00b0 anticlockwise)");
    expect(alone({ score: 0.5, turned: 10 })).toBe("50.0 % (turned by 10\u00b0 clockwise)");
    expect([signed(1.234), signed(-1.5)]).toEqual(["+1.23", "\u22121.50"]);
    expect([milliseconds(3.21), milliseconds(1234), milliseconds(12_340)]).toEqual(["3.2 ms", "1234 ms", "12.3 s"]);
  });
});

test("the scale has its middle at even and holds what lies beyond its ends", () => {
  expect([place(0), place(6), place(-6), place(40), place(-40), place(3)]).toEqual([0.5, 1, 0, 1, 0, 0.75]);
});

test("the most like reference is shown first", () => {
  expect([nearest([0.2, 0.9, 0.4]), nearest([0.5, 0.5]), nearest([])]).toEqual([1, 0, 0]);
});

test("the best attempt is the one most like the genuine ones, the earlier of two alike", () => {
  const attempts = [-2, 1, 1].map((llr) => ({ verdict: { llr } }));
  expect(best(attempts)).toBe(attempts[1]);
  expect(best([])).toBeUndefined();
});

test("arrows go round the tabs, other keys nowhere", () => {
  const to = (key: string, at: number) => neighbour(key, at, 4);
  expect([to("ArrowRight", 3), to("ArrowLeft", 0), to("Home", 2), to("End", 1), to("a", 1)]).toEqual([0, 3, 0, 3, undefined]);
});

test("energy runs from dark to light", () => {
  const light = (value: number) => heat(value).reduce((sum, channel) => sum + channel, 0);
  expect([0.1, 0.4, 0.7, 1].map(light)).toEqual([0.1, 0.4, 0.7, 1].map(light).sort((a, b) => a - b));
  expect([heat(-1), heat(2)]).toEqual([heat(0), heat(1)]);
});

test("a grid is read between the centres of its cells, and held at its edges", () => {
  const grid = [0, 1];
  const size = { width: 2, height: 1 };
  expect([0, 0.25, 0.5, 0.75, 1].map((u) => sample(grid, size, u, 0.5))).toEqual([0, 0, 0.5, 1, 1]);
});

test("pale ink is made darker, dark ink is left", () => {
  const pale = [0, 0, 0, 30, 60, 102, 120];
  expect(inkStrength(pale)).toBeCloseTo(255 / 120);
  expect(inkStrength([0, 100, 255, 255, 255])).toBe(1);
  expect(inkStrength([0, 0])).toBe(1);
});

test("a drawing shows every stroke, a dot too", () => {
  const at = (x: number, y: number) => ({ x, y, t: 0, pressure: 0.5 });
  const svg = drawing([[at(0, 0), at(50, 10)], [at(25, 5)]], "rgb(1, 2, 3)");
  expect(svg).toContain('<path d="M0 0 L50 10"/>');
  expect(svg).toContain('<path d="M25 5 L25 5"/>');
  expect(svg).toContain('viewBox="-2 -2 54 14"');
  expect(svg).toContain('stroke="rgb(1, 2, 3)"');
});
