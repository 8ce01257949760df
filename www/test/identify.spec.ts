/** The identify tab: whose signature it is, and symbols learned from one drawing each. */
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { Demo, writers } from "./demo.ts";
import { inkedPng, strokesPng } from "./images.ts";
import { watch } from "./own.ts";
import { sign } from "./pen.ts";

const [, writer] = writers;
if (!writer) throw new Error("the fixture holds too few writers");
const [, , , genuine = []] = writer.genuine;

test("a signature is ranked among enrolled people", async ({ page }) => {
  const seen = watch(page);
  const demo = new Demo(page);
  await demo.openAndLoad("cpu");
  await page.getByRole("tab", { name: "Identify" }).click();
  // Twice before the first is done.
  await page.getByRole("button", { name: "the made-up people" }).evaluate((button) => [1, 2].forEach(() => (button as HTMLElement).click()));
  const enrolled = page.getByRole("list", { name: "Enrolled" }).getByRole("listitem");
  await expect(enrolled).toHaveText([/Writer A/, /Writer B/, /Writer C/]);

  const answer = page.getByRole("region", { name: "Answer" });
  const ranked = answer.getByRole("listitem");
  await page.locator("#asked input").setInputFiles({ name: "q.png", mimeType: "image/png", buffer: strokesPng(genuine) });
  await expect(answer.getByRole("heading")).toHaveText("This looks like the hand of Writer B.");
  await expect(ranked).toHaveCount(3);
  await expect(ranked.first()).toContainText("Writer B");

  // Without its writer it is nobody's; a name is taken once only.
  await page.getByRole("button", { name: "Remove Writer B" }).click();
  await expect(answer.getByRole("heading")).toHaveText(/^It is none of these \(at 1 % false identifications\)/);
  await page.locator("#newcomer input[type=file]").setInputFiles(
    writer.genuine.slice(0, 3).map((strokes, at) => ({ name: `${at}.png`, mimeType: "image/png", buffer: strokesPng(strokes) })),
  );
  await page.getByLabel("Name").fill("Writer A");
  await page.getByRole("button", { name: "Enrol", exact: true }).click();
  await expect(page.getByText("There is a Writer A already")).toBeVisible();
  await page.getByLabel("Name").fill("Reva");
  await page.getByRole("button", { name: "Enrol", exact: true }).click();
  await expect(answer.getByRole("heading")).toHaveText("This looks like the hand of Reva.");

  // What is given while somebody is enrolled is the next person's.
  const [fourth, fifth] = writer.genuine.slice(3).concat(writers[0]!.genuine).map((strokes) => [...strokesPng(strokes)]);
  const cards = page.locator("#newcomer .card");
  await page.locator("#newcomer input[type=file]").setInputFiles({ name: "4.png", mimeType: "image/png", buffer: Buffer.from(fourth!) });
  await page.getByLabel("Name").fill("Rosa");
  await page.locator("#newcomer").evaluate((section, bytes) => {
    const [name, input] = [section.querySelector<HTMLInputElement>("input[type=text]")!, section.querySelector<HTMLInputElement>("input[type=file]")!];
    section.querySelector<HTMLElement>(".primary")!.click();
    name.value = "Next";
    const given = new DataTransfer();
    given.items.add(new File([new Uint8Array(bytes)], "next.png", { type: "image/png" }));
    input.files = given.files;
    input.dispatchEvent(new Event("change"));
  }, fifth!);
  await expect(page.getByText("Rosa is enrolled.")).toBeVisible();
  await expect(cards).toHaveCount(1);
  await expect(cards.getByRole("img")).toHaveAccessibleName(/next\.png/);
  await expect(page.getByLabel("Name")).toHaveValue("Next");
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations).toEqual([]);
  expect(seen).toEqual({ outside: [], complaints: [] });
});

test("of many people ten are shown at first; work is told of, and so is a poor picture", async ({ page }) => {
  const demo = new Demo(page);
  await demo.openAndLoad("cpu");
  await page.getByRole("tab", { name: "Identify" }).click();
  const answer = page.getByRole("region", { name: "Answer" });
  const heading = page.locator("#panel-identify [aria-live]");
  await expect(page.locator("#newcomer")).toBeVisible();
  await expect(answer).toBeHidden();
  // Whatever stands there for a moment.
  await page.evaluate(() => {
    const told: string[] = [];
    Object.assign(window, { told });
    const places = document.querySelectorAll("#panel-identify > [role=status], #panel-identify [aria-live]");
    for (const place of places) new MutationObserver(() => told.push(place.textContent ?? "")).observe(place, { childList: true });
  });
  for (let person = 1; person <= 11; person += 1) {
    await page.locator("#newcomer input[type=file]").setInputFiles({ name: "a.png", mimeType: "image/png", buffer: inkedPng(480, 240, person / 2) });
    await page.getByLabel("Name").fill(`P${person}`);
    await page.getByRole("button", { name: "Enrol", exact: true }).click();
    await expect(page.getByText(`P${person} is enrolled.`)).toBeVisible();
  }
  const ask = (buffer: Buffer) => page.locator("#asked input").setInputFiles({ name: "q.png", mimeType: "image/png", buffer });
  await ask(inkedPng(480, 240, 1.02));
  const rows = answer.getByRole("listitem");
  await expect(rows).toHaveCount(10);
  await expect(heading).toHaveCount(1);
  await expect(answer).toContainText("1 % at most are taken for somebody's");
  const told = await page.evaluate(() => (window as unknown as { told: string[] }).told);
  for (const text of ["Enrolling P1\u2026", "Comparing\u2026"]) expect(told).toContain(text);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations).toEqual([]);

  const all = answer.getByRole("button", { name: "Show all 11" });
  await all.press("Enter");
  await expect(rows).toHaveCount(11);
  await expect(rows.nth(10)).toBeFocused();
  await expect(all).toHaveCount(0);

  await ask(inkedPng(100, 50, 1));
  await expect(answer.getByText(/^The questioned signature: /)).toBeVisible();
  await expect(heading).toHaveText(/^It is taken for none of these/);
});

test("symbols drawn once are known again", async ({ page }) => {
  const demo = new Demo(page);
  await demo.openAndLoad("cpu");
  await page.getByRole("tab", { name: "Identify" }).click();
  const playground = page.getByRole("region", { name: "Teach me five symbols" });
  await playground.getByRole("button", { name: "Fill in made-up symbols" }).click();
  await expect(playground.getByText("5 of 5 learned")).toBeVisible();
  // One that the visitor drew in place of a made-up one.
  const [zigzag, another] = [5, 6].map((high) => [Array.from({ length: 40 }, (_, x) => ({ x, y: high * (x % 8 < 4 ? x % 4 : 4 - (x % 4)) }))]);
  await playground.getByRole("button", { name: "Clear: Symbol 2" }).click();
  await expect(playground.getByText("4 of 5 learned")).toBeVisible();
  await sign(page, playground.getByRole("img", { name: "Symbol 2", exact: true }), zigzag!);
  await expect(playground.getByText("5 of 5 learned")).toBeVisible();
  await sign(page, playground.getByRole("img", { name: "Draw one of them again" }), another!);
  await expect(playground.getByText("That looks like symbol 2.")).toBeVisible();
  // The made-up ones, drawn anew by the program, in their order.
  for (const symbol of [1, 0, 3]) {
    await playground.getByRole("button", { name: "Draw one for me" }).click();
    if (symbol > 0) await expect(playground.getByText(`That looks like symbol ${symbol}.`)).toBeVisible();
  }
  await expect(playground.getByRole("listitem")).toHaveCount(5);
  await playground.getByRole("button", { name: "Start again" }).click();
  await expect(playground.getByText("0 of 5 learned")).toBeVisible();
  await expect(playground.getByRole("listitem")).toHaveCount(0);
});

test("a network for characters that does not come is told of, and can be tried again", async ({ page }) => {
  let asked = 0;
  await page.route("**/characters/*", (route) => {
    asked += 1;
    return route.fulfill({ status: 404 });
  });
  const demo = new Demo(page);
  await demo.openAndLoad("cpu");
  await page.getByRole("tab", { name: "Identify" }).click();
  const playground = page.getByRole("region", { name: "Teach me five symbols" });
  const reason = playground.getByText(/could not be downloaded \(status 404\)/);
  const again = playground.getByRole("button", { name: "Try again" });
  await expect(again).toBeHidden();
  await playground.getByRole("button", { name: "Fill in made-up symbols" }).click();
  await expect(reason).toBeVisible();
  await expect(playground.getByText("0 of 5 learned")).toBeVisible();
  // What is said of another drawing does not take its place.
  await playground.getByRole("button", { name: "Draw one for me" }).click();
  await page.waitForTimeout(1000);
  await expect(reason).toBeVisible();
  // A second failure is told as the first was.
  const before = asked;
  await again.click();
  await expect(playground.getByRole("img", { name: "Draw one of them again" })).toBeFocused();
  await expect.poll(() => asked).toBeGreaterThan(before);
  await expect(reason).toBeVisible();

  await page.unroute("**/characters/*");
  await again.click();
  await expect(playground.getByText("That looks like symbol 1.")).toBeVisible();
  await expect(reason).toBeHidden();
  await expect(again).toBeHidden();
});
