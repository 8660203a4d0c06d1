// From facts to the fixpoint: strata in order, each with the rules that run once and then, while
// something is new, the rounds of the rest.
import type { Diagnostic } from "../base/diagnostic.ts";
import { firstScan, headOf, indexNeeds } from "../codegen/access.ts";
import { compiled, type Backend } from "../codegen/backend.ts";
import { joinOf } from "../codegen/interpret-expression.ts";
import type { Counters, Environment, RuleCode, StratumCode } from "../codegen/code.ts";
import type { Plan, RulePlan, StratumPlan } from "../plan/plan.ts";
import { operations, type Operations } from "../value/operations.ts";
import type { Implementations } from "../value/user-functor.ts";
import type { Database } from "./database.ts";
import { droppedRowsMin } from "./relation.ts";
import { diagnosticOfFault, ruleWarnings } from "./fault-diagnostic.ts";
import { functorOf, missingFunctors } from "./functors.ts";
import type { GroupIndex } from "./group-index.ts";
import { LimitFault, type Limits } from "./limit.ts";
import { RuleStatistics, type Evaluation, type StratumStatistics } from "./statistics.ts";

/** How a program is evaluated. */
export type EvaluateOptions = {
  /** How plans are run; compiled unless given. */
  readonly backend?: Backend;
  /** The present time in milliseconds, for the times in the result. */
  readonly clock?: () => number;
  readonly limits?: Limits;
  /** What computes the functors that the program declares. */
  readonly functors?: Implementations;
  /** Is called when the rules that run once are done (round 0) and after each round. */
  readonly onProgress?: (progress: Progress) => void;
};

/** How far an evaluation is. */
export type Progress = {
  readonly stratum: number;
  readonly round: number;
  readonly derived: number;
};

/** Derives all that follows from the facts of the program and what is in `database`. What goes
 * wrong is a diagnostic, and what was derived until then stays. */
export function evaluate(
  plan: Plan,
  database: Database,
  options: EvaluateOptions = {},
): Evaluation {
  const run: Run = {
    plan,
    database,
    backend: options.backend ?? compiled,
    clock: options.clock,
    limits: options.limits ?? {},
    onProgress: options.onProgress,
    operations: operations(database.values),
    functor: functorOf(database.values, options.functors),
    counters: new RunCounters(database),
    diagnostics: [],
    strata: [],
    rules: new RuleStatistics(),
    stores: database.relations.map(({ tuples }) => tuples),
    classes: database.relations.map(({ classes }) => classes),
    sizes: [],
    rule: undefined,
    derived: 0,
  };
  run.diagnostics.push(...missingFunctors(plan, options.functors));
  if (run.diagnostics.length > 0)
    return { diagnostics: run.diagnostics, strata: [], rules: [], complete: false };
  try {
    boundMemory(database, run.limits);
    insertFacts(plan, database);
    for (const relation of database.relations) {
      relation.show(true);
      run.sizes.push(relation.size);
    }
    for (let at = 0; at < plan.strata.length; at++) evaluateStratum(run, at);
  } catch (fault) {
    run.diagnostics.push(diagnosticOfFault(fault, run.rule, run.rules, plan.relations));
  } finally {
    database.memory.bytesMax = Infinity;
    for (const relation of database.relations) relation.allow(Infinity);
  }
  const { diagnostics, strata, rules } = run;
  return { diagnostics, strata, rules: rules.all, complete: !diagnostics.some(isError) };
}

type Run = {
  readonly plan: Plan;
  readonly database: Database;
  readonly backend: Backend;
  readonly clock: (() => number) | undefined;
  readonly limits: Limits;
  readonly onProgress: ((progress: Progress) => void) | undefined;
  readonly operations: Operations;
  readonly functor: Environment["functor"];
  readonly counters: RunCounters;
  readonly diagnostics: Diagnostic[];
  readonly strata: StratumStatistics[];
  readonly rules: RuleStatistics;
  /** The relations' rows and classes; what is constant is not gathered for every stratum. */
  readonly stores: Environment["stores"];
  readonly classes: Environment["classes"];
  /** How many tuples each relation holds that is not being computed. */
  readonly sizes: number[];
  /** The rule that runs, or ran last: faults are its. */
  rule: RulePlan | undefined;
  /** How many tuples rules have derived. */
  derived: number;
};

/** Rules are run on so many rows at a time; between them limits are looked at. */
const rowsPerBlock = 1 << 16;

function insertFacts({ facts, relations }: Plan, { values, relations: stored }: Database): void {
  for (const { relation, values: tuple } of facts) {
    const { attributes } = relations[relation]!;
    stored[relation]!.insert(tuple.map((value, at) => values.encode(attributes[at]!.kind, value)));
  }
}

function evaluateStratum(run: Run, at: number): void {
  const { plan, database, clock } = run;
  const start = clock?.();
  const derivedBefore = run.derived;
  const stratum = plan.stratum(at, run.sizes);
  // Nothing that the stratum computes is visible until its first round.
  for (const relation of stratum.computes) database.relations[relation]!.show(false);
  const indexes = indexNeeds(stratum).map(({ relation, columns, form }) =>
    database.relations[relation]!.index(columns, form),
  );
  const code = run.backend(stratum)({
    stores: run.stores,
    classes: run.classes,
    indexes,
    values: database.values,
    operations: run.operations,
    counters: run.counters,
    functor: run.functor,
  });
  let rounds = 0;
  try {
    joinLattices(run, stratum);
    extend(stratum, database, indexes);
    runRules(run, stratum.once, code.once);
    run.onProgress?.({ stratum: at, round: 0, derived: run.derived });
    if (stratum.rounds.length > 0 || stratum.subsumptions !== undefined)
      rounds = fixpoint(run, stratum, code, indexes);
  } finally {
    for (const at of stratum.computes) {
      const relation = database.relations[at]!;
      relation.finish();
      relation.show(true);
      run.sizes[at] = relation.size;
    }
  }
  const derived = run.derived - derivedBefore;
  run.strata.push({
    relations: stratum.computes,
    rounds,
    derived,
    ...(start === undefined ? {} : { ms: run.clock!() - start }),
  });
}

/** Has the relations of a stratum that have lattice columns join what comes in. */
function joinLattices(run: Run, { computes, relations }: StratumPlan): void {
  const { database, operations: computed, counters, functor } = run;
  const environment = { values: database.values, operations: computed, counters, functor };
  for (const at of computes) {
    const { lattices } = relations[at]!;
    if (lattices === undefined) continue;
    database.relations[at]!.joinBy(lattices.map((lattice) => joinOf(environment, lattice)));
  }
}

/** Runs rounds until none derives anything; returns how many there were. */
function fixpoint(
  run: Run,
  stratum: StratumPlan,
  code: StratumCode,
  indexes: readonly GroupIndex[],
): number {
  const { database, counters, limits } = run;
  const computed = stratum.computes.map((at) => database.relations[at]!);
  for (counters.round = 1; ; counters.round++) {
    const grown = computed.map((relation) => relation.advance());
    if (!grown.includes(true)) return endOfRounds(counters);
    if (stratum.subsumptions !== undefined) subsume(run, stratum, code, indexes);
    if (stratum.rounds.length === 0 || full(stratum, database)) return endOfRounds(counters);
    if (counters.round > (limits.maxRounds ?? Infinity))
      throw new LimitFault(
        "too-many-rounds",
        `the limit of ${counters.round - 1} rounds is reached`,
      );
    extend(stratum, database, indexes);
    runRules(run, stratum.rounds, code.rounds);
    run.onProgress?.({ stratum: stratum.at, round: counters.round, derived: run.derived });
  }
}

/** Drops what the delta subsumes, and of the delta what is subsumed. Where most rows are dropped,
 * they are taken out, so that nobody meets them again: a tuple that comes back is dropped for the
 * same reason as before, for subsumption is transitive. */
function subsume(
  run: Run,
  stratum: StratumPlan,
  code: StratumCode,
  indexes: readonly GroupIndex[],
): void {
  const computed = stratum.computes.map((at) => run.database.relations[at]!);
  for (const { tuples } of computed) tuples.coverDropped();
  extend(stratum, run.database, indexes);
  runRules(run, stratum.subsumptions ?? [], code.subsumptions ?? []);
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

function extend(stratum: StratumPlan, database: Database, indexes: readonly GroupIndex[]): void {
  for (const [at, { relation }] of indexNeeds(stratum).entries())
    indexes[at]!.extend(database.relations[relation]!.tuples.to);
}

function runRules(run: Run, rules: readonly RulePlan[], code: readonly RuleCode[]): void {
  for (const [at, rule] of rules.entries()) {
    run.rule = rule;
    const start = run.clock?.();
    const before = run.derived;
    const warnings = run.operations.warnings.length;
    try {
      runRule(run, rule, code[at]!);
    } finally {
      const ms = start === undefined ? undefined : run.clock!() - start;
      run.rules.add(rule, run.derived - before, ms);
      run.diagnostics.push(...ruleWarnings(rule, run.operations.warnings.slice(warnings)));
    }
  }
}

function runRule(run: Run, rule: RulePlan, code: RuleCode): void {
  const { database, limits } = run;
  const head = database.relations[headOf(rule)]!;
  const runBlock = (from: number, to: number): void => {
    const before = head.size;
    boundMemory(database, limits);
    head.allow(before + (limits.maxTuples ?? Infinity) - run.derived);
    try {
      code(from, to);
    } finally {
      run.derived += head.size - before;
    }
  };
  const scan = firstScan(rule);
  if (scan === undefined) {
    runBlock(0, 0);
    return;
  }
  const { from, to } = database.relations[scan.relation]!.scanned(scan.window);
  for (let row = from; row < to; row += rowsPerBlock)
    runBlock(row, Math.min(row + rowsPerBlock, to));
}

/** What the values hold is not the relations' to have. */
function boundMemory(database: Database, { maxMemoryBytes = Infinity }: Limits): void {
  database.memory.bytesMax = maxMemoryBytes - database.values.memoryBytes;
  if (database.memory.bytes > database.memory.bytesMax)
    throw new LimitFault("out-of-memory", "the limit of memory is reached");
}

function isError({ severity }: Diagnostic): boolean {
  return severity === "error";
}

/** The numbers that rules ask for: a counter for the whole run, and the round. */
class RunCounters implements Counters {
  round = 0;
  private next = 0;
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  counter(): number {
    return this.database.values.ofInteger(this.next++);
  }

  iteration(): number {
    return this.round;
  }
}
