/** Pictures that are pasted into an element, or dropped on it. */

export interface Taker {
  /** Whether a picture is taken now. */
  ready(): boolean;
  take(pictures: readonly File[]): void;
}

export function receive(element: HTMLElement, surface: HTMLElement, { ready, take }: Taker): void {
  element.addEventListener("paste", (event) => {
    const pictures = picturesIn(event.clipboardData);
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
    const pictures = picturesIn(event.dataTransfer);
    if (pictures.length > 0 && ready()) take(pictures);
  });
}

function picturesIn(data: DataTransfer | null): File[] {
  return [...(data?.files ?? [])].filter(({ type }) => type.startsWith("image/"));
}
