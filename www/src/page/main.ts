/** The demo page: tabs over one engine. The first tab is there at once, the others are fetched when they are opened. */
import { CheckTab } from "./check/tab.ts";
import type { Context } from "./context.ts";
import { guardDrops } from "./drops.ts";
import { find } from "./element.ts";
import { Engine } from "./engine.ts";
import { Pad } from "./pad.ts";
import { Tabs } from "./tabs.ts";

const context: Context = { engine: new Engine(), pad: new Pad() };
guardDrops();
new CheckTab(context);
new Tabs(find("#tabs", HTMLElement), {
  batch: async (panel) => (await import("./batch/tab.ts")).open(panel, context),
  identify: async (panel) => (await import("./identify/tab.ts")).open(panel, context),
  how: async (panel) => (await import("./stages/tab.ts")).open(panel, context),
});
void context.engine.load();
