export { Countersign } from "./countersign.ts";
export { CountersignError, type PageErrorCode } from "./errors.ts";
export type { Source } from "./source.ts";
export type {
  Backend,
  CheckOptions,
  LoadOptions,
  Progress,
  Strokes,
  Template,
  Verdict,
} from "./types.ts";
