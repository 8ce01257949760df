/** Plays the demo for `demo.gif`: `npx playwright test --project=record`. No test of the page, but it fails where that does. */
import { writeFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { Demo, type Tray, writers } from "./demo.ts";
import { type Frame, gif } from "./gif.ts";
import { path, type Strokes } from "./pen.ts";

const [writer] = writers;
if (!writer) throw new Error("the fixture holds no writer");
const [forgery = []] = writer.forged;

/** More would not be looked at. */
const MOST_BYTES = 1_500_000;

test.use({ viewport: { width: 840, height: 700 }, colorScheme: "light", reducedMotion: "reduce" });

test("enrols three signatures, checks a genuine one and a forgery", async ({ page }) => {
  const frames: Frame[] = [];
  const show = async (delay: number): Promise<void> => {
    frames.push({ png: await page.screenshot(), delay });
  };
  const demo = new Demo(page);

  /** Draws as a visitor does; a frame every so many points. */
  const draw = async (tray: Tray, strokes: Strokes, every: number): Promise<void> => {
    await page.locator(`#${tray}`).getByRole("button", { name: "Draw" }).click();
    const canvas = page.locator("#pad canvas");
    const box = await canvas.boundingBox();
    if (!box) throw new Error("the pad is not shown");
    await show(300);
    let count = 0;
    for (const [first, ...rest] of path(strokes, box)) {
      if (!first) continue;
      await page.mouse.move(...first);
      await page.mouse.down();
      for (const point of rest) {
        await page.mouse.move(...point);
        count += 1;
        if (count % every === 0) await show(70);
      }
      await page.mouse.up();
    }
    await show(500);
    await page.getByRole("dialog").getByRole("button", { name: "Add", exact: true }).click();
    await show(700);
  };
  const check = async (title: RegExp): Promise<void> => {
    await demo.check.click();
    await expect(demo.title).toHaveText(title);
    await demo.result.evaluate((result) => result.scrollIntoView({ block: "start" }));
    await show(3000);
  };

  await demo.openAndLoad("cpu");
  await show(1200);
  for (const [index, strokes] of writer.genuine.slice(0, 3).entries()) await draw("references", strokes, index === 0 ? 5 : 16);
  await draw("questioned", writer.genuine[3]!, 8);
  await check(/^Match$/);
  await draw("questioned", forgery, 5);
  await check(/^(Mismatch|Unsure)$/);

  // Where the page lets the difference map come and go.
  const slider = demo.result.getByRole("slider");
  if ((await slider.count()) > 0) {
    await slider.evaluate((it) => it.scrollIntoView({ block: "end" }));
    for (const strength of [100, 75, 50, 25, 0, 25, 50, 75, 100]) {
      await slider.fill(String(strength));
      await show(strength % 100 === 0 ? 1200 : 150);
    }
  }
  await show(2500);

  const bytes = gif(frames);
  console.log(`${frames.length} frames, ${bytes.length} bytes`);
  expect(bytes.length).toBeLessThan(MOST_BYTES);
  writeFileSync(new URL("../demo.gif", import.meta.url), bytes);
});
