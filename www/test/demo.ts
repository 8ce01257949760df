/** The page as a visitor uses it. */
import { readFileSync } from "node:fs";
import { expect, type Locator, type Page } from "@playwright/test";
import { sign, type Strokes } from "./pen.ts";

/** Signatures made by the project's own synthetic writers. */
export const { writers } = JSON.parse(
  readFileSync(new URL("../../tests/fixtures/strokes.json", import.meta.url), "utf8"),
) as { writers: { genuine: Strokes[]; forged: Strokes[] }[] };

export type Backend = "auto" | "webgpu" | "cpu";
export type Tray = "references" | "questioned";

export class Demo {
  readonly page: Page;
  readonly check: Locator;
  readonly engine: Locator;
  readonly result: Locator;
  readonly title: Locator;

  constructor(page: Page) {
    this.page = page;
    this.check = page.getByRole("button", { name: "Check the signature" });
    this.engine = page.locator("#engine");
    this.result = page.locator("#result");
    this.title = this.result.getByRole("heading", { level: 2 });
  }

  async open(backend: Backend): Promise<void> {
    await this.page.goto(`?backend=${backend}`);
  }

  async openAndLoad(backend: Backend): Promise<void> {
    await this.open(backend);
    await expect(this.engine).toHaveText(/^(CPU|WebGPU): /);
  }

  /** Draws signatures on the pad with the mouse. */
  async draw(tray: Tray, ...signatures: Strokes[]): Promise<void> {
    const cards = this.page.locator(`#${tray} .card`);
    for (const strokes of signatures) {
      const before = tray === "references" ? await cards.count() : 0;
      await this.page.locator(`#${tray}`).getByRole("button", { name: "Draw" }).click();
      await sign(this.page, this.page.locator("#pad canvas"), strokes);
      await this.page.getByRole("dialog").getByRole("button", { name: "Add", exact: true }).click();
      await expect(cards).toHaveCount(before + 1);
    }
  }

  async choose(tray: Tray, ...files: { name: string; buffer: Buffer }[]): Promise<void> {
    const input = this.page.locator(`#${tray} input[type=file]`);
    await input.setInputFiles(files.map(({ name, buffer }) => ({ name, buffer, mimeType: "image/png" })));
  }

  /** The log-likelihood ratio that the page shows. */
  async llr(): Promise<number> {
    const row = this.page.locator("dt", { hasText: "Log-likelihood ratio" }).locator("xpath=following-sibling::dd[1]");
    return Number((await row.innerText()).replace("\u2212", "-"));
  }

  async expectError(code: string, sentence: RegExp): Promise<void> {
    await expect(this.title).toHaveText("No verdict");
    await expect(this.result.locator("code")).toHaveText(code);
    await expect(this.result.locator(".lead")).toHaveText(sentence);
    // Never a score after an error.
    await expect(this.result.locator(".numbers")).toHaveCount(0);
    await expect(this.result.locator(".scale")).toHaveCount(0);
  }
}
