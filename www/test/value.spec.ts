/** What a form sends belongs to what makes it valid, at every moment. */
import { expect, test } from "@playwright/test";
import type { FieldValue, SignatureCheck } from "../src/element/index.ts";
import { open, scribble } from "./field.ts";
import { inkedPng } from "./images.ts";
import { watch } from "./own.ts";

test("in every event the value is of this very step", async ({ page }) => {
  const field = await open(page);
  await field.says("match");
  await field.element.evaluate((element: SignatureCheck) => {
    const told: string[] = [];
    Object.assign(window, { told });
    const form = element.form!;
    for (const name of ["input", "change", "signature-state", "signature-verdict"]) {
      element.addEventListener(name, () => {
        const sent = String(new FormData(form).get("signature") ?? "");
        const value = sent === "" ? undefined : (JSON.parse(sent) as FieldValue);
        const strokes = value?.signature.kind === "strokes" ? value.signature.strokes.length : 0;
        told.push(`${name} ${strokes} ${value?.verdict?.decision} ${form.checkValidity()} ${sent === element.value}`);
        if (name === "signature-verdict") form.requestSubmit();
      });
    }
    form.addEventListener("submit", () => told.push(`submit ${(JSON.parse(String(new FormData(form).get("signature"))) as FieldValue).verdict?.decision}`));
  });
  await field.sign();
  await field.state("match");
  const told = await page.evaluate(() => (window as unknown as { told: string[] }).told);
  expect(told).toEqual([
    "signature-state 0 undefined false true",
    "input 1 undefined false true",
    "change 1 undefined false true",
    "input 2 undefined false true",
    "change 2 undefined false true",
    "signature-state 2 match true true",
    "signature-verdict 2 match true true",
    "submit match",
  ]);
});

test("a picture makes no form valid before it can be sent, whatever there was before", async ({ page }) => {
  const field = await open(page);
  await page.evaluate(() => {
    const read = window.createImageBitmap;
    const held: (() => void)[] = [];
    Object.assign(window, {
      held,
      createImageBitmap: async (...asked: [Blob]) => {
        await new Promise<void>((resolve) => held.push(resolve));
        return read(...asked);
      },
    });
  });
  for (const before of ["nothing", "a mismatch"]) {
    if (before === "a mismatch") {
      await field.button("Clear").click();
      await field.says("mismatch");
      await field.sign();
      await field.state("mismatch");
    }
    await field.element.evaluate((element: SignatureCheck) => {
      // What there was is not checked again, as it would be with another template.
      element.engine = { check: async () => ({ decision: "match", quality: [] }) } as unknown as NonNullable<SignatureCheck["engine"]>;
      element.template ??= new Uint8Array(3);
      const kinds = new Set<string>();
      const look = (): void => {
        if (!element.form!.checkValidity()) return;
        const sent = new FormData(element.form!).get("signature");
        kinds.add(sent === null ? "nothing" : (JSON.parse(String(sent)) as FieldValue).signature.kind);
      };
      element.addEventListener("signature-state", look);
      Object.assign(window, { kinds, looking: setInterval(look, 5) });
    });
    await field.give("drop", [...inkedPng()]);
    const held = (): Promise<number> => page.evaluate(() => (window as unknown as { held: unknown[] }).held.length);
    await expect.poll(held).toBe(1);
    // For the eye that looks every few milliseconds.
    await page.waitForTimeout(50);
    await field.state("pending");
    await page.evaluate(() => (window as unknown as { held: (() => void)[] }).held.pop()!());
    await field.state("match");
    const kinds = await page.evaluate(() => {
      const { kinds: seen, looking } = window as unknown as { kinds: Set<string>; looking: number };
      clearInterval(looking);
      return [...seen];
    });
    expect(kinds, `after ${before}`).toEqual(["image"]);
  }
});

test("a picture that cannot be read again, or is too large, is an error and sends nothing", async ({ page }) => {
  const seen = watch(page);
  const field = await open(page);
  await field.says("match");
  await page.evaluate(() => {
    const asked = { read: 0 };
    const { arrayBuffer } = Blob.prototype;
    Blob.prototype.arrayBuffer = function () {
      asked.read += 1;
      return arrayBuffer.call(this);
    };
    Object.assign(window, { asked });
  });
  await field.give("drop", 33 << 20);
  await field.state("error");
  await expect(field.verdict).toHaveText(/too large/);
  expect(await page.evaluate(() => (window as unknown as { asked: { read: number } }).asked.read)).toBe(0);
  await page.evaluate(() => {
    FileReader.prototype.readAsDataURL = function () {
      setTimeout(() => this.onerror?.(new ProgressEvent("error") as ProgressEvent<FileReader>));
    };
  });
  await field.give("drop", [...inkedPng()]);
  await expect(field.verdict).toHaveText(/cannot be read/);
  await field.state("error");
  expect(await field.validity()).toContain("cannot be read");
  expect(await field.value()).toBeNull();
  expect(seen.complaints).toEqual([]);
});

test("while the model comes a photo is decoded once, and a reader hears of the beginning and the end", async ({ page }) => {
  const field = await open(page, "required backend=cpu");
  await field.element.evaluate((element: SignatureCheck) => {
    const counted = { decoded: 0, texts: [] as string[], bars: [] as number[] };
    const read = window.createImageBitmap;
    const createImageBitmap = (...asked: [Blob]): Promise<ImageBitmap> => {
      counted.decoded += 1;
      return read(...asked);
    };
    Object.assign(window, { createImageBitmap, counted });
    const [status, bar] = [element.shadowRoot!.querySelector("[role=status]")!, element.shadowRoot!.querySelector("progress")!];
    new MutationObserver(() => counted.texts.push(status.textContent ?? "")).observe(status, { childList: true });
    new MutationObserver(() => bar.hidden || counted.bars.push(bar.value)).observe(bar, { attributes: true });
    element.template = new Uint8Array(3);
  });
  await field.give("drop", [...inkedPng()]);
  await field.state("error");
  await expect(field.verdict).toHaveText(/cannot be read. Please enrol again/);
  const { decoded, texts, bars } = await page.evaluate(() => (window as unknown as { counted: { decoded: number; texts: string[]; bars: number[] } }).counted);
  expect(decoded).toBe(1);
  const [checking, loading] = ["The signature is being checked", "Getting ready to check"];
  expect(texts.slice(0, -1).filter((text, at) => text !== texts[at - 1])).toEqual([checking, loading]);
  expect(bars.length).toBeGreaterThan(2);
  await expect(field.element.getByRole("progressbar")).toBeHidden();
  expect(await field.value()).toBeNull();
});

test("an error is told once, also to a listener that changes the field", async ({ page }) => {
  const field = await open(page);
  await field.element.evaluate((element) => element.addEventListener("signature-error", () => element.setAttribute("aria-label", "Sign again")));
  await field.says("blank-page");
  await field.sign();
  await field.state("error");
  await field.element.evaluate((element) => element.setAttribute("required", ""));
  expect((await field.seen()).filter((name) => name === "signature-error")).toHaveLength(1);
  // The same error of another signature is another one.
  await field.sign();
  await field.state("error");
  expect((await field.seen()).filter((name) => name === "signature-error")).toHaveLength(1);
});

test("input and change tell of what the signer has changed, not of calls", async ({ page }) => {
  const field = await open(page);
  await field.says("nothing yet");
  await field.element.evaluate((element: SignatureCheck) => element.addEventListener("change", () => element.clear()));
  await field.sign([scribble[1]!]);
  await field.state("empty");
  expect(await field.seen()).toEqual(["pending", "input", "change", "empty"]);
  await field.element.getByRole("group").focus();
  await page.keyboard.press("Delete");
  await page.keyboard.press("Control+z");
  expect(await field.seen()).toEqual([]);
  await field.element.evaluate((element: SignatureCheck) => {
    element.value = JSON.stringify({ signature: { kind: "strokes", strokes: [[{ x: 1, y: 1 }], [{ x: 9, y: 9 }]] } });
    element.undo();
    element.clear();
  });
  expect(await field.seen()).toEqual(["pending", "empty"]);
});

test("a field that is moved in the page while it is checked goes on", async ({ page }) => {
  const field = await open(page);
  await field.says("match");
  await field.sign();
  await field.element.evaluate((element: SignatureCheck) => element.form!.append(element));
  await field.state("match");
  const inked = () =>
    field.canvas.evaluate((canvas: HTMLCanvasElement) =>
      canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value > 0),
    );
  await expect.poll(inked).toBe(true);
  await field.sign([scribble[1]!]);
  await field.state("match");
  const value = await field.value();
  expect(value?.signature.kind === "strokes" && value.signature.strokes).toHaveLength(3);
  await field.give("drop", [...inkedPng()]);
  await field.state("match");
  await field.element.evaluate((element: SignatureCheck) => element.form!.prepend(element));
  await expect(field.element.getByRole("presentation")).toHaveJSProperty("complete", true);
  await field.state("match");
  expect(await field.element.evaluate((element) => element.shadowRoot!.querySelector("img")!.naturalWidth)).toBeGreaterThan(0);
});

test("a typed name counts only where the page allows it, also when it is set or restored", async ({ page }) => {
  const field = await open(page);
  const typed = JSON.stringify({ signature: { kind: "typed", name: "Ada" } });
  const set = (json: string) => field.element.evaluate((element: SignatureCheck, value) => void (element.value = value), json);
  await set(typed);
  await field.state("empty");
  expect(await field.value()).toBeNull();
  await field.element.evaluate((element: SignatureCheck) => (element.allowTyped = true));
  await set(typed);
  await field.state("skipped");
  expect(await field.value()).toMatchObject({ signature: { kind: "typed", name: "Ada" }, skipped: true });
  await field.element.evaluate((element: SignatureCheck) => (element.allowTyped = false));
  await field.state("empty");
});

test("text that is pasted into the name stays text; no file replaces the page", async ({ page }) => {
  const field = await open(page, "required allow-typed");
  await field.says("match");
  await field.button("Type a name instead").click();
  expect(await field.give("paste", [...inkedPng()], { text: "Ada" })).toBe(false);
  await field.button("Sign instead").click();
  expect(await field.give("paste", [...inkedPng()], { text: "Ada" })).toBe(false);
  for (const attribute of ["readonly", "disabled"]) {
    await field.element.evaluate((element, name) => element.setAttribute(name, ""), attribute);
    expect(await field.give("dragover", [...inkedPng()])).toBe(true);
    expect(await field.give("drop", [...inkedPng()])).toBe(true);
    await field.element.evaluate((element, name) => element.removeAttribute(name), attribute);
  }
  await field.state("empty");
});

test("a dropped file that is no picture is refused in words; a picture beside it is taken", async ({ page }) => {
  const field = await open(page, "required backend=cpu");
  await field.element.evaluate((element: SignatureCheck) => {
    const drop = (...files: File[]): void => {
      const dataTransfer = new DataTransfer();
      for (const file of files) dataTransfer.items.add(file);
      element.shadowRoot!.querySelector("[part=surface]")!.dispatchEvent(new DragEvent("drop", { bubbles: true, composed: true, cancelable: true, dataTransfer }));
    };
    const checked: string[] = [];
    const check = async (_: unknown, { name }: File): Promise<unknown> => {
      checked.push(name);
      if (name.endsWith(".pdf")) throw Object.assign(new Error(name), { code: "not-an-image" });
      return { decision: "match", quality: [] };
    };
    Object.assign(window, { drop, checked });
    element.engine = { check } as unknown as NonNullable<SignatureCheck["engine"]>;
    element.template = new Uint8Array(3);
  });
  const drop = (...names: string[]): Promise<void> =>
    page.evaluate((all) => {
      const files = all.map((name) => new File(["x"], name, { type: name.endsWith(".pdf") ? "application/pdf" : "image/png" }));
      (window as unknown as { drop(...files: File[]): void }).drop(...files);
    }, names);
  await drop("contract.pdf");
  await field.state("error");
  await expect(field.verdict).toHaveText(/no image that can be read/);
  expect(await field.value()).toBeNull();
  await drop("contract.pdf", "signature.png");
  await field.state("match");
  expect(await page.evaluate(() => (window as unknown as { checked: string[] }).checked)).toEqual(["contract.pdf", "signature.png"]);
  // Of a clipboard only pictures are meant for the field.
  await field.button("Clear").click();
  expect(await field.give("paste", [1], { type: "application/pdf" })).toBe(false);
  await field.state("empty");
});

test("a page empties a field that takes nothing from the signer", async ({ page }) => {
  const field = await open(page);
  await field.says("match");
  for (const attribute of ["readonly", "disabled"]) {
    await field.sign();
    await field.state("match");
    await field.element.evaluate((element, name) => element.setAttribute(name, ""), attribute);
    await field.element.evaluate((element: SignatureCheck) => element.undo());
    const strokes = await field.element.evaluate((element: SignatureCheck) => (JSON.parse(element.value) as { signature: { strokes: unknown[] } }).signature.strokes.length);
    expect(strokes).toBe(1);
    await field.element.evaluate((element: SignatureCheck) => element.clear());
    await field.state("empty");
    await field.element.evaluate((element, name) => element.removeAttribute(name), attribute);
  }
});

test("Enter in the name sends the form as its button does, after the change is told", async ({ page }) => {
  const field = await open(page, "required allow-typed");
  await field.button("Type a name instead").click();
  await page.keyboard.press("Enter");
  expect((await field.seen()).includes("submit")).toBe(false);
  await page.keyboard.type("Ada");
  await field.seen();
  await page.keyboard.press("Enter");
  expect(await field.seen()).toEqual(["change", "submit"]);
  // Nothing has changed since.
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  expect(await field.seen()).toEqual(["submit"]);
  await page.locator("form > p > button").evaluate((button: HTMLButtonElement) => (button.disabled = true));
  await field.element.getByLabel("Your name").press("Enter");
  expect(await field.seen()).toEqual([]);
  await page.locator("form > p > button").evaluate((button) => button.remove());
  await field.element.getByLabel("Your name").press("Enter");
  expect(await field.seen()).toEqual(["submit"]);
});
