/** What the elements say. A page may replace any of it, and other languages are fetched when they are needed. */

export interface Strings {
  /** The field's name where the page gives it no label. */
  readonly label: string;
  /** On the empty pad. */
  readonly hint: string;
  readonly undo: string;
  readonly clear: string;
  readonly upload: string;
  /** How else to sign and how to correct, for those who do not see the pad. */
  readonly help: string;
  /** That a signature has to be given, said of the pad by screen readers. */
  readonly required: string;
  readonly typeInstead: string;
  readonly drawInstead: string;
  readonly typedLabel: string;
  /** That a typed name is not checked. */
  readonly typedNote: string;
  /** While the checker is fetched and started; how much of it is there says a bar. */
  readonly loading: string;
  readonly checking: string;
  readonly match: string;
  readonly mismatch: string;
  readonly unsure: string;
  readonly skipped: string;
  /** Nothing is enrolled that the signature could be compared with. */
  readonly noTemplate: string;
  readonly missing: string;
  /** Where no sentence below fits. */
  readonly failed: string;
  /** After an error that may have passed. */
  readonly retry: string;
  /** By the code of an error or of a remark on a picture. */
  readonly reasons: Readonly<Record<string, string>>;
  /** Of enrolment; `{number}`, `{least}` and `{count}` are replaced. */
  readonly enrolTitle: string;
  readonly enrolStep: string;
  readonly enrolMore: string;
  readonly enrolReady: string;
  readonly enrolFull: string;
  readonly kept: string;
  readonly differs: string;
  /** Of pictures that were chosen together. */
  readonly notTaken: string;
  readonly consistency: string;
  readonly add: string;
  readonly remove: string;
  readonly finish: string;
}

export const ENGLISH: Strings = {
  label: "Signature",
  hint: "Sign here",
  undo: "Undo",
  clear: "Clear",
  upload: "Use an image",
  help: "Sign with a finger, a pen or the mouse, or paste, drop or choose an image. Control Z takes back the last stroke, Delete clears.",
  required: "Required.",
  typeInstead: "Type a name instead",
  drawInstead: "Sign instead",
  typedLabel: "Your name",
  typedNote: "A typed name is not compared with your signatures.",
  loading: "Getting ready to check",
  checking: "The signature is being checked",
  match: "The signature matches.",
  mismatch: "The signature does not match. Please sign again.",
  unsure: "It is not certain that the signature matches. Please sign again as you usually do.",
  skipped: "Signed by typing, not checked.",
  noTemplate: "There is no enrolled signature to compare with.",
  missing: "Please sign.",
  failed: "The signature cannot be checked.",
  retry: "Try again",
  reasons: {
    "blank-page": "The picture is blank. Please choose one with a signature in dark ink on light paper.",
    "too-little-ink": "That is too little to compare. Please sign in full.",
    "not-an-image": "This file is no image that can be read. PNG, JPEG, WebP, BMP, TIFF and GIF can.",
    "damaged-image": "The image file is damaged. Please save or scan it again.",
    "empty-image": "The image is empty.",
    "image-too-large": "The image is too large. Please scale it down.",
    "unreadable-file": "The file cannot be read. Please choose it again.",
    "invalid-strokes": "The drawing cannot be used. Please sign again.",
    "same-reference": "This signature is there already. Please sign once more, or choose another picture.",
    "references-disagree": "The signatures that would be left do not go together. Please remove another one first.",
    "download-failed": "The checker could not be downloaded. Please check the connection and try again.",
    "template-model": "The enrolled signatures belong to an earlier version. Please enrol again.",
    "invalid-template": "The enrolled signatures cannot be read. Please enrol again.",
    "too-small": "The signature is too small. Please sign larger.",
    "clipped-at-edge": "The signature is cut off at the edge. Please leave space around it.",
  },
  enrolTitle: "Enrol your signature",
  enrolStep: "Signature {number} of at least {least}",
  enrolMore: "Signature {number}; more make checks surer",
  enrolReady: "Enough to finish.",
  enrolFull: "All {count} signatures are there.",
  kept: "Kept.",
  differs: "This one differs from those before. Please sign again as you usually do.",
  notTaken: "Not taken: {count} of {number}.",
  consistency: "How well they agree",
  add: "Add",
  remove: "Remove signature {number}",
  finish: "Finish",
};

const LANGUAGES: Readonly<Record<string, () => Promise<{ readonly default: Strings }>>> = {
  de: () => import("./strings/de.ts"),
  es: () => import("./strings/es.ts"),
  fr: () => import("./strings/fr.ts"),
  hi: () => import("./strings/hi.ts"),
  zh: () => import("./strings/zh.ts"),
};

/** The strings for a language tag such as `de-AT`; English where there are none, or they cannot be fetched. */
export async function stringsFor(language: string): Promise<Strings> {
  const load = isTraditional(language) ? undefined : LANGUAGES[language.toLowerCase().split("-")[0] ?? ""];
  return load ? load().then(({ default: strings }) => strings, () => ENGLISH) : ENGLISH;
}

/**
 * What strings have to be marked with so that they are read out as what they are: English in a place of another language.
 * Where the page wants something else said it speaks the language of the place, and whatever it leaves is not told apart.
 */
export function markOf(strings: Strings, language: string, own: Partial<Strings>): string | null {
  const isOfPlace = strings !== ENGLISH || language.toLowerCase().split("-")[0] === "en";
  return isOfPlace || Object.keys(own).length > 0 ? null : "en";
}

/** Whether Chinese is written in traditional characters there: those of zh.ts are the simplified ones. */
function isTraditional(language: string): boolean {
  try {
    return new Intl.Locale(language).maximize().script === "Hant";
  } catch {
    // No language tag.
    return false;
  }
}

/** Puts numbers where the sentence has `{name}`. */
export function fill(sentence: string, numbers: Readonly<Record<string, number>>): string {
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => String(numbers[name] ?? whole));
}
