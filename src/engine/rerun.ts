// A program that is evaluated again and again, each time on a few other tuples.
import type { Plan } from "../plan/plan.ts";
import type { Value } from "../value/schema.ts";
import { Database } from "./database.ts";
import { KeptPlans } from "./kept-plans.ts";
import { evaluation, newRun, type EvaluateOptions, type Run } from "./run.ts";
import { RuleStatistics, type Evaluation } from "./statistics.ts";
import { evaluateStratum } from "./stratum.ts";

/** The most bytes that values and tables keep from one time to the next. */
const bytesKept = 16 << 20;

/** Adding that up takes a while: it is looked at once in so many times. */
const clearsPerLook = 16;

/** A plan with its relations, to be filled, evaluated, read and cleared. Code, tables and values
 * stay from one time to the next, so a time costs what its tuples cost. */
export class Rerun {
  private readonly plan: Plan;
  private readonly options: EvaluateOptions;
  private readonly upkeeps: ReturnType<Plan["upkeep"]>[];
  /** The strata that compute something. */
  private readonly computing: ReadonlySet<number>;
  /** Relations that have what the text states and nothing else: they are filled once. */
  private readonly constant: Set<number>;
  private clears = 0;
  private state: { readonly run: Run; readonly plans: KeptPlans };

  constructor(plan: Plan, options: EvaluateOptions) {
    this.plan = plan;
    this.options = options;
    this.upkeeps = plan.strata.map((_, at) => plan.upkeep(at));
    this.computing = new Set(this.upkeeps.flatMap(({ derived }, at) => (derived ? [at] : [])));
    const computed = new Set([...this.computing].flatMap((at) => plan.strata[at]!));
    const stated = plan.facts.map(({ relation }) => relation);
    this.constant = new Set(stated.filter((at) => !computed.has(at)));
    this.state = this.fresh();
  }

  /** Forgets all tuples but those that the text states. */
  clear(): void {
    this.clears++;
    const looks = this.clears % clearsPerLook === 0;
    if (looks && this.state.run.database.memoryBytes > bytesKept) this.state = this.fresh();
    else
      for (const [at, relation] of this.state.run.database.relations.entries())
        if (!this.constant.has(at)) relation.clear();
    for (const { relation, values } of this.plan.facts)
      if (!this.constant.has(relation)) this.put(relation, values);
  }

  /** Forgets the tuples of what strata compute, but those that the text states. */
  clearStrata(strata: readonly number[]): void {
    const { plan, computing, state } = this;
    const computed = strata.filter((at) => computing.has(at));
    const cleared = new Set(computed.flatMap((at) => plan.strata[at]!));
    for (const at of cleared) state.run.database.relations[at]!.clear();
    for (const { relation, values } of plan.facts)
      if (cleared.has(relation)) this.put(relation, values);
  }

  /** Inserts a tuple, to be seen by strata that are evaluated from now on. */
  insert(at: number, tuple: readonly Value[]): void {
    this.constant.delete(at);
    this.put(at, tuple);
  }

  private put(at: number, tuple: readonly Value[]): void {
    put(this.plan, this.state.run.database, at, tuple);
  }

  /** Evaluates strata, in the order of the plan. */
  evaluate(strata: readonly number[]): Evaluation {
    const { run, plans } = this.state;
    for (const [at, relation] of run.database.relations.entries()) {
      relation.show(true);
      run.sizes[at] = relation.size;
    }
    const fresh: Run = { ...run, diagnostics: [], strata: [], rules: new RuleStatistics() };
    return evaluation(fresh, () => {
      for (const at of strata)
        if (this.computing.has(at)) evaluateStratum(fresh, plans.whole(fresh, at));
    });
  }

  /** How many tuples a relation has. */
  size(at: number): number {
    return this.state.run.database.relations[at]!.size;
  }

  /** Returns the tuples of a relation. */
  tuples(at: number): Value[][] {
    const { database } = this.state.run;
    const relation = database.relations[at]!;
    const tuples = Array.from({ length: relation.size }, (): Value[] => []);
    for (const [column, { kind }] of this.plan.relations[at]!.attributes.entries())
      for (const [row, word] of relation.column(column).entries())
        tuples[row]!.push(database.values.decode(kind, word));
    return tuples;
  }

  private fresh(): { readonly run: Run; readonly plans: KeptPlans } {
    const database = new Database(this.plan);
    const run = newRun(this.plan, database, this.options);
    for (const { relation, values } of this.plan.facts)
      if (this.constant.has(relation)) put(this.plan, database, relation, values);
    return { run, plans: new KeptPlans(this.plan, this.upkeeps) };
  }
}

function put({ relations }: Plan, database: Database, at: number, tuple: readonly Value[]): void {
  const { attributes } = relations[at]!;
  const { values } = database;
  database.relations[at]!.insert(
    attributes.map(({ kind }, column) => values.encode(kind, tuple[column]!)),
  );
}
