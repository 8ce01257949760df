import { Countersign, type LoadOptions, type Progress } from "../public/index.ts";

export type EngineOptions = Pick<LoadOptions, "backend" | "weightsUrl">;

interface Shared {
  readonly loaded: Promise<Countersign>;
  /** Once it is loaded. */
  countersign?: Countersign;
  /** Who is told how far it is; nobody when it is there, or has failed. */
  listeners: Set<(progress: Progress) => void> | undefined;
}

const shared = new Map<string, Shared>();

/**
 * One checker for all elements of a page that ask for the same one; loaded when the first one needs it.
 *
 * A page that needs a checker beside them, to store templates for example, asks here with what their attributes say, and
 * loads nothing twice.
 */
export function sharedEngine(
  { backend = "auto", weightsUrl }: EngineOptions = {},
  onProgress?: (progress: Progress) => void,
): Promise<Countersign> {
  const key = JSON.stringify([backend, weightsUrl]);
  const known = shared.get(key);
  // A page may dispose of what it was given.
  const engine = known && !known.countersign?.disposed ? known : load(key, { backend, weightsUrl });
  if (onProgress) engine.listeners?.add(onProgress);
  return engine.loaded;
}

function load(key: string, options: EngineOptions): Shared {
  const tell = (progress: Progress): void => engine.listeners?.forEach((listener) => listener(progress));
  const engine: Shared = { loaded: Countersign.load({ ...options, onProgress: tell }), listeners: new Set() };
  shared.set(key, engine);
  // Where one file has failed, the others may still come in.
  const end = (): void => void (engine.listeners = undefined);
  engine.loaded.then(
    (countersign) => {
      end();
      engine.countersign = countersign;
    },
    () => {
      end();
      // The next signature tries again.
      if (shared.get(key) === engine) shared.delete(key);
    },
  );
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
