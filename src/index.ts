// The public API: text to program to answers, without files, clocks or terminals.
export { compile } from "./compile.ts";
export type { Compilation, CompiledProgram, CompileOptions } from "./compile.ts";
export { Database } from "./engine/database.ts";
export { evaluate } from "./engine/evaluate.ts";
export type { EvaluateOptions, Progress } from "./engine/run.ts";
export type { Limits } from "./engine/limit.ts";
export type { Relation } from "./engine/relation.ts";
export type { Evaluation } from "./engine/statistics.ts";
export { compiled, interpreted } from "./codegen/backend.ts";
export type { Backend } from "./codegen/backend.ts";
export { parse } from "./syntax/parse.ts";
export type { ParseOptions } from "./syntax/parse.ts";
export { print } from "./syntax/print.ts";
export { hasErrors } from "./base/diagnostic.ts";
export type { Diagnostic, Label, Severity } from "./base/diagnostic.ts";
export { render, renderConcise } from "./base/render.ts";
export { positionAt } from "./base/source.ts";
export type { Position, Source, Span } from "./base/source.ts";
export { readCsv } from "./io/read-csv.ts";
export { readJson } from "./io/read-json.ts";
export { readSqlite } from "./io/read-sqlite.ts";
export { writeCsv } from "./io/write-csv.ts";
export { writeJsonFile } from "./io/write-json.ts";
export { writeSqlite } from "./io/write-sqlite.ts";
export type { Program } from "./analysis/program.ts";
export type { Plan, StratumPlan } from "./plan/plan.ts";
export type { Attribute, Domain, Schema, Value, ValueKind } from "./value/schema.ts";
export type { Values } from "./value/values.ts";
export type { Implementation, Implementations } from "./value/user-functor.ts";
export type { Word } from "./value/word.ts";
// A node of a network, asked over HTTP: in Node and in browsers.
export { NodeClient } from "./client/node-client.ts";
export type {
  Answers,
  CallOptions,
  ClientOptions,
  Inserted,
  LiveChange,
  LiveRow,
  RelationInfo,
  SealState,
  ToSeal,
} from "./client/node-client.ts";
export { NodeError } from "./client/node-error.ts";
export type { RetryOptions } from "./client/retry.ts";
export type { ClientTuple, ClientValue, Column } from "./client/values.ts";
