import { readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";

/** The policy of index.html as a header too: a worker obeys headers, not the meta tag of its page. */
const policy = /content="(default-src [^"]+)"/.exec(readFileSync(new URL("index.html", import.meta.url), "utf8"))?.[1];
if (!policy) throw new Error("index.html has no Content-Security-Policy");

export default defineConfig({
  // Relative addresses: the built page works in any folder of a server.
  base: "./",
  // A missing file is a 404 and not the page once more.
  appType: "mpa",
  build: {
    target: "es2022",
    // No data: addresses, which the policy does not allow.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // The pages, the measurement, and the modules that another page imports, under names that stay.
      input: {
        index: "index.html",
        form: "form.html",
        bench: "bench.html",
        countersign: "src/public/index.ts",
        "countersign-element": "src/element/index.ts",
        "countersign-templates": "src/public/templates.ts",
      },
      preserveEntrySignatures: "exports-only",
      output: {
        entryFileNames: ({ name }) => (name.startsWith("countersign") ? "[name].js" : "assets/[name]-[hash].js"),
      },
    },
  },
  worker: { format: "es" },
  preview: { host: "localhost", port: 4173, headers: { "Content-Security-Policy": policy } },
  test: { include: ["test/unit/*.test.ts"] },
});
