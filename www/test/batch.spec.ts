/** The batch tab: a folder of made-up signatures and the error rates of it. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { Demo, writers } from "./demo.ts";
import { strokesPng } from "./images.ts";
import { watch } from "./own.ts";

/** Writes a folder with these files. */
function folder(root: string, files: Record<string, Buffer>): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

/** The fixture's writers as image files, and one file that is none. */
function people(): Record<string, Buffer> {
  const files: Record<string, Buffer> = { "w0/forged/broken.png": Buffer.from("no picture") };
  for (const [index, { genuine, forged }] of writers.entries()) {
    genuine.forEach((strokes, at) => (files[`w${index}/genuine/${at}.png`] = strokesPng(strokes)));
    forged.forEach((strokes, at) => (files[`w${index}/forged/${at}.png`] = strokesPng(strokes)));
  }
  return files;
}

test("a folder gives an error rate, plots, files, and a list of what was left out", async ({ page }, testInfo) => {
  const seen = watch(page);
  const demo = new Demo(page);
  await demo.openAndLoad("cpu");
  await page.getByRole("tab", { name: "Batch" }).click();
  const start = page.getByRole("button", { name: "Compute" });
  await expect(start).toBeDisabled();

  const input = page.getByLabel("Choose a folder");
  await input.setInputFiles(folder(testInfo.outputPath("wrong"), { "w/1.png": Buffer.alloc(0) }));
  await expect(page.locator(".found")).toHaveText(/1\.png is neither genuine nor forged; expected/);
  await expect(start).toBeDisabled();

  await input.setInputFiles(folder(testInfo.outputPath("people"), people()));
  await expect(page.locator(".found")).toHaveText("3 writers, 12 genuine and 4 forged signatures.");
  await page.getByLabel("References a writer").selectOption("2");
  await page.evaluate(() => {
    const said: string[] = [];
    Object.assign(window, { said });
    const status = document.querySelector("#panel-batch progress ~ [role=status]")!;
    new MutationObserver(() => said.push(status.textContent)).observe(status, { childList: true });
  });
  await start.click();
  const report = page.getByRole("region", { name: "Report" });
  await expect(report.getByRole("heading", { name: "Equal error rate" })).toBeVisible();
  // A screen reader hears this, and not every file.
  expect(await page.evaluate(() => (window as unknown as { said: string[] }).said)).toEqual(["Comparing the signatures.", "Done."]);
  await expect(report).toContainText("6 genuine and 3 forged signatures of 3 writers, 2 references each");
  await expect(report.getByRole("img", { name: "DET plot" })).toBeVisible();
  await expect(report.getByRole("img", { name: "Histogram of the scores" })).toBeVisible();
  await expect(report.getByText("Left out: 1")).toBeVisible();
  await expect(report.getByRole("listitem")).toContainText("broken.png");

  const shown = Number(/([\d.]+) %/.exec(await report.getByRole("heading").first().innerText())?.[1]);
  const table = await saved(page, "Scores as CSV");
  expect(table.startsWith("\ufeffwriter,")).toBe(true);
  const lines = table.trim().split("\r\n").slice(1).map((line) => line.split(","));
  expect(lines).toHaveLength(9);
  const { eer, genuine, forged } = JSON.parse(await saved(page, "Scores as JSON")) as Record<string, number>;
  expect([genuine, forged]).toEqual([6, 3]);
  expect(100 * (eer ?? NaN)).toBeCloseTo(shown, 0);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations).toEqual([]);
  await page.screenshot({ path: testInfo.outputPath("batch.png"), fullPage: true });

  // A run that is cancelled leaves no report.
  await start.click();
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByText("Cancelled.")).toBeVisible();
  await expect(page.locator(".report")).toBeEmpty();
  expect(seen).toEqual({ outside: [], complaints: [] });
});

test("a dropped folder that takes long to read does not replace a later choice", async ({ page }, testInfo) => {
  const demo = new Demo(page);
  await demo.open("cpu");
  await page.getByRole("tab", { name: "Batch" }).click();
  const input = page.getByLabel("Choose a folder");
  await page.locator("[aria-labelledby=folder-title]").waitFor();
  const slow = await page.evaluateHandle(() => {
    const given = { finish: (): void => undefined };
    const file = (resolve: (file: File) => void): void => void (given.finish = () => resolve(new File([], "1.png")));
    const entry = { isFile: true, isDirectory: false, fullPath: "/w/genuine/1.png", file };
    DataTransferItem.prototype.webkitGetAsEntry = () => entry as unknown as FileSystemEntry;
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([], "1.png"));
    document.querySelector("[aria-labelledby=folder-title]")!.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
    return given;
  });
  await input.setInputFiles(folder(testInfo.outputPath("people"), people()));
  const found = page.locator(".found");
  await expect(found).toHaveText("3 writers, 12 genuine and 4 forged signatures.");
  await slow.evaluate(async ({ finish }) => {
    finish();
    await new Promise((resolve) => setTimeout(resolve, 50));
  });
  await expect(found).toHaveText("3 writers, 12 genuine and 4 forged signatures.");
  // Nor does text that is dropped there.
  const untouched = await page.locator("[aria-labelledby=folder-title]").evaluate((place) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add("a word", "text/plain");
    return place.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
  });
  expect(untouched).toBe(true);
  await expect(found).toHaveText("3 writers, 12 genuine and 4 forged signatures.");
});

async function saved(page: Page, name: string): Promise<string> {
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name }).click();
  return readFileSync(await (await download).path(), "utf8");
}
