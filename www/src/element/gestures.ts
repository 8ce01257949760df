/** What a person does to `<signature-check>` apart from drawing: buttons, keys, files, a typed name. */
import { receive } from "./incoming.ts";
import type { View } from "./view.ts";

export interface Actions {
  editable(): boolean;
  undo(): void;
  clear(): void;
  /** A file was chosen, pasted or dropped. */
  take(file: File | undefined): void;
  typeInstead(): void;
  /** The same signature once more, after an error that may have passed. */
  retry(): void;
  /** A letter of the name; its `input` event goes on to the page by itself. */
  typed(name: string): void;
  /** The name is complete. */
  typedAll(): void;
}

export function listen(element: HTMLElement, view: View, actions: Actions): void {
  const { surface, undo, clear, upload, file, type, draw, retry, name } = view;
  undo.addEventListener("click", () => actions.undo());
  clear.addEventListener("click", () => actions.clear());
  upload.addEventListener("click", () => file.click());
  // It would leave the shadow tree before the file is taken.
  file.addEventListener("input", (event) => event.stopPropagation());
  file.addEventListener("change", () => {
    actions.take(file.files?.[0]);
    // So that the same file can be chosen again.
    file.value = "";
  });
  type.addEventListener("click", () => {
    actions.typeInstead();
    name.focus();
  });
  draw.addEventListener("click", () => {
    actions.clear();
    surface.focus();
  });
  retry.addEventListener("click", () => {
    // The button goes while it is checked.
    surface.focus();
    actions.retry();
  });
  name.addEventListener("input", () => actions.typed(name.value));
  // A change event does not leave a shadow tree by itself.
  name.addEventListener("change", () => actions.typedAll());
  surface.addEventListener("keydown", (event) => key(event, actions));
  receive(element, surface, { ready: () => actions.editable(), take: ([picture]) => actions.take(picture) });
}

/** The keys of a pad. */
export function key(event: KeyboardEvent, actions: Pick<Actions, "undo" | "clear">): void {
  const command = event.ctrlKey || event.metaKey;
  if (command && !event.shiftKey && event.key.toLowerCase() === "z") actions.undo();
  else if (!command && (event.key === "Delete" || event.key === "Backspace")) actions.clear();
  else return;
  event.preventDefault();
}
