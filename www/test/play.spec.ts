/** The page beyond the check itself: tabs, gallery, challenge, and how it works. */
import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { Demo, writers } from "./demo.ts";
import { inkedPng } from "./images.ts";
import { watch } from "./own.ts";
import { sign } from "./pen.ts";

const [writer, stranger] = writers;
if (!writer || !stranger) throw new Error("the fixture holds too few writers");
const [, , , genuine = []] = writer.genuine;
const [other = []] = stranger.genuine;

test("made-up signatures are checked at a click, and the difference map follows its slider", async ({ page }) => {
  const demo = new Demo(page);
  await demo.openAndLoad("cpu");
  await page.getByText("All made-up signatures").click();
  const row = page.getByRole("group", { name: "Writer B" });
  await row.getByRole("button", { name: "somebody else" }).click();
  await expect(demo.title).toHaveText("Mismatch");

  const map = demo.result.getByRole("img", { name: "Where the questioned signature differs" });
  await expect(map).toHaveCSS("opacity", "1");
  const slider = demo.result.getByRole("slider", { name: /Show differences/ });
  await slider.focus();
  await page.keyboard.press("Home");
  await expect(map).toHaveCSS("opacity", "0");
  await page.keyboard.press("ArrowRight");
  await expect(map).toHaveCSS("opacity", "0.05");
  await expect(slider).toHaveAttribute("aria-valuetext", "5 %");

  // Any of the genuine ones can be set beside it.
  const beside = demo.result.getByLabel("Genuine signature to show");
  await beside.selectOption({ index: 2 });
  await expect(demo.result.getByRole("img", { name: "Genuine signature 3" })).toBeVisible();
  await expectNoViolations(page);
});

test("a signature of the gallery has its verdict though the model is still coming, or another check runs", async ({ page }) => {
  let go: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (go = resolve));
  await page.route("**/weights*", async (route) => {
    await held;
    await route.continue();
  });
  const demo = new Demo(page);
  await demo.open("cpu");
  await page.getByText("All made-up signatures").click();
  const row = page.getByRole("group", { name: "Writer B" });
  await row.getByRole("button", { name: "somebody else" }).click();
  go();
  await expect(demo.title).toHaveText("Mismatch");
  await row.evaluate((trials) => ["somebody else", "genuine"].forEach((name) => [...trials.querySelectorAll("button")].find((button) => button.textContent?.includes(name))!.click()));
  await expect(demo.title).toHaveText("Match");
});

test("text that is dragged over the page, and a choice of no file, leave signatures and verdict alone", async ({ page }) => {
  const demo = new Demo(page);
  await demo.openAndLoad("cpu");
  await page.getByText("All made-up signatures").click();
  await page.getByRole("group", { name: "Writer B" }).getByRole("button", { name: "somebody else" }).click();
  await expect(demo.title).toHaveText("Mismatch");
  const untouched = await page.evaluate(() =>
    ["#references", "#questioned"].flatMap((place) =>
      ["dragover", "drop"].map((kind) => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add("a word", "text/plain");
        return document.querySelector(place)!.dispatchEvent(new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }));
      }),
    ),
  );
  expect(untouched).toEqual([true, true, true, true]);
  await expect(page.locator(".target")).toHaveCount(0);
  await page.locator("#questioned input[type=file]").dispatchEvent("change");
  await expect(demo.title).toHaveText("Mismatch");
  await expect(page.locator("#questioned .remove")).toHaveCount(1);
});

test("a file that misses its place does not replace the page", async ({ page }) => {
  const demo = new Demo(page);
  await demo.open("cpu");
  const drag = (selector: string, event: string) =>
    page.evaluate(
      ([place, kind]) => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File(["no picture"], "a.png", { type: "image/png" }));
        // One that a script has made holds no effect otherwise.
        Object.defineProperty(dataTransfer, "dropEffect", { value: "copy", writable: true });
        const untouched = document.querySelector(place)!.dispatchEvent(new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }));
        return [untouched, dataTransfer.dropEffect];
      },
      [selector, event] as const,
    );
  expect(await drag("h1", "dragover")).toEqual([false, "none"]);
  expect((await drag("h1", "drop"))[0]).toBe(false);
  await expect(page.locator(".card .remove")).toHaveCount(0);
  expect(await drag("#references", "dragover")).toEqual([false, "copy"]);
  await drag("#references", "drop");
  await expect(page.locator("#references .remove")).toHaveCount(1);
});

test("signatures that do not go together get advice", async ({ page }) => {
  const demo = new Demo(page);
  await demo.openAndLoad("cpu");
  await demo.draw("references", genuine, other);
  await demo.choose("questioned", { name: "wave.png", buffer: inkedPng() });
  await demo.check.click();
  await expect(demo.title).toHaveText("The genuine signatures do not go together");
  await expect(demo.result.locator("code")).toHaveText("references-disagree");
  await expect(demo.result.getByText("If one stands apart, remove it")).toBeVisible();
});

test("a friend's attempts are listed, the best one marked, and forgotten at the end", async ({ page }) => {
  const seen = watch(page);
  const demo = new Demo(page);
  await demo.openAndLoad("cpu");
  const start = page.getByRole("button", { name: "Start the challenge" });
  await expect(start).toBeDisabled();
  await demo.draw("references", ...writer.genuine.slice(0, 3));
  // Twice before it is open.
  await start.evaluate((button) => [1, 2].forEach(() => (button as HTMLElement).click()));
  await expect(page.getByRole("heading", { name: "Hand over the device" })).toBeFocused();
  await expect(demo.check).toBeHidden();

  const attempts = page.locator(".attempts li");
  const submit = page.getByRole("button", { name: "Is it good enough?" });
  await expect(submit).toBeDisabled();
  for (const [index, strokes] of [genuine, other].entries()) {
    await sign(page, page.locator(".challenge canvas"), strokes);
    await submit.press("Enter");
    // It has nothing to do until something is drawn again.
    await expect(page.getByRole("img", { name: "Sign here as the other person does" })).toBeFocused();
    await expect(attempts).toHaveCount(index + 1);
  }
  // The newest is on top; the first was the writer's own.
  await expect(attempts.nth(0)).toContainText("Caught");
  await expect(attempts.nth(1)).toContainText("Fooled it");
  await expect(attempts.nth(1)).toContainText("best so far");
  await expect(attempts.nth(0)).not.toContainText("best so far");
  await page.getByLabel("Show the signature to forge").uncheck();
  await expect(page.getByRole("img", { name: "The signature to forge" })).toBeHidden();
  await expectNoViolations(page);

  // A file that is chosen while another is checked, and one that is checked at the end, leave no address behind.
  const made = await page.evaluate(async () => {
    let count = 0;
    const { createObjectURL } = URL;
    URL.createObjectURL = (blob) => {
      count += 1;
      return createObjectURL.call(URL, blob);
    };
    const choose = (): void => {
      const input = document.querySelector<HTMLInputElement>(".challenge input[type=file]")!;
      const data = new DataTransfer();
      data.items.add(new File(["x"], "a.png", { type: "image/png" }));
      input.files = data.files;
      input.dispatchEvent(new Event("change"));
    };
    choose();
    choose();
    [...document.querySelectorAll("button")].find(({ textContent }) => textContent === "End the challenge")!.click();
    return count;
  });
  expect(made).toBe(0);
  await expect(attempts).toHaveCount(0);
  await expect(start).toBeFocused();
  expect(seen).toEqual({ outside: [], complaints: [] });
});

test("tabs follow the arrow keys; how it works shows every stage of a signature", async ({ page }) => {
  const seen = watch(page);
  const demo = new Demo(page);
  await demo.openAndLoad("cpu");
  await page.getByRole("tab", { name: "Check" }).press("End");
  const tab = page.getByRole("tab", { name: "How it works" });
  await expect(tab).toBeFocused();
  await expect(tab).toHaveAttribute("aria-selected", "true");
  await expect(page).toHaveURL(/#how$/);
  const stages = page.getByRole("list", { name: "Stages" }).getByRole("listitem");
  const titles = stages.getByRole("heading");
  await expect(titles).toHaveText(["As given", "Page", "Ink", "Frame", "Features", "Channels", "Differences", "Evidence"]);
  // Each canvas shows something: its pixels are not all alike.
  for (const canvas of await stages.locator("canvas").all()) {
    expect(await canvas.evaluate(colours)).toBeGreaterThan(1);
  }
  await expectNoViolations(page);

  // One's own, and nothing to compare it with.
  await page.locator("#known").getByRole("button", { name: /Remove/ }).click();
  await page.locator("#followed input").setInputFiles({ name: "a.png", mimeType: "image/png", buffer: inkedPng() });
  await expect(titles).toHaveText(["As given", "Page", "Ink", "Frame", "Features", "Channels"]);
  await expect(stages.nth(1)).toContainText("480 by 240 pixels");
  await page.locator("#followed input").setInputFiles({ name: "b.png", mimeType: "image/png", buffer: Buffer.from("no picture") });
  await expect(stages.locator("code")).toHaveText("not-an-image");
  expect(seen).toEqual({ outside: [], complaints: [] });
});

function colours(canvas: HTMLCanvasElement | SVGElement): number {
  if (!(canvas instanceof HTMLCanvasElement)) return 0;
  const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
  return new Set(new Uint32Array(data.buffer)).size;
}

async function expectNoViolations(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations).toEqual([]);
}
