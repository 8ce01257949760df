/**
 * Form fields on top of Countersign. Importing registers nothing: call `defineSignatureElements`.
 *
 * ```ts
 * import { defineSignatureElements } from "countersign/element";
 * defineSignatureElements();
 * ```
 */
import { SignatureCheck } from "./check.ts";
import { SignatureEnrolment } from "./enrolment.ts";

export { SignatureCheck, type SignatureCheckEvents } from "./check.ts";
export type { FieldValue } from "./content.ts";
export { disposeSharedEngines, type EngineOptions, sharedEngine } from "./engine.ts";
export { type Enrolled, SignatureEnrolment, type SignatureEnrolmentEvents } from "./enrolment.ts";
export type { State } from "./session.ts";
export { ENGLISH, type Strings } from "./strings.ts";

/** Registers `<signature-check>` and `<signature-enrolment>`; once is enough, twice is no error. */
export function defineSignatureElements(registry: CustomElementRegistry = customElements): void {
  if (!registry.get("signature-check")) registry.define("signature-check", SignatureCheck);
  if (!registry.get("signature-enrolment")) registry.define("signature-enrolment", SignatureEnrolment);
}

declare global {
  interface HTMLElementTagNameMap {
    "signature-check": SignatureCheck;
    "signature-enrolment": SignatureEnrolment;
  }
}
