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
  /** As in any text field: the form is to be sent. */
  enter(): void;
}

export function listen(element: HTMLElement, view: View, actions: Actions): void {
  const { surface, undo, clear, upload, file, type, draw, retry, name } = view;
  press(undo, surface, () => actions.undo());
  press(clear, surface, () => actions.clear());
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
  let told = true;
  const tell = (): void => {
    if (!told) actions.typedAll();
    told = true;
  };
  name.addEventListener("input", () => {
    told = false;
    actions.typed(name.value);
  });
  // A change event does not leave a shadow tree by itself; nor does Enter send a form from there.
  name.addEventListener("change", tell);
  name.addEventListener("keydown", (event) => {
    // In an input method it takes a suggestion; Safari tells that by the number alone.
    if (event.key !== "Enter" || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    tell();
    actions.enter();
  });
  surface.addEventListener("keydown", (event) => key(event, actions));
  receive(element, surface, { ready: () => actions.editable(), take: ([file]) => actions.take(file) });
}

/** What a button of the pad does. Where nothing is left to do the pad has the focus, which would be lost with the button's. */
export function press(button: HTMLButtonElement, pad: HTMLElement, act: () => void): void {
  button.addEventListener("click", () => {
    act();
    if (button.disabled) pad.focus();
  });
}

/**
 * Gives the focus to a pad that was drawn on, which signature_pad keeps the browser from doing. After the stroke and not before
 * it: a phone's keyboard goes with the focus of a text field, and the page may move then.
 */
export function hold(pad: HTMLElement): void {
  // No ring, which the browser may draw where a script moves the focus: the pen shows where it is, until a key is pressed.
  pad.classList.add("held");
  for (const end of ["keydown", "blur"]) pad.addEventListener(end, letGo);
  pad.focus({ preventScroll: true });
}

function letGo({ currentTarget }: Event): void {
  (currentTarget as HTMLElement).classList.remove("held");
}

/** The keys of a pad. */
export function key(event: KeyboardEvent, actions: Pick<Actions, "undo" | "clear">): void {
  const command = event.ctrlKey || event.metaKey;
  if (command && !event.shiftKey && event.key.toLowerCase() === "z") actions.undo();
  else if (!command && (event.key === "Delete" || event.key === "Backspace")) actions.clear();
  else return;
  event.preventDefault();
}
