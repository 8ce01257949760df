import { defineConfig, devices } from "@playwright/test";

/** Of the preview; another where that one is taken. */
const PORT = Number(process.env["PORT"] ?? 4174);

/** Chrome or Chromium on this machine; `build.sh` finds it. */
const executablePath = process.env["CHROME"];

/** Gives a machine without a graphics card a software adapter, and keeps the browser from its own errands. */
const args = [
  "--no-sandbox",
  "--enable-unsafe-webgpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
];

export default defineConfig({
  testDir: "test",
  testMatch: "*.spec.ts",
  outputDir: "test-results",
  // A software adapter on a small machine computes slowly, and slower beside another test.
  workers: 1,
  // Other programs of a shared machine may stop a browser for seconds; what fails twice is wrong.
  retries: 1,
  timeout: 300_000,
  expect: { timeout: 180_000 },
  reporter: "list",
  forbidOnly: Boolean(process.env["CI"]),
  use: {
    ...devices["Desktop Chrome"],
    baseURL: `http://localhost:${PORT}/`,
    launchOptions: { args, ...(executablePath ? { executablePath } : {}) },
    screenshot: "only-on-failure",
  },
  webServer: { command: `npx vite preview --port ${PORT} --strictPort`, port: PORT, reuseExistingServer: false },
  projects: [
    { name: "page", testIgnore: /(bench|server|firefox|record)\.spec\.ts/ },
    { name: "server", testMatch: "server.spec.ts" },
    { name: "firefox", testMatch: "firefox.spec.ts" },
    { name: "bench", testMatch: "bench.spec.ts" },
    { name: "record", testMatch: "record.spec.ts" },
  ],
});
