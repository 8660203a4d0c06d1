// What all strata of an evaluation share, and how a rule of one is run.
import { hasErrors, type Diagnostic } from "../base/diagnostic.ts";
import { firstScan, headsOf } from "../codegen/access.ts";
import { compiled, type Backend } from "../codegen/backend.ts";
import type { Counters, Environment, RuleCode } from "../codegen/code.ts";
import type { Plan, RulePlan } from "../plan/plan.ts";
import { operations, type Operations } from "../value/operations.ts";
import type { Implementations } from "../value/user-functor.ts";
import { Constants } from "./constants.ts";
import type { Database } from "./database.ts";
import { driftRules, type DriftRules } from "./drift.ts";
import { diagnosticOfFault, ruleWarnings } from "./fault-diagnostic.ts";
import { functorOf } from "./functors.ts";
import { LimitFault, memoryReached, type Limits } from "./limit.ts";
import { Recording, type Meter } from "./profile.ts";
import type { Relation } from "./relation.ts";
import { RuleStatistics, type Evaluation, type StratumStatistics } from "./statistics.ts";
import type { Workers } from "./workers.ts";

/** How a program is evaluated. */
export type EvaluateOptions = {
  /** How plans are run; compiled unless given. */
  readonly backend?: Backend;
  /** The present time in milliseconds, for the times in the result. */
  readonly clock?: () => number;
  readonly limits?: Limits;
  /** When join orders are thought over between rounds. */
  readonly drift?: DriftRules;
  /** Whether rules count what they do, and iterations and memory are recorded. */
  readonly profiled?: boolean;
  /** What computes the functors that the program declares. */
  readonly functors?: Implementations;
  /** The threads that share rules with this one; only for the memory that they work on. */
  readonly workers?: Workers;
  /** Is called when the rules that run once are done (round 0) and after each round. */
  readonly onProgress?: (progress: Progress) => void;
};

/** How far an evaluation is. */
export type Progress = {
  readonly stratum: number;
  readonly round: number;
  readonly derived: number;
};

/** An evaluation while it runs. */
export type Run = {
  readonly plan: Plan;
  readonly database: Database;
  readonly backend: Backend;
  readonly clock: (() => number) | undefined;
  readonly limits: Limits;
  readonly drift: DriftRules;
  readonly onProgress: ((progress: Progress) => void) | undefined;
  /** The constants that its code holds. */
  readonly constants: Constants;
  readonly operations: Operations;
  readonly functor: Environment["functor"];
  readonly counters: RunCounters;
  readonly diagnostics: Diagnostic[];
  readonly strata: StratumStatistics[];
  readonly rules: RuleStatistics;
  /** Absent unless the evaluation is profiled. */
  readonly recording: Recording | undefined;
  /** Absent where the evaluation has this thread alone. */
  readonly workers: Workers | undefined;
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

/** Returns a run in which nothing is derived yet. */
export function newRun(plan: Plan, database: Database, options: EvaluateOptions): Run {
  const run: Run = {
    plan,
    database,
    backend: options.backend ?? compiled,
    clock: options.clock,
    limits: options.limits ?? {},
    drift: options.drift ?? driftRules,
    onProgress: options.onProgress,
    constants: new Constants(database.values),
    operations: operations(database.values),
    functor: functorOf(database.values, options.functors),
    counters: new RunCounters(database),
    diagnostics: [],
    strata: [],
    rules: new RuleStatistics(),
    recording: options.profiled === true ? new Recording(() => meter(run)) : undefined,
    workers: options.workers?.workOn(database.memory) === true ? options.workers : undefined,
    stores: database.relations.map(({ tuples }) => tuples),
    classes: database.relations.map(({ classes }) => classes),
    sizes: [],
    rule: undefined,
    derived: 0,
  };
  return run;
}

function meter({ derived, database, clock }: Run): Meter {
  return { derived, bytes: database.memoryBytes, ms: clock?.() ?? 0 };
}

/** Has `derive` do its work within the limits of a run; returns what came of it. What goes wrong is
 * a diagnostic, and what was derived until then stays. */
export function evaluation(run: Run, derive: () => void): Evaluation {
  const { plan, database, diagnostics, strata, rules } = run;
  try {
    boundMemory(database, run.limits);
    run.recording?.begin();
    derive();
  } catch (fault) {
    diagnostics.push(diagnosticOfFault(fault, run.rule, rules, plan.relations));
  } finally {
    database.bound(Infinity);
    for (const relation of database.relations) relation.allow(Infinity);
  }
  const samples = run.recording?.samples;
  return {
    ...{ diagnostics, strata, rules: rules.all, complete: !hasErrors(diagnostics) },
    ...(samples !== undefined && { samples }),
  };
}

/** Rules are run on so many rows at a time; between them limits are looked at, and the forms of
 * sets. */
const rowsPerBlock = 1 << 12;

/** The code of some rules, by their places. */
export type RunnableRules = {
  /** Not the same after `reformed`. */
  readonly code: (at: number) => RuleCode;
  /** Is called when the set of a relation has another form. */
  readonly reformed: () => void;
  /** Says of a rule that it has nothing to do. */
  readonly idle: ((at: number) => boolean) | undefined;
};

/** Runs rules in order. */
export function runRules(run: Run, rules: readonly RulePlan[], runnable: RunnableRules): void {
  for (const [at, rule] of rules.entries()) {
    if (runnable.idle?.(at) === true) continue;
    run.rule = rule;
    const start = run.clock?.();
    const before = run.derived;
    const warnings = run.operations.warnings.length;
    const { recording } = run;
    const reading = recording?.now();
    try {
      runRule(run, rule, at, runnable);
    } finally {
      const effort = reading && recording?.since(reading);
      const ms = start === undefined ? undefined : (effort?.ms ?? run.clock!() - start);
      if (effort !== undefined) recording?.addRule(rule, effort);
      run.rules.add(rule, run.derived - before, ms, effort);
      run.diagnostics.push(...ruleWarnings(rule, run.operations.warnings.slice(warnings)));
    }
  }
}

function runRule(run: Run, rule: RulePlan, at: number, runnable: RunnableRules): void {
  const { database, limits } = run;
  const heads = headsOf(rule).map((of) => database.relations[of]!);
  /** Has tuples come in; returns whether code is another one now. */
  const step = (bring: () => void): boolean => {
    const before = rowsOf(heads);
    boundMemory(database, limits);
    for (const head of heads) {
      head.allow(head.rows + (limits.maxTuples ?? Infinity) - run.derived);
      head.tuples.makeReady();
    }
    try {
      bring();
    } finally {
      run.derived += rowsOf(heads) - before;
      run.recording?.sample();
    }
    let reformed = false;
    for (const { tuples } of heads) if (tuples.reform()) reformed = true;
    if (reformed) runnable.reformed();
    return reformed;
  };
  const runBlock = (from: number, to: number): void => {
    database.memory.reclaim();
    step(() => runnable.code(at)(from, to));
  };
  const scan = firstScan(rule);
  if (scan === undefined) {
    runBlock(0, 0);
    return;
  }
  const { from, to } = database.relations[scan.relation]!.scanned(scan.window);
  let { workers } = run;
  for (let row = from; row < to;) {
    const code = runnable.code(at);
    const halves = workers?.halvesOf(code, to - row);
    if (workers === undefined || halves === undefined) {
      const end = Math.min(row + rowsPerBlock, to);
      runBlock(row, end);
      row = end;
      continue;
    }
    database.memory.reclaim();
    const { form } = heads[0]!.tuples.set;
    const shared = workers.share({ code, halves, form, from: row, to, step });
    row = shared.row;
    if (shared.alone) workers = undefined;
  }
}

function rowsOf(relations: readonly Relation[]): number {
  let rows = 0;
  for (const relation of relations) rows += relation.rows;
  return rows;
}

/** Bounds what the database holds; refuses where it holds more already. */
function boundMemory(database: Database, { maxMemoryBytes = Infinity }: Limits): void {
  if (maxMemoryBytes === Infinity) return;
  database.bound(maxMemoryBytes);
  if (database.memoryBytes > maxMemoryBytes) throw new LimitFault("out-of-memory", memoryReached);
}

/** The numbers that rules ask for: a counter for the whole run, and the round. */
export class RunCounters implements Counters {
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
