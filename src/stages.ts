// The stages one by one, for tools that look at programs or drive their evaluation themselves:
// text to syntax tree to program to plan to relations, whose tuples are words. Who wants answers
// takes `Engine` of `index.ts`.
export { compile } from "./compile.ts";
export type { Compilation, CompiledProgram } from "./compile.ts";
export type { CompileOptions } from "./understand.ts";
export { Database } from "./engine/database.ts";
export { evaluate } from "./engine/evaluate.ts";
export { Maintained } from "./engine/maintained.ts";
export type { Maintenance, MaintainOptions } from "./engine/maintained.ts";
export type { Change } from "./engine/change.ts";
export type { EvaluateOptions, Progress } from "./engine/run.ts";
export type { Limits } from "./engine/limit.ts";
export type { Relation } from "./engine/relation.ts";
export type { Evaluation } from "./engine/statistics.ts";
export { compiled, interpreted, javascript, webAssembly } from "./codegen/backend.ts";
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
