// Writes src/generated/build.ts: what JavaScript has to know of the Rust side and of the modules that were built.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const www = new URL("../", import.meta.url);

/** The codes that `Error::code` gives. */
function rustCodes() {
  const source = readFileSync(new URL("../src/error.rs", www), "utf8");
  const body = /pub fn code\(&self\)[^{]*\{([^]*?)\n {4}\}/.exec(source)?.[1];
  const codes = [...(body ?? "").matchAll(/=> "([a-z-]+)"/g)].map(([, code]) => code);
  if (codes.length < 10) throw new Error("src/error.rs has no list of codes where one is expected");
  return codes;
}

function moduleFile(name) {
  const bytes = readFileSync(new URL(`wasm/${name}`, www));
  return { bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}

const modules = { cpu: moduleFile("countersign_cpu_bg.wasm"), webgpu: moduleFile("countersign_gpu_bg.wasm") };
const content = `/** Made by scripts/generate.mjs from src/error.rs and the two modules; not kept by hand. */

/** The codes of \`Error::code\` in src/error.rs. */
export type RustErrorCode =
${rustCodes()
  .map((code) => `  | ${JSON.stringify(code)}`)
  .join("\n")};

/** Length and hash of each module. */
export const MODULES = ${JSON.stringify(modules, null, 2)} as const;
`;
mkdirSync(new URL("src/generated/", www), { recursive: true });
writeFileSync(new URL("src/generated/build.ts", www), content);
