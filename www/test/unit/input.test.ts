import { readFileSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { toSent } from "../../src/internal/input.ts";

/** `toSent` asks of everything that is no file whether it is an image. */
vi.stubGlobal("ImageData", class {});

test("a file of any use is read as it is", async () => {
  expect(await toSent(new Blob(["abc"]))).toEqual({ kind: "file", bytes: new TextEncoder().encode("abc") });
});

test("strokes are taken as they are when they are given; what cannot be copied is refused", async () => {
  const strokes = [[{ x: 1, y: 2 }]];
  const sent = toSent(strokes);
  strokes.length = 0;
  expect(await sent).toEqual({ kind: "strokes", strokes: [[{ x: 1, y: 2 }]] });
  for (const wrong of [[[{ x: () => 1 }]], "a path", null]) {
    await expect(toSent(wrong as never)).rejects.toMatchObject({ code: "unsupported-input" });
  }
});

test("a file that is too large is refused before it is read", async () => {
  const file = Object.assign(new Blob(), { arrayBuffer: vi.fn() });
  Object.defineProperty(file, "size", { value: (32 << 20) + 1 });
  await expect(toSent(file)).rejects.toMatchObject({ code: "image-too-large", message: expect.stringContaining("33 MiB") });
  expect(file.arrayBuffer).not.toHaveBeenCalled();
});

test("a file that the browser cannot read has its own code", async () => {
  const file = Object.assign(new Blob(), { arrayBuffer: async () => Promise.reject(new DOMException("it was moved", "NotFoundError")) });
  await expect(toSent(file)).rejects.toMatchObject({ code: "unreadable-file", message: expect.stringContaining("it was moved") });
});

test("a bitmap or pixels with more than Rust takes are refused before they are copied", async () => {
  const copies = { createImageBitmap: vi.fn(async (source: object) => source), structuredClone: vi.fn((source: object) => source) };
  const kinds = { ImageBitmap: class {}, ImageData: class {} };
  for (const [name, stub] of Object.entries({ ...copies, ...kinds })) vi.stubGlobal(name, stub);
  const rust = readFileSync(new URL("../../../src/ink/decode.rs", import.meta.url), "utf8");
  const most = Number(/MAX_PIXELS: u64 = ([\d_]+);/.exec(rust)?.[1]?.replaceAll("_", ""));
  const calls = () => copies.createImageBitmap.mock.calls.length + copies.structuredClone.mock.calls.length;
  for (const [before, Kind] of Object.values(kinds).entries()) {
    const give = (width: number) => toSent(Object.assign(new Kind(), { width, height: 1 }) as never);
    await expect(give(most + 1)).rejects.toMatchObject({ code: "image-too-large", message: expect.stringContaining("40 megapixels") });
    expect(calls()).toBe(before);
    await give(most);
    expect(calls()).toBe(before + 1);
  }
});
