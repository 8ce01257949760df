/** Pages of one's own: what somebody writes who uses the package, under a strict policy. */
import type { JSHandle, Page } from "@playwright/test";
import type * as Api from "../src/public/index.ts";
import { writers } from "./demo.ts";
import type { Strokes } from "./pen.ts";

export type Countersign = typeof Api;

/** As strict as a page can have it; see README. */
export const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' blob:";

/** Opens a page with this body. */
export async function openOwn(page: Page, body = ""): Promise<void> {
  await page.route("**/own.html", (route) =>
    route.fulfill({
      contentType: "text/html",
      headers: { "content-security-policy": POLICY },
      body: `<!doctype html><html lang="en"><head><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><title>A page of one's own</title></head><body><main><h1>A page</h1>${body}</main></body></html>`,
    }),
  );
  await page.goto("own.html");
  // What the browser paints in the dark; axe takes an unset background for white.
  await page.evaluate(() => (document.documentElement.style.background = "Canvas"));
}

/** The API in a page of one's own. */
export async function api(page: Page): Promise<JSHandle<Countersign>> {
  await openOwn(page);
  return page.evaluateHandle(async () => (await import(`${location.origin}/countersign.js`)) as Countersign);
}

/** Requests to anywhere else and complaints of the browser, for as long as the test lasts. */
export function watch(page: Page): { outside: string[]; complaints: string[] } {
  const seen = { outside: [] as string[], complaints: [] as string[] };
  page.on("request", (request) => {
    if (!/^(blob:)?http:\/\/(localhost|127\.0\.0\.1):/.test(request.url())) seen.outside.push(request.url());
  });
  page.on("console", (message) => {
    if (message.type() === "error") seen.complaints.push(message.text());
  });
  page.on("pageerror", (error) => seen.complaints.push(String(error)));
  return seen;
}

const [writer, stranger] = writers;
if (!writer || !stranger) throw new Error("the fixture holds too few writers");

const pressed = (signatures: Strokes[]) =>
  signatures.map((signature) => signature.map((stroke) => stroke.map(({ x, y }) => ({ x, y, t: 0, pressure: 0.5 }))));

/** Signatures of one made-up writer, and of another. */
export const [strokes, others] = [pressed(writer.genuine), pressed(stranger.genuine)];
