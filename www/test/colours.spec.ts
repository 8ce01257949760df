/** Colours that a reader forces, and paper: what is painted still says what it says. */
import { expect, type Locator, type Page, test } from "@playwright/test";
import { Demo } from "./demo.ts";

/** How much of a place on the screen is not black, 0 to 1. */
async function painted(page: Page, place: Locator): Promise<number> {
  const png = (await place.screenshot()).toString("base64");
  return page.evaluate(async (data) => {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes]));
    const { width, height } = bitmap;
    const canvas = new OffscreenCanvas(width, height).getContext("2d")!;
    canvas.drawImage(bitmap, 0, 0);
    const pixels = canvas.getImageData(0, 0, width, height).data;
    const isSeen = (at: number): boolean => pixels[at]! + pixels[at + 1]! + pixels[at + 2]! > 150;
    return pixels.filter((_, at) => at % 4 === 0 && isSeen(at)).length / (width * height);
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
    expect(await painted(page, page.locator(selector).first()), selector).toBeGreaterThan(0.5);
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
