/** Small helpers for the elements' shadow trees. */

/** In Node there are no elements: there the classes can be imported, not made. */
export const BaseElement: typeof HTMLElement = globalThis.HTMLElement ?? (class {} as unknown as typeof HTMLElement);

type Attributes = Readonly<Record<string, string>>;

export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export function button(part: string): HTMLButtonElement {
  return make("button", { type: "button", part: `button ${part}` });
}

/** A style sheet for a shadow tree; unlike a style element it needs no permission of the page's policy. */
export function styleSheet(css: string): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  return sheet;
}

/** The language of an element: its own, an ancestor's, or the page's. */
export function languageOf(element: Element): string {
  return element.closest("[lang]")?.getAttribute("lang") ?? "en";
}

/** The first image of a paste or a drop. */
export function imageIn(data: DataTransfer | null): File | undefined {
  return [...(data?.files ?? [])].find(({ type }) => type.startsWith("image/"));
}

/** What Rust can read. */
export const IMAGE_TYPES = "image/png,image/jpeg,image/webp,image/bmp,image/tiff,image/gif";
