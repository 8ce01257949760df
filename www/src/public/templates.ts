// idb: IndexedDB with promises and types, 1.2 kB; its own requests and events are many lines for each access.
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { Countersign } from "./countersign.ts";
import { CountersignError } from "./errors.ts";
import type { Template, TemplateInfo } from "./types.ts";

/** A stored template, without its content. */
export interface StoredTemplate extends TemplateInfo {
  readonly id: string;
  /** When it was stored, in milliseconds as `Date.now()` gives them. */
  readonly saved: number;
}

interface Entry extends StoredTemplate {
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly sealed: ArrayBuffer;
}

interface Schema extends DBSchema {
  keys: { key: string; value: CryptoKey };
  templates: { key: string; value: Entry };
}

/** The part of a checker that reads templates. */
export type Inspector = Pick<Countersign, "inspect" | "modelId">;

const KEY = "templates";

/**
 * Templates in this browser, encrypted.
 *
 * They lie in IndexedDB under AES-GCM with a key that scripts can use but not read out: what was copied from here is
 * of no use elsewhere. Who has the whole browser profile, or runs a script in this page, has the key too. Each template
 * is bound to its name and model: exchanged or altered, it is refused.
 */
export class TemplateStore {
  readonly #database: IDBPDatabase<Schema>;
  readonly #key: CryptoKey;

  private constructor(database: IDBPDatabase<Schema>, key: CryptoKey) {
    this.#database = database;
    this.#key = key;
  }

  /** @throws CountersignError `storage-failed` where the browser has or allows no storage, or no cryptography. */
  static async open(name = "countersign"): Promise<TemplateStore> {
    return stored(async () => {
      if (!globalThis.crypto?.subtle) throw new Error("this page's origin is not secure; serve it over https");
      const database = await openDB<Schema>(name, 1, {
        upgrade(made) {
          made.createObjectStore("keys");
          made.createObjectStore("templates", { keyPath: "id" });
        },
        // A later version of this program, in another tab, is not held up.
        blocking: (_, __, event) => (event.target as IDBDatabase).close(),
      });
      return new TemplateStore(database, await keyOf(database));
    });
  }

  /**
   * Stores a template under `id`, in place of an earlier one.
   *
   * @throws CountersignError `invalid-template` for bytes that are none, `template-model` for one of another model
   * than the checker's, `storage-failed` where there is no room.
   */
  async put(id: string, template: Template, checker: Inspector): Promise<StoredTemplate> {
    // The page may use its bytes for something else meanwhile.
    const content = new Uint8Array(template);
    const { model, references } = await checker.inspect(content);
    if (model !== checker.modelId) throw otherModel(model, checker.modelId);
    return stored(async () => {
      const entry: StoredTemplate = { id, model, references, saved: Date.now() };
      const iv = crypto.getRandomValues(new Uint8Array(12));
      const sealed = await crypto.subtle.encrypt(algorithm(entry, iv), this.#key, content);
      await this.#database.put("templates", { ...entry, iv, sealed });
      return entry;
    });
  }

  /**
   * The template stored under `id`, ready for the checker.
   *
   * @throws CountersignError `unknown-template`; `template-model` when the checker's model has changed since: enrol
   * again; `invalid-template` when it was altered.
   */
  async get(id: string, checker: Pick<Inspector, "modelId">): Promise<Template> {
    const entry = await this.#entry(id);
    if (entry.model !== checker.modelId) throw otherModel(entry.model, checker.modelId);
    return this.#unseal(entry);
  }

  /** The bytes stored under `id`, whatever model they are of: for a file, another device or a server. */
  async export(id: string): Promise<Template> {
    return this.#unseal(await this.#entry(id));
  }

  /** What is stored, without decrypting it. */
  async list(): Promise<StoredTemplate[]> {
    const entries = await stored(() => this.#database.getAll("templates"));
    return entries.map(({ id, model, references, saved }) => ({ id, model, references, saved }));
  }

  /** Forgets a template; one that is not there is no error. */
  async delete(id: string): Promise<void> {
    await stored(() => this.#database.delete("templates", id));
  }

  /** Closes the database; the store is of no use afterwards. */
  close(): void {
    this.#database.close();
  }

  async #entry(id: string): Promise<Entry> {
    const entry = await stored(() => this.#database.get("templates", id));
    if (!entry) throw new CountersignError("unknown-template", `no template is stored as ${id}; enrol first`);
    return entry;
  }

  async #unseal(entry: Entry): Promise<Template> {
    try {
      return new Uint8Array(await crypto.subtle.decrypt(algorithm(entry, entry.iv), this.#key, entry.sealed));
    } catch (cause) {
      const message = "the stored template cannot be read (it was altered); enrol the signatures again";
      throw new CountersignError("invalid-template", message, { cause });
    }
  }
}

/** The key of this browser, made at first use. */
async function keyOf(database: IDBPDatabase<Schema>): Promise<CryptoKey> {
  const kept = await database.get("keys", KEY);
  if (kept) return kept;
  const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  const transaction = database.transaction("keys", "readwrite");
  // Another tab may have been faster: then its key counts.
  const key = (await transaction.store.get(KEY)) ?? made;
  await transaction.store.put(key, KEY);
  await transaction.done;
  return key;
}

function algorithm({ id, model, references }: StoredTemplate, iv: Uint8Array<ArrayBuffer>): AesGcmParams {
  return { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(JSON.stringify([id, model, references])) };
}

/** What the browser says when it stores nothing, as this library's error. */
async function stored<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const detail = error instanceof Error ? error.message || error.name : String(error);
    const message = `templates cannot be stored here (${detail}); allow this site to store data, or make room`;
    throw new CountersignError("storage-failed", message, { cause: error });
  }
}

/** The sentence of `src/error.rs`, before a check is tried. */
function otherModel(template: string, loaded: string): CountersignError {
  return new CountersignError(
    "template-model",
    `the template was made with model ${template}, but model ${loaded} is loaded; enrol the signatures again`,
  );
}
