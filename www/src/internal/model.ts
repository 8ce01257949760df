import { CountersignError } from "../public/errors.ts";
import { downloadFailed } from "./download.ts";
import type { Files, KnownFile } from "./files.ts";

/** The three parts of a model as they were downloaded. Rust checks them in full. */
export interface ModelFiles {
  readonly manifest: string;
  readonly weights: Uint8Array;
  readonly golden: string;
}

/** Where a model lies. The manifest of a folder names its other files; those of this package have addresses. */
export interface ModelPlace {
  readonly manifest: string;
  readonly weights?: string;
  readonly golden?: string;
}

/** The model of this package. Each address is literal so that a bundler sees it and ships the file. */
export function shippedModel(): ModelPlace {
  return {
    manifest: new URL("../../model/manifest.json", import.meta.url).href,
    weights: new URL("../../model/weights.bpk", import.meta.url).href,
    golden: new URL("../../model/golden.json", import.meta.url).href,
  };
}

/** A model in `folder`, absolute. */
export function modelIn(folder: string): ModelPlace {
  return { manifest: `${folder.endsWith("/") ? folder : `${folder}/`}manifest.json` };
}

/** A manifest or known answers of more characters are none. */
const MOST_TEXT = 1 << 20;

/** A model whose manifest is known, and so the length of the rest. */
export interface OpenModel {
  readonly name: string;
  /** What templates name the model by; as `Manifest::id` in Rust. */
  readonly id: string;
  readonly bytes: number;
  /** Weights and known answers, checked. */
  fetch(onBytes?: (loaded: number) => void, signal?: AbortSignal): Promise<ModelFiles>;
}

/** Reads a model's manifest. */
export async function openModel(place: ModelPlace, files: Files, signal?: AbortSignal): Promise<OpenModel> {
  const manifest = await files.text(place.manifest, MOST_TEXT, readManifest, signal);
  const parts = readManifest(manifest);
  const beside = (name: string): string => `${new URL(name, place.manifest).href}?sha256=${encodeURIComponent(parts.sha256)}`;
  const weights: KnownFile = { url: place.weights ?? beside(parts.weights), role: "weights", bytes: parts.bytes, sha256: parts.sha256 };
  const golden = place.golden ?? beside(parts.golden);
  return {
    name: parts.name,
    id: parts.sha256.slice(0, 16),
    bytes: parts.bytes,
    async fetch(onBytes, callSignal) {
      const asked = { onBytes, signal: callSignal, wrong: wrongWeights };
      const [content, answers] = await Promise.all([
        files.get(weights, asked),
        files.text(golden, MOST_TEXT, (text) => readJson(text, golden), callSignal),
      ]);
      return { manifest, weights: content, golden: answers };
    },
  };
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
    sha256: hash(weights, "sha256"),
    bytes: length(weights, "bytes"),
  };
}

/** The known answers: Rust reads them in full. */
function readJson(text: string, url: string): void {
  try {
    JSON.parse(text);
  } catch {
    throw downloadFailed(url, "it is not JSON");
  }
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

function hash(value: unknown, name: string): string {
  const found = string(value, name);
  if (!/^[0-9a-f]{64}$/.test(found)) throw invalidManifest(`${name} is no hash`);
  return found;
}

/** As much as the Rust side takes; also what is set aside before the first byte arrives. */
const MOST_WEIGHTS = 96 << 20;

function length(value: unknown, name: string): number {
  const found = field(value, name);
  if (typeof found !== "number" || !Number.isSafeInteger(found) || found <= 0 || found > MOST_WEIGHTS) {
    throw invalidManifest(`${name} is no usable length`);
  }
  return found;
}

/** A plain name: a manifest must not send the page to another folder or host. */
function fileName(value: unknown, name: string): string {
  const found = string(value, name);
  if (!/^\w[\w.-]*$/.test(found)) throw invalidManifest(`${name} is no file name`);
  return found;
}

function invalidManifest(detail: string): CountersignError {
  return new CountersignError(
    "invalid-manifest",
    `the model's manifest cannot be read (${detail}); download the model again`,
  );
}

/** The sentence of `src/error.rs`, for when it is found out before Rust sees the weights. */
function wrongWeights(detail: string): CountersignError {
  return new CountersignError("weights-hash", `the weights do not match the manifest (${detail}); download the model again`);
}
