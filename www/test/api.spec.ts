import { expect, type JSHandle, type Page, test } from "@playwright/test";
import type * as Api from "../src/public/index.ts";
import { writers } from "./demo.ts";

/** What a page of one's own does: import the module, call it. */
type Countersign = typeof Api;

async function api(page: Page): Promise<JSHandle<Countersign>> {
  await page.route("**/own.html", (route) =>
    route.fulfill({ contentType: "text/html", body: "<!doctype html><title>A page of one's own</title>" }),
  );
  await page.goto("own.html");
  return page.evaluateHandle(async () => (await import(`${location.origin}/countersign.js`)) as Countersign);
}

const [writer] = writers;
if (!writer) throw new Error("the fixture holds no writer");
const strokes = writer.genuine.map((signature) =>
  signature.map((stroke) => stroke.map(({ x, y }) => ({ x, y, t: 0, pressure: 0.5 }))),
);

test("every form of a signature, calls at once, and a typed verdict", async ({ page }) => {
  const result = await page.evaluate(
    async ([module, drawn]) => {
      const countersign = await module.Countersign.load({ backend: "cpu" });
      const canvas = document.createElement("canvas");
      canvas.width = 500;
      canvas.height = 250;
      const pen = canvas.getContext("2d");
      if (!pen) throw new Error("no canvas");
      pen.lineWidth = 5;
      // Twice, so that a transparent canvas and a painted one are both tried.
      const draw = () => {
        pen.beginPath();
        for (let x = 40; x < 460; x += 4) pen.lineTo(x, 125 + 60 * Math.sin(x / 25) * Math.cos(x / 90));
        pen.stroke();
      };
      draw();
      const transparent = await createImageBitmap(canvas);
      pen.fillStyle = "white";
      pen.fillRect(0, 0, 500, 250);
      draw();
      const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve));
      if (!blob) throw new Error("no blob");
      const pixels = pen.getImageData(0, 0, 500, 250);

      const same = await countersign.enrol([blob, canvas, pixels, transparent]);
      const template = await countersign.enrol(drawn.slice(0, 3));
      const verdicts = await Promise.all([
        countersign.check(same, pixels, { explain: true }),
        countersign.check(same, blob),
        countersign.check(template, drawn[3] ?? [], { far: 0.05 }),
      ]);
      countersign.dispose();
      return { isBytes: template instanceof Uint8Array, reason: countersign.reason, verdicts };
    },
    [await api(page), strokes] as const,
  );
  expect(result.isBytes).toBe(true);
  expect(result.reason).toBe("CPU: as asked");
  const [explained, plain, other] = result.verdicts;
  expect(explained.references).toHaveLength(4);
  // A file, a canvas and its pixels are the same picture.
  expect(plain.llr).toBeCloseTo(explained.llr, 5);
  expect(explained.references[0]?.score).toBeCloseTo(explained.references[2]?.score ?? NaN, 6);
  expect(explained.heatmap?.values).toHaveLength((explained.heatmap?.width ?? 0) * (explained.heatmap?.height ?? 0));
  expect(plain.heatmap).toBeUndefined();
  expect(plain).toMatchObject({ backend: "cpu", far: expect.any(Number), quality: expect.any(Array), model: expect.any(String) });
  expect(plain.score).toBeCloseTo(1 / (1 + Math.exp(-plain.llr)), 6);
  expect(["match", "mismatch", "unsure"]).toContain(other.decision);
  expect(other.far).toBe(0.05);
});

test("refusals carry their code, and the next call works", async ({ page }) => {
  const codes = await page.evaluate(
    async ([{ Countersign, CountersignError }, drawn]) => {
      const countersign = await Countersign.load({ backend: "cpu" });
      const template = await countersign.enrol(drawn.slice(0, 2));
      const questioned = drawn[2] ?? [];
      const codeOf = async (call: Promise<unknown>): Promise<string> => {
        try {
          await call;
          return "none";
        } catch (error) {
          return error instanceof CountersignError ? error.code : `untyped: ${String(error)}`;
        }
      };
      const codes = {
        unsupported: await codeOf(countersign.enrol(["a path" as unknown as Blob])),
        noReference: await codeOf(countersign.enrol([])),
        tooMany: await codeOf(countersign.enrol(Array.from({ length: 50 }, () => questioned))),
        template: await codeOf(countersign.check(template.slice(0, 40), questioned)),
        far: await codeOf(countersign.check(template, questioned, { far: 2 })),
        strokes: await codeOf(countersign.check(template, [[{ x: NaN, y: 0, t: 0, pressure: 0 }]])),
        noStrokes: await codeOf(countersign.check(template, [])),
        fine: await codeOf(countersign.check(template, questioned)),
        disposedWhileRunning: "",
        disposed: "",
      };
      const running = codeOf(countersign.check(template, questioned));
      countersign.dispose();
      codes.disposedWhileRunning = await running;
      codes.disposed = await codeOf(countersign.enrol(drawn));
      return codes;
    },
    [await api(page), strokes] as const,
  );
  expect(codes).toEqual({
    unsupported: "unsupported-input",
    noReference: "reference-count",
    tooMany: "reference-count",
    template: "invalid-template",
    far: "invalid-option",
    strokes: "invalid-strokes",
    noStrokes: "invalid-strokes",
    fine: "none",
    disposedWhileRunning: "disposed",
    disposed: "disposed",
  });
});

test("importing does nothing by itself, in bare Node either", async () => {
  const imported = (await import("../src/public/index.ts")) as Countersign;
  expect(typeof imported.Countersign.load).toBe("function");
});
