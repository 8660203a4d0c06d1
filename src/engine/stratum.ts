// A stratum's plan, brought to where its relations are, and the rounds to its fixpoint.
import { deltaOf, type IndexNeed, indexNeeds, indexPlaces, setsOf } from "../codegen/access.ts";
import { joinOf } from "../codegen/interpret-expression.ts";
import type { Effort, Environment, RuleCode, StratumCode } from "../codegen/code.ts";
import type { SetForm } from "../codegen/store.ts";
import type { RulePlan, StratumPlan } from "../plan/plan.ts";
import type { Database } from "./database.ts";
import type { ComposedIndex } from "./composed-index.ts";
import { Drift } from "./drift.ts";
import type { GroupIndex } from "./group-index.ts";
import type { TupleIndex } from "./row-index.ts";
import { LimitFault } from "./limit.ts";
import { droppedRowsMin, type Relation } from "./relation.ts";
import { runRules, type Run, type RunCounters } from "./run.ts";

/** The code of a stratum's plan with the indexes that it works on. */
export type LinkedStratum = {
  stratum: StratumPlan;
  /** For sets of these forms, by relation; `linkAnew` makes another for others. */
  code: StratumCode;
  forms: readonly SetForm[];
  /** What its rules have met so far, whatever their code was. */
  readonly efforts: Map<RulePlan, Effort>;
  indexes: readonly LinkedIndex[];
  /** Returns the plan that its rounds are better run by from now on; the same one where there is
   * none. Absent where they go on as they are. */
  readonly revised?: (before: StratumPlan) => StratumPlan;
};

/** An index, with the relation whose rows it holds. */
type LinkedIndex = {
  readonly index: GroupIndex | ComposedIndex | TupleIndex;
  readonly of: Relation;
};

/** Returns a stratum's plan as code on the relations of a run. The indexes are those that the
 * relations have, or new ones; where evaluations follow each other, none is given up for another
 * form. */
export function linked(
  run: Run,
  stratum: StratumPlan,
  revised?: LinkedStratum["revised"],
): LinkedStratum {
  const indexes = linkedIndexes(run, stratum);
  const forms = formsOf(run);
  const efforts = new Map<RulePlan, Effort>();
  const code = codeOf(run, { stratum, indexes, efforts }, forms);
  return { stratum, code, forms, efforts, indexes, ...(revised && { revised }) };
}

/** Has the rounds go on by another plan, if there is a better one by now. Rules that it has, too,
 * keep their code if they work on the same indexes. */
function revise(run: Run, linkedStratum: LinkedStratum): void {
  const { stratum: before, revised } = linkedStratum;
  const stratum = revised?.(before) ?? before;
  if (stratum === before) return;
  linkAnew(run, linkedStratum);
  const { indexes: worked, code: old, forms, efforts } = linkedStratum;
  const indexes = linkedIndexes(run, stratum);
  const code = codeOf(run, { stratum, indexes, efforts }, forms);
  const rounds = stratum.rounds.map((rule, at) => {
    const place = before.rounds.indexOf(rule);
    if (place < 0) return code.rounds[at]!;
    const then = indexPlaces(before, rule);
    const same = indexPlaces(stratum, rule).every(
      (one, use) => indexes[one]!.index === worked[then[use]!]!.index,
    );
    return same ? old.rounds[place]! : code.rounds[at]!;
  });
  Object.assign(linkedStratum, { stratum, indexes, code: { ...code, rounds } });
}

function linkedIndexes(run: Run, stratum: StratumPlan): LinkedIndex[] {
  const kept = stratum.maintained === true;
  const needs = indexNeeds(stratum);
  return needs.map(({ relation, columns, form, windowed, composed }) => {
    const of = run.database.relations[relation]!;
    if (form === "tuples") {
      const index = of.rowIndex();
      const minor = minorOf(needs, relation);
      if (minor !== undefined) index.layBeside(minor);
      return { index, of };
    }
    if (composed !== undefined) {
      const other = run.database.relations[composed.relation]!;
      return { index: of.composition(columns[0]!, other, composed.column), of };
    }
    const index = of.index(columns, form, kept);
    if (windowed === true) index.tellStable();
    return { index, of };
  });
}

/** The column in which those tuples of a relation differ that rules look for one after the other,
 * if they do: the one that is left beside a key. */
function minorOf(needs: readonly IndexNeed[], relation: number): number | undefined {
  const beside = needs.find((need) => need.relation === relation && need.form !== "tuples");
  const tuples = needs.find((need) => need.relation === relation && need.form === "tuples");
  return beside && tuples?.columns.find((column) => !beside.columns.includes(column));
}

/** Where sets have other forms than the code of a stratum is for, has it for these. Rules whose
 * sets are as they were keep their code, which the machine may have made fast. */
function linkAnew(run: Run, linkedStratum: LinkedStratum): void {
  const { stratum, forms: before, code: old } = linkedStratum;
  if (run.stores.every(({ set }, at) => set.form === before[at])) return;
  const forms = formsOf(run);
  const code = codeOf(run, linkedStratum, forms);
  const current = (part: keyof StratumCode): RuleCode[] =>
    (stratum[part] ?? []).map((rule, at) => {
      const same = setsOf(stratum, rule).every((of) => forms[of] === before[of]);
      return (same ? old : code)[part]![at]!;
    });
  linkedStratum.forms = forms;
  linkedStratum.code = {
    ...{ once: current("once"), rounds: current("rounds") },
    subsumptions: current("subsumptions"),
  };
}

function formsOf({ stores }: Run): SetForm[] {
  return stores.map(({ set }) => set.form);
}

function codeOf(
  { backend, database, recording, ...run }: Run,
  { stratum, indexes, efforts }: Pick<LinkedStratum, "stratum" | "indexes" | "efforts">,
  forms: readonly SetForm[],
): StratumCode {
  const { stores, classes, operations, counters, functor } = run;
  return backend({ ...stratum, forms, tallied: recording !== undefined })({
    ...{ stores, classes, indexes: indexes.map(({ index }) => index), values: database.values },
    constant: constantOf(run),
    ...{ operations, counters, functor, heap: database.memory },
    effort: (rule) => {
      const effort = efforts.get(rule) ?? { rows: 0 };
      efforts.set(rule, effort);
      return effort;
    },
    onWasm: (rule) => run.rules.inWasm(rule),
    ...(recording !== undefined && { tally: recording.tally }),
  });
}

function constantOf({ constants }: Pick<Run, "constants">): Environment["constant"] {
  return (kind, value) => constants.word(kind, value);
}

/** Evaluates a stratum whose relations hold nothing that is derived yet; what is in them is taken
 * for new. Where evaluations follow each other, rows stay joined for the next. `start` is when it
 * was begun to be planned. */
export function evaluateStratum(
  run: Run,
  linkedStratum: LinkedStratum,
  start = run.clock?.(),
): void {
  const { stratum } = linkedStratum;
  const { database, sizes } = run;
  // Nothing that the stratum computes is visible until its first round.
  for (const at of stratum.computes) database.relations[at]!.show(false);
  try {
    joinLattices(run, stratum);
    runStratum(run, linkedStratum, start);
  } finally {
    for (const at of stratum.computes) {
      const relation = database.relations[at]!;
      relation.finish(stratum.maintained === true);
      relation.show(true);
      sizes[at] = relation.size;
    }
  }
}

/** Derives what the rules of a stratum give, up to the fixpoint. What they see in the beginning is
 * what is visible. What was derived last may be pending in the end. */
export function runStratum(run: Run, linkedStratum: LinkedStratum, start = run.clock?.()): void {
  const { stratum } = linkedStratum;
  const { recording, counters } = run;
  const derivedBefore = run.derived;
  const again = stratum.rounds.length > 0 || stratum.subsumptions !== undefined;
  let rounds = 0;
  recording?.beginStratum();
  try {
    runOnce(run, linkedStratum);
    run.onProgress?.({ stratum: stratum.at, round: 0, derived: run.derived });
    recording?.endIteration(0);
    if (again) rounds = fixpoint(run, linkedStratum);
  } finally {
    const iterations = recording?.endStratum(counters.round);
    // A fault leaves the round that it met, which is not finished.
    if (counters.round > 0) rounds = endOfRounds(counters);
    run.strata.push({
      relations: stratum.computes,
      rounds,
      derived: run.derived - derivedBefore,
      ...(start !== undefined && { ms: run.clock!() - start }),
      ...(iterations !== undefined && { iterations }),
    });
  }
}

/** Runs the rules of a stratum that run once, and nothing else. Where none of them has anything to
 * do, no index is made or extended. */
export function runOnce(run: Run, linkedStratum: LinkedStratum): void {
  linkAnew(run, linkedStratum);
  const { stratum } = linkedStratum;
  const isIdle = idle(run, stratum, stratum.once);
  if (isIdle !== undefined && stratum.once.every((_, at) => isIdle(at))) return;
  extend(linkedStratum);
  runPart(run, linkedStratum, "once");
}

/** Has the relations of a stratum that have lattice columns join what comes in. */
function joinLattices(
  run: Run,
  { computes, relations }: Pick<StratumPlan, "computes" | "relations">,
): void {
  const { database, operations: computed, counters, functor } = run;
  const { values } = database;
  const constant = constantOf(run);
  const environment = { values, constant, operations: computed, counters, functor };
  for (const at of computes) {
    const { lattices } = relations[at]!;
    if (lattices === undefined) continue;
    database.relations[at]!.joinBy(lattices.map((lattice) => joinOf(environment, lattice)));
  }
}

/** Runs rounds until none derives anything; returns how many there were. */
function fixpoint(run: Run, linkedStratum: LinkedStratum): number {
  const { stratum } = linkedStratum;
  const { database, counters, limits } = run;
  const computed = stratum.computes.map((at) => database.relations[at]!);
  const drift = linkedStratum.revised && new Drift(computed, run.drift);
  for (counters.round = 1; ; counters.round++) {
    const grown = computed.map((relation) => relation.advance());
    if (!grown.includes(true)) return endOfRounds(counters);
    if (stratum.subsumptions !== undefined) subsume(run, linkedStratum);
    if (stratum.rounds.length === 0 || full(stratum, database)) return endOfRounds(counters);
    if (counters.round > (limits.maxRounds ?? Infinity))
      throw new LimitFault(
        "too-many-rounds",
        `the limit of ${counters.round - 1} rounds is reached`,
      );
    if (drift?.outgrown() === true) revise(run, linkedStratum);
    extend(linkedStratum);
    runPart(run, linkedStratum, "rounds");
    run.onProgress?.({ stratum: stratum.at, round: counters.round, derived: run.derived });
    run.recording?.endIteration(counters.round);
  }
}

function runPart(run: Run, linkedStratum: LinkedStratum, part: keyof StratumCode): void {
  const { stratum } = linkedStratum;
  const rules = stratum[part] ?? [];
  runRules(run, rules, {
    code: (at) => linkedStratum.code[part]![at]!,
    reformed: () => linkAnew(run, linkedStratum),
    idle: part === "subsumptions" ? undefined : idle(run, stratum, rules),
  });
}

/** Says which rules have nothing to do, as the delta that they read is empty: where evaluations
 * follow each other that is most of them. */
function idle(
  { database }: Run,
  { maintained }: StratumPlan,
  rules: readonly RulePlan[],
): ((at: number) => boolean) | undefined {
  if (maintained !== true) return undefined;
  return (at) => {
    const delta = deltaOf(rules[at]!);
    if (delta < 0) return false;
    const { from, to } = database.relations[delta]!.scanned("delta");
    return from >= to;
  };
}

/** Drops what the delta subsumes, and of the delta what is subsumed. Where most rows are dropped,
 * they are taken out, so that nobody meets them again: a tuple that comes back is dropped for the
 * same reason as before, for subsumption is transitive. */
function subsume(run: Run, linkedStratum: LinkedStratum): void {
  const computed = linkedStratum.stratum.computes.map((at) => run.database.relations[at]!);
  for (const { tuples } of computed) tuples.coverDropped();
  extend(linkedStratum);
  runPart(run, linkedStratum, "subsumptions");
  for (const relation of computed) {
    const { kept, size } = relation.tuples;
    if (size > droppedRowsMin && kept < size / 2) relation.compact();
  }
}

function endOfRounds(counters: RunCounters): number {
  const rounds = counters.round - 1;
  counters.round = 0;
  return rounds;
}

/** Whether a relation of the stratum has come to its `.limitsize`. */
function full({ computes, relations }: StratumPlan, database: Database): boolean {
  return computes.some((at) => {
    const { classes, tuples } = database.relations[at]!;
    return (classes?.size ?? tuples.kept) >= (relations[at]!.limit ?? Infinity);
  });
}

/** Takes what is visible into the indexes. */
function extend({ indexes }: LinkedStratum): void {
  for (const { index, of } of indexes) index.extend(of.tuples.to);
}
