import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Files, type KnownFile, type Shelf } from "../../src/internal/files.ts";

const content = Uint8Array.from({ length: 5000 }, (_, i) => i % 251);
const file: KnownFile = {
  url: "https://host/weights.bpk",
  bytes: content.length,
  sha256: createHash("sha256").update(content).digest("hex"),
};

/** A cache in memory. */
class MemoryShelf implements Shelf {
  readonly kept = new Map<string, Uint8Array>();
  async match(key: RequestInfo | URL): Promise<Response | undefined> {
    const bytes = this.kept.get(String(key));
    return bytes && new Response(bytes as BodyInit);
  }
  async put(key: RequestInfo | URL, response: Response): Promise<void> {
    this.kept.set(String(key), new Uint8Array(await response.arrayBuffer()));
  }
  async delete(key: RequestInfo | URL): Promise<boolean> {
    return this.kept.delete(String(key));
  }
}

const server = vi.fn<(url: string, init?: RequestInit) => Promise<Response>>();
beforeEach(() => {
  server.mockReset().mockImplementation(async () => new Response(content));
  vi.stubGlobal("fetch", server);
});
afterEach(() => vi.unstubAllGlobals());

describe("a known file", () => {
  test("is fetched once, with its bytes counted, and then read from the cache", async () => {
    const shelf = new MemoryShelf();
    const seen: number[] = [];
    const files = new Files(Promise.resolve(shelf));
    expect(await files.get(file, { onBytes: (loaded) => seen.push(loaded) })).toEqual(content);
    expect(seen.at(-1)).toBe(content.length);
    // Another visit.
    expect(await new Files(Promise.resolve(shelf)).get(file)).toEqual(content);
    expect(server).toHaveBeenCalledOnce();
  });

  test("that was damaged in the cache is fetched again", async () => {
    const shelf = new MemoryShelf();
    const files = new Files(Promise.resolve(shelf));
    await files.get(file);
    for (const bytes of shelf.kept.values()) bytes[100]! ^= 1;
    expect(await files.get(file)).toEqual(content);
    expect(server).toHaveBeenCalledTimes(2);
    for (const bytes of shelf.kept.values()) expect(bytes).toEqual(content);
  });

  test.each([
    ["one bit changed", content.map((byte, i) => (i === 7 ? byte ^ 1 : byte)), /its sha256 is not the expected one/],
    ["too short", content.slice(0, 4000), /it ends after 4000 of 5000 bytes/],
    ["too long", new Uint8Array(6000), /it is longer than 5000 bytes/],
  ])("from the server with %s is refused and not kept", async (_, wrong, message) => {
    const shelf = new MemoryShelf();
    server.mockImplementation(async () => new Response(wrong));
    const got = new Files(Promise.resolve(shelf)).get(file);
    await expect(got).rejects.toMatchObject({ code: "download-failed", message: expect.stringMatching(message) });
    expect(shelf.kept.size).toBe(0);
  });

  test.each([
    ["full", Promise.resolve(Object.assign(new MemoryShelf(), { put: async () => Promise.reject(new Error("quota")) }))],
    ["missing", Promise.resolve(undefined)],
    ["unreadable", Promise.resolve(Object.assign(new MemoryShelf(), { match: async () => Promise.reject(new Error("io")), put: async () => Promise.reject(new Error("io")) }))],
  ])("stays in memory where the cache is %s", async (_, shelf) => {
    const files = new Files(shelf);
    const first = await files.get(file);
    // The caller may give its copy away.
    first.fill(0);
    expect(await files.get(file)).toEqual(content);
    expect(server).toHaveBeenCalledOnce();
  });

  test("is not waited for after an abort", async () => {
    const abort = new AbortController();
    server.mockImplementation(
      (_, init) => new Promise((__, reject) => init?.signal?.addEventListener("abort", () => reject(init.signal?.reason))),
    );
    const got = new Files(Promise.resolve(undefined)).get(file, { signal: abort.signal });
    setTimeout(() => abort.abort(), 0);
    await expect(got).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("a text that may change", () => {
  const url = "https://host/manifest.json";

  test("is asked for again, and remembered for when there is no connection", async () => {
    const files = new Files(Promise.resolve(new MemoryShelf()));
    server.mockImplementation(async () => new Response("one"));
    expect(await files.text(url, 10)).toBe("one");
    server.mockImplementation(async () => new Response("two"));
    expect(await files.text(url, 10)).toBe("two");
    server.mockRejectedValue(new TypeError("Failed to fetch"));
    expect(await files.text(url, 10)).toBe("two");
  });

  test("that the server refuses is not taken from the cache", async () => {
    const files = new Files(Promise.resolve(new MemoryShelf()));
    server.mockImplementation(async () => new Response("one"));
    await files.text(url, 10);
    server.mockImplementation(async () => new Response("", { status: 404 }));
    await expect(files.text(url, 10)).rejects.toThrow("manifest.json could not be downloaded (status 404)");
  });

  test("must not be longer than is sensible", async () => {
    server.mockImplementation(async () => new Response("eleven chars"));
    await expect(new Files(Promise.resolve(undefined)).text(url, 10)).rejects.toMatchObject({ code: "download-failed" });
  });
});
