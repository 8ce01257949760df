import { afterEach, expect, test, vi } from "vitest";
import { downloadModel, readManifest } from "../../src/internal/model.ts";

const manifest = { name: "m", golden: "golden.json", weights: { file: "weights.bpk", bytes: 4, sha256: "00ff" } };

afterEach(() => vi.unstubAllGlobals());

/** A server of these files; everything else is missing. */
function serve(files: Record<string, string>): string[] {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (url: string) => {
    asked.push(url);
    const body = files[new URL(url).pathname];
    return body === undefined ? new Response("", { status: 404 }) : new Response(body);
  });
  return asked;
}

test("the three files of a model are fetched from its folder", async () => {
  const asked = serve({ "/m/manifest.json": JSON.stringify(manifest), "/m/weights.bpk": "abcd", "/m/golden.json": "{}" });
  const seen: [number, number][] = [];
  const files = await downloadModel("https://host/m/", (loaded, total) => seen.push([loaded, total]));
  expect(files).toMatchObject({ name: "m", golden: "{}", weights: new TextEncoder().encode("abcd") });
  expect(seen.at(-1)).toEqual([4, 4]);
  expect(asked).toContain("https://host/m/weights.bpk?sha256=00ff");
});

test("a missing file is named, and so is its status", async () => {
  serve({ "/m/manifest.json": JSON.stringify(manifest), "/m/golden.json": "{}" });
  const download = downloadModel("https://host/m/", () => undefined);
  await expect(download).rejects.toMatchObject({ code: "download-failed" });
  await expect(download).rejects.toThrow("weights.bpk could not be downloaded (status 404)");
});

test("no connection is a download that failed", async () => {
  vi.stubGlobal("fetch", async () => {
    throw new TypeError("Failed to fetch");
  });
  await expect(downloadModel("https://host/m/", () => undefined)).rejects.toMatchObject({ code: "download-failed" });
});

test.each([
  ["not JSON", "<!doctype html>"],
  ["no object", "3"],
  ["no weights", JSON.stringify({ ...manifest, weights: undefined })],
  ["another folder", JSON.stringify({ ...manifest, golden: "../golden.json" })],
  ["another host", JSON.stringify({ ...manifest, weights: { ...manifest.weights, file: "//host/w" } })],
  ["no size", JSON.stringify({ ...manifest, weights: { ...manifest.weights, bytes: -1 } })],
])("a manifest with %s is refused", (_, text) => {
  expect(() => readManifest(text)).toThrow(expect.objectContaining({ code: "invalid-manifest" }));
});
