/** The worker: takes one request at a time from the page and answers it. All heavy work happens here. */
import { CountersignError } from "../public/errors.ts";
import type { Progress } from "../public/types.ts";
import { Faults } from "./faults.ts";
import { downloadModel } from "./model.ts";
import { loadModule } from "./modules.ts";
import type { Call, Calls, Loaded, Reply, Request } from "./protocol.ts";
import { start, type Started } from "./start.ts";

const faults = new Faults(self);
let started: Started | undefined;

self.onmessage = async ({ data: request }: MessageEvent<Request>) => {
  const { id } = request;
  try {
    const out = await answer(request, (progress) => reply({ id, kind: "progress", progress }));
    reply({ id, kind: "done", out });
  } catch (thrown) {
    const { code, message } = CountersignError.from(thrown, "worker-failed");
    reply({ id, kind: "failed", code, message });
  }
};

async function answer(request: Request, onProgress: (progress: Progress) => void): Promise<Calls[Call]["out"]> {
  switch (request.call) {
    case "load": {
      started?.checker.free();
      started = await start(request.in, { gpu: navigator.gpu, faults, loadModule, downloadModel }, onProgress);
      const { backend, reason, model } = started;
      return { backend, reason, model } satisfies Loaded;
    }
    case "enrol": {
      const { checker } = ready();
      return faults.guard(() => checker.enrol(request.in.inputs));
    }
    case "check": {
      const { checker } = ready();
      const { template, questioned, options } = request.in;
      return faults.guard(() => checker.check(template, questioned, options));
    }
  }
}

function ready(): Started {
  if (!started) throw new CountersignError("worker-failed", "no model is loaded; load it first");
  return started;
}

function reply(message: Reply): void {
  self.postMessage(message);
}
