/** The page's tabs, after the pattern of the ARIA authoring practices; what is behind one is loaded when it is opened. */
import { find } from "./element.ts";

/** Fills a panel; called once, when its tab is opened first. */
export type Open = (panel: HTMLElement) => Promise<void>;

export class Tabs {
  readonly #tabs: readonly HTMLButtonElement[];
  readonly #open: ReadonlyMap<string, Open>;
  readonly #opened = new Set<string>();

  /** `open`: by the name of a tab, which is also what the address has after `#`. Others are open already. */
  constructor(list: HTMLElement, open: Readonly<Record<string, Open>>) {
    this.#tabs = [...list.querySelectorAll<HTMLButtonElement>("[role=tab]")];
    this.#open = new Map(Object.entries(open));
    for (const tab of this.#tabs) tab.addEventListener("click", () => this.#choose(tab));
    list.addEventListener("keydown", (event) => this.#key(event));
    addEventListener("hashchange", () => this.#follow());
    this.#follow();
  }

  /** To the tab that the address names. */
  #follow(): void {
    const named = this.#tabs.find((tab) => nameOf(tab) === location.hash.slice(1));
    if (named) this.#choose(named);
  }

  #key(event: KeyboardEvent): void {
    const at = this.#tabs.findIndex((tab) => tab === document.activeElement);
    const next = neighbour(event.key, at, this.#tabs.length);
    const tab = next === undefined ? undefined : this.#tabs[next];
    if (!tab || at < 0) return;
    event.preventDefault();
    tab.focus();
    this.#choose(tab);
  }

  #choose(chosen: HTMLButtonElement): void {
    for (const tab of this.#tabs) {
      tab.ariaSelected = String(tab === chosen);
      tab.tabIndex = tab === chosen ? 0 : -1;
      panelOf(tab).hidden = tab !== chosen;
    }
    const name = nameOf(chosen);
    // A visitor who comes back, or is sent a link, finds the same tab.
    if (location.hash.slice(1) !== name) history.replaceState(null, "", `#${name}`);
    void this.#fill(name, panelOf(chosen));
  }

  async #fill(name: string, panel: HTMLElement): Promise<void> {
    const open = this.#open.get(name);
    if (!open || this.#opened.has(name)) return;
    this.#opened.add(name);
    try {
      await open(panel);
    } catch (error) {
      this.#opened.delete(name);
      const detail = error instanceof Error ? error.message : String(error);
      panel.textContent = `This part of the page could not be loaded (${detail}). Choose the tab again to try once more.`;
    }
  }
}

/** Which of `count` tabs a key leads to from the one at `at`; undefined for keys that lead nowhere. */
export function neighbour(key: string, at: number, count: number): number | undefined {
  switch (key) {
    case "ArrowRight":
      return (at + 1) % count;
    case "ArrowLeft":
      return (at - 1 + count) % count;
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return undefined;
  }
}

function nameOf(tab: HTMLElement): string {
  return tab.id.replace(/^tab-/, "");
}

function panelOf(tab: HTMLElement): HTMLElement {
  return find(`#${tab.getAttribute("aria-controls")}`, HTMLElement);
}
