/** The identify tab: people and their signatures, and a playground of symbols. */
import "./style.css";
import type { Context } from "../context.ts";
import { people } from "./people.ts";
import { symbols } from "./symbols.ts";

export async function open(panel: HTMLElement, context: Context): Promise<void> {
  panel.replaceChildren(...people(context), symbols());
}
