import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { toValue } from "../../src/element/content.ts";
import { encode } from "../../src/element/picture.ts";
import type { Verdict } from "../../src/public/index.ts";

/** What a server takes of one value: `MOST_BYTES` of `src/submission.rs`. */
const MOST_VALUE = 16 << 20;
const MOST_FILE = 11 << 20;

/** Node has no reader of files; nor can it decode one, as a browser cannot decode a TIFF. */
class Reader {
  result = "";
  onload: () => void = () => undefined;
  readAsDataURL(blob: Blob): void {
    void blob.arrayBuffer().then((bytes) => {
      this.result = `data:${blob.type};base64,${Buffer.from(bytes).toString("base64")}`;
      this.onload();
    });
  }
}

beforeEach(() => void vi.stubGlobal("FileReader", Reader));
afterEach(() => void vi.unstubAllGlobals());

const tiff = (size: number): Blob => new Blob([new Uint8Array(size)], { type: "image/tiff" });

test("a file that the browser cannot show is sent as it is, if a server takes the value", async () => {
  const file = tiff(MOST_FILE);
  const encoded = await encode(file);
  expect(encoded.type).toBe("image/tiff");
  const reasons = Array.from({ length: 100 }, () => ({ code: "between", message: "a sentence of some length, to be sure".repeat(10) }));
  const json = toValue({ kind: "image", file, encoded }, { verdict: { reasons, model: "m@1" } as unknown as Verdict, time: "" });
  expect(json.length).toBeLessThan(MOST_VALUE);
});

test("one that is larger is refused, though it was checked", async () => {
  await expect(encode(tiff(MOST_FILE + 1))).rejects.toMatchObject({ code: "image-too-large", message: expect.stringContaining("11 at most") });
});
