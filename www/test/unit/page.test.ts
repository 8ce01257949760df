import { describe, expect, test } from "vitest";
import { sample } from "../../src/page/difference.ts";
import { drawing } from "../../src/element/drawing.ts";
import { conclusion, evidence, milliseconds, percent, signed } from "../../src/page/words.ts";

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

  test("numbers", () => {
    expect([percent(0.5), percent(1), percent(0)]).toEqual(["50.0 %", "above 99.9 %", "below 0.1 %"]);
    expect([signed(1.234), signed(-1.5)]).toEqual(["+1.23", "\u22121.50"]);
    expect([milliseconds(3.21), milliseconds(1234), milliseconds(12_340)]).toEqual(["3.2 ms", "1234 ms", "12.3 s"]);
  });
});

test("a grid is read between the centres of its cells, and held at its edges", () => {
  const grid = [0, 1];
  const size = { width: 2, height: 1 };
  expect([0, 0.25, 0.5, 0.75, 1].map((u) => sample(grid, size, u, 0.5))).toEqual([0, 0, 0.5, 1, 1]);
});

test("a drawing shows every stroke, a dot too", () => {
  const at = (x: number, y: number) => ({ x, y, t: 0, pressure: 0.5 });
  const svg = drawing([[at(0, 0), at(50, 10)], [at(25, 5)]]);
  expect(svg).toContain('<path d="M0 0 L50 10"/>');
  expect(svg).toContain('<path d="M25 5 L25 5"/>');
  expect(svg).toContain('viewBox="-2 -2 54 14"');
});
