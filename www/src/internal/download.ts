import { CountersignError } from "../public/errors.ts";

/** Called with the bytes received so far. */
export type OnBytes = (loaded: number) => void;

/** Fetches `url`, or fails with `download-failed` and the reason in words. */
export async function open(url: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch (error) {
    init.signal?.throwIfAborted();
    throw downloadFailed(url, error instanceof Error ? error.message : String(error));
  }
  if (!response.ok) throw downloadFailed(url, `status ${response.status}`);
  return response;
}

/** A response's body, which must have `expected` bytes. More are not read. */
export async function bytes(response: Response, expected: number, onBytes: OnBytes): Promise<Uint8Array> {
  const { url } = response;
  const content = new Uint8Array(expected);
  let loaded = 0;
  try {
    for await (const chunk of chunks(response)) {
      if (loaded + chunk.byteLength > expected) throw downloadFailed(url, `it is longer than ${expected} bytes`);
      content.set(chunk, loaded);
      loaded += chunk.byteLength;
      onBytes(loaded);
    }
  } catch (error) {
    // A connection that breaks off is an error of the browser's; an abort is the caller's.
    if (error instanceof CountersignError || (error instanceof Error && error.name === "AbortError")) throw error;
    throw downloadFailed(url, error instanceof Error ? error.message : String(error));
  }
  if (loaded < expected) throw downloadFailed(url, `it ends after ${loaded} of ${expected} bytes`);
  return content;
}

/** A response's body as text, of `most` characters. More are not read. */
export async function text(response: Response, most: number): Promise<string> {
  const decoder = new TextDecoder();
  let read = "";
  for await (const chunk of chunks(response)) {
    read += decoder.decode(chunk, { stream: true });
    if (read.length > most) throw downloadFailed(response.url, `it is longer than ${most} characters`);
  }
  return read + decoder.decode();
}

/** The body piece by piece; not every browser's streams can be iterated. */
async function* chunks(response: Response): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (!reader) return;
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    // Tells the server to stop when the loop was left early; after the end it does nothing.
    reader.cancel().catch(() => undefined);
  }
}

export function downloadFailed(url: string, detail: string): CountersignError {
  const file = url.split(/[?#]/)[0]?.split("/").at(-1) || url;
  return new CountersignError(
    "download-failed",
    `${file} could not be downloaded (${detail}); check the connection and try again`,
  );
}
