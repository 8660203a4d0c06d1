// The evaluation of a plan that asks for rows of base relations as it turns out to need them: what
// it was given is evaluated, until that asks for nothing new.
import { hasErrors } from "../base/diagnostic.ts";
import { Rerun } from "../engine/rerun.ts";
import type { EvaluateOptions } from "../engine/run.ts";
import type { Probe, TransactionPlan } from "../plan/transaction.ts";
import type { Value } from "../value/schema.ts";
import { textOf } from "./gathered.ts";
import { type Pattern, TransactionFault } from "./transaction.ts";

/** A plan that is evaluated with other arguments each time. Throws a `TransactionFault` where an
 * evaluation fails. */
export class Probing {
  private readonly planned: TransactionPlan;
  private readonly rerun: Rerun;
  private readonly late: readonly number[];
  private readonly rowsOf: ReadonlyMap<number, number>;
  private readonly given = new Set<string>();
  /** Base relations that are there as a whole. */
  private readonly whole = new Set<number>();
  private args: readonly Value[] = [];
  private stage: "early" | "first" | "later" | "done" = "done";

  constructor(planned: TransactionPlan, options: EvaluateOptions) {
    const { plan, bases, early } = planned;
    this.planned = planned;
    this.rerun = new Rerun(plan, options);
    this.late = [...plan.strata.keys()].filter((at) => !early.includes(at));
    this.rowsOf = new Map(bases.map(({ relation, rows }) => [relation, rows]));
  }

  /** Whether the arguments alone say what is asked for. */
  get isStatic(): boolean {
    return this.planned.probes.every(({ early }) => early);
  }

  /** Begins anew, with these arguments. */
  begin(args: readonly Value[]): void {
    // Who has asked what is touched goes on with the same.
    if (this.stage === "early" && this.args === args) return;
    const { rerun, planned } = this;
    this.stage = "done";
    this.args = args;
    this.given.clear();
    this.whole.clear();
    rerun.clear();
    rerun.insert(planned.given, args);
    this.evaluate(planned.early);
    this.stage = "early";
  }

  /** What is asked for by the arguments alone. */
  early(): Pattern[] {
    return this.patterns(this.planned.probes.filter((probe) => probe.early));
  }

  /** What is asked for and was not given. Where that is nothing, all is derived. */
  missing(): readonly Pattern[] {
    const { planned, late } = this;
    if (this.stage === "early") {
      this.stage = "first";
      const asked = this.notGiven(this.early());
      if (asked.length > 0) return asked;
    }
    if (this.stage === "done") return [];
    if (this.stage === "later") this.rerun.clearStrata(late);
    this.evaluate(late);
    const asked = this.isStatic ? [] : this.notGiven(this.patterns(planned.probes));
    this.stage = asked.length === 0 ? "done" : "later";
    return asked;
  }

  /** Takes the rows that fit a pattern: all of them. */
  give(pattern: Pattern, tuples: Iterable<readonly Value[]>): void {
    const { relation, columns } = pattern;
    this.given.add(textOf(pattern));
    if (columns.length === 0) this.whole.add(relation);
    const rows = this.rowsOf.get(relation);
    if (rows !== undefined) for (const tuple of tuples) this.rerun.insert(rows, tuple);
  }

  /** Returns the tuples of a relation of the plan. */
  tuples(relation: number): Value[][] {
    return this.rerun.tuples(relation);
  }

  /** Returns what a probe asks for by what is derived. */
  patterns(probes: readonly Omit<Probe, "early">[]): Pattern[] {
    return probes.flatMap(({ relation, columns, values }) =>
      values === undefined
        ? [{ relation, columns, values: [] }]
        : this.rerun.tuples(values).map((of) => ({ relation, columns, values: of })),
    );
  }

  private notGiven(asked: readonly Pattern[]): Pattern[] {
    return asked.filter(
      (pattern) => !this.whole.has(pattern.relation) && !this.given.has(textOf(pattern)),
    );
  }

  private evaluate(strata: readonly number[]): void {
    const { diagnostics } = this.rerun.evaluate(strata);
    if (hasErrors(diagnostics)) throw new TransactionFault(diagnostics);
  }
}
