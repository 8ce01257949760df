/** The attributes of `<signature-check>` as properties, so that frameworks may set either. */
import { reflect } from "./dom.ts";
import { FormField } from "./field.ts";

type Text = string | null | undefined;

export abstract class CheckAttributes extends FormField {
  /** Whether a signature of which the check is unsure may be sent. */
  get onUnsure(): "allow" | "block" {
    return this.getAttribute("on-unsure") === "allow" ? "allow" : "block";
  }

  set onUnsure(policy: "allow" | "block" | null | undefined) {
    reflect(this, "on-unsure", policy);
  }

  /** Whether a name may be typed instead, which skips the check and says so in the value. */
  get allowTyped(): boolean {
    return this.hasAttribute("allow-typed");
  }

  set allowTyped(allow: boolean) {
    reflect(this, "allow-typed", allow);
  }

  /** The share of skilled forgeries that may pass; null for the model's own. */
  get far(): number | null {
    const far = this.getAttribute("far");
    return far === null ? null : Number(far);
  }

  set far(share: number | Text) {
    reflect(this, "far", share);
  }

  get backend(): "auto" | "cpu" | "webgpu" {
    const backend = this.getAttribute("backend");
    return backend === "cpu" || backend === "webgpu" ? backend : "auto";
  }

  set backend(backend: "auto" | "cpu" | "webgpu" | null | undefined) {
    reflect(this, "backend", backend);
  }

  /** The folder of another model than the one of this package. */
  get weightsUrl(): string | null {
    return this.getAttribute("weights-url");
  }

  set weightsUrl(folder: Text) {
    reflect(this, "weights-url", folder);
  }

  /** Whether the model is fetched before anyone signs. */
  get preload(): boolean {
    return this.hasAttribute("preload");
  }

  set preload(preload: boolean) {
    reflect(this, "preload", preload);
  }
}
