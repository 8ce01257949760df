import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import type { FieldValue } from "../src/element/index.ts";
import { writers } from "./demo.ts";
import { inkedPng, png } from "./images.ts";
import { watch } from "./own.ts";
import { sign, type Strokes } from "./pen.ts";

const [writer, stranger] = writers;
if (!writer || !stranger) throw new Error("the fixture holds too few writers");
const [other = []] = stranger.genuine;

class Form {
  readonly page: Page;
  constructor(page: Page) {
    this.page = page;
  }

  get enrolment() {
    return this.page.locator("signature-enrolment");
  }

  get field() {
    return this.page.locator("signature-check");
  }

  get stored() {
    return this.page.locator("#stored");
  }

  /** What enrolment says of the last signature. */
  get said() {
    return this.enrolment.getByRole("status");
  }

  async open(query = ""): Promise<void> {
    await this.page.goto(`form.html?backend=cpu${query}`);
    await expect(this.stored).not.toBeEmpty();
  }

  async enrol(strokes: Strokes): Promise<void> {
    await sign(this.page, this.enrolment.locator("canvas"), strokes);
    await this.enrolment.getByRole("button", { name: "Add" }).click();
    await expect(this.said).not.toHaveText("The signature is being checked");
  }
}

test("three references enrol a writer, kept over a visit; the form takes that hand and no other", async ({ page }, testInfo) => {
  const seen = watch(page);
  const form = new Form(page);
  await form.open();
  await expect(form.stored).toHaveText("Nothing is enrolled.");
  const finish = form.enrolment.getByRole("button", { name: "Finish" });
  await expect(form.enrolment.getByText("Signature 1 of at least 3")).toBeVisible();

  await form.enrol(writer.genuine[0]!);
  await expect(form.said).toHaveText("Kept.");
  await expect(form.enrolment.getByRole("meter")).toBeHidden();
  // Another hand is refused, with the reason; a picture that holds nothing, too.
  await form.enrol(other);
  await expect(form.said).toHaveText(/differs from those before/);
  await page.screenshot({ path: testInfo.outputPath("refused.png"), fullPage: true });
  await form.enrolment.locator("input[type=file]").setInputFiles({ name: "a.png", mimeType: "image/png", buffer: png(300, 150, () => 255) });
  await expect(form.said).toHaveText(/blank/);
  await expect(form.enrolment.locator("li")).toHaveCount(1);

  for (const strokes of writer.genuine.slice(1, 3)) {
    await expect(finish).toBeDisabled();
    await form.enrol(strokes);
    await expect(form.said).toHaveText("Kept.");
  }
  const meter = form.enrolment.getByRole("meter", { name: "How well they agree" });
  expect(await meter.evaluate((bar: HTMLMeterElement) => bar.value)).toBeGreaterThan(0.5);
  await expect(form.enrolment.locator("li img")).toHaveCount(3);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations).toEqual([]);
  await finish.click();
  await expect(form.stored).toHaveText("3 signatures are enrolled in this browser.");
  await page.screenshot({ path: testInfo.outputPath("enrolled.png"), fullPage: true });

  await form.open();
  await expect(form.stored).toHaveText("A signature is enrolled in this browser.");
  await page.getByLabel("I agree").check();
  await sign(page, form.field.locator("canvas"), other);
  await expect(form.field).toHaveJSProperty("state", "mismatch");
  await page.getByRole("button", { name: "Sign", exact: true }).click();
  await expect(page.locator("#sent")).toBeEmpty();
  await form.field.getByRole("button", { name: "Clear" }).click();
  await sign(page, form.field.locator("canvas"), writer.genuine[3]!);
  await expect(form.field).toHaveJSProperty("state", "match");
  await page.screenshot({ path: testInfo.outputPath("match.png"), fullPage: true });
  await page.getByRole("button", { name: "Sign", exact: true }).click();
  const sent = JSON.parse(await page.locator("#sent").innerText()) as { signature: FieldValue };
  expect(sent.signature).toMatchObject({ verdict: { decision: "match" }, model: expect.stringMatching(/^countersign@[0-9a-f]{16}$/), skipped: false });
  expect(seen).toEqual({ outside: [], complaints: [] });

  await page.getByRole("button", { name: "Forget" }).click();
  // before the page goes, or it may go before the store has deleted
  await expect(form.stored).toHaveText("Nothing is enrolled.");
  await form.open();
  await expect(form.stored).toHaveText("Nothing is enrolled.");
});

test("stored templates are encrypted, bound to their name and model, and come and go as bytes", async ({ page }) => {
  await page.goto("form.html?backend=cpu");
  const seen = await page.evaluate(async () => {
    const { TemplateStore } = (await import(`${location.origin}/countersign-templates.js`)) as typeof import("../src/public/templates.ts");
    const codeOf = (call: Promise<unknown>) => call.then(() => "none", (error: { code: string }) => error.code);
    const bytes = new TextEncoder().encode("a template that nobody reads: it is only kept here");
    const checker = (modelId: string) => ({ modelId, inspect: async () => ({ model: "one", references: 3 }) });
    const store = await TemplateStore.open("test");
    await store.put("a", bytes, checker("one"));
    await store.put("b", bytes.slice(0, 9), checker("one"));

    // What lies in the database, as another program would read it.
    const open = indexedDB.open("test");
    const database = await new Promise<IDBDatabase>((resolve) => (open.onsuccess = () => resolve(open.result)));
    const read = (name: string) =>
      new Promise<any[]>((resolve) => {
        const request = database.transaction(name).objectStore(name).getAll();
        request.onsuccess = () => resolve(request.result);
      });
    const [key] = await read("keys");
    const rows = await read("templates");
    const plain = (row: { sealed: ArrayBuffer }) => new TextDecoder().decode(row.sealed).includes("template");
    const result = {
      extractable: (key as CryptoKey).extractable,
      exported: await codeOf(crypto.subtle.exportKey("raw", key as CryptoKey).catch(() => Promise.reject({ code: "refused" }))),
      readable: rows.some(plain),
      sameIv: String(rows[0].iv) === String(rows[1].iv),
      list: (await store.list()).map(({ id, model, references }) => `${id} ${model} ${references}`),
      back: new TextDecoder().decode(await store.get("a", checker("one"))) === new TextDecoder().decode(bytes),
      bytes: (await store.export("b")).length,
      otherModel: await codeOf(store.get("a", checker("two"))),
      putOtherModel: await codeOf(store.put("c", bytes, checker("two"))),
      unknown: await codeOf(store.get("c", checker("one"))),
      exchanged: "",
      deleted: "",
    };
    const write = database.transaction("templates", "readwrite").objectStore("templates").put({ ...rows[0], id: "b" });
    await new Promise((resolve) => (write.onsuccess = resolve));
    result.exchanged = await codeOf(store.get("b", checker("one")));
    await store.delete("a");
    result.deleted = await codeOf(store.get("a", checker("one")));
    return result;
  });
  expect(seen).toEqual({
    extractable: false,
    exported: "refused",
    readable: false,
    sameIv: false,
    list: ["a one 3", "b one 3"],
    back: true,
    bytes: 9,
    otherModel: "template-model",
    putOtherModel: "template-model",
    unknown: "unknown-template",
    exchanged: "invalid-template",
    deleted: "unknown-template",
  });
});

test("a form that is sent before the checker is there stays in its page", async ({ page }) => {
  await page.route("**/manifest*.json", () => undefined);
  const form = new Form(page);
  await page.goto("form.html?backend=cpu");
  await page.getByLabel("I agree").check();
  await form.field.getByRole("button", { name: "Type a name instead" }).click();
  await page.keyboard.type("Ada");
  await page.getByRole("button", { name: "Sign", exact: true }).click();
  await expect(page.locator("#sent")).toContainText("Ada");
});

test("a signature that is given before the checker is there is kept, by the only checker of the page", async ({ page }) => {
  const workers: string[] = [];
  page.on("worker", (worker) => workers.push(worker.url()));
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  await page.route("**/manifest*.json", async (route) => {
    await held;
    await route.continue();
  });
  const form = new Form(page);
  await page.goto("form.html?backend=cpu");
  await sign(page, form.enrolment.locator("canvas"), writer.genuine[0]!);
  await form.enrolment.getByRole("button", { name: "Add" }).click();
  await expect(form.said).toHaveText(/checked|ready/);
  await expect(form.stored).toBeEmpty();
  letGo();
  await expect(form.said).toHaveText("Kept.");
  await expect(form.stored).toHaveText("Nothing is enrolled.");
  await expect(form.enrolment.getByRole("listitem")).toHaveCount(1);
  expect(workers).toHaveLength(1);
});

test("without storage the form says so, and takes what is enrolled for this visit", async ({ page }) => {
  await page.addInitScript(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException("storage is blocked", "SecurityError");
    };
  });
  const form = new Form(page);
  await form.open();
  const refusal = /templates cannot be stored here \(storage is blocked\)/;
  await expect(form.stored).toHaveText(refusal);
  for (const strokes of writer.genuine.slice(0, 3)) {
    await form.enrol(strokes);
    await expect(form.said).toHaveText("Kept.");
  }
  await form.enrolment.getByRole("button", { name: "Finish" }).click();
  await sign(page, form.field.locator("canvas"), writer.genuine[3]!);
  await expect(form.field).toHaveJSProperty("state", "match");
  await expect(form.stored).toHaveText(refusal);
  await page.getByRole("button", { name: "Forget" }).click();
  await expect(form.field).toHaveJSProperty("template", null);
  await expect(form.enrolment).toHaveJSProperty("count", 0);
});

test.describe("on a phone, from the keyboard, from right to left", () => {
  test.use({ viewport: { width: 360, height: 740 }, colorScheme: "dark" });

  test("everything fits, and a chosen picture enrols", async ({ page }, testInfo) => {
    const form = new Form(page);
    await form.open("&dir=rtl");
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    await form.enrolment.locator("input[type=file]").setInputFiles([1, 2, 3].map((n) => ({ name: `${n}.png`, mimeType: "image/png", buffer: inkedPng(480, 240, 0.05 * n) })));
    await expect(form.enrolment.locator("li")).toHaveCount(3);
    // After each signature the pad has the focus; its buttons follow.
    const focused = () => page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.textContent);
    await expect(form.enrolment.getByRole("group")).toBeFocused();
    while ((await focused()) !== "Finish") await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await expect(form.stored).toHaveText("3 signatures are enrolled in this browser.");
    await form.enrolment.getByRole("button", { name: "Remove signature 2" }).click();
    await expect(form.enrolment.locator("li")).toHaveCount(2);
    await expect(form.enrolment.getByText("Signature 3 of at least 3")).toBeVisible();
    await page.screenshot({ path: testInfo.outputPath("phone.png"), fullPage: true });
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations).toEqual([]);
  });
});
