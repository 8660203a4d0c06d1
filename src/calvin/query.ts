// Queries at a cut: at an epoch, with the ordered rows that it leaves and the free facts that its
// frontier names. The state there is the same at every replica, and so is what follows from it:
// each stratum is complete before the next one negates it or aggregates over it.
import type { EvaluateOptions } from "../engine/run.ts";
import type { CutQuestion } from "../plan/cut-question.ts";
import type { Value } from "../value/schema.ts";
import { Probing } from "./probing.ts";
import { type Pattern, TransactionFault, type View } from "./transaction.ts";

/** The limits of a query. */
export type QueryLimits = {
  /** How often rows are asked for by what was found before: from then on relations are fetched as
   * a whole. */
  readonly roundsMax: number;
  /** How many patterns of one relation are asked for at a time; where there are more, it is fetched
   * as a whole. */
  readonly patternsMax: number;
  /** How many rows are fetched for one answer. */
  readonly rowsMax: number;
};

/** The limits of a query unless others are given. */
const queryLimits: QueryLimits = { roundsMax: 16, patternsMax: 256, rowsMax: 1 << 20 };

/** What a query needs next, or how it ended. */
export type QueryStep =
  | { readonly kind: "ask"; readonly patterns: readonly Pattern[] }
  | { readonly kind: "answered"; readonly tuples: readonly (readonly Value[])[] }
  /** Alike on every replica. */
  | { readonly kind: "failed"; readonly reason: string };

/** Why an epoch cannot be read. */
export type EpochRefusal =
  | { readonly kind: "ahead"; readonly completed: number }
  | { readonly kind: "forgotten"; readonly oldest: number };

/** Returns why an epoch cannot be read where these are kept; undefined where it can. */
export function epochRefusal(
  epoch: number,
  { completed, oldest }: { readonly completed: number; readonly oldest: number },
): EpochRefusal | undefined {
  if (epoch > completed) return { kind: "ahead", completed };
  return epoch < oldest ? { kind: "forgotten", oldest } : undefined;
}

/** A question on the rows of a cut, which are given to it as it asks for them. */
export class CutQuery {
  private readonly question: CutQuestion;
  private readonly probing: Probing;
  private readonly limits: QueryLimits;
  private rounds = 0;
  private rows = 0;
  private failed: string | undefined;

  constructor(
    question: CutQuestion,
    options: EvaluateOptions = {},
    limits: Partial<QueryLimits> = {},
  ) {
    this.question = question;
    this.limits = { ...queryLimits, ...limits };
    this.probing = new Probing(question.planned, options);
  }

  /** Begins anew, with values for the columns of the question. */
  begin(values: readonly Value[]): void {
    this.rounds = 0;
    this.rows = 0;
    this.failed = undefined;
    this.evaluated(() => {
      this.probing.begin(values);
    });
  }

  /** Goes on with what was learned: all patterns that it has asked for. */
  step(): QueryStep {
    const asked = this.evaluated(() => this.probing.missing()) ?? [];
    if (this.failed !== undefined) return { kind: "failed", reason: this.failed };
    if (asked.length > 0) return { kind: "ask", patterns: this.widened(asked) };
    return { kind: "answered", tuples: this.probing.tuples(this.question.answer) };
  }

  /** Takes the tuples that fit a pattern at the cut: all of them. */
  learn(pattern: Pattern, tuples: readonly (readonly Value[])[]): void {
    const { rowsMax } = this.limits;
    this.rows += tuples.length;
    if (this.rows > rowsMax) this.failed ??= `the answer needs more than ${rowsMax} rows`;
    else this.probing.give(pattern, tuples);
  }

  /** Asks a view for all that it needs, and returns how it ends. */
  answer(view: View, values: readonly Value[]): Exclude<QueryStep, { readonly kind: "ask" }> {
    this.begin(values);
    for (;;) {
      const step = this.step();
      if (step.kind !== "ask") return step;
      for (const pattern of step.patterns) this.learn(pattern, [...view.tuples(pattern)]);
    }
  }

  /** Relations as a whole, in place of many patterns, and of patterns that go on and on: a long
   * path is not followed row by row through the network. */
  private widened(asked: readonly Pattern[]): readonly Pattern[] {
    const { roundsMax, patternsMax } = this.limits;
    this.rounds++;
    const counts = new Map<number, number>();
    for (const { relation } of asked) counts.set(relation, (counts.get(relation) ?? 0) + 1);
    const wide = new Set(
      [...counts].flatMap(([relation, count]) =>
        this.rounds > roundsMax || count > patternsMax ? [relation] : [],
      ),
    );
    const whole = [...wide].map((relation) => ({ relation, columns: [], values: [] }));
    return [...whole, ...asked.filter(({ relation }) => !wide.has(relation))];
  }

  private evaluated<T>(evaluate: () => T): T | undefined {
    if (this.failed !== undefined) return undefined;
    try {
      return evaluate();
    } catch (error) {
      if (!(error instanceof TransactionFault)) throw error;
      this.failed = error.message;
      return undefined;
    }
  }
}
