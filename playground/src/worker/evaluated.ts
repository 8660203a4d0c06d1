// One run: facts read from the project's files, everything derived, the rows kept for the page to
// look at.
import type { Program } from "../../../src/analysis/program.ts";
import { evaluated } from "../../../src/cli/evaluated.ts";
import { valueText } from "../../../src/cli/rows.ts";
import { unmetExpectations } from "../../../src/cli/expectations.ts";
import { compile, type CompiledProgram } from "../../../src/compile.ts";
import { hasErrors, type Diagnostic } from "../../../src/base/diagnostic.ts";
import { Database } from "../../../src/engine/database.ts";
import { emit } from "../../../src/codegen/emit.ts";
import type { Evaluation } from "../../../src/engine/statistics.ts";
import type { Relation } from "../../../src/engine/relation.ts";
import { dump } from "../../../src/plan/dump.ts";
import type { Plan, StratumPlan } from "../../../src/plan/plan.ts";
import { writeResult } from "../../../src/io/write.ts";
import type {
  DownloadFormat,
  Profile,
  Project,
  RelationResult,
  RowPage,
  RowQuery,
  RunLimits,
  RunResult,
} from "../protocol.ts";
import { readFacts } from "./facts.ts";
import { findingOf, placeOf } from "./findings.ts";
import { PickedRows } from "./picked-rows.ts";

/** Rows of one relation that are written into a file are as many at most. */
const downloadRowsMax = 1_000_000;

/** How often a run says how far it is. */
const progressMs = 250;

/** A program after it was run. */
export class Evaluated {
  readonly result: RunResult;
  private readonly database: Database | undefined;
  private picked: PickedRows | undefined;
  private evaluation: Evaluation | undefined;
  private compiled: CompiledProgram | undefined;
  /** The plan that each stratum had last: it depends on sizes. */
  private readonly plans = new Map<number, StratumPlan>();

  constructor(project: Project, limits: RunLimits, progress: (text: string) => void) {
    const startMs = performance.now();
    const source = { path: project.main, text: project.files[project.main] ?? "" };
    const { diagnostics, compiled } = compile(source, { load: (path) => project.files[path] });
    const compiledMs = performance.now();
    if (compiled === undefined) {
      this.result = failed(diagnostics, compiledMs - startMs);
      return;
    }
    const { program } = compiled;
    const database = new Database(compiled.plan);
    this.database = database;
    const dataErrors = readFacts(program, database, project);
    const loadedMs = performance.now();
    const evaluation =
      dataErrors.length > 0 ? undefined : this.evaluate(compiled, database, limits, progress);
    const found = evaluation?.diagnostics ?? [];
    const unmet = evaluation?.complete === true ? unmetExpectations(program, database) : [];
    const stops = limits.seconds * 1000;
    this.result = {
      findings: [...found, ...unmet].map(findingOf),
      dataErrors,
      complete: evaluation?.complete === true && !hasErrors(found),
      relations: relationsOf(program, database),
      expectations: program.expectations.length,
      derived: evaluation?.strata.reduce((sum, { derived }) => sum + derived, 0) ?? 0,
      ms: {
        compile: compiledMs - startMs,
        load: loadedMs - compiledMs,
        evaluate: Math.min(performance.now() - loadedMs, stops),
      },
    };
  }

  /** A page of a relation's rows. */
  rows(query: RowQuery): RowPage {
    const relation = this.relation(query.relation);
    const same = this.picked?.fits(query) === true ? this.picked : undefined;
    this.picked = same ?? new PickedRows(relation, this.values, query);
    return this.picked.page(query);
  }

  /** A row as a program writes it. */
  rowText(name: string, row: number): string {
    const relation = this.relation(name);
    const { database } = this;
    if (database === undefined) throw new Error("the program was not run");
    const values = relation.schema.attributes.map((_, at) =>
      valueText(relation, at, relation.column(at)[row] ?? 0, database),
    );
    return `${name}(${values.join(", ")})`;
  }

  /** A relation as a file. */
  download(name: string, format: DownloadFormat): string {
    const relation = this.relation(name);
    if (relation.size > downloadRowsMax)
      throw new Error(
        `${name} has more than ${downloadRowsMax.toLocaleString("en")} rows; ` +
          "use `calm run`, which writes files of any size",
      );
    const decoder = new TextDecoder();
    let text = "";
    const size = { widthMax: Infinity, rowsMax: Infinity };
    for (const bytes of writeResult(relation, this.values, format, size))
      text += decoder.decode(bytes, { stream: true });
    return text;
  }

  /** How it was evaluated. */
  profile(): Profile {
    const { evaluation, compiled, database } = this;
    if (evaluation === undefined || compiled === undefined || database === undefined)
      return { strata: [], rules: [], bytes: 0 };
    const { relations } = compiled.plan;
    return {
      bytes: database.memoryBytes,
      strata: evaluation.strata.map(({ relations: of, rounds, derived, ms = 0 }, at) => {
        const known = this.plans.get(at);
        return {
          relations: of.map((one) => relations[one]?.name ?? ""),
          ...{ rounds, derived, ms },
          ...(known && { plan: dump(known), code: emit(known) }),
        };
      }),
      rules: evaluation.rules
        .map(({ rule, runs, derived, ms = 0 }) => ({
          ...placeOf(rule.span),
          ...{ text: rule.text, runs, derived, ms },
          ...(rule.deltaAt !== undefined && { deltaAt: rule.deltaAt }),
        }))
        .toSorted((a, b) => b.ms - a.ms),
    };
  }

  private get values(): Database["values"] {
    if (this.database === undefined) throw new Error("the program was not run");
    return this.database.values;
  }

  private relation(name: string): Relation {
    const relation = this.database?.relation(name);
    if (relation === undefined) throw new Error(`there is no relation "${name}"`);
    return relation;
  }

  private evaluate(
    compiled: CompiledProgram,
    database: Database,
    limits: RunLimits,
    progress: (text: string) => void,
  ): Evaluation {
    let nextMs = performance.now() + progressMs;
    const { plan } = compiled;
    const noted = {
      ...plan,
      stratum: (...known: Parameters<Plan["stratum"]>): StratumPlan => {
        const stratum = plan.stratum(...known);
        this.plans.set(known[0], stratum);
        return stratum;
      },
    };
    this.compiled = compiled;
    this.evaluation = evaluated({ ...compiled, plan: noted }, database, {
      limits: { maxTuples: limits.tuples },
      clock: () => performance.now(),
      stepsMax: limits.steps,
      onProgress: ({ derived }) => {
        if (performance.now() < nextMs) return;
        nextMs = performance.now() + progressMs;
        progress(`${derived.toLocaleString("en")} tuples`);
      },
    });
    return this.evaluation;
  }
}

function failed(diagnostics: readonly Diagnostic[], compile: number): RunResult {
  return {
    findings: diagnostics.map(findingOf),
    dataErrors: [],
    complete: false,
    relations: [],
    expectations: 0,
    derived: 0,
    ms: { compile, load: 0, evaluate: 0 },
  };
}

function relationsOf(program: Program, database: Database): RelationResult[] {
  const said = (word: "input" | "output"): Set<number> =>
    new Set(
      program.directives
        .filter((of) => (of.word === "input") === (word === "input"))
        .map(({ relation }) => relation),
    );
  const [inputs, outputs] = [said("input"), said("output")];
  return program.relations.flatMap(({ name, attributes, inlined }, at): RelationResult[] => {
    const relation = database.relation(at);
    if (inlined || relation === undefined || /[#+]|^@/.test(name)) return [];
    return [
      {
        name,
        attributes: attributes.map((of) => ({
          name: of.name,
          type: of.type,
          numeric: ["number", "unsigned", "float"].includes(of.kind),
        })),
        size: relation.size,
        output: outputs.has(at),
        input: inputs.has(at),
        bytes: relation.memoryBytes,
      },
    ];
  });
}
