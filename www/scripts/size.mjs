// Prints the sizes of what the browser downloads as a Markdown table.
import { readFileSync } from "node:fs";
import { brotliCompressSync, constants } from "node:zlib";

const www = new URL("../", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL("model/manifest.json", www), "utf8"));
const files = [
  ["CPU module", "wasm/countersign_cpu_bg.wasm"],
  ["GPU module", "wasm/countersign_gpu_bg.wasm"],
  ["weights", `model/${manifest.weights.file}`],
];

const kilobytes = (bytes) => `${(bytes / 1000).toFixed(0)} kB`;
const brotli = (bytes) =>
  brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });

console.log("| file | raw | brotli |\n|---|---|---|");
for (const [name, path] of files) {
  const bytes = readFileSync(new URL(path, www));
  console.log(`| ${name} | ${kilobytes(bytes.length)} | ${kilobytes(brotli(bytes).length)} |`);
}
