// A question that is asked again and again with other values, on relations that are kept up.
import type { QuestionPlan } from "../plan/question.ts";
import type { LiveWords } from "../value/live-words.ts";
import type { Word } from "../value/word.ts";
import { Database } from "./database.ts";
import { KeptPlans } from "./kept-plans.ts";
import type { Relation } from "./relation.ts";
import { evaluation, newRun, type EvaluateOptions, type Run } from "./run.ts";
import { RuleStatistics, type Evaluation } from "./statistics.ts";
import { evaluateStratum } from "./stratum.ts";

/** What came of asking: how many tuples were found, and a column of them. */
export type Found = {
  readonly size: number;
  readonly columns: readonly Int32Array[];
  readonly evaluation: Evaluation;
};

/** Tables of so many rows are given back after the question that filled them. */
const rowsKept = 1 << 12;

/** A question on a database. What it costs depends on what is found and what that is derived from,
 * by indexes, and not on how much there is: its plan and its indexes stay from one time to the
 * next. The database may be kept up meanwhile; it is not changed, beside new indexes. */
export class Question {
  private readonly question: QuestionPlan;
  private readonly database: Database;
  private readonly options: EvaluateOptions;
  private readonly strata: readonly number[];
  private asking: Asking | undefined;

  constructor(question: QuestionPlan, database: Database, options: EvaluateOptions) {
    this.question = question;
    this.database = database;
    this.options = options;
    const kept = new Set(question.kept);
    this.strata = [...question.plan.strata.keys()].filter((at) =>
      question.plan.strata[at]!.some((relation) => !kept.has(relation)),
    );
  }

  /** Finds the tuples that have one of the given rows of words in the columns of the question. The
   * columns are valid until the next question. */
  ask(given: readonly (readonly Word[])[]): Found {
    const { plan, asked, answer } = this.question;
    const asking = (this.asking ??= this.begin());
    const { run, own, plans } = asking;
    const { relations, values } = run.database;
    for (const relation of own) relation.clear();
    for (const { relation: at, values: tuple } of plan.facts) {
      const relation = relations[at]!;
      if (!own.has(relation)) continue;
      relation.insert(tuple.map((of, column) => values.encode(kindOf(plan, at, column), of)));
    }
    for (const words of given) relations[asked]!.insert(words);
    relations[asked]!.show(true);
    for (const [at, { size }] of relations.entries()) run.sizes[at] = size;
    const fresh: Run = { ...run, diagnostics: [], strata: [], rules: new RuleStatistics() };
    const result = evaluation(fresh, () => {
      for (const at of this.strata) evaluateStratum(fresh, plans.whole(fresh, at));
    });
    const found = relations[answer]!;
    const { size } = found;
    const columns = plan.relations[answer]!.attributes.map((_, column) => found.column(column));
    if ([...own].some(({ rows }) => rows > rowsKept)) this.asking = undefined;
    return { size, columns, evaluation: result };
  }

  /** Shows the words that it holds from one time to the next. */
  showWords(live: LiveWords): void {
    this.asking?.run.constants.show(live);
  }

  private begin(): Asking {
    const { question, database } = this;
    const { plan } = question;
    const kept = new Map(question.kept.map((at) => [plan.relations[at]!.name, at]));
    const view = new Database(plan, {
      values: database.values,
      relation: (name) => database.relations[kept.get(name) ?? -1],
    });
    const own = new Set(view.relations.filter((_, at) => !kept.has(plan.relations[at]!.name)));
    const upkeeps = plan.strata.map((_, at) => plan.upkeep(at));
    const run = newRun(plan, view, this.options);
    return { run, own, plans: new KeptPlans(plan, upkeeps) };
  }
}

type Asking = {
  readonly run: Run;
  /** The relations that are not kept, but filled for each question. */
  readonly own: ReadonlySet<Relation>;
  readonly plans: KeptPlans;
};

function kindOf({ relations }: QuestionPlan["plan"], at: number, column: number) {
  return relations[at]!.attributes[column]!.kind;
}
