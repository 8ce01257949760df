/** What a field holds before it is checked, and the JSON that a form sends of it. */
import type { Source, Strokes, Verdict } from "../public/index.ts";
import type { Encoded } from "./picture.ts";

export type Content =
  | { readonly kind: "empty" }
  | { readonly kind: "strokes"; readonly strokes: Strokes }
  /** `encoded` is what is sent of it, once that was made. */
  | { readonly kind: "image"; readonly file: Blob; readonly encoded?: Encoded }
  /** A name in place of a signature; nothing is compared. */
  | { readonly kind: "typed"; readonly name: string };

/** The form value of `<signature-check>`, as JSON. */
export interface FieldValue {
  /** `image` is an image file in base64: PNG, or the file as it was where the browser cannot show it. */
  readonly signature:
    | { readonly kind: "strokes"; readonly strokes: Strokes }
    | ({ readonly kind: "image" } & Encoded)
    | { readonly kind: "typed"; readonly name: string };
  /** Null while it is being checked, without a template, and for a typed name. */
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

/** The JSON of a field; empty for an empty one, and for a picture that is not encoded yet. */
export function toValue(content: Content, judged: Judged | undefined): string {
  const signature = toSignature(content);
  if (!signature) return "";
  const { heatmap: _, ...verdict } = judged?.verdict ?? {};
  const value: FieldValue = {
    signature,
    verdict: judged ? (verdict as FieldValue["verdict"]) : null,
    model: judged?.verdict.model ?? null,
    time: judged?.time ?? null,
    skipped: content.kind === "typed",
  };
  return JSON.stringify(value);
}

/** The JSON of a field, made anew only for another content or verdict: that of a picture is long. */
export class FieldJson {
  #made: { readonly content: Content; readonly judged: Judged | undefined; readonly json: string } | undefined;

  of(content: Content, judged: Judged | undefined): string {
    if (this.#made?.content !== content || this.#made.judged !== judged) {
      this.#made = { content, judged, json: toValue(content, judged) };
    }
    return this.#made.json;
  }
}

function toSignature(content: Content): FieldValue["signature"] | undefined {
  switch (content.kind) {
    case "empty":
      return undefined;
    case "typed":
      return content.name.trim() === "" ? undefined : content;
    case "image":
      return content.encoded && { kind: "image", ...content.encoded };
    case "strokes":
      return content;
  }
}

/** What a value was made of. A verdict that comes with it is not believed: the content is checked again. */
export function fromValue(json: string): Content {
  if (json === "") return { kind: "empty" };
  try {
    const { signature } = JSON.parse(json) as FieldValue;
    switch (signature.kind) {
      case "strokes":
        if (!signature.strokes.every(isStroke)) break;
        return { kind: "strokes", strokes: signature.strokes };
      case "image": {
        const { type, data } = signature;
        const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
        return { kind: "image", file: new Blob([bytes], { type }), encoded: { type, data } };
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
