import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Files, type KnownFile, type Shelf } from "../../src/internal/files.ts";

const content = Uint8Array.from({ length: 5000 }, (_, i) => i % 251);
const file: KnownFile = {
  url: "https://host/weights.bpk",
  role: "weights",
  bytes: content.length,
  sha256: createHash("sha256").update(content).digest("hex"),
};

/** A cache in memory. */
class MemoryShelf implements Shelf {
  readonly kept = new Map<string, Uint8Array>();
  readonly #headers = new Map<string, Headers>();
  async match(key: RequestInfo | URL): Promise<Response | undefined> {
    const bytes = this.kept.get(addressOf(key));
    return bytes && new Response(bytes as BodyInit, { headers: this.#headers.get(addressOf(key))! });
  }
  async put(key: RequestInfo | URL, response: Response): Promise<void> {
    this.kept.set(addressOf(key), new Uint8Array(await response.arrayBuffer()));
    this.#headers.set(addressOf(key), response.headers);
  }
  async delete(key: RequestInfo | URL): Promise<boolean> {
    return this.kept.delete(addressOf(key));
  }
  async keys(): Promise<readonly Request[]> {
    return [...this.kept.keys()].map((url) => new Request(url));
  }
}

/** A cache knows files by their full address. */
function addressOf(key: RequestInfo | URL): string {
  return new URL(key instanceof Request ? key.url : key, "https://host/").href;
}

/** Another content for the same name. */
function version(byte: number, url = file.url): { file: KnownFile; content: Uint8Array } {
  const other = content.map((value, at) => (at === 0 ? byte : value));
  return { file: { ...file, url, sha256: createHash("sha256").update(other).digest("hex") }, content: other };
}

/** Takes any text. */
const any = (): undefined => undefined;

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

  test("of an earlier version goes when the next one is stored; of another folder or role it stays", async () => {
    const shelf = new MemoryShelf();
    const files = new Files(Promise.resolve(shelf));
    const get = async (given: { file: KnownFile; content: Uint8Array }): Promise<void> => {
      server.mockImplementation(async () => new Response(given.content as BodyInit));
      await files.get(given.file);
    };
    const module = version(2);
    // A bundler gives each version a name of its own.
    const [old, other, next] = [version(1, "https://host/weights-1.bpk"), version(3, "https://host/other/weights.bpk"), version(4, "https://host/weights-4.bpk")];
    for (const given of [old, other, { ...module, file: { ...module.file, role: "cpu" as const } }, next]) await get(given);
    const kept = [...shelf.kept.keys()].map((key) => key.split("/").at(-1));
    expect(kept).toEqual([other, module, next].map((given) => given.file.sha256));
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
    expect(await files.text(url, 10, any)).toBe("one");
    server.mockImplementation(async () => new Response("two"));
    expect(await files.text(url, 10, any)).toBe("two");
    server.mockRejectedValue(new TypeError("Failed to fetch"));
    expect(await files.text(url, 10, any)).toBe("two");
  });

  test("that the server refuses is not taken from the cache", async () => {
    const files = new Files(Promise.resolve(new MemoryShelf()));
    server.mockImplementation(async () => new Response("one"));
    await files.text(url, 10, any);
    server.mockImplementation(async () => new Response("", { status: 404 }));
    await expect(files.text(url, 10, any)).rejects.toThrow("manifest.json could not be downloaded (status 404)");
  });

  test("whose connection breaks off is the one before, or a typed error", async () => {
    const broken = async (): Promise<Response> => new Response(new ReadableStream({ start: (stream) => stream.error(new TypeError("network error")) }));
    server.mockImplementation(broken);
    const files = new Files(Promise.resolve(new MemoryShelf()));
    await expect(files.text(url, 10, any)).rejects.toMatchObject({ code: "download-failed" });
    server.mockImplementation(async () => new Response("one"));
    await files.text(url, 10, any);
    server.mockImplementation(broken);
    expect(await files.text(url, 10, any)).toBe("one");
  });

  test("that cannot be read does not take the place of the one before", async () => {
    const files = new Files(Promise.resolve(new MemoryShelf()));
    server.mockImplementation(async () => new Response("[1]"));
    await files.text(url, 10, JSON.parse);
    // The page on which a network asks its guests to sign in.
    server.mockImplementation(async () => new Response("<html>"));
    await expect(files.text(url, 10, JSON.parse)).rejects.toThrow(SyntaxError);
    server.mockRejectedValue(new TypeError("Failed to fetch"));
    expect(await files.text(url, 10, JSON.parse)).toBe("[1]");
  });

  test("must not be longer than is sensible", async () => {
    server.mockImplementation(async () => new Response("eleven chars"));
    await expect(new Files(Promise.resolve(undefined)).text(url, 10, any)).rejects.toMatchObject({ code: "download-failed" });
  });

  test("is not read on where it is longer, nor is the one before taken for it", async () => {
    const files = new Files(Promise.resolve(new MemoryShelf()));
    server.mockImplementation(async () => new Response("one"));
    await files.text(url, 10, any);
    const cancel = vi.fn();
    let sent = 0;
    // Without end; the test would not end either.
    const pull = (stream: ReadableStreamDefaultController): void => {
      if ((sent += 1) > 100) stream.error(new Error("read on"));
      else stream.enqueue(new TextEncoder().encode("ßßß"));
    };
    server.mockImplementation(async () => new Response(new ReadableStream({ pull, cancel })));
    await expect(files.text(url, 10, any)).rejects.toThrow("it is longer than 10 characters");
    expect(sent).toBeLessThan(9);
    expect(cancel).toHaveBeenCalledOnce();
  });

  test("may have letters that come in two pieces", async () => {
    const bytes = new TextEncoder().encode("Größe");
    const start = (stream: ReadableStreamDefaultController): void => {
      for (const byte of bytes) stream.enqueue(Uint8Array.of(byte));
      stream.close();
    };
    server.mockImplementation(async () => new Response(new ReadableStream({ start })));
    expect(await new Files(Promise.resolve(undefined)).text(url, 5, any)).toBe("Größe");
  });
});
