import type { Strokes } from "./types.ts";

/** One signature, in any of the forms a page has it in. Files are decoded in Rust, never by the browser. */
export type Source = Blob | ImageData | ImageBitmap | HTMLCanvasElement | OffscreenCanvas | Strokes;
