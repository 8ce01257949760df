import { Countersign, type LoadOptions, type Progress } from "../public/index.ts";

export type EngineOptions = Pick<LoadOptions, "backend" | "weightsUrl" | "wasmUrl">;

interface Shared {
  readonly loaded: Promise<Countersign>;
  readonly listeners: Set<(progress: Progress) => void>;
}

/** One checker for all elements of a page that ask for the same one; loaded when the first one needs it. */
const shared = new Map<string, Shared>();

export function sharedEngine(options: EngineOptions, onProgress: (progress: Progress) => void): Promise<Countersign> {
  const key = JSON.stringify(options);
  let engine = shared.get(key);
  if (!engine) {
    const listeners: Shared["listeners"] = new Set();
    const loaded = Countersign.load({ ...options, onProgress: (progress) => listeners.forEach((tell) => tell(progress)) });
    engine = { loaded, listeners };
    shared.set(key, engine);
    loaded.then(
      () => listeners.clear(),
      // The next signature tries again.
      () => shared.delete(key),
    );
  }
  engine.listeners.add(onProgress);
  return engine.loaded;
}
