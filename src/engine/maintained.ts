// A program's relations while facts come in: each run derives what follows from what is new, and
// leaves alone what does not depend on it.
import type { Plan, Upkeep } from "../plan/plan.ts";
import type { Word } from "../value/word.ts";
import { changeOf, type Change, type Rows } from "./change.ts";
import type { Database } from "./database.ts";
import { former } from "./former.ts";
import { missingFunctors } from "./functors.ts";
import { Inputs } from "./inputs.ts";
import { KeptPlans } from "./kept-plans.ts";
import { Reclaiming, reclaimRules, type ReclaimRules, type ShowWords } from "./reclaim.ts";
import { columnsOf } from "./relation.ts";
import { Removal } from "./removal.ts";
import { evaluation, newRun, type EvaluateOptions, type Run } from "./run.ts";
import { RuleStatistics, type Evaluation } from "./statistics.ts";
import { evaluateStratum, runStratum } from "./stratum.ts";

/** How a program is kept up. */
export type MaintainOptions = EvaluateOptions & {
  /** Whether a relation, by its place, is monotone: it keeps its tuples when facts are inserted, or
   * larger ones of its lattices in their places (level `M` of `analysis/levels.ts`, all that facts
   * are inserted into being input). Then rules that
   * aggregate, or read lattices, are run once more on top of what they gave before. Without it they
   * are run anew when what they read changes. */
  readonly grows?: (relation: number) => boolean;
  /** When `reclaim` makes a pass. */
  readonly reclaims?: ReclaimRules;
};

/** What came of one run. */
export type Maintenance = {
  readonly evaluation: Evaluation;
  /** By relation, in the order of places; what has not changed is not listed. Empty where the
   * evaluation is not complete: the next one that is says of everything that it is replaced. */
  readonly changes: readonly Change[];
  /** How many tuples were looked at, as they, or others that they were derived from, had lost a
   * derivation: each once, whether it went or was proved again. */
  readonly doubted: number;
};

/** The relations of a program, kept up with facts that are inserted and removed. `run` brings them
 * to what `evaluate` gives on all facts at once, but for what depends on the order of facts: of a
 * choice domain, what was chosen stays chosen, and counters go on.
 *
 * The database is its own from the beginning; what is in it then counts as inserted. Between an
 * insertion and the next run relations are not to be read.
 *
 * A run costs what it changes: strata that read nothing new are not looked at, rules begin with the
 * new rows (semi-naive evaluation with a delta for every atom), tuples whose derivations ended are
 * found from what is removed (`Removal`), aggregates are computed again of the groups that changed,
 * and no relation, index or table is gone through as a whole, but where most of its rows are
 * dropped. The first run that needs an index makes it.
 *
 * As much as a whole stratum costs the removal of much of what it holds (`Removal` says how much),
 * and what cannot be kept up so: equivalences, lattices, choice domains, subsumption, limits, and
 * rules with counters, rounds or stateful functors, where anything is removed below or a negation
 * or an aggregate reads what changed; and what reads equivalences or lattices that lost something.
 * With `grows` lattices are only added to. A stratum that is evaluated anew is compared with what
 * it was: to the strata above it just the difference is a change. */
export class Maintained {
  private readonly plan: Plan;
  private readonly database: Database;
  private readonly options: MaintainOptions;
  private readonly upkeeps: readonly Upkeep[];
  /** The stratum of each relation. */
  private readonly stratumOf: readonly number[];
  /** The strata that read each relation. */
  private readonly readers: readonly (readonly number[])[];
  private readonly inputs: Inputs;
  private readonly run0: Run;
  private readonly plans: KeptPlans;
  private readonly reclaiming: Reclaiming;
  /** What became of each relation in this run. */
  private readonly changed = new Map<number, Change["kind"]>();
  /** The strata that there is something to do for in this run. */
  private readonly touched = new Set<number>();
  /** What was inserted into relations that rules derive, and now is not. */
  private readonly lost = new Map<number, readonly (readonly Word[])[]>();
  /** What is known of relations that have lost tuples. */
  private readonly rows = new Map<number, Rows>();
  private removal: Removal | undefined;
  /** What is there cannot be gone on from. */
  private stale: "never run" | "failed" | undefined = "never run";

  constructor(plan: Plan, database: Database, options: MaintainOptions = {}) {
    this.plan = plan;
    this.database = database;
    this.options = options;
    this.upkeeps = plan.strata.map((_, at) => plan.upkeep(at));
    const stratumOf = plan.relations.map(() => 0);
    const readers = plan.relations.map((): number[] => []);
    for (const [at, relations] of plan.strata.entries()) {
      for (const relation of relations) stratumOf[relation] = at;
      const { joins, wholes } = this.upkeeps[at]!;
      for (const relation of new Set([...joins, ...wholes])) readers[relation]!.push(at);
    }
    this.stratumOf = stratumOf;
    this.readers = readers;
    const derived = stratumOf.map((at) => this.upkeeps[at]!.derived);
    this.inputs = new Inputs(plan, database, derived);
    this.run0 = newRun(plan, database, options);
    this.plans = new KeptPlans(plan, this.upkeeps);
    this.reclaiming = new Reclaiming(database.values, options.reclaims ?? reclaimRules);
  }

  /** Adds a fact; returns whether it had not been inserted, though rules may have derived it. */
  insert(relation: number, words: readonly Word[]): boolean {
    return this.inputs.insert(relation, words);
  }

  /** Adds `count` facts, given as columns; returns how many of them had not been inserted. */
  append(relation: number, columns: readonly Int32Array[], count: number): number {
    return this.inputs.append(relation, columns, count);
  }

  /** Removes a fact that was inserted; returns whether it had been. It is still there if the text
   * states it, or rules derive it. */
  remove(relation: number, words: readonly Word[]): boolean {
    return this.inputs.remove(relation, words);
  }

  /** Returns what was inserted into a relation and not removed, as columns; of one that no rule
   * derives with what the text states. To be called between a run and what changes it. */
  given(relation: number): { readonly columns: readonly Int32Array[]; readonly size: number } {
    const given = this.inputs.given(relation);
    return { columns: columnsOf(given), size: given.size };
  }

  /** Whether a fact is among those that `given` returns. */
  isGiven(relation: number, words: readonly Word[]): boolean {
    return this.inputs.given(relation).has(words);
  }

  /** Derives what follows from what was inserted since the last run, and takes back what followed
   * from what was removed. Limits are of this run. After an error the next run begins anew. */
  run(): Maintenance {
    const { plan, options, stale } = this;
    const diagnostics = missingFunctors(plan, options.functors);
    if (diagnostics.length > 0)
      return {
        evaluation: { diagnostics, strata: [], rules: [], complete: false },
        changes: [],
        doubted: 0,
      };
    const fresh = { diagnostics: [], strata: [], rules: new RuleStatistics() };
    const run: Run = { ...this.run0, ...fresh };
    this.database.memory.reclaim();
    run.counters.round = 0;
    this.stale = "failed";
    this.changed.clear();
    this.touched.clear();
    this.lost.clear();
    this.rows.clear();
    const doubtedBefore = this.removal?.doubted ?? 0;
    const result = evaluation(run, () => {
      if (stale === undefined) this.keepUp(run);
      else this.evaluateAll(run, stale === "failed");
    });
    const doubted = (this.removal?.doubted ?? 0) - doubtedBefore;
    if (!result.complete) return { evaluation: result, changes: [], doubted };
    this.stale = undefined;
    const changes = this.changes(stale === "never run");
    if (stale !== undefined) for (const relation of this.database.relations) relation.mark();
    return { evaluation: result, changes, doubted };
  }

  /** Gives up the values that nobody holds any more, if they may be many; returns whether it did.
   * Words of the database that are not in its relations, and that `show` does not show, mean
   * nothing from then on, or something else. Not to be called where other relations share its
   * values, nor before all of a run's changes were read. */
  reclaim(show: ShowWords = () => undefined): boolean {
    const { reclaiming, database, inputs, run0 } = this;
    const tuples = (): number =>
      database.relations.reduce((sum, relation) => sum + relation.tuples.kept, 0);
    if (!reclaiming.due(tuples)) return false;
    const relations: ShowWords = (live) => {
      for (const relation of database.relations) relation.showWords(live);
    };
    const code: ShowWords = (live) => {
      run0.constants.show(live);
    };
    const given: ShowWords = (live) => {
      inputs.showWords(live);
    };
    reclaiming.pass([relations, given, code, show]);
    return true;
  }

  private evaluateAll(run: Run, again: boolean): void {
    const { inputs, database } = this;
    inputs.takeOut();
    for (const [at, relation] of database.relations.entries()) {
      if (again) relation.mark();
      inputs.restore(at);
      relation.show(true);
      run.sizes[at] = relation.size;
    }
    for (const at of this.plan.strata.keys()) evaluateStratum(run, this.plans.whole(run, at));
    for (const [at, { size }] of database.relations.entries())
      if (again || size > 0) this.changed.set(at, again ? "replaced" : "grown");
  }

  private keepUp(run: Run): void {
    const { inputs, database, touched, lost, stratumOf } = this;
    for (const [at, { rows, tuples }] of inputs.takeOut()) {
      if (inputs.plain(at)) this.lose(at, rows);
      else lost.set(at, tuples);
      touched.add(stratumOf[at]!);
    }
    for (const [at, relation] of database.relations.entries()) {
      if (relation.changed) touched.add(stratumOf[at]!);
      // What came since the last run has gone again, and nobody is told.
      else if (relation.hasWithdrawn) relation.mark();
    }
    for (const at of this.plan.strata.keys()) if (touched.has(at)) this.keepUpStratum(run, at);
  }

  private keepUpStratum(run: Run, at: number): void {
    const { changed } = this;
    const { derived, wholes } = this.upkeeps[at]!;
    switch (this.wayOf(at)) {
      case "anew":
        this.evaluateAnew(run, at);
        return;
      case "removal":
        this.takeBack(run, at);
        return;
      case "insertion":
        if (derived) {
          const whole = wholes.some((of) => changed.has(of));
          runStratum(run, this.plans.upkeep(run, at, whole));
        }
        for (const place of this.plan.strata[at]!) this.showNew(run, place);
    }
  }

  /** Shows what came into a relation to those who read it. */
  private showNew(run: Run, place: number): void {
    const relation = this.database.relations[place]!;
    if (relation.changed) {
      relation.showChanged();
      if (!this.changed.has(place)) this.change(place, relation.replaced ? "joined" : "grown");
    }
    run.sizes[place] = relation.size;
  }

  /** How a stratum is brought up to date. By insertion alone where what it holds may be incomplete,
   * and not wrong. */
  private wayOf(at: number): "insertion" | "removal" | "anew" {
    const { changed, options, lost, rows } = this;
    const { derived, joins, wholes, ownLattices, anew, removable } = this.upkeeps[at]!;
    const computes = this.plan.strata[at]!;
    if (computes.some((of) => lost.has(of))) return removable === false ? "anew" : "removal";
    if (!derived) return "insertion";
    const reads = [...joins, ...wholes];
    if (anew || reads.some((of) => changed.get(of) === "replaced")) return "anew";
    if (reads.some((of) => (rows.get(of)?.lost.length ?? 0) > 0))
      return removable === false ? "anew" : "removal";
    if (computes.every((of) => options.grows?.(of) === true)) return "insertion";
    if (wholes.some((of) => changed.has(of))) return removable === false ? "anew" : "removal";
    if (ownLattices || joins.some((of) => changed.get(of) === "joined")) return "anew";
    return "insertion";
  }

  private takeBack(run: Run, at: number): void {
    const { plan, database, inputs, lost, upkeeps } = this;
    const removal = (this.removal ??= new Removal(plan, database, upkeeps));
    const { joins, wholes } = upkeeps[at]!;
    const rowsOf = (of: number): Rows["lost"] => this.rows.get(of)?.lost ?? [];
    const outcomes = removal.run(run, at, {
      below: new Map([...new Set([...joins, ...wholes])].map((of) => [of, rowsOf(of)])),
      own: new Map(plan.strata[at]!.map((of) => [of, lost.get(of) ?? []])),
      given: inputs,
    });
    if (outcomes === undefined) {
      this.evaluateAnew(run, at);
      return;
    }
    for (const [of, outcome] of outcomes) {
      const relation = database.relations[of]!;
      if (outcome.lost.length === 0 && outcome.added === 0) relation.mark();
      else {
        this.rows.set(of, outcome);
        if (outcome.lost.length > 0) this.change(of, "changed");
      }
      this.showNew(run, of);
    }
  }

  private evaluateAnew(run: Run, at: number): void {
    const { database, inputs } = this;
    const computes = this.plan.strata[at]!;
    const ordered = this.upkeeps[at]!.removable !== false;
    const differences = computes.map((of) => former(database.relations[of]!, ordered));
    for (const of of computes) {
      inputs.restore(of);
      run.sizes[of] = database.relations[of]!.size;
    }
    evaluateStratum(run, this.plans.whole(run, at));
    for (const [place, of] of computes.entries()) {
      const difference = differences[place]!();
      if (difference === "none") database.relations[of]!.mark();
      else if (difference === "replaced") this.change(of, difference);
      else {
        this.rows.set(of, difference);
        if (difference.lost.length > 0) this.change(of, "changed");
        database.relations[of]!.showChanged();
        this.showNew(run, of);
      }
    }
  }

  private lose(at: number, lost: readonly number[]): void {
    this.rows.set(at, { lost, again: new Set() });
    this.change(at, "changed");
  }

  private change(at: number, kind: Change["kind"]): void {
    this.changed.set(at, kind);
    this.touched.add(this.stratumOf[at]!);
    for (const reader of this.readers[at]!) this.touched.add(reader);
  }

  /** What changed in the run, which ends here. */
  private changes(first: boolean): Change[] {
    const { database, changed } = this;
    return [...changed]
      .toSorted(([a], [b]) => a - b)
      .map(([at, kind]): Change => {
        const relation = database.relations[at]!;
        const rows = this.rows.get(at) ?? { lost: [], again: new Set() };
        const change: Change =
          kind === "replaced" ? { kind, relation: at } : changeOf(relation, at, first, rows);
        relation.mark();
        if (change.kind === "replaced") this.reclaiming.note(relation.tuples.kept);
        else this.reclaiming.note(change.kind === "changed" ? change.removedCount : 0);
        return change;
      });
  }
}
