/** Pictures that are pasted into an element, or files dropped on it. */

export interface Taker {
  /** Whether a picture is taken now. */
  ready(): boolean;
  /** Pictures come first. */
  take(files: readonly File[]): void;
}

export function receive(element: HTMLElement, surface: HTMLElement, { ready, take }: Taker): void {
  element.addEventListener("paste", (event) => {
    const pictures = filesOf(event.clipboardData).filter(isPicture);
    // Text is for the field that has the focus; some programs put a picture of it beside it.
    const isText = event.composedPath()[0] instanceof HTMLInputElement || event.clipboardData?.types.includes("text/plain");
    if (pictures.length === 0 || isText) return;
    event.preventDefault();
    if (ready()) take(pictures);
  });
  element.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    // Or else the browser opens the file in place of the page, also where nothing is taken.
    event.preventDefault();
    event.dataTransfer.dropEffect = ready() ? "copy" : "none";
    surface.classList.toggle("target", ready());
  });
  element.addEventListener("dragleave", () => surface.classList.remove("target"));
  element.addEventListener("drop", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    surface.classList.remove("target");
    // What is no picture is taken, too: who dropped it hears so.
    const files = filesOf(event.dataTransfer).sort((a, b) => Number(isPicture(b)) - Number(isPicture(a)));
    if (files.length > 0 && ready()) take(files);
  });
}

function filesOf(data: DataTransfer | null): File[] {
  return [...(data?.files ?? [])];
}

/** As far as the browser knows. */
function isPicture({ type }: File): boolean {
  return type.startsWith("image/");
}
