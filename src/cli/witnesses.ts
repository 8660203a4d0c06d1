// The search for witnesses: which findings it is about, and how long it takes.
import type { Monotonicity } from "../analysis/levels.ts";
import { affectedBy, within } from "../analysis/monotone.ts";
import type { Program, RelationAt } from "../analysis/program.ts";
import { interpreted } from "../codegen/backend.ts";
import { missingFunctors } from "../engine/functors.ts";
import { networkProgram, saysNetwork } from "../plan/network.ts";
import { plan } from "../plan/program.ts";
import { Model } from "../transducer/model.ts";
import type { Implementations } from "../value/user-functor.ts";
import { printFact, type InputFact } from "../witness/fact.ts";
import { printWitness } from "../witness/print.ts";
import { witness } from "../witness/witness.ts";
import { deliveryWitness, deliveryWitnessLines } from "../sim/delivery-witness.ts";
import type { FileReport, Finding, WitnessReport } from "./check-report.ts";

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

/** Returns the files with witnesses for the findings that count: see `sought`. `judged` has the
 * programs, each at the place of its file. */
export function withWitnesses(
  files: readonly FileReport[],
  judged: readonly (Judged | undefined)[],
  search: WitnessSearch,
): FileReport[] {
  return files.map((file, at) => {
    const known = judged[at];
    if (known === undefined) return file;
    const relations = sought(file.findings, known);
    const findings = file.findings.map((finding, of) => ({
      ...finding,
      witnesses: (relations[of] ?? []).map((one) => witnessFor(known.program, one, search)),
    }));
    return { ...file, findings };
  });
}

/** For each finding, the relations whose witnesses belong to it. A witness of an output tells most
 * of a finding about the output itself, else of the first one that keeps it from being monotone; a
 * finding that is left without gets the witness of the relation that it is about. No relation is
 * searched twice. */
function sought(findings: readonly Finding[], judged: Judged): RelationAt[][] {
  const { program, verdict } = judged;
  const refused = (at: RelationAt): boolean => !within(verdict.relations[at]?.level ?? "M", "M");
  const subjects = findings.map(({ diagnostic: { flow, subject }, suppression }) => {
    if (flow === undefined || suppression !== undefined) return undefined;
    const at = program.relations.findIndex(({ name }) => name === subject);
    return at >= 0 && refused(at) ? at : undefined;
  });
  const found: RelationAt[][] = findings.map(() => []);
  const taken = new Set<RelationAt>();
  const take = (of: number, relation: RelationAt): void => {
    if (taken.has(relation)) return;
    taken.add(relation);
    found[of]?.push(relation);
  };
  const outputs = verdict.outputs.filter(refused);
  for (const [of, subject] of subjects.entries())
    if (subject !== undefined && outputs.includes(subject)) take(of, subject);
  for (const [of, relation] of subjects.entries()) {
    if (relation === undefined) continue;
    const affected = affectedBy(program, { relation }, () => true);
    for (const at of affected) if (outputs.includes(at)) take(of, at);
  }
  for (const [of, subject] of subjects.entries())
    if (subject !== undefined && found[of]?.length === 0) take(of, subject);
  return found;
}

function witnessFor(
  program: Program,
  at: RelationAt,
  { stepsMax, ms, nowMs, functors, say }: WitnessSearch,
): WitnessReport {
  const relation = program.relations[at]?.name ?? "";
  say(`looking for a witness of ${relation}`);
  const endMs = nowMs() + ms;
  const goOn = (): boolean => nowMs() < endMs;
  const result = witness(program, at, {
    ...(stepsMax !== undefined && { stepsMax }),
    functors,
    goOn,
  });
  const report = { relation, lines: printWitness(program, at, result) };
  if (result.kind === "none") {
    const lines = result.unsearched === undefined ? [] : ordersOfDelivery(program, functors, goOn);
    return lines.length > 0 ? { relation, lines } : report;
  }
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

/** How many states of networks are looked at for one relation. */
const deliveryStatesMax = 5_000;

/** Returns the witness that a program for a network has: two orders in which the same arrives, with
 * different answers. Empty where the program is none, or none is found. */
function ordersOfDelivery(
  program: Program,
  functors: Implementations,
  goOn: () => boolean,
): readonly string[] {
  if (!saysNetwork(program)) return [];
  const network = networkProgram(program);
  const steps = plan(network.step);
  if (missingFunctors(steps, functors).length > 0) return [];
  const model = new Model({ network, plan: steps, backend: interpreted, functors });
  const found = deliveryWitness(model, { goOn, statesMax: deliveryStatesMax });
  return found === undefined
    ? []
    : ["witness: two runs on the same input", ...deliveryWitnessLines(model, found)];
}
