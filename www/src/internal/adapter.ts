/** Asks the browser whether it has a graphics adapter, before the larger module is downloaded for it. */

/** The part of `navigator.gpu` that is asked; undefined in a browser without WebGPU. */
export type Gpu = Pick<GPU, "requestAdapter"> | undefined;

/**
 * Why no adapter answers, in words; undefined when one does. Whether it gives a device, and whether that
 * computes right, is found out by the Rust side.
 */
export async function whyNoAdapter(gpu: Gpu): Promise<string | undefined> {
  if (!gpu) return "this browser, or this page's origin, offers no WebGPU";
  try {
    return (await gpu.requestAdapter()) ? undefined : "the browser found none that it allows";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
