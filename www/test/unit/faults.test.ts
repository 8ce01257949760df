import { expect, test } from "vitest";
import { Faults } from "../../src/internal/faults.ts";
import { watchDevices } from "../../src/internal/lost.ts";

/** Dispatches what a worker's global scope would. */
function report(scope: EventTarget, message: string): void {
  scope.dispatchEvent(Object.assign(new Event("error", { cancelable: true }), { message }));
}

test("what works is passed through", async () => {
  const faults = new Faults(new EventTarget());
  await expect(faults.guard(async () => 7)).resolves.toBe(7);
});

test("a panic ends a call that would never settle", async () => {
  const scope = new EventTarget();
  const call = new Faults(scope).guard(() => new Promise<never>(() => undefined));
  report(scope, "unreachable");
  await expect(call).rejects.toMatchObject({ code: "device-failed" });
});

test("there is no result after a panic that the call did not notice", async () => {
  const scope = new EventTarget();
  const faults = new Faults(scope);
  const call = faults.guard(async () => {
    report(scope, "validation error");
    return 7;
  });
  await expect(call).rejects.toThrow("validation error");
  // The next call starts afresh; whether the device still works is for the Rust side to say.
  await expect(faults.guard(async () => 8)).resolves.toBe(8);
});

test("a lost device ends the call that waits and every later one", async () => {
  const faults = new Faults(new EventTarget());
  const call = faults.guard(() => new Promise<never>(() => undefined));
  faults.report("the graphics device was lost: unplugged");
  await expect(call).rejects.toMatchObject({ code: "device-failed" });
  await expect(faults.guard(async () => 8)).rejects.toThrow("unplugged");
});

test("a device that is handed out is watched until it is lost", async () => {
  let lose: (info: { message: string }) => void = () => undefined;
  const device = { lost: new Promise((resolve) => (lose = resolve)) } as unknown as GPUDevice;
  class Adapter {
    async requestDevice(): Promise<GPUDevice> {
      return device;
    }
  }
  const lost: string[] = [];
  watchDevices(Adapter, (why) => lost.push(why));
  expect(await new Adapter().requestDevice()).toBe(device);
  lose({ message: "driver restarted" });
  await device.lost;
  expect(lost).toEqual(["the graphics device was lost: driver restarted"]);
  watchDevices(undefined, () => undefined);
});
