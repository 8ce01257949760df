/**
 * The download of the model, in a bar beside the live region: a reader hears that it begins and that it has ended, not
 * every percent.
 */
import type { Progress } from "../public/index.ts";
import { make } from "./dom.ts";

export function progressBar(): HTMLProgressElement {
  return make("progress", { part: "progress", class: "progress", max: "1", hidden: "" });
}

/** Whether the checker is being loaded; the rest takes a moment. */
export function isLoading(progress: Progress | undefined): boolean {
  return progress?.stage === "download" || progress?.stage === "start";
}

export function showProgress(bar: HTMLProgressElement, progress: Progress | undefined, label: string): void {
  bar.hidden = !isLoading(progress);
  bar.ariaLabel = label;
  if (!progress || bar.hidden) return;
  const { stage, loaded, total } = progress;
  bar.value = stage === "download" && total > 0 ? loaded / total : 1;
}
