// Packs the npm package, has two linters look at it, and installs it into a fresh Vite app and a fresh webpack app, each
// of which is built with its bundler's own settings and opened in a browser under a strict policy.
import { execFileSync } from "node:child_process";
import { cpSync, createReadStream, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "@playwright/test";

const www = fileURLToPath(new URL("../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "countersign-apps-"));
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; img-src 'self' blob:";
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".json": "application/json", ".wasm": "application/wasm" };

try {
  const tarball = join(folder, pack());
  run(www, "npx", "publint", "run", tarball, "--strict");
  // The package is for bundlers and browsers: modules only. What is no module has no types.
  const data = Object.keys(JSON.parse(readFileSync(join(www, "package.json"), "utf8")).exports).filter((path) => /\.\w+$/.test(path));
  run(www, "npx", "attw", tarball, "--profile", "esm-only", "--exclude-entrypoints", ...data);
  inBareNode(tarball);
  await inBrowser("vite", "dist", tarball);
  await inBrowser("webpack", ".", tarball);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function pack() {
  const [{ filename, size, unpackedSize }] = JSON.parse(execFileSync("npm", ["pack", "--json", "--silent", "--pack-destination", folder], { cwd: www }));
  console.log(`apps: ${filename}, ${megabytes(size)} MB packed, ${megabytes(unpackedSize)} MB unpacked`);
  return filename;
}

/** Importing does nothing by itself, where there is no document either. */
function inBareNode(tarball) {
  const app = install("node", tarball);
  run(app, "node", "--input-type=module", "-e", 'for (const path of ["", "/element", "/templates"]) await import("countersign" + path); console.log("apps: imported in Node");');
}

async function inBrowser(name, served, tarball) {
  const app = install(name, tarball);
  run(app, "npm", "run", "--silent", "build");
  const server = serve(join(app, served));
  await new Promise((resolve) => server.listen(0, "localhost", resolve));
  const origin = `http://localhost:${server.address().port}`;
  const browser = await chromium.launch({ executablePath: process.env.CHROME, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
  try {
    const page = await browser.newPage();
    const complaints = [];
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("request", (request) => new RegExp(`^(blob:)?${origin}/`).test(request.url()) || complaints.push(request.url()));
    await page.goto(origin);
    const output = page.locator("output");
    await output.filter({ hasText: /./ }).waitFor({ timeout: 120_000 });
    const text = await output.innerText();
    if (text !== '{"decision":"match","state":"empty"}' || complaints.length > 0) throw new Error([`${name} app: ${text}`, ...complaints].join("\n"));
    console.log(`apps: the ${name} app works`);
  } finally {
    await browser.close();
    server.close();
  }
}

function install(name, tarball) {
  const app = join(folder, name);
  cpSync(join(www, "test/apps", name), app, { recursive: true });
  run(app, "npm", "install", "--no-fund", "--no-audit", "--silent", tarball);
  return app;
}

function serve(root) {
  return createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const file = join(root, normalize(pathname.endsWith("/") ? `${pathname}index.html` : pathname));
    if (pathname === "/favicon.ico" || !statSync(file, { throwIfNoEntry: false })?.isFile()) {
      response.writeHead(pathname === "/favicon.ico" ? 204 : 404).end();
      return;
    }
    response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream", "content-security-policy": POLICY });
    createReadStream(file).pipe(response);
  });
}

function run(cwd, command, ...args) {
  execFileSync(command, args, { cwd, stdio: "inherit" });
}

function megabytes(bytes) {
  return (bytes / 1e6).toFixed(1);
}
