import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Host, Session } from "../../src/element/session.ts";
import type { Encoded } from "../../src/element/picture.ts";
import { type CheckOptions, CountersignError, type Template, type Verdict } from "../../src/public/index.ts";

const strokes = [[{ x: 0, y: 0 }, { x: 9, y: 9 }]];
const drawn = { kind: "strokes", strokes } as const;
const verdict = { decision: "match", quality: [] as Verdict["quality"] } as Verdict;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface Given {
  readonly template?: Template | null;
  readonly check?: () => Promise<Verdict>;
  readonly encode?: () => Promise<Encoded>;
  /** Is told of each change. */
  readonly heard?: () => void;
}

const encoded: Encoded = { type: "image/png", data: "" };

function session(given: Given = {}) {
  const seen: string[] = [];
  const check = vi.fn(async (_: Template, __: unknown, options?: CheckOptions) => {
    options?.signal?.throwIfAborted();
    return (given.check ?? (async () => verdict))();
  });
  const host: Host & { template: Template | null } = {
    template: given.template === undefined ? new Uint8Array(3) : given.template,
    options: { far: 0.02 },
    engine: async () => ({ check }),
    encode: given.encode ?? (async () => encoded),
    changed: () => {
      seen.push(made.status.state);
      given.heard?.();
    },
  };
  const made = new Session(host);
  return { session: made, seen, check, host };
}

describe("a signature on the pad", () => {
  test("is checked a moment after the last stroke, once", async () => {
    const { session: field, seen, check } = session();
    field.set(drawn);
    await vi.advanceTimersByTimeAsync(500);
    field.set(drawn);
    await vi.advanceTimersByTimeAsync(500);
    expect(check).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(500);
    expect(check).toHaveBeenCalledOnce();
    expect(check.mock.calls[0]![2]).toMatchObject({ far: 0.02 });
    expect(field.status).toMatchObject({ state: "match", judged: { verdict } });
    expect(new Set(seen)).toEqual(new Set(["pending", "match"]));
  });

  test("that goes on while it is checked has no verdict from the first part", async () => {
    let answer: (verdict: Verdict) => void = () => undefined;
    const { session: field, check } = session({ check: () => new Promise((resolve) => (answer = resolve)) });
    field.set(drawn);
    await vi.advanceTimersByTimeAsync(800);
    field.interrupt();
    const { signal } = check.mock.calls[0]![2]!;
    expect(signal?.aborted).toBe(true);
    expect(field.status.state).toBe("pending");
    // The real checker rejects; even one that answered would not be heard.
    answer(verdict);
    await vi.advanceTimersByTimeAsync(5000);
    expect(field.status.state).toBe("pending");
  });

  test("is not checked while a stroke of it is drawn, whatever the page sets or asks meanwhile", async () => {
    for (const before of [{ kind: "empty" } as const, drawn]) {
      const { session: field, seen, check } = session();
      field.set(before);
      field.interrupt();
      seen.length = 0;
      field.again();
      await field.checkNow();
      await vi.advanceTimersByTimeAsync(5000);
      expect(check).not.toHaveBeenCalled();
      expect(seen).toEqual([]);
      expect(field.status.state).toBe("pending");
      // The stroke ends, or the browser takes the finger over.
      field.set(before === drawn ? { kind: "strokes", strokes: [...strokes, ...strokes] } : before);
      field.again();
      await vi.advanceTimersByTimeAsync(800);
      expect(field.status.state).toBe(before === drawn ? "match" : "empty");
    }
  });

  test("whose field left the page under the pen is checked as it was", async () => {
    const { session: field } = session();
    field.set(drawn);
    field.interrupt();
    field.stop();
    field.again();
    await vi.advanceTimersByTimeAsync(800);
    expect(field.status.state).toBe("match");
  });

  test("is checked though whoever heard of it broke down", async () => {
    const heard = vi.fn().mockImplementationOnce(() => {
      throw new Error("of the page");
    });
    const { session: field } = session({ heard });
    expect(() => field.set(drawn)).toThrow("of the page");
    await vi.advanceTimersByTimeAsync(800);
    expect(field.status.state).toBe("match");
  });

  test("has no verdict without a template, and one as soon as there is", async () => {
    const { session: field, check, host } = session({ template: null });
    field.set(drawn);
    await vi.advanceTimersByTimeAsync(800);
    expect(field.status.state).toBe("unchecked");
    expect(check).not.toHaveBeenCalled();
    host.template = new Uint8Array(3);
    field.again();
    await vi.advanceTimersByTimeAsync(800);
    expect(field.status.state).toBe("match");
  });

  test("that is refused is an error with its code, and no verdict", async () => {
    const { session: field } = session({
      check: async () => {
        throw new CountersignError("too-little-ink", "there is too little ink");
      },
    });
    field.set(drawn);
    await vi.advanceTimersByTimeAsync(800);
    expect(field.status).toMatchObject({ state: "error", error: { code: "too-little-ink" } });
    expect(field.judged).toBeUndefined();
  });
});

test("a picture is checked at once", async () => {
  const { session: field, check } = session();
  field.set({ kind: "image", file: new Blob(["x"]) });
  await vi.advanceTimersByTimeAsync(1);
  expect(check).toHaveBeenCalledOnce();
});

test("a picture is pending until what is sent of it is there, with a template and without", async () => {
  for (const template of [new Uint8Array(3), null]) {
    let finish: (made: Encoded) => void = () => undefined;
    const { session: field } = session({ template, encode: () => new Promise((resolve) => (finish = resolve)) });
    field.set({ kind: "image", file: new Blob(["x"]) });
    await vi.advanceTimersByTimeAsync(5000);
    expect(field.status.state).toBe("pending");
    finish(encoded);
    await vi.advanceTimersByTimeAsync(1);
    expect(field.status.state).toBe(template ? "match" : "unchecked");
    expect(field.content).toMatchObject({ kind: "image", encoded });
  }
});

test("a picture that cannot be sent is an error, whatever the check says", async () => {
  const encode = async (): Promise<Encoded> => {
    throw new CountersignError("unreadable-file", "it was moved");
  };
  const { session: field } = session({ encode });
  field.set({ kind: "image", file: new Blob(["x"]) });
  await vi.advanceTimersByTimeAsync(1);
  expect(field.status).toMatchObject({ state: "error", error: { code: "unreadable-file" } });
});

test("a picture that the check refuses is not decoded; one that the checker fails on is kept", async () => {
  for (const [code, decoded] of [["image-too-large", 0], ["download-failed", 1]] as const) {
    const encode = vi.fn(async () => encoded);
    const { session: field } = session({ encode, check: () => Promise.reject(new CountersignError(code, "no")) });
    field.set({ kind: "image", file: new Blob(["x"]) });
    await vi.advanceTimersByTimeAsync(1);
    expect(field.status).toMatchObject({ state: "error", error: { code } });
    expect(encode).toHaveBeenCalledTimes(decoded);
  }
});

test("a typed name is not checked, and is none while it is blank", async () => {
  const { session: field, check } = session();
  field.set({ kind: "typed", name: "  " });
  expect(field.status.state).toBe("empty");
  field.set({ kind: "typed", name: "Ada" });
  expect(field.status.state).toBe("skipped");
  await vi.advanceTimersByTimeAsync(2000);
  expect(check).not.toHaveBeenCalled();
});
