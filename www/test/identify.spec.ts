/** The identify tab: whose signature it is, and symbols learned from one drawing each. */
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { Demo, writers } from "./demo.ts";
import { strokesPng } from "./images.ts";
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
  await expect(answer.getByRole("heading")).toHaveText(/It is none of these/);
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
