/** The example of a server that checks again, with the browser's own field in front of it: `./build.sh server`. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { AxeBuilder } from "@axe-core/playwright";
import { type APIRequestContext, expect, type Page, test } from "@playwright/test";
import type { FieldValue, SignatureCheck } from "../src/element/index.ts";
import { writers } from "./demo.ts";
import { paper } from "./images.ts";
import { watch } from "./own.ts";
import { sign, type Strokes } from "./pen.ts";

const [writer] = writers;
if (!writer) throw new Error("the fixture holds no writer");
const forgery = writer.forged[0]!;

/** The program, which `build.sh` names. */
const program = process.env["SERVER"];
const root = fileURLToPath(new URL("../../", import.meta.url));

let server: ChildProcess;
let address: string;

test.beforeEach(async () => {
  if (!program) throw new Error("SERVER is not set; run ./build.sh test, or give the path of the example `server`");
  server = spawn(program, ["--listen", "127.0.0.1:0"], { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: server.stdout! })) {
    address = /open (\S+);/.exec(line)?.[1] ?? "";
    break;
  }
  expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
});

test.afterEach(() => {
  server.kill();
});

/** Enrols the writer as the first visitor. */
async function enrol(page: Page): Promise<void> {
  await page.goto(address);
  const enrolment = page.locator("signature-enrolment");
  for (const [index, strokes] of writer!.genuine.slice(0, 3).entries()) {
    await sign(page, enrolment.locator("canvas"), strokes);
    await enrolment.getByRole("button", { name: "Add" }).click();
    await expect(enrolment.locator("li")).toHaveCount(index + 1);
  }
  await enrolment.getByRole("button", { name: "Finish" }).click();
  await expect(page.getByText("Enrolled. Now sign below.")).toBeVisible();
}

/** Draws in the field and waits for the browser's verdict. */
async function draw(page: Page, strokes: Strokes): Promise<FieldValue> {
  await sign(page, page.locator("signature-check canvas"), strokes);
  return value(page);
}

async function value(page: Page): Promise<FieldValue> {
  const field = page.locator("signature-check");
  await expect.poll(() => field.evaluate((it: SignatureCheck) => it.value)).toContain('"decision"');
  return JSON.parse(await field.evaluate((it: SignatureCheck) => it.value)) as FieldValue;
}

/** What a program sends that is no browser. */
async function post(request: APIRequestContext, signature: string | object): Promise<{ status: number; text: string }> {
  const text = typeof signature === "string" ? signature : JSON.stringify(signature);
  const answer = await request.post(`${address}/sign`, { form: { signature: text } });
  return { status: answer.status(), text: await answer.text() };
}

test("what the browser has matched is checked again: accepted once, and not when it was tampered with", async ({ page, request }, testInfo) => {
  const seen = watch(page);
  const before = await post(request, { signature: { kind: "strokes", strokes: forgery }, verdict: null });
  expect(before).toMatchObject({ status: 422, text: expect.stringContaining("nobody has enrolled yet") });

  await enrol(page);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations).toEqual([]);
  const own = await draw(page, writer.genuine[3]!);
  expect(own.verdict).toMatchObject({ decision: "match" });
  await page.getByRole("button", { name: "Sign", exact: true }).click();
  await expect(page.getByRole("heading")).toHaveText("Accepted");
  await expect(page.locator("#browser")).toHaveText("The server and the browser: the browser gave the same verdict.");
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await page.screenshot({ path: testInfo.outputPath("accepted.png"), fullPage: true });
  expect(seen).toEqual({ outside: [], complaints: [] });

  const again = await post(request, own);
  expect(again).toMatchObject({ status: 409, text: expect.stringContaining("accepted before") });

  const tampered = await post(request, { ...own, signature: { kind: "strokes", strokes: forgery } });
  expect(tampered.status).toBe(422);
  expect(tampered.text).toMatch(/<h1>Not accepted<.*the browser says log-likelihood ratio \+/s);

  const typed = await post(request, { signature: { kind: "typed", name: "<b>Ada</b>" }, verdict: null, skipped: true });
  expect(typed).toMatchObject({ status: 202, text: expect.stringContaining("&lt;b&gt;Ada&lt;/b&gt;") });

  // Nobody takes the signer's place.
  const template = await (await request.get(`${address}/template`)).body();
  const replaced = await request.post(`${address}/template`, { data: template, headers: { "content-type": "application/octet-stream" } });
  expect(replaced.status()).toBe(409);
});

test("of a picture the server reaches the browser's verdict, too", async ({ page }, testInfo) => {
  await enrol(page);
  const differences: number[] = [];
  const pictures = [paper(writer.genuine[3]!, 900), paper(writer.genuine[3]!, 2400), paper(forgery, 3000)];
  for (const [index, buffer] of pictures.entries()) {
    await page.goto(address);
    const field = page.locator("signature-check");
    await field.locator("input[type=file]").setInputFiles({ name: "scan.png", mimeType: "image/png", buffer });
    const { verdict } = await value(page);
    // Also what the field itself would not let go.
    await page.locator("form").evaluate((form: HTMLFormElement) => form.submit());
    await expect(page.locator("#browser")).toHaveText("The server and the browser: the browser gave the same verdict.");
    const said = Number(/ratio ([+-]\d+\.\d+)/.exec(await page.locator("main").innerText())?.[1]);
    differences.push(Math.abs(said - verdict!.llr));
    expect(differences.at(-1)).toBeLessThan(0.6);
    await expect(page.getByRole("heading")).toHaveText(index < 2 ? "Accepted" : "Not accepted");
  }
  testInfo.annotations.push({ type: "difference of the LLRs", description: differences.map((d) => d.toFixed(3)).join(", ") });
  console.log(`LLR of browser and server differ by ${differences.map((d) => d.toFixed(3)).join(", ")}`);
});

test("what is no form of this page is refused with the reason", async ({ request }) => {
  const cases = [
    { given: "nonsense", status: 400, says: /cannot be read .*expected ident/ },
    { given: "{}", status: 400, says: /missing field `signature`/ },
    { given: { signature: { kind: "image", data: "!" }, verdict: null }, status: 400, says: /its picture/ },
    { given: `{"signature":${"[".repeat(200)}`, status: 400, says: /cannot be read/ },
  ];
  for (const { given, status, says } of cases) {
    const answer = await post(request, given);
    expect(answer.status).toBe(status);
    expect(answer.text).toMatch(says);
  }
  const empty = await request.post(`${address}/sign`, { form: { other: "1" } });
  expect([empty.status(), await empty.text()]).toEqual([422, expect.stringContaining("The signature is missing.")]);
  const json = await request.post(`${address}/sign`, { data: {} });
  expect(json.status()).toBe(415);
  const large = await post(request, "x".repeat((48 << 20) + 1)).catch(() => ({ status: 413, text: "48 MiB" }));
  expect(large).toMatchObject({ status: 413, text: expect.stringContaining("48 MiB") });
  const junk = { data: Buffer.from("junk"), headers: { "content-type": "application/octet-stream" } };
  expect((await request.post(`${address}/template`, junk)).status()).toBe(400);
  expect((await request.post(`${address}/template`, { data: "junk", headers: { "content-type": "text/plain" } })).status()).toBe(415);
  const home = await request.get(address);
  expect(home.headers()["content-security-policy"]).toContain("frame-ancestors 'none'");
  expect((await request.get(`${address}/..%2f..%2fCargo.toml`)).status()).toBe(404);
});

test("more visitors than there is room for are told to wait", async () => {
  // One that promises a body and does not send it.
  const waiting: AbortController[] = [];
  const wait = (): void => {
    const open = new AbortController();
    const body = new ReadableStream({ start: (stream) => stream.enqueue(new TextEncoder().encode("signature=")) });
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    fetch(`${address}/sign`, { method: "POST", headers, body, duplex: "half", signal: open.signal } as RequestInit).catch(() => undefined);
    waiting.push(open);
  };
  for (let count = 0; count < 8; count += 1) wait();
  const post = () => fetch(`${address}/sign`, { method: "POST", body: new URLSearchParams({ signature: "{}" }) });
  const postOrWait = async (): Promise<number> => {
    const { status } = await post();
    // It may have taken a place that one of them was about to take.
    if (status !== 503) wait();
    return status;
  };
  await expect.poll(postOrWait).toBe(503);
  expect((await post()).headers.get("retry-after")).toBe("5");
  expect((await fetch(address)).status).toBe(200);
  for (const open of waiting) open.abort();
  await expect.poll(async () => (await post()).status).toBe(400);
});
