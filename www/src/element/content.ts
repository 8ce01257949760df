/** What a field holds before it is checked, and the JSON that a form sends of it. */
import type { Source, Strokes, Verdict } from "../public/index.ts";

export type Content =
  | { readonly kind: "empty" }
  | { readonly kind: "strokes"; readonly strokes: Strokes }
  | { readonly kind: "image"; readonly file: Blob }
  /** A name in place of a signature; nothing is compared. */
  | { readonly kind: "typed"; readonly name: string };

/** The form value of `<signature-check>`, as JSON. */
export interface FieldValue {
  /** `image` is an image file in base64: PNG, or the file as it was where the browser cannot show it. */
  readonly signature:
    | { readonly kind: "strokes"; readonly strokes: Strokes }
    | { readonly kind: "image"; readonly type: string; readonly data: string }
    | { readonly kind: "typed"; readonly name: string };
  /** Null while it is being checked, after an error, and for a typed name. */
  readonly verdict: Omit<Verdict, "heatmap"> | null;
  /** Name and hash of the model that gave the verdict. */
  readonly model: string | null;
  /** When the verdict was given, as ISO 8601. */
  readonly time: string | null;
  /** The signer has chosen to type a name instead of having a signature checked. */
  readonly skipped: boolean;
}

export interface Judged {
  readonly verdict: Verdict;
  readonly time: string;
}

/** The longer side of a picture in the value; the check has had the file itself. */
const MOST_SIDE = 1600;

/** The JSON of a field; empty for an empty one. */
export async function toValue(content: Content, judged: Judged | undefined): Promise<string> {
  if (content.kind === "empty") return "";
  const { heatmap: _, ...verdict } = judged?.verdict ?? {};
  const value: FieldValue = {
    signature: content.kind === "image" ? await picture(content.file) : content,
    verdict: judged ? (verdict as FieldValue["verdict"]) : null,
    model: judged?.verdict.model ?? null,
    time: judged?.time ?? null,
    skipped: content.kind === "typed",
  };
  return JSON.stringify(value);
}

/** What a value was made of. A verdict that comes with it is not believed: the content is checked again. */
export async function fromValue(json: string): Promise<Content> {
  if (json === "") return { kind: "empty" };
  try {
    const { signature } = JSON.parse(json) as FieldValue;
    switch (signature.kind) {
      case "strokes":
        if (!signature.strokes.every(isStroke)) break;
        return { kind: "strokes", strokes: signature.strokes };
      case "image": {
        const bytes = Uint8Array.from(atob(signature.data), (letter) => letter.charCodeAt(0));
        return { kind: "image", file: new Blob([bytes], { type: signature.type }) };
      }
      case "typed":
        return { kind: "typed", name: String(signature.name) };
    }
  } catch {
    // What is no value of this element's leaves it empty.
  }
  return { kind: "empty" };
}

function isStroke(stroke: unknown): boolean {
  const isPoint = (point: unknown): boolean =>
    typeof point === "object" && point !== null && ["x", "y"].every((axis) => Number.isFinite((point as never)[axis]));
  return Array.isArray(stroke) && stroke.length > 0 && stroke.every(isPoint);
}

export function toSource(content: Content): Source | undefined {
  if (content.kind === "strokes") return content.strokes;
  return content.kind === "image" ? content.file : undefined;
}

/** A file as PNG, scaled down; as it is where the browser cannot read it. */
async function picture(file: Blob): Promise<FieldValue["signature"]> {
  const png = await toPng(file).catch(() => file);
  return { kind: "image", type: png.type, data: await base64(png) };
}

/** Decoding and encoding run outside the page's thread. */
async function toPng(file: Blob): Promise<Blob> {
  const full = await createImageBitmap(file);
  const share = Math.min(1, MOST_SIDE / Math.max(full.width, full.height));
  const [width, height] = [Math.round(full.width * share), Math.round(full.height * share)];
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d")?.drawImage(full, 0, 0, width, height);
  full.close();
  return canvas.convertToBlob({ type: "image/png" });
}

function base64(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).split(",")[1] ?? "");
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
