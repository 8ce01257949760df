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

/** Sets an attribute from a property, as `setAttribute` and `toggleAttribute` do; null and undefined take it away. */
export function reflect(element: Element, name: string, value: string | number | boolean | null | undefined): void {
  if (value === null || value === undefined || value === false) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? "" : String(value));
}

/**
 * Properties that were set before the element was defined hide those of its class: sets them once more, and `value` last,
 * of which others say whether it is taken.
 */
export function upgrade(element: HTMLElement): void {
  const isLast = ([name]: [string, unknown]): number => Number(name === "value");
  for (const [name, value] of Object.entries(element).sort((a, b) => isLast(a) - isLast(b))) {
    if (!(name in Object.getPrototypeOf(element))) continue;
    Reflect.deleteProperty(element, name);
    Reflect.set(element, name, value);
  }
}

/** Whether no other element of the page has the focus, so that this one may have it. */
export function mayTakeFocus(element: Element): boolean {
  const { activeElement, body } = document;
  return activeElement === null || activeElement === body || element.matches(":focus-within");
}

/** What Rust can read. */
export const IMAGE_TYPES = "image/png,image/jpeg,image/webp,image/bmp,image/tiff,image/gif";
