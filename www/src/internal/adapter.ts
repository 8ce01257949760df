/** Asks the browser whether it has a graphics adapter, before the larger module is downloaded for it. */

/** The part of `navigator.gpu` that is asked; undefined in a browser without WebGPU. */
export type Gpu = Pick<GPU, "requestAdapter"> | undefined;

export interface Answer {
  /** Why no adapter answers, in words; undefined when one does. */
  readonly missing?: string;
  /** The adapter is a program on the processor, which the CPU module outruns. */
  readonly software?: boolean;
}

/** Whether an adapter gives a device, and whether that computes right, is found out by the Rust side. */
export async function askForAdapter(gpu: Gpu): Promise<Answer> {
  if (!gpu) return { missing: "this browser, or this page's origin, offers no WebGPU" };
  try {
    const adapter = await gpu.requestAdapter();
    if (!adapter) return { missing: "the browser found none that it allows" };
    return { software: adapter.info?.isFallbackAdapter ?? false };
  } catch (error) {
    return { missing: error instanceof Error ? error.message : String(error) };
  }
}
