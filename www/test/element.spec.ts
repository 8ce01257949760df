import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import type { SignatureCheck } from "../src/element/index.ts";
import { open, scribble } from "./field.ts";
import { inkedPng } from "./images.ts";
import { watch } from "./own.ts";

test("a drawn signature is invalid until it matches, and is sent with strokes, verdict, model and time", async ({ page }) => {
  const field = await open(page);
  expect(await field.validity()).toBe("Please sign.");
  await page.getByRole("button", { name: "Send" }).click();
  expect(await field.seen()).toEqual([]);

  await field.says("nothing yet");
  await field.sign();
  await field.state("pending");
  expect(await field.validity()).toBe("The signature is being checked");
  expect((await field.value())?.verdict).toBeNull();

  await field.says("match");
  await field.state("match");
  expect(await field.validity()).toBe("valid");
  await expect(field.verdict).toHaveText("The signature matches.");
  const value = await field.value();
  expect(value).toMatchObject({ verdict: { decision: "match" }, model: "m@1", skipped: false });
  expect(Date.now() - Date.parse(value?.time ?? "")).toBeLessThan(60_000);
  if (value?.signature.kind !== "strokes") throw new Error("no strokes");
  expect(value.signature.strokes).toHaveLength(2);
  const points = value.signature.strokes.flat();
  expect(points.length).toBeGreaterThan(4);
  expect(points.every(({ pressure }) => pressure === 0.5)).toBe(true);
  const times = points.map(({ t = NaN }) => t);
  expect(times[0]).toBe(0);
  expect(times).toEqual([...times].sort((a, b) => a - b));

  await page.getByRole("button", { name: "Send" }).click();
  expect(await field.seen()).toEqual(["pending", "input", "change", "input", "change", "match", "signature-verdict", "submit"]);
});

test("mismatch and errors block a form, unsure by policy; a reset empties the field", async ({ page }) => {
  const field = await open(page);
  await field.says("mismatch");
  await field.sign();
  await field.state("mismatch");
  expect(await field.validity()).toContain("does not match");

  await field.says("unsure");
  await field.state("unsure");
  expect(await field.validity()).toContain("not certain");
  await field.element.evaluate((element) => element.setAttribute("on-unsure", "allow"));
  expect(await field.validity()).toBe("valid");

  await field.says("blank-page");
  await field.state("error");
  expect(await field.validity()).toContain("The picture is blank");
  expect(await field.value()).toBeNull();
  expect(await field.seen()).toContain("signature-error");

  await field.element.evaluate((element: SignatureCheck) => (element.template = null));
  await field.state("unchecked");
  expect(await field.validity()).toContain("no enrolled signature");

  await field.element.evaluate((element: SignatureCheck) => element.form!.reset());
  await field.state("empty");
  expect(await field.value()).toBeNull();
  expect(await field.validity()).toBe("Please sign.");
});

test("strokes are taken back and cleared from the keyboard, and by buttons", async ({ page }) => {
  const field = await open(page);
  await field.says("match");
  const strokes = async (): Promise<number> => {
    const value = await field.value();
    return value?.signature.kind === "strokes" ? value.signature.strokes.length : 0;
  };
  await field.sign();
  await field.state("match");
  // The label leads to the pad, as it does for any field.
  await page.getByText("Sign the contract").click();
  await expect(field.element.getByRole("group", { name: "Sign the contract" })).toBeFocused();
  await page.keyboard.press("Control+z");
  await expect.poll(strokes).toBe(1);
  await page.keyboard.press("Delete");
  await field.state("empty");

  await field.sign();
  await page.keyboard.press("Tab");
  await expect(field.button("Undo")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect.poll(strokes).toBe(1);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await field.state("empty");
  await expect(field.button("Undo")).toBeDisabled();
});

test("a picture is chosen, pasted or dropped, and sent as PNG", async ({ page }) => {
  const field = await open(page);
  await field.says("match");
  await field.element.locator("input[type=file]").setInputFiles({ name: "a.png", mimeType: "image/png", buffer: inkedPng() });
  await field.state("match");
  await expect(field.element.locator("img")).toBeVisible();
  await expect.poll(async () => (await field.value())?.signature.kind).toBe("image");
  const value = await field.value();
  if (value?.signature.kind !== "image") throw new Error("no image");
  expect(value.signature.type).toBe("image/png");
  expect(Buffer.from(value.signature.data, "base64").subarray(1, 4).toString()).toBe("PNG");

  for (const kind of ["paste", "drop"] as const) {
    await field.button("Clear").click();
    await field.state("empty");
    expect(await field.give(kind, [...inkedPng(60, 30)])).toBe(true);
    await field.state("match");
  }
  // Nobody draws over a picture.
  await field.sign();
  expect((await field.value())?.signature.kind).toBe("image");
});

test("a typed name skips the check expressly, where the page allows it", async ({ page }) => {
  const field = await open(page);
  await expect(field.button("Type a name instead")).toBeHidden();
  await field.element.evaluate((element) => element.setAttribute("allow-typed", ""));
  await field.button("Type a name instead").click();
  await expect(field.element.getByLabel("Your name")).toBeFocused();
  expect(await field.validity()).toBe("Please sign.");
  await page.keyboard.type("Ada Lovelace");
  await field.state("skipped");
  await expect(field.verdict).toHaveText("Signed by typing, not checked.");
  expect(await field.validity()).toBe("valid");
  expect(await field.value()).toMatchObject({ signature: { kind: "typed", name: "Ada Lovelace" }, verdict: null, skipped: true });
  await field.button("Sign instead").click();
  await field.state("empty");
});

test("disabled and readonly fields take nothing; a disabled one sends nothing", async ({ page }) => {
  const field = await open(page, "required");
  await field.says("match");
  await field.sign();
  await field.state("match");
  await field.element.evaluate((element) => element.setAttribute("readonly", ""));
  await field.sign();
  await page.keyboard.press("Delete");
  await field.state("match");
  await expect(field.button("Clear")).toBeDisabled();
  expect((await field.value())?.verdict).toMatchObject({ decision: "match" });
  expect(await field.element.evaluate((element: SignatureCheck) => element.willValidate)).toBe(false);

  await field.element.evaluate((element) => {
    element.removeAttribute("readonly");
    element.setAttribute("disabled", "");
  });
  await field.sign();
  await field.state("match");
  expect(await field.value()).toBeNull();
  await field.element.evaluate((element) => element.removeAttribute("disabled"));
  await field.sign([scribble[1]!]);
  const value = await field.value();
  expect(value?.signature.kind === "strokes" && value.signature.strokes.length).toBe(3);
});

test("after a failed download the same signature is checked again, at a button", async ({ page }) => {
  const field = await open(page);
  const retry = field.button("Try again");
  await field.says("blank-page");
  await field.sign();
  await field.state("error");
  await expect(retry).toBeHidden();
  await field.says("download-failed");
  await expect(field.verdict).toHaveText(/could not be downloaded/);
  await expect(retry).toBeVisible();
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations).toEqual([]);
  await field.element.evaluate((element: SignatureCheck) => {
    const check = async (): Promise<unknown> => ({ decision: "match", quality: [] });
    element.engine = { check } as unknown as NonNullable<SignatureCheck["engine"]>;
  });
  await field.seen();
  await retry.click();
  await field.state("match");
  await expect(retry).toBeHidden();
  await expect(field.element.getByRole("group")).toBeFocused();
  const value = await field.value();
  expect(value?.signature.kind === "strokes" && value.signature.strokes).toHaveLength(2);
  // The signer has changed nothing.
  expect(await field.seen()).toEqual(["pending", "match", "signature-verdict"]);
});

test("going away and back restores the signature, and checks it again", async ({ page }) => {
  const field = await open(page);
  await field.says("match");
  await field.sign();
  await field.state("match");
  const before = await field.value();
  const state = await field.element.evaluate((element: SignatureCheck) => element.value);
  // What the browser does after the page was left and come back to.
  await open(page);
  await field.element.evaluate((element: SignatureCheck, json) => element.formStateRestoreCallback(json), state);
  await field.says("mismatch");
  await field.state("mismatch");
  const after = await field.value();
  // The verdict in the state is not believed.
  expect(after?.verdict?.decision).toBe("mismatch");
  expect(after?.signature).toEqual(before?.signature);
});

test("a smaller window keeps the drawing", async ({ page }) => {
  await page.setViewportSize({ width: 800, height: 700 });
  const field = await open(page);
  await field.says("match");
  await field.sign();
  await field.state("match");
  const shape = async () => {
    const value = await field.value();
    if (value?.signature.kind !== "strokes") throw new Error("no strokes");
    const points = value.signature.strokes.flat();
    const box = (await field.canvas.boundingBox())!;
    const ink = await field.canvas.evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
      return data.some((alpha, at) => at % 4 === 3 && alpha > 0);
    });
    return { ink, width: box.width, xs: points.map(({ x }) => x / box.width), ys: points.map(({ y }) => y / box.height) };
  };
  const wide = await shape();
  await page.setViewportSize({ width: 300, height: 700 });
  await field.sign([[{ x: 0, y: 0 }, { x: 5, y: 5 }]]);
  await field.button("Undo").click();
  await field.state("match");
  const narrow = await shape();
  expect(narrow.width).toBeLessThan(wide.width * 0.8);
  expect(narrow.ink).toBe(true);
  for (const axis of ["xs", "ys"] as const) {
    expect(narrow[axis]).toHaveLength(wide[axis].length);
    narrow[axis].forEach((value, at) => expect(value).toBeCloseTo(wide[axis][at]!, 1));
  }
});

test.describe("by touch", () => {
  test.use({ viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true });

  test("a finger on the pad draws and does not scroll; one that scrolls past does not draw", async ({ page }, testInfo) => {
    const field = await open(page, "required", '<div id="long"></div>');
    await page.evaluate(() => document.querySelector<HTMLElement>("#long")!.style.setProperty("height", "2000px"));
    const devtools = await page.context().newCDPSession(page);
    const box = (await field.canvas.boundingBox())!;
    expect(box.x >= 0 && box.x + box.width <= 360).toBe(true);
    const drag = async (y: number, distance: number): Promise<void> => {
      const x = box.x + box.width / 2;
      await devtools.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [{ x, y }] });
      for (let step = 1; step <= 20; step += 1) {
        await devtools.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: [{ x: x + step, y: y - (distance * step) / 20 }] });
      }
      await devtools.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
    };

    // From below the pad up across it.
    await drag(box.y + box.height + 150, 250);
    await expect.poll(() => page.evaluate(() => window.scrollY)).toBeGreaterThan(50);
    await field.state("empty");
    // The finger's momentum may go on for a moment.
    await expect
      .poll(async () => {
        await page.evaluate(() => window.scrollTo(0, 0));
        await page.waitForTimeout(200);
        return page.evaluate(() => window.scrollY);
      })
      .toBe(0);

    await drag(box.y + box.height - 10, box.height - 20);
    await expect(field.element).toHaveJSProperty("state", "pending");
    expect(await page.evaluate(() => window.scrollY)).toBe(0);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    await page.screenshot({ path: testInfo.outputPath("phone.png") });
  });
});

test("speaks the page's language, is laid out from right to left, and says what the page wants instead", async ({ page }, testInfo) => {
  const field = await open(page, "required allow-typed");
  const left = async (name: string): Promise<number> => (await field.button(name).boundingBox())!.x;
  expect(await left("Undo")).toBeLessThan(await left("Clear"));
  for (const [language, undo] of [["de", "Rückgängig"], ["hi", "पूर्ववत करें"], ["zh-Hans", "撤销"]] as const) {
    await field.element.evaluate((element, lang) => element.setAttribute("lang", lang), language);
    await expect(field.button(undo)).toBeVisible();
    await page.screenshot({ path: testInfo.outputPath(`${language}.png`) });
  }
  await page.evaluate(() => (document.documentElement.dir = "rtl"));
  await field.element.evaluate((element: SignatureCheck) => {
    element.lang = "ar";
    element.strings = { undo: "تراجع", clear: "مسح", hint: "وقّع هنا" };
  });
  await expect(field.button("تراجع")).toBeVisible();
  expect(await left("تراجع")).toBeGreaterThan(await left("مسح"));
  await field.says("match");
  await field.sign();
  await field.state("match");
  // The drawing itself is not mirrored.
  const value = await field.value();
  const points = value?.signature.kind === "strokes" ? (value.signature.strokes[0] ?? []) : [];
  expect(points.at(-1)!.x).toBeGreaterThan(points[0]!.x);
  await page.screenshot({ path: testInfo.outputPath("rtl.png") });
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing to object to in any state, ${colorScheme}`, async ({ page }, testInfo) => {
    await page.emulateMedia({ colorScheme });
    const seen = watch(page);
    const field = await open(page, "required allow-typed");
    const look = async (state: string): Promise<void> => {
      await page.screenshot({ path: testInfo.outputPath(`${state}.png`) });
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations, state).toEqual([]);
    };
    await look("empty");
    await field.says("nothing yet");
    await field.sign();
    for (const says of ["match", "mismatch", "unsure", "blank-page"] as const) {
      await field.says(says);
      await field.state(says === "blank-page" ? "error" : says);
      await look(says);
    }
    await field.says("nothing yet");
    await field.state("pending");
    await look("pending");
    await field.element.evaluate((element) => element.setAttribute("disabled", ""));
    await look("disabled");
    await field.element.evaluate((element) => element.removeAttribute("disabled"));
    await field.button("Type a name instead").click();
    await page.keyboard.type("Ada");
    await field.state("skipped");
    await look("typed");
    // Nothing was asked of anybody else, and the policy was kept.
    expect(seen).toEqual({ outside: [], complaints: [] });
  });
}
