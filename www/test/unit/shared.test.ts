import { beforeEach, expect, test, vi } from "vitest";
import { disposeSharedEngines, sharedEngine } from "../../src/element/engine.ts";
import { Countersign, type LoadOptions } from "../../src/public/index.ts";

const loads: { options: LoadOptions; finish: (loaded: Countersign) => void; fail: (error: Error) => void }[] = [];
const load = vi.spyOn(Countersign, "load").mockImplementation(
  (options = {}) => new Promise((finish, fail) => loads.push({ options, finish, fail })),
);
const made = () => ({ dispose: vi.fn() }) as unknown as Countersign;
const progress = { stage: "download", loaded: 1, total: 2 } as const;

beforeEach(() => {
  disposeSharedEngines();
  loads.length = 0;
  load.mockClear();
});

test("elements that ask for the same share one, and hear of it only until it is there", async () => {
  const heard = vi.fn();
  const first = sharedEngine({ backend: "cpu" }, heard);
  expect(sharedEngine({ backend: "cpu" }, () => undefined)).toBe(first);
  void sharedEngine({ backend: "auto" }, () => undefined);
  expect(load).toHaveBeenCalledTimes(2);
  const [{ options, finish }] = loads as [(typeof loads)[0]];
  options.onProgress?.(progress);
  finish(made());
  await first;
  const late = vi.fn();
  await sharedEngine({ backend: "cpu" }, late);
  options.onProgress?.(progress);
  expect(heard).toHaveBeenCalledOnce();
  expect(late).not.toHaveBeenCalled();
});

test("a page gets the one of its elements, in whatever order it says what they ask for", async () => {
  const { backend, weightsUrl } = { backend: "auto", weightsUrl: "/m/" } as const;
  expect(sharedEngine()).toBe(sharedEngine({ backend, weightsUrl: undefined }));
  expect(sharedEngine({ backend, weightsUrl })).toBe(sharedEngine({ weightsUrl, backend }));
  expect(load).toHaveBeenCalledTimes(2);
});

test("one that a page has disposed of is not given to anybody else", async () => {
  const first = sharedEngine({ backend: "cpu" });
  loads[0]?.finish({ disposed: false } as Countersign);
  const countersign = await first;
  expect(sharedEngine({ backend: "cpu" })).toBe(first);
  Object.assign(countersign, { disposed: true });
  const second = sharedEngine({ backend: "cpu" });
  expect(second).not.toBe(first);
  expect(sharedEngine({ backend: "cpu" })).toBe(second);
  expect(load).toHaveBeenCalledTimes(2);
});

test("one that failed is loaded again, and so is one that was disposed of", async () => {
  const heard = vi.fn();
  const failed = sharedEngine({ backend: "cpu" }, heard);
  loads[0]?.fail(new Error("offline"));
  await expect(failed).rejects.toThrow("offline");
  // Another file of it, which comes in all the same.
  loads[0]?.options.onProgress?.(progress);
  expect(heard).not.toHaveBeenCalled();
  const second = sharedEngine({ backend: "cpu" }, () => undefined);
  const countersign = made();
  loads[1]?.finish(countersign);
  await second;
  disposeSharedEngines();
  await vi.waitFor(() => expect(countersign.dispose).toHaveBeenCalledOnce());
  void sharedEngine({ backend: "cpu" }, () => undefined);
  expect(load).toHaveBeenCalledTimes(3);
});
