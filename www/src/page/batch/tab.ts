/** The batch tab: a folder of signatures, compared here, and the error rates of that. */
import "./style.css";
import { CountersignError, MOST_REFERENCES } from "../../public/index.ts";
import { errorView } from "../check/result.ts";
import type { Context } from "../context.ts";
import { hasFiles } from "../drops.ts";
import { element } from "../element.ts";
import { timed } from "../timed.ts";
import { sentence } from "../words.ts";
import { chosen, dropped } from "./folder.ts";
import { type Found, LayoutError, MOST_FILES, type Writer, writersIn } from "./layout.ts";
import { reportView } from "./report.ts";
import { run } from "./run.ts";

const REFERENCES = 3;

export async function open(panel: HTMLElement, { engine }: Context): Promise<void> {
  let writers: readonly Writer[] = [];
  let running: AbortController | undefined;
  /** Counts the folders that were given: one that takes longer to read than the next is dropped. */
  let choice = 0;

  const input = element("input", { type: "file", webkitdirectory: true });
  const found = element("p", { role: "status", class: "found" });
  const counts = Array.from({ length: MOST_REFERENCES }, (_, index) => element("option", {}, String(index + 1)));
  const references = element("select", {}, ...counts);
  references.value = String(REFERENCES);
  const start = element("button", { type: "button", class: "primary" }, "Compute");
  const cancel = element("button", { type: "button", hidden: true }, "Cancel");
  const bar = element("progress", { max: "1", hidden: true, "aria-label": "Files done" });
  /** Beside the status, of which every change is read out. */
  const amount = element("p", {});
  const status = element("p", { role: "status" });
  const result = element("section", { class: "panel report", "aria-label": "Report" });
  const folder = element(
    "section",
    { class: "panel", "aria-labelledby": "folder-title" },
    element("h2", { id: "folder-title" }, "A folder of signatures"),
    element("p", {}, "Drop a folder here, or choose one, in which each writer has a folder with two in it:"),
    element("pre", { class: "layout" }, "anna/genuine/1.png, 2.png \u2026\nanna/forged/1.png \u2026\nben/genuine/1.png \u2026"),
    element("div", { class: "actions" }, element("label", { class: "button" }, "Choose a folder", input)),
    found,
    element("div", { class: "settings" }, element("label", {}, "References a writer ", references), start, cancel),
    bar,
    amount,
    status,
    element(
      "p",
      { class: "hint" },
      `The first genuine signatures of a writer are the references, all others are questioned. At most ${MOST_FILES.toLocaleString("en")} files of 32 MiB; nothing is sent anywhere.`,
    ),
  );

  function update(): void {
    start.disabled = writers.length === 0 || !engine.loaded || running !== undefined;
    references.disabled = running !== undefined;
    input.disabled = running !== undefined;
    cancel.hidden = bar.hidden = running === undefined;
  }

  async function take(files: Promise<Found[]> | Found[]): Promise<void> {
    if (running) return;
    choice += 1;
    const mine = choice;
    result.replaceChildren();
    found.textContent = status.textContent = "";
    writers = [];
    update();
    try {
      const read = writersIn(await files);
      if (mine !== choice) return;
      writers = read;
      const sum = (kind: "genuine" | "forged"): number => writers.reduce((all, writer) => all + writer[kind].length, 0);
      found.textContent = `${writers.length} writers, ${sum("genuine")} genuine and ${sum("forged")} forged signatures.`;
    } catch (thrown) {
      if (mine !== choice) return;
      const detail = thrown instanceof Error ? thrown.message : String(thrown);
      found.textContent = sentence(thrown instanceof LayoutError ? detail : `the folder cannot be read (${detail})`);
    }
    update();
  }

  async function compute(): Promise<void> {
    const countersign = engine.loaded;
    if (!countersign || running) return;
    const mine = new AbortController();
    running = mine;
    result.replaceChildren();
    update();
    cancel.focus();
    status.textContent = "Comparing the signatures.";
    const began = performance.now();
    const onProgress = (done: number, total: number): void => {
      bar.value = done / total;
      const left = ((performance.now() - began) / done) * (total - done);
      amount.textContent = `${done} of ${total} files, about ${Math.ceil(left / 1000)} s left`;
    };
    try {
      const asked = { references: Number(references.value), signal: mine.signal, onProgress };
      const { value, ms } = await timed(() => run(countersign, writers, asked));
      status.textContent = "Done.";
      result.replaceChildren(...reportView(value, { model: countersign.modelId, backend: countersign.backend, seconds: ms / 1000 }));
    } catch (thrown) {
      status.textContent = mine.signal.aborted ? "Cancelled." : "";
      if (!mine.signal.aborted) result.replaceChildren(...errorView(CountersignError.from(thrown, "worker-failed")));
    }
    running = undefined;
    bar.removeAttribute("value");
    amount.textContent = "";
    update();
    start.focus();
  }

  input.addEventListener("change", () => {
    // The list goes when the input is emptied, which lets the same folder be chosen again.
    const files = chosen(input.files);
    input.value = "";
    if (files.length > 0) void take(files);
  });
  folder.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    folder.classList.add("target");
  });
  folder.addEventListener("dragleave", () => folder.classList.remove("target"));
  folder.addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    folder.classList.remove("target");
    // Not read while another one is compared.
    if (!running) void take(dropped(event.dataTransfer));
  });
  start.addEventListener("click", () => void compute());
  cancel.addEventListener("click", () => running?.abort());
  engine.listen({ onChange: update });
  panel.replaceChildren(folder, result);
  update();
}
