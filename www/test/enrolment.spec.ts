/** `<signature-enrolment>` with a checker that the test answers for. */
import { expect, type Page, test } from "@playwright/test";
import type { SignatureEnrolment } from "../src/element/index.ts";
import { type Elements, scribble } from "./field.ts";
import { inkedPng } from "./images.ts";
import { openOwn } from "./own.ts";
import { sign } from "./pen.ts";

interface Held {
  /** Calls of `check` that wait for their answer. */
  readonly waiting: (() => void)[];
}

async function open(page: Page, attributes = "") {
  await openOwn(page, `<p><label>Other <input id="other"></label></p><signature-enrolment ${attributes}></signature-enrolment>`);
  await page.evaluate(async () => {
    const { defineSignatureElements } = (await import(`${location.origin}/countersign-element.js`)) as Elements;
    defineSignatureElements();
  });
  const element = page.locator("signature-enrolment");
  return {
    element,
    kept: element.getByRole("listitem"),
    said: element.getByRole("status"),
    button: (name: string) => element.getByRole("button", { name }),
    /** A checker that answers when it is told to. */
    use: () =>
      element.evaluate((enrolment: SignatureEnrolment) => {
        const waiting: (() => void)[] = [];
        Object.assign(window, { waiting });
        const enrol = async (references: unknown[]) => new Uint8Array(references.length);
        const check = () => new Promise((resolve) => waiting.push(() => resolve({ decision: "match", score: 0.9, quality: [] })));
        enrolment.engine = { enrol, check } as unknown as NonNullable<SignatureEnrolment["engine"]>;
      }),
    answer: async () => {
      await expect.poll(() => page.evaluate(() => (window as unknown as Held).waiting.length)).toBeGreaterThan(0);
      await page.evaluate(() => (window as unknown as Held).waiting.splice(0).forEach((resolve) => resolve()));
    },
    /** A checker that answers at once, by the name of the file. */
    judge: () =>
      element.evaluate((enrolment: SignatureEnrolment) => {
        const errors: string[] = [];
        Object.assign(window, { errors });
        enrolment.addEventListener("signature-error", ({ detail }) => errors.push(detail.code));
        // Not one of this element's.
        enrolment.addEventListener("input", () => errors.push("input"));
        const check = async (_: unknown, { name }: File) => {
          if (["blank-page", "download-failed"].includes(name)) throw Object.assign(new Error(name), { code: name });
          return { decision: name, score: 0.9, quality: [] };
        };
        enrolment.engine = { enrol: async () => new Uint8Array(1), check } as unknown as NonNullable<SignatureEnrolment["engine"]>;
      }),
    errors: () => page.evaluate(() => (window as unknown as { errors: string[] }).errors.splice(0)),
    choose: (...names: string[]) =>
      element.locator("input[type=file]").setInputFiles(names.map((name) => ({ name, mimeType: "image/png", buffer: inkedPng(60, 30) }))),
    draw: async () => {
      await sign(page, element.locator("canvas"), scribble);
      await element.getByRole("button", { name: "Add" }).click();
    },
    drop: (how: "drop" | "dragover", count: number) =>
      element.evaluate(
        (enrolment, [event, files, bytes]) => {
          const dataTransfer = new DataTransfer();
          for (let file = 0; file < files; file += 1) dataTransfer.items.add(new File([new Uint8Array(bytes)], "a.png", { type: "image/png" }));
          const target = enrolment.shadowRoot!.querySelector("[part=surface]")!;
          return !target.dispatchEvent(new DragEvent(event, { bubbles: true, composed: true, cancelable: true, dataTransfer }));
        },
        [how, count, [...inkedPng(60, 30)]] as const,
      ),
  };
}

test("a reset during a check, and another checker, leave nothing behind", async ({ page }) => {
  const enrolment = await open(page);
  await enrolment.use();
  await enrolment.draw();
  await enrolment.element.evaluate((element: SignatureEnrolment) => element.reset());
  await enrolment.answer();
  await expect(enrolment.kept).toHaveCount(0);
  await expect(enrolment.said).toBeEmpty();
  await expect(enrolment.element).toHaveJSProperty("count", 0);

  await enrolment.draw();
  await enrolment.answer();
  await expect(enrolment.kept).toHaveCount(1);
  await enrolment.use();
  await expect(enrolment.kept).toHaveCount(0);
  await expect(enrolment.element.getByText("Signature 1 of at least 3")).toBeVisible();
});

test("a checker that is set later keeps the drawing on the pad, and begins anew only where something is kept", async ({ page }) => {
  const enrolment = await open(page);
  await sign(page, enrolment.element.locator("canvas"), scribble);
  await enrolment.use();
  await enrolment.button("Add").click();
  await enrolment.answer();
  await expect(enrolment.kept).toHaveCount(1);
  await sign(page, enrolment.element.locator("canvas"), scribble);
  await enrolment.use();
  await expect(enrolment.kept).toHaveCount(0);
  await enrolment.button("Add").click();
  await enrolment.answer();
  await expect(enrolment.kept).toHaveCount(1);
});

test("pictures are dropped, and a page gets no file in its place", async ({ page }) => {
  const enrolment = await open(page);
  await enrolment.use();
  expect(await enrolment.drop("dragover", 1)).toBe(true);
  expect(await enrolment.drop("drop", 3)).toBe(true);
  // One is being compared: what comes meanwhile is not taken.
  expect(await enrolment.drop("drop", 1)).toBe(true);
  for (let count = 1; count <= 3; count += 1) {
    await enrolment.answer();
    await expect(enrolment.kept).toHaveCount(count);
  }
  await expect(enrolment.said).toHaveText("Kept.");
  // Taken out of the page it keeps no picture in memory, and shows them when it is back.
  const shown = () => enrolment.element.evaluate((element) => [...element.shadowRoot!.querySelectorAll("img")].map(({ src }) => src));
  const before = await shown();
  await enrolment.element.evaluate((element) => document.body.append(element));
  const after = await shown();
  expect(after).toHaveLength(3);
  expect(before.some((address) => after.includes(address))).toBe(false);
  // The policy of the page allows these addresses to pictures alone.
  const loads = (address: string) =>
    page.evaluate((src) => new Promise((resolve) => Object.assign(new Image(), { src, onload: () => resolve(true), onerror: () => resolve(false) })), address);
  expect(await loads(before[0]!)).toBe(false);
  expect(await loads(after[0]!)).toBe(true);
});

test("of pictures chosen together each is tried, and what is not taken is said", async ({ page }) => {
  const enrolment = await open(page);
  await enrolment.judge();
  await enrolment.choose("match", "mismatch", "blank-page", "match");
  await expect(enrolment.said).toHaveText(/^This one differs from those before.* Not taken: 2 of 4\.$/);
  await expect(enrolment.kept).toHaveCount(2);
  expect(await enrolment.errors()).toEqual(["blank-page"]);
  // Without a checker there is nothing to try.
  await enrolment.choose("match", "download-failed", "download-failed");
  await expect(enrolment.said).toHaveText(/^The checker could not be downloaded.* Not taken: 2 of 3\.$/);
  expect(await enrolment.errors()).toEqual(["download-failed"]);
  await enrolment.choose(...Array.from({ length: 9 }, () => "match"));
  await expect(enrolment.said).toHaveText("Kept. Not taken: 2 of 9.");
  await expect(enrolment.kept).toHaveCount(10);
  expect(await enrolment.errors()).toEqual([]);
});

test("where those left would not go together a removal is refused in words, and all stay", async ({ page }) => {
  const enrolment = await open(page);
  await enrolment.judge();
  await enrolment.choose("match", "match", "match");
  await expect(enrolment.kept).toHaveCount(3);
  await enrolment.element.evaluate(({ engine }: SignatureEnrolment) => {
    const enrol = async (references: unknown[]) => {
      if (references.length === 2) throw Object.assign(new Error("they disagree"), { code: "references-disagree" });
      return new Uint8Array(1);
    };
    Object.assign(engine!, { enrol });
  });
  await enrolment.button("Remove signature 2").click();
  await expect(enrolment.said).toHaveText("The signatures that would be left do not go together. Please remove another one first.");
  await expect(enrolment.kept).toHaveCount(3);
  await expect(enrolment.button("Finish")).toBeEnabled();
  expect(await enrolment.errors()).toEqual(["references-disagree"]);
});

test("a drawing outlasts a picture, and a move in the page", async ({ page }) => {
  const enrolment = await open(page);
  await enrolment.use();
  await sign(page, enrolment.element.locator("canvas"), scribble);
  await enrolment.drop("drop", 1);
  await enrolment.answer();
  await expect(enrolment.kept).toHaveCount(1);
  await enrolment.element.evaluate((element) => document.body.append(element));
  await enrolment.button("Add").click();
  await enrolment.answer();
  await expect(enrolment.kept).toHaveCount(2);
  await expect(enrolment.button("Clear")).toBeDisabled();
  await enrolment.element.evaluate((element) => document.body.prepend(element));
  await expect(enrolment.button("Clear")).toBeDisabled();
});

test("what is kept, and the hint, are seen on paper of any colour", async ({ page }) => {
  const enrolment = await open(page);
  await enrolment.use();
  await enrolment.element.evaluate(({ style }) => {
    style.setProperty("--countersign-ink", "#eee");
    style.setProperty("--countersign-paper", "#111827");
  });
  const hint = enrolment.element.getByText("Sign here");
  const [shade] = /[\d.]+/.exec(await hint.evaluate((text) => getComputedStyle(text).color)) ?? [];
  expect(Number(shade)).toBeGreaterThan(0.5);
  await enrolment.draw();
  await enrolment.answer();
  const ink = await enrolment.kept.getByRole("img").evaluate(async (picture: HTMLImageElement) => {
    await picture.decode();
    const pen = new OffscreenCanvas(picture.naturalWidth, picture.naturalHeight).getContext("2d")!;
    pen.drawImage(picture, 0, 0);
    const { data } = pen.getImageData(0, 0, pen.canvas.width, pen.canvas.height);
    return data.filter((_, at) => at % 4 === 0 && data[at + 3] === 255).every((red) => red === 0xee);
  });
  expect(ink).toBe(true);
});

test("who has gone on to another field stays there", async ({ page }) => {
  const enrolment = await open(page);
  await enrolment.use();
  await enrolment.draw();
  await page.locator("#other").focus();
  await enrolment.answer();
  await expect(enrolment.kept).toHaveCount(1);
  await expect(page.locator("#other")).toBeFocused();
  await enrolment.draw();
  await enrolment.answer();
  await expect(enrolment.element.getByRole("group")).toBeFocused();
});

test("the shared checker is of the model and backend that are asked for, and its loading is shown", async ({ page }) => {
  const enrolment = await open(page, 'backend="webgpu" weights-url="/somewhere"');
  await enrolment.element.evaluate((element: SignatureEnrolment) => (element.backend = "cpu"));
  let refuse: () => Promise<void> = async () => undefined;
  const asked = new Promise<void>((resolve) =>
    page.route("**/somewhere/manifest.json", (route) => {
      refuse = () => route.fulfill({ status: 404 });
      resolve();
    }),
  );
  await enrolment.draw();
  await asked;
  await refuse();
  await expect(enrolment.said).toHaveText(/could not be downloaded/);

  await enrolment.element.evaluate((element: SignatureEnrolment) => {
    const [status, bar] = [element.shadowRoot!.querySelector("[role=status]")!, element.shadowRoot!.querySelector("progress")!];
    const heard = { texts: [] as string[], bars: 0 };
    Object.assign(window, { heard });
    new MutationObserver(() => heard.texts.push(status.textContent ?? "")).observe(status, { childList: true });
    new MutationObserver(() => (heard.bars += bar.hidden ? 0 : 1)).observe(bar, { attributes: true });
    element.weightsUrl = null;
  });
  await enrolment.draw();
  await expect(enrolment.said).toHaveText("Kept.");
  const { texts, bars } = await page.evaluate(() => (window as unknown as { heard: { texts: string[]; bars: number } }).heard);
  expect(texts.filter((text) => text !== "")).toEqual(["The signature is being checked", "Getting ready to check", "The signature is being checked", "Kept."]);
  expect(bars).toBeGreaterThan(2);
  await expect(enrolment.element.getByRole("progressbar")).toBeHidden();
});
