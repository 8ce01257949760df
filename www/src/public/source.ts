import type { Strokes } from "./types.ts";

/**
 * One signature, in any of the forms a page has it in. Files are decoded in Rust, never by the browser.
 *
 * It is taken as it is when a call is made: a canvas, pixels or strokes may be changed, and a bitmap closed, right after. Only
 * a file on disk has to stay as it is until the call has read it.
 */
export type Source = Blob | ImageData | ImageBitmap | HTMLCanvasElement | OffscreenCanvas | Strokes;
