// One program run in every way there is: by generated code (JavaScript and WebAssembly, on sets of
// every form), by the interpreter of plans, by the reference evaluator, and on demand.
import { is, List, Map as Named, Set as Tuples } from "immutable";

import { compiled, interpreted, webAssembly, type Backend } from "../../src/codegen/backend.ts";
import type { SetForm } from "../../src/codegen/store.ts";
import { compile, type CompiledProgram } from "../../src/compile.ts";
import { renderConcise } from "../../src/base/render.ts";
import type { Diagnostic } from "../../src/base/diagnostic.ts";
import { Database } from "../../src/engine/database.ts";
import { evaluate } from "../../src/engine/evaluate.ts";
import type { DriftRules } from "../../src/engine/drift.ts";
import type { Limits } from "../../src/engine/limit.ts";
import type { Domain, Value } from "../../src/value/schema.ts";
import {
  determined,
  determinedButForChoices,
  reference,
  TooManySteps,
  wronglyChosen,
  type Answers,
  type Facts,
} from "../support/reference.ts";
import { forced, forms } from "../support/forms.ts";
import { testFunctors } from "../support/functors.ts";
import { printValue } from "../../src/value/print-value.ts";
import { ReferenceFault } from "../support/reference-functors.ts";
import { uniqueWhole } from "../support/reference-structures.ts";

/** A program as a text, with what it reads. A plain text means the same and is made of less: the
 * reference runs that one. Where a name has dots, it has `_` in the plain text. */
export type Question = {
  readonly text: string;
  readonly plainText?: string;
  readonly domain: Domain;
  readonly facts?: Facts;
  readonly limits?: Limits;
  readonly stepsMax?: number;
};

/** What one engine answers: the tuples of its relations, and what went wrong. */
export type Run = {
  readonly database: Database;
  readonly answers: Answers;
  readonly diagnostics: readonly Diagnostic[];
};

/** How a program fared in all ways. `refused`: it has errors; `unbounded`: it took too long for one
 * of the ways; `different`: the ways disagree, as the text says. */
export type Verdict =
  | {
      readonly kind: "agreed";
      readonly answers: Answers;
      readonly referenced: boolean;
      /** Whether it was also run on demand, and derives something so. */
      readonly demanded: boolean;
    }
  | { readonly kind: "refused"; readonly text: string }
  | { readonly kind: "unbounded" }
  | { readonly kind: "different"; readonly text: string };

/** Runs a compiled program by one backend, all sets in one form where it is given. */
export function run(
  { plan, program }: CompiledProgram,
  backend: Backend,
  { facts = new Map(), limits = {} }: Pick<Question, "facts" | "limits">,
  form?: SetForm,
  drift?: DriftRules,
): Run {
  const kept = form === undefined ? {} : { forms: forced(form) };
  const database = new Database(plan, {}, kept);
  const { values } = database;
  for (const [name, rows] of facts) {
    const relation = database.relation(name);
    if (relation === undefined) throw new Error(`there is no relation ${name}`);
    const { attributes } = relation.schema;
    for (const row of rows) {
      relation.insert(row.map((value, at) => values.encode(attributes[at]!.kind, value)));
    }
  }
  const settings = { backend, limits, ...(drift && { drift }) };
  const { diagnostics } = evaluate(plan, database, { ...settings, functors: testFunctors() });
  const answers = program.relations.flatMap(
    ({ name, inlined }, at): [string, Tuples<List<Value>>][] =>
      inlined ? [] : [[name, tuplesOf(database, at)]],
  );
  return { database, answers: new Map(answers), diagnostics };
}

/** Runs a program in all ways. */
export function verdict(question: Question): Verdict {
  const { text, plainText = text, domain, facts = new Map(), stepsMax } = question;
  const compilation = compile(text, { domain });
  const plain = compile(plainText, { domain });
  if (compilation.compiled === undefined) return refused(compilation.diagnostics);
  // An inlined relation may be unsafe by itself.
  if (plain.compiled === undefined) return refused(plain.diagnostics);
  const byCode = run(compilation.compiled, compiled, question);
  const byPlan = run(compilation.compiled, interpreted, question);
  const byWasm = run(compilation.compiled, webAssembly, question);
  const [ofCode = "", ...ofOthers] = [byCode, byPlan, byWasm].map(faults);
  const odd = ofOthers.findIndex((codes) => codes !== ofCode);
  if (odd >= 0) {
    const who = ["interpreter", "WebAssembly"][odd] ?? "";
    return { kind: "different", text: `code finds ${ofCode}, ${who} ${ofOthers[odd] ?? ""}` };
  }
  const disordered = disorder(compilation.compiled, byCode, byWasm);
  if (disordered !== undefined)
    return { kind: "different", text: `code and WebAssembly differ in the rows of ${disordered}` };
  const errors = byCode.diagnostics.filter(({ severity }) => severity === "error");
  if (errors.some(({ code }) => /^too-many|^out-of/.test(code))) return { kind: "unbounded" };
  if (errors.length === 0) {
    const text = difference(["interpreter", byPlan.answers], ["code", byCode.answers]);
    if (text !== undefined) return { kind: "different", text };
  }
  if (errors.length === 0 && determined(compilation.compiled.program)) {
    const eager = { rowsMin: 1, factor: 1 };
    const byDrift = run(compilation.compiled, compiled, question, undefined, eager);
    const text = difference(["orders thought over", byDrift.answers], ["code", byCode.answers]);
    if (text !== undefined) return { kind: "different", text };
  }
  for (const form of errors.length === 0 ? forms : []) {
    const ofForm = run(compilation.compiled, compiled, question, form);
    const text = difference([`sets as ${form}`, ofForm.answers], ["code", byCode.answers]);
    if (text !== undefined) return { kind: "different", text };
    const ofWasm = run(compilation.compiled, webAssembly, question, form);
    const disordered = disorder(compilation.compiled, ofForm, ofWasm);
    if (disordered !== undefined)
      return { kind: "different", text: `WebAssembly on ${form} differs in ${disordered}` };
  }
  const { program } = plain.compiled;
  const onDemand = errors.length === 0 ? demanded(compilation.compiled, byCode, question) : {};
  if (onDemand.text !== undefined) return { kind: "different", text: onDemand.text };
  const agreed = {
    kind: "agreed" as const,
    answers: byCode.answers,
    demanded: onDemand.demanded === true,
  };
  // What has qualifiers is derived on demand here, but not in the plain text.
  const partial = compilation.compiled.program.relations.some(({ magic }) => magic === true);
  const own = partial ? putOut(compilation.compiled, byCode.answers) : byCode.answers;
  const plainNames = plainText === text ? own : withPlainNames(own);
  const known = new Set(program.relations.map(({ name }) => name));
  const found = new Map([...plainNames].filter(([name]) => known.has(name)));
  const chosen = !determined(program);
  // What can fail may not be asked at all; and what was chosen may not all be there.
  const open = chosen ? partial || errors.length > 0 : partial && errors.length > 0;
  if (!determinedButForChoices(program) || open) return { ...agreed, referenced: false };
  try {
    if (chosen) {
      const text = wronglyChosen(program, facts, found, stepsMax);
      if (text !== undefined) return { kind: "different", text };
      return { ...agreed, referenced: true };
    }
    const answers = reference(program, facts, stepsMax);
    if (errors.length > 0) {
      return { kind: "different", text: `the engine alone fails: ${renderConcise(errors)}` };
    }
    const text = difference(["reference", answers], ["engine", found]);
    if (text !== undefined) return { kind: "different", text };
    return { ...agreed, answers, referenced: true };
  } catch (error) {
    if (error instanceof TooManySteps) return { kind: "unbounded" };
    if (!(error instanceof ReferenceFault)) throw error;
    if (errors.length > 0) return { ...agreed, referenced: true };
    if (partial) return { ...agreed, referenced: false };
    return { kind: "different", text: `the reference alone fails: ${error.message}` };
  }
}

function faults({ diagnostics }: Run): string {
  return diagnostics.map(({ code }) => code).join();
}

/** The name of a relation whose rows two runs have in another order, or do not both have. */
function disorder({ program }: CompiledProgram, one: Run, other: Run): string | undefined {
  const rows = ({ database: { relations } }: Run, at: number): string => {
    const { schema } = relations[at]!;
    return schema.attributes.map((_, column) => relations[at]!.column(column).join()).join(";");
  };
  return program.relations.find((_, at) => rows(one, at) !== rows(other, at))?.name;
}

/** Runs a program with all of it derived on demand, where it puts out a part; that part has to be
 * the same. */
function demanded(
  whole: CompiledProgram,
  { answers }: Run,
  question: Question,
): { readonly demanded?: boolean; readonly text?: string } {
  const { text, domain } = question;
  if (!determined(whole.program)) return {};
  const put = putOut(whole, answers);
  if (put.size === 0 || put.size === answers.size) return {};
  const { compiled: lazy } = compile(text, { domain, magic: { relations: "*" } });
  if (lazy === undefined) return { text: "on demand it has errors" };
  const { answers: found, diagnostics } = run(lazy, interpreted, question);
  // What can fail may come to be asked of rows that another order leaves out.
  if (diagnostics.some(({ severity }) => severity === "error")) return {};
  const different = difference(["as a whole", put], ["on demand", putOut(lazy, found)]);
  if (different !== undefined) return { text: different };
  // What is asked for has versions, whose names say which columns are given.
  return { demanded: lazy.program.relations.some(({ name }) => name.includes("{")) };
}

/** The answers that a program puts out. */
function putOut({ program }: CompiledProgram, answers: Answers): Answers {
  const put = new Set(
    program.directives.flatMap(({ word, relation }) =>
      word === "input" ? [] : [program.relations[relation]!.name],
    ),
  );
  return new Map([...answers].filter(([name]) => put.has(name)));
}

function withPlainNames(answers: Answers): Answers {
  return new Map([...answers].map(([name, tuples]) => [name.replaceAll(".", "_"), tuples]));
}

function refused(diagnostics: readonly Diagnostic[]): Verdict & { kind: "refused" } {
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  return { kind: "refused", text: renderConcise(errors) };
}

/** The tuples of the relation at a place, with their values. */
export function tuplesOf(database: Database, at: number): Tuples<List<Value>> {
  const { values } = database;
  const relation = database.relations[at]!;
  const { attributes } = relation.schema;
  const columns = attributes.map((_, column) => relation.column(column));
  return Tuples(
    Array.from({ length: relation.size }, (_, row) =>
      List(
        attributes.map(({ kind }, column) =>
          uniqueWhole(values.decode(kind, columns[column]![row]!)),
        ),
      ),
    ),
  );
}

/** What the second has too little or too much, of the relations that it has. */
function difference(
  [whose, wanted]: [string, Answers],
  [other, found]: [string, Answers],
): string | undefined {
  if (is(Named(wanted), Named(found))) return undefined;
  const lines = [...found].flatMap(([name, tuples]) => {
    const all = wanted.get(name) ?? Tuples();
    const say = (who: string, some: Tuples<List<Value>>): string[] =>
      some
        .take(5)
        .toArray()
        .map((tuple) => `only ${who}: ${name}(${tuple.map(literal).join(", ")})`);
    return [...say(whose, all.subtract(tuples)), ...say(other, tuples.subtract(all))];
  });
  return lines.length === 0 ? undefined : lines.join("\n");
}

function literal(value: Value): string {
  return printValue(value);
}
