import { CountersignError } from "../public/errors.ts";
import { bytes, downloadFailed, open, type OnBytes, text as textOf } from "./download.ts";
import { sha256 } from "./hash.ts";

/** A file whose content is known beforehand. */
export interface KnownFile {
  readonly url: string;
  /** What it is, whatever a bundler names it. */
  readonly role: "cpu" | "webgpu" | "weights";
  readonly bytes: number;
  readonly sha256: string;
}

/** The part of a `Cache` that is used; a test gives its own. */
export type Shelf = Pick<Cache, "match" | "put" | "delete" | "keys">;

interface Asking {
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: OnBytes | undefined;
  /** The error for content that is not the expected one. */
  readonly wrong?: ((detail: string) => CountersignError) | undefined;
}

/**
 * Large files by their hash: from the browser's cache when they were fetched before, else from the server.
 *
 * The content is checked both ways, so that neither a broken connection nor a damaged disk gives a wrong model.
 * Where nothing can be stored (no room, storage blocked, no secure origin) files are kept in memory, for as long as
 * this object lives.
 */
export class Files {
  readonly #shelf: Promise<Shelf | undefined>;
  readonly #memory = new Map<string, Uint8Array>();

  constructor(shelf: Promise<Shelf | undefined> = openShelf()) {
    this.#shelf = shelf;
  }

  /** The content of a file; the caller may give it away to a worker. */
  async get(file: KnownFile, { signal, onBytes = () => undefined, wrong }: Asking = {}): Promise<Uint8Array> {
    const kept = this.#memory.get(file.sha256) ?? (await this.#stored(file));
    if (kept) {
      onBytes(file.bytes);
      return kept.slice();
    }
    const content = await bytes(await open(file.url, { signal: signal ?? null }), file.bytes, onBytes);
    if (await differs(content, file)) {
      const detail = "its sha256 is not the expected one";
      throw wrong?.(detail) ?? downloadFailed(file.url, detail);
    }
    if (await this.#store(addressOf(file), content, { [ORIGIN]: originOf(file) })) await this.#prune(file);
    else this.#memory.set(file.sha256, content.slice());
    return content;
  }

  /**
   * A small text that may change: asked for again each time, and only without a connection the one fetched before.
   * A server that answers with an error is not a missing connection. `read` throws for what is no such text: then the one
   * before stays, as where a network answers with a page of its own.
   */
  async text(url: string, most: number, read: (text: string) => unknown, signal?: AbortSignal): Promise<string> {
    let response: Response;
    let text: string;
    try {
      response = await fetch(url, { cache: "no-cache", signal: signal ?? null });
      text = response.ok ? await textOf(response, most) : "";
    } catch (error) {
      if (error instanceof CountersignError) throw error;
      signal?.throwIfAborted();
      const kept = await this.#shelf.then((shelf) => shelf?.match(url)).catch(() => undefined);
      if (kept) return kept.text();
      throw downloadFailed(url, error instanceof Error ? error.message : String(error));
    }
    if (!response.ok) throw downloadFailed(url, `status ${response.status}`);
    read(text);
    await this.#store(url, text);
    return text;
  }

  /** What the cache holds, unless it was damaged there. */
  async #stored(file: KnownFile): Promise<Uint8Array | undefined> {
    try {
      const shelf = await this.#shelf;
      const response = await shelf?.match(addressOf(file));
      if (!shelf || !response) return undefined;
      const content = new Uint8Array(await response.arrayBuffer());
      if (content.byteLength === file.bytes && !(await differs(content, file))) return content;
      await shelf.delete(addressOf(file));
    } catch {
      // A cache that cannot be read is as good as an empty one.
    }
    return undefined;
  }

  /** Forgets what earlier versions left: files of the same role, from the same folder, with another hash. */
  async #prune(file: KnownFile): Promise<void> {
    try {
      const shelf = await this.#shelf;
      for (const key of (await shelf?.keys()) ?? []) {
        const { pathname } = new URL(key.url);
        if (!pathname.startsWith(FOLDER) || pathname === addressOf(file)) continue;
        const kept = await shelf?.match(key);
        if (kept?.headers.get(ORIGIN) === originOf(file)) await shelf?.delete(key);
      }
    } catch {
      // What stays takes room, and does no other harm.
    }
  }

  /** Whether it could be stored. */
  async #store(address: string, content: Uint8Array | string, headers: Record<string, string> = {}): Promise<boolean> {
    try {
      const shelf = await this.#shelf;
      if (!shelf) return false;
      await shelf.put(address, new Response(content as BodyInit, { headers }));
      return true;
    } catch {
      return false;
    }
  }
}

/** The browser's cache, where the page may have one. */
async function openShelf(): Promise<Shelf | undefined> {
  try {
    return await globalThis.caches?.open("countersign");
  } catch {
    return undefined;
  }
}

const FOLDER = "/countersign-files/";

/** An address that is never asked for: what is stored is found by its hash, wherever it was fetched from. */
function addressOf(file: KnownFile): string {
  return `${FOLDER}${file.sha256}`;
}

/** The header of a stored file that says which one it took the place of. */
const ORIGIN = "countersign-origin";

/** The folder without the name, which a bundler changes with the content: a model of its own has a folder of its own. */
function originOf({ role, url }: KnownFile): string {
  return `${role} ${new URL(".", url).href}`;
}

async function differs(content: Uint8Array, file: KnownFile): Promise<boolean> {
  const found = await sha256(content);
  // Without a secure origin there is no hash here; Rust takes one of the weights in any case.
  return found !== undefined && found !== file.sha256;
}
