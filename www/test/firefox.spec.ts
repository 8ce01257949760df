/** The page and the form in the Firefox of the distribution, on the CPU; Playwright itself drives only its own build. */
import { expect, test } from "@playwright/test";
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { writers } from "./demo.ts";
import { path, type Strokes } from "./pen.ts";

const [writer] = writers;
if (!writer) throw new Error("the fixture holds no writer");

/** Firefox on this machine; `build.sh` finds it. */
const executablePath = process.env["FIREFOX"];
test.skip(!executablePath, "FIREFOX is not set: nothing is tested in Firefox");

const PATIENCE = { timeout: 60_000 };

let browser: Browser;
let page: Page;
const complaints: string[] = [];

test.beforeAll(async () => {
  browser = await puppeteer.launch({ browser: "firefox", executablePath: executablePath!, headless: true });
});

test.afterAll(() => browser?.close());

test.beforeEach(async () => {
  page = await browser.newPage();
  complaints.length = 0;
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
});

test.afterEach(async () => {
  await page.close();
  expect(complaints).toEqual([]);
});

/** What an element says, in a shadow tree too. */
function text(selector: string): Promise<string> {
  return page.$eval(selector, (element) => element.textContent ?? "");
}

async function click(selector: string): Promise<void> {
  await page.locator(selector).setTimeout(PATIENCE.timeout).click();
}

async function draw(canvas: string, strokes: Strokes): Promise<void> {
  const pad = await (await page.waitForSelector(canvas, { visible: true }))!;
  await pad.scrollIntoView();
  const box = await pad.boundingBox();
  if (!box) throw new Error(`${canvas} is not shown`);
  for (const [first, ...rest] of path(strokes, box)) {
    if (!first) continue;
    await page.mouse.move(...first);
    await page.mouse.down();
    for (const point of rest) await page.mouse.move(...point);
    await page.mouse.up();
  }
}

test("the page checks a signature", async ({ baseURL }) => {
  await page.goto(`${baseURL}?backend=cpu`);
  await expect.poll(() => text("#engine"), PATIENCE).toBe("CPU: as asked");
  await click("#example-writer");
  await click("#check");
  await expect.poll(() => page.$$eval("#result h2", (titles) => titles.map((title) => title.textContent)), PATIENCE).toEqual(["Match"]);
  await click("#example-imitator");
  await click("#check");
  await expect.poll(() => page.$$eval("#result h2", (titles) => titles.map((title) => title.textContent)), PATIENCE).not.toEqual([]);
});

test("the form enrols a writer and takes the signature", async ({ baseURL }) => {
  await page.goto(`${baseURL}form.html?backend=cpu`);
  await expect.poll(() => text("#stored"), PATIENCE).toBe("Nothing is enrolled.");
  for (const [index, strokes] of writer.genuine.slice(0, 3).entries()) {
    await draw("signature-enrolment >>> canvas", strokes);
    await click("signature-enrolment >>> [part~=add]");
    await expect.poll(() => page.$$eval("signature-enrolment >>> li", (kept) => kept.length), PATIENCE).toBe(index + 1);
  }
  await click("signature-enrolment >>> [part~=finish]");
  await expect.poll(() => text("#stored"), PATIENCE).toBe("3 signatures are enrolled in this browser.");

  await page.locator("input[name=agreed]").click();
  const state = () => page.$eval("signature-check", (field) => (field as HTMLElementTagNameMap["signature-check"]).state);
  await click("form [type=submit]");
  expect(await text("#sent")).toBe("");
  await draw("signature-check >>> canvas", writer.genuine[3]!);
  await expect.poll(state, PATIENCE).toBe("match");
  expect(await page.$eval("signature-check", (field) => field.matches(":state(match)"))).toBe(true);
  await click("form [type=submit]");
  await expect.poll(() => text("#sent")).toContain('"decision": "match"');
});
