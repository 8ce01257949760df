import { isLoading } from "./progress.ts";
import type { Status } from "./session.ts";
import type { Strings } from "./strings.ts";

export interface Policy {
  readonly required: boolean;
  /** Whether a signature of which the check is unsure is let through. */
  readonly onUnsure: "allow" | "block";
}

export interface Validity {
  readonly flags: ValidityStateFlags;
  /** Why a form cannot be sent; empty when it can. */
  readonly message: string;
}

const VALID: Validity = { flags: {}, message: "" };

/** Whether a form may be sent with this field. Only a match, a policy or the signer's express choice let it pass. */
export function validity(status: Status, { required, onUnsure }: Policy, strings: Strings): Validity {
  const refused = { flags: { customError: true }, message: reason(sentence(status, strings)) };
  switch (status.state) {
    case "empty":
      return required ? { flags: { valueMissing: true }, message: reason(strings.missing) } : VALID;
    case "match":
    case "skipped":
      return VALID;
    case "unsure":
      return onUnsure === "allow" ? VALID : refused;
    case "pending":
    case "mismatch":
    case "error":
    case "unchecked":
      return refused;
  }
}

/** A browser refuses to make a field invalid without a message, and a page may want none said. */
function reason(sentence: string): string {
  return sentence || " ";
}

/** The status in words; nothing for an empty field. */
export function sentence(status: Status, strings: Strings): string {
  switch (status.state) {
    case "empty":
      return "";
    case "pending":
      return isLoading(status.progress) ? strings.loading : strings.checking;
    case "error":
      return strings.reasons[status.error.code] ?? `${strings.failed} (${status.error.code})`;
    case "unchecked":
      return strings.noTemplate;
    case "match":
    case "mismatch":
    case "skipped":
      return strings[status.state];
    case "unsure": {
      // A picture that is too poor says more than that the answer is unsure.
      const known = status.judged.verdict.quality.find(({ of, code }) => of === "questioned" && code in strings.reasons);
      return (known && strings.reasons[known.code]) ?? strings.unsure;
    }
  }
}
