/** For those who do not see the field, or see it in other colours, and for those who use the keyboard. */
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import type { SignatureCheck } from "../src/element/index.ts";
import { type Elements, open, scribble } from "./field.ts";
import { openOwn } from "./own.ts";
import { sign } from "./pen.ts";

test("a button that has nothing left to do gives its focus to the pad", async ({ page }) => {
  const field = await open(page);
  const pad = field.element.getByRole("group");
  await field.sign([scribble[1]!]);
  await field.button("Undo").press("Enter");
  await field.state("empty");
  await expect(pad).toBeFocused();
  await field.sign();
  await field.button("Undo").press("Enter");
  await expect(field.button("Undo")).toBeFocused();
  await field.button("Clear").press("Space");
  await field.state("empty");
  await expect(pad).toBeFocused();
});

test("so it does in enrolment", async ({ page }) => {
  await openOwn(page, "<signature-enrolment></signature-enrolment>");
  await page.evaluate(async () => ((await import(`${location.origin}/countersign-element.js`)) as Elements).defineSignatureElements());
  const element = page.locator("signature-enrolment");
  for (const name of ["Undo", "Clear"]) {
    await sign(page, element.locator("canvas"), [scribble[1]!]);
    await element.getByRole("button", { name }).press("Enter");
    await expect(element.getByRole("button", { name })).toBeDisabled();
    await expect(element.getByRole("group")).toBeFocused();
  }
});

test("a pad that is drawn on has the focus and takes keys and pictures, without a ring until a key is pressed", async ({ page }) => {
  const field = await open(page, "required", '<p><label>Other <input id="other"></label></p><signature-enrolment></signature-enrolment>');
  const outline = (selector: string) => page.locator(selector).getByRole("group").evaluate((pad) => getComputedStyle(pad).outlineStyle);
  for (const selector of ["signature-check", "signature-enrolment"]) {
    const element = page.locator(selector);
    const [pad, undo] = [element.getByRole("group"), element.getByRole("button", { name: "Undo" })];
    // Whoever was there with the keyboard is left for the pen.
    await page.locator("#other").press("a");
    await sign(page, element.locator("canvas"), [scribble[1]!]);
    await expect(pad).toBeFocused();
    expect(await outline(selector)).toBe("none");
    await expect(undo).toBeEnabled();
    await page.keyboard.press("Control+z");
    await expect(undo).toBeDisabled();
    expect(await outline(selector)).toBe("solid");
    await sign(page, element.locator("canvas"), scribble);
    expect(await outline(selector)).toBe("none");
    await page.keyboard.press("Delete");
    await expect(undo).toBeDisabled();
  }
  // A pad that no longer takes the stroke does not take the focus.
  await field.canvas.scrollIntoViewIfNeeded();
  await page.locator("#other").evaluate((input) => input.focus({ preventScroll: true }));
  const { x, y } = (await field.canvas.boundingBox())!;
  await page.mouse.move(x + 20, y + 20);
  await page.mouse.down();
  await page.mouse.move(x + 60, y + 40);
  await field.element.evaluate((element: SignatureCheck) => (element.disabled = true));
  await page.mouse.up();
  await expect(page.locator("#other")).toBeFocused();
});

test("that a signature is required is said, as long as it is", async ({ page }) => {
  const field = await open(page, "required allow-typed");
  const pad = field.element.getByRole("group");
  await expect(pad).toHaveAccessibleDescription(/^Required\. Sign with/);
  await field.element.evaluate((element) => element.setAttribute("lang", "de"));
  await expect(pad).toHaveAccessibleDescription(/^Pflichtfeld\. Unterschreiben/);
  await field.button("Stattdessen Namen tippen").click();
  const name = field.element.getByLabel("Ihr Name");
  await expect(name).toHaveJSProperty("required", true);
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  for (const attribute of ["readonly", "disabled"]) {
    await field.element.evaluate((element, given) => element.setAttribute(given, ""), attribute);
    await expect(name).toHaveJSProperty("required", false);
    await field.element.evaluate((element, given) => element.removeAttribute(given), attribute);
    await expect(name).toHaveJSProperty("required", true);
  }
  await field.element.evaluate((element: SignatureCheck) => Object.assign(element, { lang: "en", required: false }));
  await field.button("Sign instead").click();
  await expect(pad).toHaveAccessibleDescription(/^Sign with/);
});

test("a picture that the browser cannot show is there by its name", async ({ page }) => {
  const field = await open(page);
  await field.says("match");
  await field.give("drop", [73, 73, 42, 0], { type: "image/tiff" });
  await field.state("match");
  const name = field.element.getByText("a.png");
  await expect(name).toBeVisible();
  // One of a value has no name.
  await field.element.evaluate((element: SignatureCheck) => void (element.value = element.value));
  await expect(field.element.getByText("image/tiff")).toBeVisible();
  await expect(name).toHaveCount(0);
  await field.button("Clear").click();
  await expect(field.element.locator("[part=file-name]")).toBeHidden();
});

test("English in a place of another language is marked as such, and runs its own way", async ({ page }, testInfo) => {
  const field = await open(page, "required allow-typed");
  await page.evaluate(() => Object.assign(document.documentElement, { lang: "ar", dir: "rtl" }));
  const spoken = (part: string): Promise<string | undefined> =>
    field.element.locator(`[part~=${part}]`).evaluate((element) => element.closest<HTMLElement>("[lang]")?.lang);
  await expect.poll(() => spoken("undo")).toBe("en");
  // Its name is the label of the page.
  expect(await spoken("surface")).toBe("ar");
  await field.says("mismatch");
  await field.sign();
  await field.state("mismatch");
  // The full stop is on the right, as in English, and the text where that of the page would be.
  const places = await field.verdict.evaluate((element) => {
    const range = document.createRange();
    const text = element.firstChild as Text;
    const at = (from: number): DOMRect => {
      range.setStart(text, from);
      range.setEnd(text, from + 1);
      return range.getBoundingClientRect();
    };
    return { first: at(0).x, last: at(text.length - 1).right, right: element.getBoundingClientRect().right };
  });
  expect(places.last).toBeGreaterThan(places.first);
  expect(Math.abs(places.last - places.right)).toBeLessThan(2);
  await page.screenshot({ path: testInfo.outputPath("english-in-arabic.png") });
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);

  await page.evaluate(() => document.querySelector("label")!.remove());
  await field.element.evaluate((element: SignatureCheck) => (element.required = false));
  expect(await spoken("surface")).toBe("en");
  // The page's own words are in the page's language.
  await field.element.evaluate((element: SignatureCheck) => (element.strings = { undo: "تراجع" }));
  await expect.poll(() => spoken("undo")).toBeUndefined();
  await field.element.evaluate((element: SignatureCheck) => (element.strings = undefined));
  await expect.poll(() => spoken("undo")).toBe("en");
  await page.evaluate(() => (document.documentElement.lang = "fr"));
  await expect.poll(() => spoken("undo")).toBeUndefined();
});
