// Goals at an epoch: what they need is read from all partitions, as they turn out to need it.
import { CutQuery } from "../../calvin/query.ts";
import type { Program } from "../../analysis/program.ts";
import type { EvaluateOptions } from "../../engine/run.ts";
import { cutQuestion, cutRefusal } from "../../plan/cut-question.ts";
import type { Value } from "../../value/schema.ts";
import { given, type Goal } from "../goal.ts";
import { Problem } from "../http/problem.ts";
import type { OrderedReads } from "./reads.ts";

/** How many queries are kept, with their code, to be asked again. */
const keptMax = 64;

/** How many patterns of one query are read at a time. */
const readsMax = 32;

/** What answers goals at an epoch. */
export class CutQueries {
  private readonly program: Program;
  private readonly reads: Pick<OrderedReads, "rowsAt">;
  private readonly options: EvaluateOptions;
  /** Queries that nobody asks now, by the columns that are given; the last used ones are last. */
  private readonly idle = new Map<string, CutQuery>();

  constructor(
    program: Program,
    reads: Pick<OrderedReads, "rowsAt">,
    options: EvaluateOptions = {},
  ) {
    this.program = program;
    this.reads = reads;
    this.options = options;
  }

  /** Returns the tuples after an epoch that may fit a goal. Throws a `Problem` where the epoch
   * cannot be read, the relation is no function of it, or the evaluation fails. */
  async tuples(goal: Goal, epoch: number): Promise<readonly (readonly Value[])[]> {
    const { relation } = goal;
    const { columns, values } = given(goal);
    const why = cutRefusal(this.program, relation);
    if (why !== undefined) {
      const name = this.program.relations[relation]?.name ?? "";
      throw new Problem(422, "not-supported", `"${name}" has no answer at an epoch: ${why}`, {
        hint: "what follows by `:-` from inputs and ordered relations has; ask without ?at=",
      });
    }
    const key = `${relation} ${columns.join()}`;
    const query =
      this.idle.get(key) ??
      new CutQuery(cutQuestion(this.program, relation, columns), this.options);
    this.idle.delete(key);
    try {
      return await this.answer(query, values, epoch);
    } finally {
      this.keep(key, query);
    }
  }

  private async answer(query: CutQuery, values: readonly Value[], epoch: number) {
    query.begin(values);
    for (;;) {
      const step = query.step();
      if (step.kind === "answered") return step.tuples;
      if (step.kind === "failed")
        throw new Problem(422, "evaluation-failed", `the goal cannot be evaluated: ${step.reason}`);
      for (let at = 0; at < step.patterns.length; at += readsMax) {
        const patterns = step.patterns.slice(at, at + readsMax);
        const found = await Promise.all(patterns.map((of) => this.reads.rowsAt(of, epoch)));
        for (const [of, pattern] of patterns.entries()) query.learn(pattern, found[of] ?? []);
      }
    }
  }

  private keep(key: string, query: CutQuery): void {
    this.idle.delete(key);
    this.idle.set(key, query);
    const [oldest] = this.idle.keys();
    if (this.idle.size > keptMax && oldest !== undefined) this.idle.delete(oldest);
  }
}
