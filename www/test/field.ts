/** `<signature-check>` in a page of its own, as its tests use it. */
import { expect, type Page } from "@playwright/test";
import type { FieldValue, SignatureCheck } from "../src/element/index.ts";
import type * as Elements_ from "../src/element/index.ts";
import type { Verdict } from "../src/public/index.ts";
import { openOwn } from "./own.ts";
import { sign } from "./pen.ts";

export type Elements = typeof Elements_;

/** What the checker of these tests says: they are about the field, and need no module. */
export type Says = Verdict["decision"] | "blank-page" | "download-failed" | "nothing yet";

export const scribble = [
  [{ x: 0, y: 20 }, { x: 20, y: 0 }, { x: 30, y: 20 }, { x: 40, y: 30 }, { x: 60, y: 5 }],
  [{ x: 70, y: 10 }, { x: 90, y: 25 }],
];

/** A form with a field in a page of its own, and a list of the events that the field has sent. */
export async function open(page: Page, attributes = "required", around = ""): Promise<Field> {
  await openOwn(
    page,
    `<form><p><label for="field">Sign the contract</label></p>
     <signature-check id="field" name="signature" ${attributes}></signature-check>${around}<p><button>Send</button></p></form>`,
  );
  await page.evaluate(async () => {
    const { defineSignatureElements } = (await import(`${location.origin}/countersign-element.js`)) as Elements;
    defineSignatureElements();
    const seen: unknown[] = [];
    Object.assign(window, { seen });
    const field = document.querySelector("signature-check")!;
    for (const name of ["input", "change", "signature-verdict", "signature-error"]) field.addEventListener(name, () => seen.push(name));
    field.addEventListener("signature-state", ({ detail }) => seen.push(detail));
    document.querySelector("form")!.addEventListener("submit", (event) => {
      event.preventDefault();
      seen.push("submit");
    });
  });
  return new Field(page);
}

export class Field {
  readonly page: Page;
  constructor(page: Page) {
    this.page = page;
  }

  get element() {
    return this.page.locator("signature-check");
  }

  get canvas() {
    return this.element.locator("canvas");
  }

  get verdict() {
    return this.element.getByRole("status");
  }

  button(name: string) {
    return this.element.getByRole("button", { name });
  }

  async says(says: Says): Promise<void> {
    await this.element.evaluate((field: SignatureCheck, answer) => {
      const check = async (): Promise<unknown> => {
        if (answer === "nothing yet") return new Promise(() => undefined);
        if (answer === "blank-page" || answer === "download-failed") throw Object.assign(new Error(answer), { code: answer });
        return { decision: answer, llr: 1, score: 0.7, far: 0.01, references: [], quality: [], model: "m@1", backend: "cpu" };
      };
      field.engine = { check } as unknown as NonNullable<SignatureCheck["engine"]>;
      field.template = new Uint8Array(3);
    }, says);
  }

  async sign(strokes = scribble): Promise<void> {
    await sign(this.page, this.canvas, strokes);
  }

  /** Pastes or drops a file, made in the page, on the pad; false where the browser would do something of its own. */
  async give(how: "paste" | "drop" | "dragover", bytes: readonly number[] | number, { type = "image/png", text = "" } = {}): Promise<boolean> {
    return this.element.evaluate(
      (element, [event, content, mime, beside]) => {
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(content as number[])], "a.png", { type: mime }));
        if (beside) data.items.add(beside, "text/plain");
        const root = element.shadowRoot!;
        const target = root.activeElement instanceof HTMLInputElement ? root.activeElement : root.querySelector("[part=surface]")!;
        const options = { bubbles: true, composed: true, cancelable: true };
        const sent = event === "paste" ? new ClipboardEvent(event, { ...options, clipboardData: data }) : new DragEvent(event, { ...options, dataTransfer: data });
        return !target.dispatchEvent(sent);
      },
      [how, bytes, type, text] as const,
    );
  }

  async state(expected: string): Promise<void> {
    await expect(this.element).toHaveJSProperty("state", expected);
    expect(await this.element.evaluate((field, state) => field.matches(`:state(${state})`), expected)).toBe(true);
  }

  /** Whether the form may be sent, and why not. */
  async validity(): Promise<string> {
    return this.element.evaluate((field: SignatureCheck) => (field.form!.checkValidity() ? "valid" : field.validationMessage));
  }

  async value(): Promise<FieldValue | null> {
    const json = await this.element.evaluate((field: SignatureCheck) => new FormData(field.form!).get("signature"));
    return json === null ? null : (JSON.parse(String(json)) as FieldValue);
  }

  async seen(): Promise<unknown[]> {
    return this.page.evaluate(() => (window as unknown as { seen: unknown[] }).seen.splice(0));
  }
}
