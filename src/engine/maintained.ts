// A program's relations while facts come in: each run derives what follows from what is new, and
// leaves alone what does not depend on it.
import type { Plan, Upkeep } from "../plan/plan.ts";
import type { Word } from "../value/word.ts";
import { growth, type Change } from "./change.ts";
import type { Database } from "./database.ts";
import { former } from "./former.ts";
import { missingFunctors } from "./functors.ts";
import { Inputs } from "./inputs.ts";
import { KeptPlans } from "./kept-plans.ts";
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
};

/** What came of one run. */
export type Maintenance = {
  readonly evaluation: Evaluation;
  /** By relation, in the order of places; what has not changed is not listed. Empty where the
   * evaluation is not complete: the next one that is says of everything that it is replaced. */
  readonly changes: readonly Change[];
};

/** The relations of a program, kept up with facts that are inserted and removed. `run` brings them
 * to what `evaluate` gives on all facts at once, but for what depends on the order of facts: of a
 * choice domain, what was chosen stays chosen, and counters go on.
 *
 * The database is its own from the beginning; what is in it then counts as inserted. Between an
 * insertion and the next run relations are not to be read.
 *
 * A run costs what it changes: strata that read nothing new are not looked at, rules begin with the
 * new rows (semi-naive evaluation with a delta for every atom), and no relation, index or table is
 * gone through as a whole. As much as a whole stratum cost: facts that are removed; negation and
 * aggregates over what changed, and lattice rows that took the places of others, where what the
 * stratum computes is not known to `grows`; counters, limits and subsumption; the first run that
 * needs an index. A stratum that is evaluated anew and comes out the same, or with more tuples, is
 * no more than that to the strata above it. */
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
  /** What became of each relation in this run. */
  private readonly changed = new Map<number, Change["kind"]>();
  /** The strata that there is something to do for in this run, */
  private readonly touched = new Set<number>();
  /** and those among them whose input was removed in part. */
  private readonly lost = new Set<number>();
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
    const { attributes } = this.plan.relations[relation]!;
    const given = this.inputs.given(relation);
    const { size } = given;
    const columns = attributes.map((_, at) =>
      "column" in given ? given.column(at) : given.columns[at]!.subarray(0, size),
    );
    return { columns, size };
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
      return { evaluation: { diagnostics, strata: [], rules: [], complete: false }, changes: [] };
    const fresh = { diagnostics: [], strata: [], rules: new RuleStatistics() };
    const run: Run = { ...this.run0, ...fresh };
    run.counters.round = 0;
    this.stale = "failed";
    this.changed.clear();
    this.touched.clear();
    this.lost.clear();
    const result = evaluation(run, () => {
      if (stale === undefined) this.keepUp(run);
      else this.evaluateAll(run, stale === "failed");
    });
    if (!result.complete) return { evaluation: result, changes: [] };
    this.stale = undefined;
    const changes = this.changes(stale === "never run");
    if (stale !== undefined) for (const relation of this.database.relations) relation.mark();
    return { evaluation: result, changes };
  }

  private evaluateAll(run: Run, again: boolean): void {
    const { inputs, database } = this;
    inputs.takeOut();
    for (const [at, relation] of database.relations.entries()) {
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
    for (const at of inputs.takeOut()) {
      if (inputs.plain(at)) this.change(at, "replaced");
      else lost.add(stratumOf[at]!);
    }
    for (const at of lost) touched.add(at);
    for (const [at, relation] of database.relations.entries())
      if (relation.changed) touched.add(stratumOf[at]!);
    for (const at of this.plan.strata.keys()) if (touched.has(at)) this.keepUpStratum(run, at);
  }

  private keepUpStratum(run: Run, at: number): void {
    const { database, changed } = this;
    const computes = this.plan.strata[at]!;
    if (this.isLost(at)) {
      this.evaluateAnew(run, at);
      return;
    }
    const { derived, wholes } = this.upkeeps[at]!;
    if (derived)
      runStratum(
        run,
        this.plans.upkeep(
          run,
          at,
          wholes.some((of) => changed.has(of)),
        ),
      );
    for (const place of computes) {
      const relation = database.relations[place]!;
      if (changed.has(place)) {
        // What it holds was removed in part, and it is its own input.
        run.sizes[place] = relation.size;
        relation.show(true);
        continue;
      }
      if (!relation.changed) continue;
      relation.showChanged();
      run.sizes[place] = relation.size;
      this.change(place, relation.replaced ? "joined" : "grown");
    }
  }

  /** Whether what a stratum holds may be wrong, and not just incomplete. */
  private isLost(at: number): boolean {
    const { changed, options } = this;
    const { derived, joins, wholes, ownLattices, anew } = this.upkeeps[at]!;
    if (this.lost.has(at)) return true;
    if (!derived) return false;
    const reads = [...joins, ...wholes];
    if (anew || reads.some((of) => changed.get(of) === "replaced")) return true;
    if (this.plan.strata[at]!.every((of) => options.grows?.(of) === true)) return false;
    if (ownLattices || wholes.some((of) => changed.has(of))) return true;
    return joins.some((of) => changed.get(of) === "joined");
  }

  private evaluateAnew(run: Run, at: number): void {
    const { database, inputs } = this;
    const computes = this.plan.strata[at]!;
    const differences = computes.map((of) => former(database.relations[of]!));
    for (const of of computes) {
      inputs.restore(of);
      run.sizes[of] = database.relations[of]!.size;
    }
    evaluateStratum(run, this.plans.whole(run, at));
    for (const [place, of] of computes.entries()) {
      const difference = differences[place]!();
      const relation = database.relations[of]!;
      if (difference === "grown") relation.showChanged();
      if (difference === "none") relation.mark();
      else this.change(of, difference);
    }
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
        const change: Change =
          kind === "replaced" ? { kind, relation: at } : growth(relation, at, first);
        relation.mark();
        return change;
      });
  }
}
