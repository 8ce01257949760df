/** The pad goes on, whatever happens to it while the pen is down, or while nobody sees it. */
import { expect, type Page, test } from "@playwright/test";
import type { SignatureCheck } from "../src/element/index.ts";
import { type Field, open, scribble } from "./field.ts";

/** A stroke from left to right; `half` happens in the middle of it. */
async function stroke(page: Page, field: Field, half: () => Promise<unknown> = async () => undefined): Promise<void> {
  const { x, y } = (await field.canvas.boundingBox())!;
  await page.mouse.move(x + 20, y + 20);
  await page.mouse.down();
  for (let step = 1; step < 5; step += 1) await page.mouse.move(x + 20 + step * 10, y + 20 + step * 5);
  await half();
  for (let step = 5; step < 10; step += 1) await page.mouse.move(x + 20 + step * 10, y + 20 + step * 5);
  await page.mouse.up();
}

async function strokesOf(field: Field) {
  const value = await field.value();
  return value?.signature.kind === "strokes" ? value.signature.strokes : [];
}

test("a change of its size waits for the end of the stroke", async ({ page }) => {
  const field = await open(page);
  await field.says("match");
  await stroke(page, field, async () => {
    await field.element.evaluate((element) => (element.style.inlineSize = "20rem"));
    await page.waitForTimeout(200);
  });
  await field.state("match");
  expect((await strokesOf(field))[0]!.length).toBeGreaterThan(8);
  // The canvas has the pixels of its new size.
  await expect.poll(() => field.canvas.evaluate((canvas: HTMLCanvasElement) => canvas.width === Math.round(canvas.clientWidth * devicePixelRatio))).toBe(true);
  await stroke(page, field);
  await field.state("match");
  expect(await strokesOf(field)).toHaveLength(2);
});

test("a zoom of the browser, or another screen, draws the signature again in its pixels", async ({ page }) => {
  // Emulated screens change the ratio, but tell no list of media queries; so the last list is told by hand.
  await page.addInitScript(() => {
    const ask = window.matchMedia.bind(window);
    window.matchMedia = (query) => {
      const list = ask(query);
      if (query.includes("resolution")) Object.assign(window, { lastAsked: list });
      return list;
    };
  });
  const field = await open(page);
  await field.says("match");
  await stroke(page, field);
  await field.state("match");
  const before = await strokesOf(field);
  // Each of them, not the first alone.
  for (const ratio of [2, 3, 1]) {
    await page.evaluate((ratio) => {
      Object.defineProperty(window, "devicePixelRatio", { value: ratio, configurable: true });
      (window as unknown as { lastAsked: MediaQueryList }).lastAsked.dispatchEvent(new Event("change"));
    }, ratio);
    expect(await field.canvas.evaluate((canvas: HTMLCanvasElement) => Math.round((canvas.width / canvas.clientWidth) * 10) / 10)).toBe(ratio);
    const isInked = (canvas: HTMLCanvasElement) => canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value > 0);
    expect(await field.canvas.evaluate(isInked)).toBe(true);
  }
  expect(await strokesOf(field)).toEqual(before);
  await stroke(page, field);
  await field.state("match");
  expect(await strokesOf(field)).toHaveLength(2);
});

test("a reset or Undo ends the stroke, and the next one is drawn", async ({ page }) => {
  const field = await open(page);
  await field.says("match");
  await stroke(page, field, () => field.element.evaluate((element: SignatureCheck) => element.form!.reset()));
  await field.state("empty");
  await stroke(page, field);
  await field.state("match");
  await stroke(page, field, () => field.element.evaluate((element: SignatureCheck) => element.undo()));
  await field.state("match");
  expect(await strokesOf(field)).toHaveLength(1);
  await stroke(page, field);
  await field.state("match");
  expect(await strokesOf(field)).toHaveLength(2);
});

test("a field that no longer takes any keeps what there is of the stroke, and checks it", async ({ page }) => {
  const field = await open(page);
  await field.says("match");
  await stroke(page, field, () => field.element.evaluate((element: SignatureCheck) => (element.readOnly = true)));
  await field.state("match");
  const [half = []] = await strokesOf(field);
  expect(half.length).toBeGreaterThan(2);
  expect(half.length).toBeLessThan(8);
  await field.element.evaluate((element: SignatureCheck) => (element.readOnly = false));
  await stroke(page, field);
  await field.state("match");
  expect(await strokesOf(field)).toHaveLength(2);
});

test("a finger that zooms the page changes nothing, and tells nobody that it did", async ({ page }) => {
  const field = await open(page);
  await field.says("match");
  const zoom = () =>
    field.canvas.evaluate((canvas) => {
      const { x, y } = canvas.getBoundingClientRect();
      const finger = { pointerId: 7, pointerType: "touch", buttons: 1, bubbles: true, composed: true, cancelable: true };
      canvas.dispatchEvent(new PointerEvent("pointerdown", { ...finger, clientX: x + 20, clientY: y + 20 }));
      window.dispatchEvent(new PointerEvent("pointermove", { ...finger, clientX: x + 60, clientY: y + 40 }));
      // As of the second finger.
      window.dispatchEvent(new PointerEvent("pointercancel", { ...finger, buttons: 0 }));
    });
  await zoom();
  await field.state("empty");
  expect(await field.seen()).toEqual(["pending", "empty"]);
  await stroke(page, field);
  await field.state("match");
  const before = await strokesOf(field);
  await field.seen();
  await zoom();
  // What was given before it is checked again.
  await field.state("match");
  expect(await field.seen()).toEqual(["pending", "match", "signature-verdict"]);
  expect(await strokesOf(field)).toEqual(before);
});

test("one who is told of the stroke may clear the pad", async ({ page }) => {
  const field = await open(page);
  await field.says("match");
  await field.element.evaluate((element: SignatureCheck) => element.addEventListener("signature-state", () => element.form!.reset(), { once: true }));
  await stroke(page, field);
  await field.state("empty");
  await stroke(page, field);
  await field.state("match");
  expect(await strokesOf(field)).toHaveLength(1);
});

test("times go on after Undo, another size and a restored signature", async ({ page }) => {
  const field = await open(page);
  await field.says("match");
  const times = async (): Promise<void> => {
    await field.state("match");
    const seen = (await strokesOf(field)).flat().map(({ t = NaN }) => t);
    expect(seen[0]).toBe(0);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBeLessThan(120_000);
  };
  await field.sign(scribble);
  await page.keyboard.press("Control+z");
  await field.sign(scribble);
  await times();
  await field.button("Undo").click();
  await stroke(page, field);
  await times();
  await field.element.evaluate((element) => (element.style.inlineSize = "20rem"));
  await page.waitForTimeout(200);
  await stroke(page, field);
  await times();
  const before = await strokesOf(field);
  await field.element.evaluate((element: SignatureCheck) => {
    const { value } = element;
    element.form!.reset();
    element.value = value;
  });
  await field.state("match");
  expect(await strokesOf(field)).toEqual(before);
  await stroke(page, field);
  await times();
  expect(await strokesOf(field)).toHaveLength(before.length + 1);
});

test("undo() takes back one stroke, too, of a field that is hidden or out of the page", async ({ page }) => {
  const field = await open(page, "required hidden");
  await field.says("match");
  const element = await field.element.elementHandle();
  /** How many strokes there are before each call, and after the last. */
  const undo = (times: number) =>
    element!.evaluate((one: SignatureCheck, calls) => {
      const count = (): number => (JSON.parse(one.value) as { signature: { strokes: unknown[] } }).signature.strokes.length;
      const counts = [count()];
      for (let call = 0; call < calls; call += 1) {
        one.undo();
        counts.push(count());
      }
      return counts;
    }, times);
  const value = JSON.stringify({ signature: { kind: "strokes", strokes: [...scribble, ...scribble] } });
  await element!.evaluate((one: SignatureCheck, json) => void (one.value = json), value);
  expect(await undo(2)).toEqual([4, 3, 2]);
  // What is left is what is seen.
  await element!.evaluate((one) => void ((one as HTMLElement).hidden = false));
  await field.state("match");
  await field.button("Undo").click();
  expect((await field.value())?.signature).toMatchObject({ strokes: [expect.anything()] });

  const form = await page.locator("form").elementHandle();
  await element!.evaluate((one: SignatureCheck, json) => {
    one.value = json;
    one.remove();
  }, value);
  expect(await undo(3)).toEqual([4, 3, 2, 1]);
  await form!.evaluate((one, child) => one.append(child), element!);
  await field.state("match");
  await field.button("Undo").click();
  await field.state("empty");
});
