import type { Engine } from "./engine.ts";
import type { Pad } from "./pad.ts";

/** What all tabs share. */
export interface Context {
  readonly engine: Engine;
  readonly pad: Pad;
}
