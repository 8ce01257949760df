import { Countersign, type LoadOptions, type Progress } from "../public/index.ts";

export type EngineOptions = Pick<LoadOptions, "backend" | "weightsUrl" | "wasmUrl">;

interface Shared {
  readonly loaded: Promise<Countersign>;
  /** Who is told how far it is; nobody when it is there, or has failed. */
  listeners: Set<(progress: Progress) => void> | undefined;
}

/** One checker for all elements of a page that ask for the same one; loaded when the first one needs it. */
const shared = new Map<string, Shared>();

export function sharedEngine(options: EngineOptions, onProgress: (progress: Progress) => void): Promise<Countersign> {
  const key = JSON.stringify(options);
  const engine = shared.get(key) ?? load(key, options);
  engine.listeners?.add(onProgress);
  return engine.loaded;
}

function load(key: string, options: EngineOptions): Shared {
  const tell = (progress: Progress): void => engine.listeners?.forEach((listener) => listener(progress));
  const engine: Shared = { loaded: Countersign.load({ ...options, onProgress: tell }), listeners: new Set() };
  shared.set(key, engine);
  // Where one file has failed, the others may still come in.
  const end = (): void => void (engine.listeners = undefined);
  engine.loaded.then(end, () => {
    end();
    // The next signature tries again.
    if (shared.get(key) === engine) shared.delete(key);
  });
  return engine;
}

/**
 * Stops the checkers that the elements of this page share, and frees their memory: for an application that has left the
 * page with its form. The next signature loads one again.
 */
export function disposeSharedEngines(): void {
  for (const { loaded } of shared.values()) loaded.then((countersign) => countersign.dispose()).catch(() => undefined);
  shared.clear();
}

/** What the attributes `backend` and `weights-url` ask for. */
export function engineOptionsOf(element: Element): EngineOptions {
  const backend = element.getAttribute("backend");
  return {
    backend: backend === "cpu" || backend === "webgpu" ? backend : "auto",
    weightsUrl: element.getAttribute("weights-url") ?? undefined,
  };
}
