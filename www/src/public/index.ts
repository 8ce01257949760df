export { Countersign } from "./countersign.ts";
export { type Added, Enrolment, type Enroller, LEAST_REFERENCES, MOST_REFERENCES } from "./enrolment.ts";
export { CountersignError, type ErrorCode, type PageErrorCode } from "./errors.ts";
export type { Source } from "./source.ts";
export type {
  Backend,
  CallOptions,
  CheckOptions,
  Choice,
  IdentifyOptions,
  LoadOptions,
  Progress,
  Ranked,
  Ranking,
  Stages,
  Strokes,
  Template,
  TemplateInfo,
  Verdict,
} from "./types.ts";
