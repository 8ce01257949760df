import { ENGLISH, markOf, type Strings, stringsFor } from "./strings.ts";

/** What an element says: in the language of its place in the page, or as the page wants it said. */
export class Language {
  readonly #element: Element;
  readonly #changed: () => void;
  readonly #page = new MutationObserver(() => void this.update());
  #strings: Strings = ENGLISH;
  #own: Partial<Strings> = {};
  #mark: string | null = null;

  constructor(element: Element, changed: () => void) {
    this.#element = element;
    this.#changed = changed;
  }

  get strings(): Strings {
    return this.#strings;
  }

  /** The language that the strings have to be marked with; null where they are in that of the place. */
  get mark(): string | null {
    return this.#mark;
  }

  /** The language of the element's place in the page; empty where nothing says it. */
  get place(): string {
    return languageOf(this.#element);
  }

  /** What the page wants said instead. */
  get own(): Partial<Strings> {
    return this.#own;
  }

  set own(own: Partial<Strings> | null | undefined) {
    this.#own = own ?? {};
    void this.update();
  }

  /** Follows the page's language, until `disconnect`. */
  connect(): void {
    this.#page.observe(document.documentElement, { attributeFilter: ["lang"] });
    void this.update();
  }

  disconnect(): void {
    this.#page.disconnect();
  }

  /** The language may be another: gets its strings. */
  async update(): Promise<void> {
    const language = languageOf(this.#element);
    const strings = await stringsFor(language);
    if (language !== languageOf(this.#element)) return;
    this.#mark = markOf(strings, language, this.#own);
    this.#strings = { ...strings, ...this.#own, reasons: { ...strings.reasons, ...this.#own.reasons } };
    this.#changed();
  }
}

/** The language of an element: its own, that of an ancestor or of a shadow tree's host, or the page's. */
function languageOf(element: Element): string {
  for (let at: Element | undefined = element; at; at = hostOf(at)) {
    const found = at.closest("[lang]");
    if (found) return found.getAttribute("lang") ?? "";
  }
  return "";
}

function hostOf(element: Element): Element | undefined {
  const root = element.getRootNode();
  return root instanceof ShadowRoot ? root.host : undefined;
}
