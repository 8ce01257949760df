import { CountersignError } from "../public/errors.ts";
import { bytes, counted, open, type OnBytes } from "./download.ts";

/** The three parts of a model as they were downloaded. Rust checks them; nothing is believed here. */
export interface ModelFiles {
  readonly name: string;
  readonly manifest: string;
  readonly weights: Uint8Array;
  readonly golden: string;
}

/** Downloads the model in `folder` (absolute, with a final slash). */
export async function downloadModel(folder: string, onBytes: OnBytes): Promise<ModelFiles> {
  // Asking the server again keeps a cached manifest from meeting newer weights.
  const manifest = await text(`${folder}manifest.json`, { cache: "no-cache" });
  const parts = readManifest(manifest);
  const version = `?sha256=${encodeURIComponent(parts.sha256)}`;
  const weightsUrl = `${folder}${parts.weights}${version}`;
  const [weights, golden] = await Promise.all([
    open(weightsUrl).then((response) => bytes(counted(response, onBytes, parts.bytes), weightsUrl)),
    text(`${folder}${parts.golden}${version}`),
  ]);
  return { name: parts.name, manifest, weights, golden };
}

async function text(url: string, init?: RequestInit): Promise<string> {
  const response = await open(url, init);
  return new TextDecoder().decode(await bytes(response, url));
}

interface Parts {
  readonly name: string;
  readonly weights: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly golden: string;
}

/** Only what is needed to find the other files; the Rust side reads the manifest in full. */
export function readManifest(manifest: string): Parts {
  let value: unknown;
  try {
    value = JSON.parse(manifest);
  } catch {
    throw invalidManifest("it is not JSON");
  }
  const weights = field(value, "weights");
  return {
    name: string(value, "name"),
    golden: fileName(value, "golden"),
    weights: fileName(weights, "file"),
    sha256: string(weights, "sha256"),
    bytes: number(weights, "bytes"),
  };
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !(name in value)) throw invalidManifest(`${name} is missing`);
  return (value as Record<string, unknown>)[name];
}

function string(value: unknown, name: string): string {
  const found = field(value, name);
  if (typeof found !== "string") throw invalidManifest(`${name} is no text`);
  return found;
}

function number(value: unknown, name: string): number {
  const found = field(value, name);
  if (typeof found !== "number" || !Number.isSafeInteger(found) || found <= 0) throw invalidManifest(`${name} is no count`);
  return found;
}

/** A plain name: a manifest must not send the page to another folder or host. */
function fileName(value: unknown, name: string): string {
  const found = string(value, name);
  if (!/^[\w.-]+$/.test(found)) throw invalidManifest(`${name} is no file name`);
  return found;
}

function invalidManifest(detail: string): CountersignError {
  return new CountersignError(
    "invalid-manifest",
    `the model's manifest cannot be read (${detail}); download the model again`,
  );
}
