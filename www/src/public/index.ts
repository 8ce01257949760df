export { Countersign } from "./countersign.ts";
export { CountersignError, type ErrorCode, type PageErrorCode } from "./errors.ts";
export type { Source } from "./source.ts";
export type {
  Backend,
  CallOptions,
  CheckOptions,
  Choice,
  LoadOptions,
  Progress,
  Ranked,
  Strokes,
  Template,
  TemplateInfo,
  Verdict,
} from "./types.ts";
