import { CountersignError } from "../public/errors.ts";

/** Called with the bytes received so far and the bytes expected, 0 while that is not known. */
export type OnBytes = (loaded: number, total: number) => void;

/** Fetches `url`, or fails with `download-failed` and the reason in words. */
export async function open(url: string, init?: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch (error) {
    throw downloadFailed(url, error instanceof Error ? error.message : String(error));
  }
  if (!response.ok) throw downloadFailed(url, `status ${response.status}`);
  return response;
}

/** The same response with its bytes counted as they come in. */
export function counted(response: Response, onBytes: OnBytes, total = announced(response)): Response {
  if (!response.body) return response;
  let loaded = 0;
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      loaded += chunk.byteLength;
      onBytes(loaded, total);
      controller.enqueue(chunk);
    },
  });
  return new Response(response.body.pipeThrough(counter), { headers: response.headers });
}

/** The body as bytes; a connection that breaks off gives `download-failed` too. */
export async function bytes(response: Response, url: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    throw downloadFailed(url, error instanceof Error ? error.message : String(error));
  }
}

/** The length a server announces counts compressed bytes when it compresses: then it is no use here. */
function announced(response: Response): number {
  if (response.headers.has("content-encoding")) return 0;
  return Number(response.headers.get("content-length") ?? 0);
}

function downloadFailed(url: string, detail: string): CountersignError {
  const file = new URL(url).pathname.split("/").at(-1) ?? url;
  return new CountersignError(
    "download-failed",
    `${file} could not be downloaded (${detail}); check the connection and load the page again`,
  );
}
