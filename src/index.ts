// The public API: programs to answers, without files, clocks or terminals. The stages one by one
// are in `stages.ts`, what asks nodes of a network alone in `client.ts`.
export { Engine } from "./library/engine.ts";
export type { Check, EngineOptions, EngineResult } from "./library/engine.ts";
export { Database } from "./library/database.ts";
export { dl, ProgramText } from "./library/program-text.ts";
export type { Text } from "./library/program-text.ts";
export { functor } from "./library/functor.ts";
export type { Functor } from "./library/functor.ts";
export { CalmError } from "./library/calm-error.ts";
export type { Misuse } from "./library/calm-error.ts";
export type {
  ColumnType,
  ColumnTypes,
  Facts,
  GivenOf,
  GivenRow,
  GivenValue,
  RelationTypes,
  Row,
  StructuredValue,
  ValueOf,
} from "./library/column-types.ts";
export type { AnswerChange } from "./library/live-query.ts";
export type { Limits } from "./engine/limit.ts";
export type { Evaluation } from "./engine/statistics.ts";
export { compiled, interpreted, javascript, webAssembly } from "./codegen/backend.ts";
export type { Backend } from "./codegen/backend.ts";
export { hasErrors } from "./base/diagnostic.ts";
export type { Diagnostic, Label, Severity } from "./base/diagnostic.ts";
export { render, renderConcise } from "./base/render.ts";
export { positionAt } from "./base/source.ts";
export type { Position, Source, Span } from "./base/source.ts";
export type { Value } from "./value/schema.ts";
export type { Implementation, Implementations } from "./value/user-functor.ts";
export { NodeClient, NodeError } from "./client.ts";
export type {
  Answers,
  CallOptions,
  ClientOptions,
  ClientTuple,
  ClientValue,
  Column,
  Inserted,
  LiveChange,
  LiveRow,
  RelationInfo,
  RetryOptions,
  SealState,
  ToSeal,
} from "./client.ts";
