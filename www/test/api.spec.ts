import { expect, test } from "@playwright/test";
import { api, type Countersign, others, strokes } from "./own.ts";

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

      const one = await countersign.enrol([blob]);
      const twice = await countersign.enrol([blob, pixels]).catch((error: unknown) => (error as { code?: string }).code);
      const template = await countersign.enrol(drawn.slice(0, 3));
      const verdicts = await Promise.all([
        countersign.check(one, pixels, { explain: true }),
        countersign.check(one, blob),
        countersign.check(one, canvas),
        countersign.check(one, transparent),
        countersign.check(template, drawn[3] ?? [], { far: 0.05 }),
      ]);
      countersign.dispose();
      return { isBytes: template instanceof Uint8Array, reason: countersign.reason, twice, verdicts };
    },
    [await api(page), strokes] as const,
  );
  expect(result.isBytes).toBe(true);
  expect(result.reason).toBe("CPU: as asked");
  const [explained, plain, painted, transparent, other] = result.verdicts;
  expect(explained.references).toHaveLength(1);
  // A file, a canvas and its pixels are the same picture.
  expect(plain.llr).toBeCloseTo(explained.llr, 5);
  expect(painted.llr).toBeCloseTo(explained.llr, 5);
  expect(result.twice).toBe("same-reference");
  expect(transparent.decision).toBe(plain.decision);
  expect(explained.heatmap?.values).toHaveLength((explained.heatmap?.width ?? 0) * (explained.heatmap?.height ?? 0));
  expect(plain.heatmap).toBeUndefined();
  expect(plain).toMatchObject({ backend: "cpu", far: expect.any(Number), quality: expect.any(Array), model: expect.any(String) });
  expect(plain.score).toBeCloseTo(1 / (1 + Math.exp(-plain.llr)), 6);
  expect(["match", "mismatch", "unsure"]).toContain(other.decision);
  expect(other.far).toBe(0.05);
});

test("a call takes what it is given as it is then, and not what the page makes of it later", async ({ page }) => {
  const seen = await page.evaluate(
    async ([{ Countersign, CountersignError }, drawn]) => {
      const countersign = await Countersign.load({ backend: "cpu" });
      const canvas = new OffscreenCanvas(500, 250);
      const pen = canvas.getContext("2d")!;
      const wipe = () => pen.clearRect(0, 0, 500, 250);
      const draw = () => {
        pen.lineWidth = 5;
        pen.beginPath();
        for (let x = 40; x < 460; x += 4) pen.lineTo(x, 125 + 60 * Math.sin(x / 25) * Math.cos(x / 90));
        pen.stroke();
      };
      draw();
      const template = await countersign.enrol(drawn.slice(0, 3));
      const before = { strokes: await countersign.check(template, drawn[3]!), canvas: await countersign.check(template, canvas) };
      // It keeps the worker busy, so that the others wait.
      const first = countersign.check(template, drawn[3]!);
      const pixels = pen.getImageData(0, 0, 500, 250);
      const bitmap = await createImageBitmap(canvas);
      const [ownStrokes, ownTemplate] = [structuredClone(drawn[3]!), template.slice()];
      const calls = [ownStrokes, pixels, bitmap, canvas].map((source) => countersign.check(ownTemplate, source));
      ownStrokes.length = 0;
      ownTemplate.fill(0);
      pixels.data.fill(255);
      bitmap.close();
      wipe();
      const after = await Promise.all([first, ...calls]);
      const codeOf = (call: Promise<unknown>) => call.then(() => "none", (error) => (error instanceof CountersignError ? error.code : String(error)));
      const huge = Object.assign(document.createElement("canvas"), { width: 60_000, height: 60_000 });
      const refused = [
        await codeOf(countersign.check(template, bitmap)),
        await codeOf(countersign.check(template, huge)),
        await codeOf(countersign.check(undefined as never, drawn[3]!)),
      ];
      countersign.dispose();
      const { strokes: byPen, canvas: byCanvas } = before;
      return { after: after.map(({ llr }) => llr), byPen: byPen.llr, byCanvas: byCanvas.llr, refused };
    },
    [await api(page), strokes] as const,
  );
  const { byPen, byCanvas } = seen;
  expect(byPen).not.toBeCloseTo(byCanvas, 1);
  for (const [at, llr] of [byPen, byPen, byCanvas, byCanvas, byCanvas].entries()) expect(seen.after[at]).toBeCloseTo(llr, 5);
  expect(seen.refused).toEqual(["unsupported-input", "image-too-large", "invalid-template"]);
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
        unknownOption: await codeOf(countersign.check(template, questioned, { nonsense: 1 } as object)),
        address: await codeOf(Countersign.load({ weightsUrl: "http://[" })),
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
    unknownOption: "invalid-option",
    address: "download-failed",
    disposedWhileRunning: "disposed",
    disposed: "disposed",
  });
});

test("a questioned signature finds its writer; a template tells its model", async ({ page }) => {
  const found = await page.evaluate(
    async ([{ Countersign, CountersignError }, mine, theirs]) => {
      const countersign = await Countersign.load({ backend: "cpu" });
      const templates = [await countersign.enrol(theirs), await countersign.enrol(mine.slice(0, 3))];
      const ranked = await countersign.identify(templates, mine[3] ?? []);
      const open = await countersign.identify(templates, mine[3] ?? [], { top: 1, fpir: 0.5 });
      const { length, people, fpir, quality, model, backend } = open;
      const alone = await countersign.check(templates[1]!, mine[3] ?? []);
      const codeOf = (error: unknown): string => (error instanceof CountersignError ? error.code : String(error));
      const empty = await countersign.identify([], mine[3] ?? []).catch(codeOf);
      const info = await countersign.inspect(templates[1]!);
      // What the end of a block with `using` calls.
      countersign[Symbol.dispose]();
      const [order, llr] = [ranked.map(({ index }) => index), ranked.map(({ verdict }) => verdict.llr)];
      const rest = { length, people, fpir, quality, model, backend };
      return { order, llr, alone: alone.llr, best: open[0], rest, asked: "fpir" in ranked, empty, info, by: alone.model, modelId: countersign.modelId };
    },
    [await api(page), strokes, others] as const,
  );
  expect(found.order).toEqual([1, 0]);
  expect(found.llr[0]).toBeGreaterThan(found.llr[1]!);
  expect(found.llr[0]).toBeCloseTo(found.alone, 4);
  expect(found.best).toMatchObject({ index: 1, accepted: true });
  expect(found.rest).toEqual({ length: 1, people: 2, fpir: 0.5, quality: [], model: found.by, backend: "cpu" });
  expect(found.asked).toBe(false);
  expect(found.empty).toBe("gallery-size");
  expect(found.info).toEqual({ model: found.modelId, references: 3 });
});

test("calls and loading can be withdrawn, and tell how far they are", async ({ page }) => {
  const seen = await page.evaluate(
    async ([{ Countersign }, drawn]) => {
      const nameOf = (error: unknown): string => (error instanceof Error ? error.name : String(error));
      const early = await Countersign.load({ backend: "cpu", signal: AbortSignal.abort() }).catch(nameOf);
      const abort = new AbortController();
      const loading = Countersign.load({ backend: "cpu", signal: abort.signal, onProgress: () => abort.abort() }).catch(nameOf);
      const late = await loading;

      const countersign = await Countersign.load({ backend: "cpu" });
      const stages: string[] = [];
      const onProgress = ({ stage }: { stage: string }): void => void stages.push(stage);
      const template = await countersign.enrol(drawn.slice(0, 2), { onProgress });
      const [running, waiting] = [new AbortController(), new AbortController()];
      const calls = [
        countersign.check(template, drawn[2] ?? [], { signal: running.signal }).catch(nameOf),
        countersign.check(template, drawn[2] ?? [], { signal: waiting.signal }).catch(nameOf),
        countersign.check(template, drawn[2] ?? []).then(({ decision }) => typeof decision, nameOf),
      ];
      setTimeout(() => [running, waiting].forEach((each) => each.abort()), 20);
      const ends = await Promise.all(calls);
      countersign.dispose();
      return { early, late, stages, ends };
    },
    [await api(page), strokes] as const,
  );
  expect(seen).toEqual({
    early: "AbortError",
    late: "AbortError",
    stages: ["read", "read", "wait", "compute"],
    ends: ["AbortError", "AbortError", "string"],
  });
});

test("importing does nothing by itself, in bare Node either", async () => {
  const imported = (await import("../src/public/index.ts")) as Countersign;
  expect(typeof imported.Countersign.load).toBe("function");
});
