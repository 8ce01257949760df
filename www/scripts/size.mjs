// Prints the sizes of what the browser downloads as a Markdown table; fails where one is over its budget.
import { readdirSync, readFileSync } from "node:fs";
import { brotliCompressSync, constants } from "node:zlib";

const www = new URL("../", import.meta.url);
const dist = new URL("dist/", www);
const file = (path) => [readFileSync(new URL(path, www))];

/** What is downloaded, its files, and the most kilobytes it may have after brotli. */
const parts = [
  ["CPU module", file("wasm/countersign_cpu_bg.wasm"), 575],
  ["GPU module", file("wasm/countersign_gpu_bg.wasm"), 1750],
  ["weights", file("model/weights.bpk"), 1150],
  ["API", withImports("countersign.js"), 8],
  ["worker, CPU", file(`dist/assets/${named("worker-cpu")}`), 12],
  ["worker, GPU", file(`dist/assets/${named("worker-gpu")}`), 25],
  ["form field, with the API", withImports("countersign-element.js"), 23],
];

/** A script and what it imports at once. */
function withImports(name, seen = new Map()) {
  if (seen.has(name)) return [];
  const bytes = readFileSync(new URL(name, dist));
  seen.set(name, bytes);
  for (const [, path] of bytes.toString().matchAll(/(?:from|import)\s*"(\.[^"]+)"/g)) {
    withImports(new URL(path, new URL(name, dist)).href.slice(dist.href.length), seen);
  }
  return [...seen.values()];
}

function named(start) {
  const found = readdirSync(new URL("assets/", dist)).find((name) => name.startsWith(start) && name.endsWith(".js"));
  if (!found) throw new Error(`dist has no ${start}; run: npx vite build`);
  return found;
}

const sum = (sizes) => sizes.reduce((total, size) => total + size, 0) / 1000;
const brotli = (bytes) =>
  brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  }).length;

console.log("| file | raw | brotli | budget |\n|---|---|---|---|");
const over = [];
for (const [name, files, budget] of parts) {
  const compressed = sum(files.map(brotli));
  console.log(`| ${name} | ${sum(files.map(({ length }) => length)).toFixed(0)} kB | ${compressed.toFixed(0)} kB | ${budget} kB |`);
  if (compressed > budget) over.push(name);
}
if (over.length > 0) throw new Error(`over budget: ${over.join(", ")}`);
