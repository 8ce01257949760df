/** A file that is dropped beside the places for it: or else the browser opens it in place of the page and all that is on it. */
export function guardDrops(): void {
  addEventListener("dragover", (event) => {
    // A place that takes files has said so.
    if (event.defaultPrevented || !event.dataTransfer || !hasFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "none";
  });
  addEventListener("drop", (event) => {
    if (hasFiles(event)) event.preventDefault();
  });
}

/** Whether files are dragged, and no text or link. */
export function hasFiles({ dataTransfer }: DragEvent): boolean {
  return dataTransfer?.types.includes("Files") ?? false;
}
