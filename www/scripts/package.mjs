// Makes lib/, the JavaScript and the types of the npm package, from src/.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";

const www = new URL("../", import.meta.url);
for (const made of ["wasm/countersign_cpu_bg.wasm", "wasm/countersign_gpu_bg.wasm", "model/weights.bpk", "src/generated/build.ts"]) {
  if (!existsSync(new URL(made, www))) throw new Error(`${made} is missing; run: ./build.sh build`);
}
rmSync(new URL("lib", www), { recursive: true, force: true });
execFileSync("npx", ["tsc", "-p", "tsconfig.package.json"], { cwd: www, stdio: "inherit" });

// The compiler rewrites imports, not addresses.
const spawn = new URL("lib/internal/spawn.js", www);
const source = readFileSync(spawn, "utf8");
const rewritten = source.replaceAll(/(new URL\("\.\/worker-[cg]pu)\.ts"/g, '$1.js"');
if (rewritten.split('.js"').length !== 3) throw new Error("lib/internal/spawn.js does not name two workers");
writeFileSync(spawn, rewritten);

// Nor imports in the types, which then resolve for some settings of TypeScript only.
const lib = new URL("lib/", www);
for (const name of readdirSync(lib, { recursive: true }).filter((name) => name.endsWith(".d.ts"))) {
  const types = new URL(name, lib);
  writeFileSync(types, readFileSync(types, "utf8").replace(/((?:from |import\()"\.{1,2}\/[^"]+)\.ts"/g, '$1.js"'));
}
