/** Colours that a reader forces, and paper: what is painted still says what it says. */
import { expect, type Locator, type Page, test } from "@playwright/test";
import { Demo } from "./demo.ts";

/** The brightest and the darkest pixel of a place on the screen, 0 to 255. */
async function range(page: Page, place: Locator): Promise<[number, number]> {
  await place.scrollIntoViewIfNeeded();
  const png = (await place.screenshot()).toString("base64");
  return page.evaluate(async (data) => {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes]));
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d")!;
    canvas.drawImage(bitmap, 0, 0);
    const pixels = canvas.getImageData(0, 0, bitmap.width, bitmap.height).data;
    let [low, high] = [255, 0];
    for (let at = 0; at < pixels.length; at += 4) {
      const grey = (pixels[at]! + pixels[at + 1]! + pixels[at + 2]!) / 3;
      [low, high] = [Math.min(low, grey), Math.max(high, grey)];
    }
    return [low, high] as [number, number];
  }, png);
}

test("on a black screen of forced colours ink, difference map, scale and sign are seen", async ({ page }, testInfo) => {
  await page.emulateMedia({ forcedColors: "active", colorScheme: "dark" });
  const demo = new Demo(page);
  await demo.openAndLoad("cpu");
  await page.getByRole("button", { name: "by the writer" }).click();
  await demo.check.click();
  await expect(demo.title).toHaveText(/^(Match|Mismatch|Unsure)$/);
  await page.screenshot({ path: testInfo.outputPath("forced.png"), fullPage: true });
  for (const selector of ["#references .card img", ".comparison .paper", "#result .bar"]) {
    const [low, high] = await range(page, page.locator(selector).first());
    expect(high - low, selector).toBeGreaterThan(100);
  }
  const sign = await demo.title.evaluate((title) => getComputedStyle(title, "::before").backgroundColor);
  const back = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  expect(sign).not.toBe(back);
});

test("what is painted is printed", async ({ page }) => {
  const demo = new Demo(page);
  await demo.openAndLoad("cpu");
  await page.getByRole("button", { name: "by the writer" }).click();
  await demo.check.click();
  await expect(demo.title).toHaveText(/^(Match|Mismatch|Unsure)$/);
  const printed = await page.evaluate(() =>
    [["#result .verdict", "::before"], ["#result .bar"], ["#result .marker"]].map(([selector, part]) =>
      getComputedStyle(document.querySelector(selector!)!, part).getPropertyValue("print-color-adjust"),
    ),
  );
  expect(printed).toEqual(["exact", "exact", "exact"]);
});
