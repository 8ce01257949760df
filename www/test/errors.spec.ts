import { expect, type Page, test } from "@playwright/test";
import { Demo, writers } from "./demo.ts";
import { inkedPng, png, pngClaiming } from "./images.ts";

const good = inkedPng();

test.describe("signatures that cannot be used", () => {
  const cases: [string, Buffer, string, RegExp][] = [
    ["not an image", Buffer.from("Dear Sir or Madam, ..."), "not-an-image", /give a PNG, JPEG/],
    ["a truncated image", good.subarray(0, good.length / 2), "damaged-image", /save or scan it again/],
    ["no pixels", pngClaiming(0, 0), "empty-image", /give one with content/],
    ["100 megapixels", pngClaiming(12_000, 9_000), "image-too-large", /scale it down/],
    ["a blank page", png(300, 150, () => 255), "blank-page", /sign on it, or choose/],
    ["one dot", png(300, 150, (x, y) => (Math.hypot(x - 150, y - 75) < 4 ? 0 : 255)), "too-little-ink", /sign in full/],
  ];

  for (const [name, buffer, code, sentence] of cases) {
    test(`${name}, questioned and as a reference`, async ({ page }) => {
      const demo = new Demo(page);
      await demo.openAndLoad("cpu");
      await demo.choose("references", { name: "a.png", buffer: good }, { name: "b.png", buffer: inkedPng(480, 240, 0.05) });
      await demo.choose("questioned", { name: "q.png", buffer });
      await demo.check.click();
      await demo.expectError(code, sentence);

      // The refused one replaced, the same page goes on to a verdict.
      await demo.choose("questioned", { name: "q.png", buffer: good });
      await demo.check.click();
      await expect(demo.title).toHaveText(/^(Match|Mismatch|Unsure)$/);

      await demo.choose("references", { name: "c.png", buffer });
      await demo.check.click();
      await demo.expectError(code, sentence);
      await expect(demo.result.locator(".lead")).toHaveText(/^Reference 3 cannot be used/);
    });
  }

  test("one dot on the pad", async ({ page }) => {
    const demo = new Demo(page);
    await demo.openAndLoad("cpu");
    await demo.draw("references", ...(writers[0]?.genuine.slice(0, 2) ?? []));
    await demo.draw("questioned", [[{ x: 0, y: 0 }]]);
    await demo.check.click();
    await demo.expectError("too-little-ink", /sign in full/);
  });
});

test.describe("a model that cannot be used", () => {
  test("weights with one bit changed", async ({ page }) => {
    await page.route("**/weights*", async (route) => {
      const response = await route.fetch();
      const body = await response.body();
      body[body.length >> 1]! ^= 1;
      await route.fulfill({ response, body });
    });
    const demo = new Demo(page);
    await demo.open("cpu");
    await demo.expectError("weights-hash", /download the model again/);
    await expect(demo.check).toBeDisabled();
  });

  test("weights that are not there", async ({ page }) => {
    await page.route("**/weights*", (route) => route.fulfill({ status: 404 }));
    const demo = new Demo(page);
    await demo.open("cpu");
    await demo.expectError("download-failed", /status 404.*check the connection/);

    await expect(demo.engine).toHaveText("Not loaded (download-failed)");

    // What was given meanwhile is still there when it is loaded after all.
    await demo.choose("references", { name: "a.png", buffer: good }, { name: "b.png", buffer: inkedPng(480, 240, 0.05) });
    await demo.choose("questioned", { name: "q.png", buffer: good });
    await page.unroute("**/weights*");
    const retry = page.getByRole("button", { name: "Try again" });
    await retry.click();
    await expect(demo.engine).toHaveText(/^CPU: /);
    await expect(retry).toBeHidden();
    await demo.check.click();
    await expect(demo.title).toHaveText(/^(Match|Mismatch|Unsure)$/);
  });

  test("a download that is given up for another choice is stopped", async ({ page }) => {
    await page.route("**/weights*", () => undefined, { times: 1 });
    const demo = new Demo(page);
    const asked = page.waitForRequest("**/weights*");
    await demo.open("cpu");
    const first = await asked;
    const failed = page.waitForEvent("requestfailed", (request) => request === first);
    await page.getByLabel("Backend").selectOption("auto");
    await failed;
    await expect(demo.engine).toHaveText(/^(CPU|WebGPU): /);
  });

  test("a manifest that is none", async ({ page }) => {
    await page.route("**/manifest*.json", (route) => route.fulfill({ body: '{"name":"x"}' }));
    const demo = new Demo(page);
    await demo.open("cpu");
    await demo.expectError("invalid-manifest", /download the model again/);
  });

  test("known answers that the device does not give", async ({ page }) => {
    await page.route("**/golden*.json*", async (route) => {
      const response = await route.fetch();
      const golden = (await response.json()) as { scores: number[] };
      await route.fulfill({ json: { ...golden, scores: golden.scores.map((score) => score + 1) } });
    });
    const demo = new Demo(page);
    await demo.open("cpu");
    await demo.expectError("self-test", /computes wrong results/);
  });
});

test.describe("graphics that cannot be used", () => {
  const noAdapter = "GPU.prototype.requestAdapter = async () => null;";
  const refused = 'GPUAdapter.prototype.requestDevice = async () => { throw new DOMException("busy", "OperationError"); };';

  // On its own this machine's adapter may be a program, which is not tried unasked.
  const card = 'Object.defineProperty(GPUAdapterInfo.prototype, "isFallbackAdapter", { get: () => false });';

  test("no adapter, WebGPU asked for", async ({ page }) => {
    await page.addInitScript(noAdapter);
    const demo = new Demo(page);
    await demo.open("webgpu");
    await demo.expectError("no-adapter", /no graphics adapter answers.*use the CPU backend/i);
    await expect(demo.check).toBeDisabled();
  });

  test("an adapter that refuses a device, WebGPU asked for", async ({ page }) => {
    await inWorker(page, refused);
    const demo = new Demo(page);
    await demo.open("webgpu");
    await demo.expectError("device-refused", /gives no device \(busy\).*use the CPU backend/);
  });

  for (const [name, stub, reason] of [
    ["no adapter", noAdapter, /^CPU: no graphics adapter answers/],
    ["a refused device", refused, /^CPU: the graphics adapter gives no device \(busy\)/],
  ] as const) {
    test(`the automatic choice falls back on ${name} and says so`, async ({ page }) => {
      if (stub === refused) await inWorker(page, stub);
      await page.addInitScript(stub === refused ? card : stub);
      const demo = new Demo(page);
      await demo.openAndLoad("auto");
      await expect(demo.engine).toHaveText(reason);
      await page.getByRole("button", { name: "by the writer" }).click();
      await demo.check.click();
      await expect(demo.title).toHaveText(/^(Match|Mismatch|Unsure)$/);
    });
  }
});

/** Runs `code` in the worker before its own script does anything. */
async function inWorker(page: Page, code: string): Promise<void> {
  await page.route("**/worker-gpu-*.js", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${code}\n${await response.text()}` });
  });
}
