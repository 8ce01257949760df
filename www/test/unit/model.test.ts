import { createHash } from "node:crypto";
import { afterEach, expect, test, vi } from "vitest";
import { Files } from "../../src/internal/files.ts";
import { modelIn, openModel, readManifest, shippedModel } from "../../src/internal/model.ts";

const sha256 = createHash("sha256").update("abcd").digest("hex");
const manifest = { name: "m", golden: "golden.json", weights: { file: "weights.bpk", bytes: 4, sha256 } };

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

async function fetched() {
  const model = await openModel(modelIn("https://host/m"), new Files(Promise.resolve(undefined)));
  return { model, files: await model.fetch() };
}

test("the three files of a model are fetched from its folder", async () => {
  const asked = serve({ "/m/manifest.json": JSON.stringify(manifest), "/m/weights.bpk": "abcd", "/m/golden.json": "{}" });
  const { model, files } = await fetched();
  expect(model).toMatchObject({ name: "m", id: sha256.slice(0, 16), bytes: 4 });
  expect(files).toEqual({ manifest: JSON.stringify(manifest), golden: "{}", weights: new TextEncoder().encode("abcd") });
  expect(asked).toContain(`https://host/m/weights.bpk?sha256=${sha256}`);
});

test("weights that are not the manifest's have the code that Rust gives them", async () => {
  serve({ "/m/manifest.json": JSON.stringify(manifest), "/m/weights.bpk": "abce", "/m/golden.json": "{}" });
  await expect(fetched()).rejects.toMatchObject({ code: "weights-hash" });
});

test("a missing file is named, and so is its status", async () => {
  serve({ "/m/manifest.json": JSON.stringify(manifest), "/m/golden.json": "{}" });
  await expect(fetched()).rejects.toThrow("weights.bpk could not be downloaded (status 404)");
});

test("no connection is a download that failed", async () => {
  vi.stubGlobal("fetch", async () => {
    throw new TypeError("Failed to fetch");
  });
  await expect(fetched()).rejects.toMatchObject({ code: "download-failed" });
});

test("the model of this package lies beside the modules", () => {
  const { manifest: address } = shippedModel();
  expect(new URL("../wasm/", address).pathname).toMatch(/\/www\/wasm\/$/);
});

test.each([
  ["not JSON", "<!doctype html>"],
  ["no object", "3"],
  ["no weights", JSON.stringify({ ...manifest, weights: undefined })],
  ["another folder", JSON.stringify({ ...manifest, golden: "../golden.json" })],
  ["a folder above", JSON.stringify({ ...manifest, golden: ".." })],
  ["another host", JSON.stringify({ ...manifest, weights: { ...manifest.weights, file: "//host/w" } })],
  ["no size", JSON.stringify({ ...manifest, weights: { ...manifest.weights, bytes: -1 } })],
  ["an impossible size", JSON.stringify({ ...manifest, weights: { ...manifest.weights, bytes: 2 ** 40 } })],
  ["no hash", JSON.stringify({ ...manifest, weights: { ...manifest.weights, sha256: "00ff" } })],
])("a manifest with %s is refused", (_, text) => {
  expect(() => readManifest(text)).toThrow(expect.objectContaining({ code: "invalid-manifest" }));
});
