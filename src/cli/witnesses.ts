// The search for witnesses: which findings it is about, and how long it takes.
import type { Monotonicity } from "../analysis/levels.ts";
import { affectedBy, within } from "../analysis/monotone.ts";
import type { Program, RelationAt } from "../analysis/program.ts";
import type { Diagnostic } from "../base/diagnostic.ts";
import type { Implementations } from "../value/user-functor.ts";
import { printFact, type InputFact } from "../witness/fact.ts";
import { printWitness } from "../witness/print.ts";
import { witness } from "../witness/witness.ts";
import type { WitnessReport } from "./check-report.ts";

/** How witnesses are looked for. */
export type WitnessSearch = {
  readonly stepsMax?: number;
  /** How long one search may take, and the clock for that. */
  readonly ms: number;
  readonly nowMs: () => number;
  readonly functors: Implementations;
};

/** Returns what looks for witnesses of a finding: one for each output that it keeps from being
 * monotone, the nearest first. An output is searched once, for the first finding about it. */
export function witnesses(
  program: Program,
  verdict: Monotonicity,
  search: WitnessSearch,
): (diagnostic: Diagnostic) => readonly WitnessReport[] {
  const searched = new Set<RelationAt>();
  return ({ flow, severity, subject }) => {
    const relation = program.relations.findIndex(({ name }) => name === subject);
    if (severity !== "error" || flow === undefined || relation < 0) return [];
    const wanted = affectedBy(program, { relation }, () => true).filter(
      (at) =>
        verdict.outputs.includes(at) &&
        !within(verdict.relations[at]?.level ?? "M", "M") &&
        !searched.has(at),
    );
    return wanted.map((at) => {
      searched.add(at);
      return witnessFor(program, at, search);
    });
  };
}

function witnessFor(
  program: Program,
  at: RelationAt,
  { stepsMax, ms, nowMs, functors }: WitnessSearch,
): WitnessReport {
  const endMs = nowMs() + ms;
  const result = witness(program, at, {
    ...(stepsMax !== undefined && { stepsMax }),
    functors,
    goOn: () => nowMs() < endMs,
  });
  const relation = program.relations[at]?.name ?? "";
  const report = { relation, lines: printWitness(program, at, result) };
  if (result.kind === "none") return report;
  const facts = (some: readonly InputFact[]): string[] =>
    some.map((fact) => printFact(program, fact));
  const tuples = (some: readonly InputFact["values"][]): string[] =>
    facts(some.map((values) => ({ relation: at, values })));
  return {
    ...report,
    found: {
      before: facts(result.before),
      added: facts(result.added),
      withdrawn: tuples(result.withdrawn),
      answerBefore: tuples(result.answerBefore),
      answerAfter: tuples(result.answerAfter),
    },
  };
}
