// The search for witnesses: which findings it is about, and how long it takes.
import type { Monotonicity } from "../analysis/levels.ts";
import { affectedBy, within } from "../analysis/monotone.ts";
import type { Program, RelationAt } from "../analysis/program.ts";
import type { Diagnostic } from "../base/diagnostic.ts";
import type { Implementations } from "../value/user-functor.ts";
import { printFact, type InputFact } from "../witness/fact.ts";
import { printWitness } from "../witness/print.ts";
import { witness } from "../witness/witness.ts";
import type { FileReport, WitnessReport } from "./check-report.ts";

/** How witnesses are looked for. */
export type WitnessSearch = {
  readonly stepsMax?: number;
  /** How long one search may take, and the clock for that. */
  readonly ms: number;
  readonly nowMs: () => number;
  readonly functors: Implementations;
  /** Is told what is being done. */
  readonly say: (text: string) => void;
};

/** A program and what is known of its levels. */
export type Judged = { readonly program: Program; readonly verdict: Monotonicity };

/** Returns the files with witnesses: for each finding that counts, one for each output that it keeps
 * from being monotone, the nearest first. An output is searched once, for the first finding about
 * it. `judged` has the programs, each at the place of its file. */
export function withWitnesses(
  files: readonly FileReport[],
  judged: readonly (Judged | undefined)[],
  search: WitnessSearch,
): FileReport[] {
  return files.map((file, at) => {
    const known = judged[at];
    if (known === undefined) return file;
    const searched = new Set<RelationAt>();
    const findings = file.findings.map((finding) => {
      if (finding.suppression !== undefined) return finding;
      const outputs = outputsOf(finding.diagnostic, known).filter((of) => !searched.has(of));
      for (const output of outputs) searched.add(output);
      const witnesses = outputs.map((output) => witnessFor(known.program, output, search));
      return { ...finding, witnesses };
    });
    return { ...file, findings };
  });
}

/** The outputs that a finding keeps from being monotone. */
function outputsOf({ flow, subject }: Diagnostic, { program, verdict }: Judged): RelationAt[] {
  const relation = program.relations.findIndex(({ name }) => name === subject);
  if (flow === undefined || relation < 0) return [];
  return affectedBy(program, { relation }, () => true).filter(
    (at) => verdict.outputs.includes(at) && !within(verdict.relations[at]?.level ?? "M", "M"),
  );
}

function witnessFor(
  program: Program,
  at: RelationAt,
  { stepsMax, ms, nowMs, functors, say }: WitnessSearch,
): WitnessReport {
  const relation = program.relations[at]?.name ?? "";
  say(`looking for a witness of ${relation}`);
  const endMs = nowMs() + ms;
  const result = witness(program, at, {
    ...(stepsMax !== undefined && { stepsMax }),
    functors,
    goOn: () => nowMs() < endMs,
  });
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
