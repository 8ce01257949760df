/** The part of `GPUAdapter` that is watched; undefined in a browser without WebGPU. */
export type AdapterClass = { readonly prototype: Pick<GPUAdapter, "requestDevice"> } | undefined;

/**
 * Tells when a device that Rust opened is lost: the driver restarted, the card was unplugged, the computer slept.
 *
 * A call that waits for a lost device may wait for ever, and the device belongs to the wgpu crate, which tells
 * nobody outside: so it is noted here as it is handed out.
 */
export function watchDevices(adapters: AdapterClass, onLost: (why: string) => void): void {
  if (!adapters) return;
  const { prototype } = adapters;
  const { requestDevice } = prototype;
  prototype.requestDevice = async function (this: GPUAdapter, ...options) {
    const device = await requestDevice.apply(this, options);
    void device.lost.then(({ reason, message }) => {
      // Rust gives back the device that it tries the adapter with: that is no loss.
      if (reason !== "destroyed") onLost(`the graphics device was lost: ${message || "no reason given"}`);
    });
    return device;
  };
}
