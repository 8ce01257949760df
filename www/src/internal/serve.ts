/** A worker of one backend: takes one request at a time from the page and answers it. All heavy work happens here. */
import type { Checker, InitInput } from "../../wasm/countersign_cpu.js";
import { CountersignError } from "../public/errors.ts";
import type { Input } from "../public/types.ts";
import { Faults } from "./faults.ts";
import { watchDevices } from "./lost.ts";
import type { Call, Calls, Reply, Request } from "./protocol.ts";
import { toInput } from "./readback.ts";

/** What is used of a module's glue code; that of both backends is alike. */
export interface Glue {
  readonly default: (init: { module_or_path: InitInput | Promise<InitInput> }) => Promise<unknown>;
  readonly Checker: { load(manifest: string, weights: Uint8Array, golden: string): Promise<Checker> };
}

export function serve(glue: Glue): void {
  const faults = new Faults(self);
  watchDevices(globalThis.GPUAdapter, (why) => faults.report(why));
  let checker: Checker | undefined;

  function ready(): Checker {
    if (!checker) throw new CountersignError("worker-failed", "no model is loaded; load it first");
    return checker;
  }

  async function answer(request: Request): Promise<Calls[Call]["out"]> {
    switch (request.call) {
      case "load": {
        const { module, model } = request.in;
        await glue.default({ module_or_path: WebAssembly.compile(module as Uint8Array<ArrayBuffer>) });
        const made = await glue.Checker.load(model.manifest, model.weights, model.golden);
        checker = made;
        return { adapter: made.adapter, model: made.model };
      }
      case "enrol":
        return ready().enrol(request.in.inputs.map(toInput));
      case "check":
        return ready().check(request.in.template, toInput(request.in.questioned), request.in.options);
      case "identify":
        return ready().identify(request.in.templates, toInput(request.in.questioned), request.in.options);
      case "stages":
        return ready().stages(toInput(request.in.input));
      case "inspect":
        return ready().inspect(request.in.template);
      case "measure":
        return measure(ready());
    }
  }

  self.onmessage = async ({ data: request }: MessageEvent<Request>) => {
    const { id } = request;
    let reply: Reply;
    try {
      reply = { id, kind: "done", out: await faults.guard(() => answer(request)) };
    } catch (thrown) {
      const { code, message } = CountersignError.from(thrown, "device-failed");
      reply = { id, kind: "failed", code, message };
    }
    self.postMessage(reply);
  };
}

/** The first check compiles what the second one only runs. */
async function measure(checker: Checker): Promise<number> {
  const template = await checker.enrol([WAVE]);
  let start = 0;
  for (let turn = 0; turn < 2; turn += 1) {
    start = performance.now();
    await checker.check(template, WAVE);
  }
  return performance.now() - start;
}

const WAVE: Input = {
  kind: "strokes",
  strokes: [Array.from({ length: 120 }, (_, i) => ({ x: i, y: 20 * Math.sin(i / 6) * Math.cos(i / 17), t: 8 * i, pressure: 0.5 }))],
};
