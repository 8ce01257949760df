import { expect, test } from "@playwright/test";
import { Demo, writers } from "./demo.ts";

const [writer, stranger] = writers;
if (!writer || !stranger) throw new Error("the fixture holds too few writers");
const references = writer.genuine.slice(0, 3);
const [, , , genuine = []] = writer.genuine;
const [imitation = []] = writer.forged;
const [other = []] = stranger.genuine;

test("enrols drawn signatures and tells a genuine drawing from forged ones", async ({ page }) => {
  const demo = new Demo(page);
  await demo.openAndLoad("cpu");
  await expect(demo.check).toBeDisabled();
  await expect(page.getByText("Still needed: two genuine signatures and the questioned signature.")).toBeVisible();

  await demo.draw("references", ...references);
  await demo.draw("questioned", genuine);
  await demo.check.click();
  await expect(demo.title).toHaveText("Match");
  const sameHand = await demo.llr();
  await expect(demo.result.getByRole("img", { name: /support for the same hand/ })).toBeVisible();
  await expect(demo.result.getByText("so like the genuine signatures as at most 1 in 100")).toBeVisible();
  await expect(demo.result).toContainText(/Backend\s*CPU: as asked/);
  await expect(demo.result).toContainText(/Time\s*[\d.]+ m?s for the check/);

  // Another questioned signature takes the old verdict away.
  await demo.draw("questioned", imitation);
  await expect(demo.result).toBeEmpty();
  await demo.check.click();
  await expect(demo.title).toHaveText(/^(Mismatch|Unsure)$/);
  expect(await demo.llr()).toBeLessThan(sameHand);

  await demo.draw("questioned", other);
  await demo.check.click();
  await expect(demo.title).toHaveText("Mismatch");
});

test("the automatic choice says what it took and why", async ({ page }) => {
  const demo = new Demo(page);
  await demo.openAndLoad("auto");
  await expect(demo.engine).toHaveText(/^WebGPU: .+|^CPU: .+/);
});

test("loading is announced in steps; its bytes are only seen", async ({ page }) => {
  await page.addInitScript(() => {
    const heard = { engine: [] as string[], amount: [] as string[] };
    Object.assign(window, { heard });
    new MutationObserver((changes) => {
      for (const { target, addedNodes } of changes) {
        if (!(target instanceof Element) || !(target.id in heard)) continue;
        heard[target.id as keyof typeof heard].push(...[...addedNodes].map(({ textContent }) => textContent ?? ""));
      }
    }).observe(document, { childList: true, subtree: true });
  });
  await new Demo(page).openAndLoad("cpu");
  const { engine, amount } = await page.evaluate(() => (window as unknown as { heard: Record<"engine" | "amount", string[]> }).heard);
  expect(engine.filter((text) => text !== "Starting")).toEqual(["Getting program and model", "Testing the model on known signatures", "CPU: as asked"]);
  expect(amount.length).toBeGreaterThan(2);
  expect(amount[0]).toMatch(/^[\d.]+ of [\d.]+ MB$/);
  await expect(page.locator("#amount")).toBeEmpty();
});

test("another backend can be chosen while one is loading", async ({ page }) => {
  const demo = new Demo(page);
  await demo.open("auto");
  await page.getByLabel("Backend").selectOption("cpu");
  await expect(demo.engine).toHaveText("CPU: as asked");
  await page.getByRole("button", { name: "by the writer" }).click();
  await demo.check.click();
  await expect(demo.title).toHaveText(/^(Match|Mismatch|Unsure)$/);
});

test("works from the keyboard alone", async ({ page }) => {
  const demo = new Demo(page);
  await demo.openAndLoad("cpu");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("tab", { name: "Check" })).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(page.locator("#references .draw")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toBeHidden();
  await page.keyboard.press("Tab");
  await expect(page.locator("#references input")).toBeFocused();
  await page.locator("#example-writer").press("Enter");
  await expect(demo.check).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(demo.title).toHaveText(/^(Match|Mismatch|Unsure)$/);
});

test("nothing is fetched from another origin and the policy holds", async ({ page }) => {
  const outside: string[] = [];
  const complaints: string[] = [];
  page.on("request", (request) => {
    if (!/^(http:\/\/localhost:|blob:)/.test(request.url())) outside.push(request.url());
  });
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  const demo = new Demo(page);
  await demo.openAndLoad("cpu");
  await page.getByRole("button", { name: "by the writer" }).click();
  await demo.check.click();
  await expect(demo.title).toHaveText(/^(Match|Mismatch|Unsure)$/);
  expect(outside).toEqual([]);
  expect(complaints).toEqual([]);
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 360, height: 740 }, hasTouch: true });

  test("everything fits its width", async ({ page }, testInfo) => {
    const demo = new Demo(page);
    await demo.openAndLoad("cpu");
    await page.getByRole("button", { name: "an imitation" }).click();
    await demo.check.click();
    await expect(demo.title).toHaveText(/^(Match|Mismatch|Unsure)$/);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    await page.screenshot({ path: testInfo.outputPath("phone.png"), fullPage: true });

    await page.locator("#questioned").getByRole("button", { name: "Draw" }).click();
    const pad = await page.locator("#pad").boundingBox();
    expect(pad && pad.x >= 0 && pad.x + pad.width <= 360).toBe(true);
  });
});
