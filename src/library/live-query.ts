import type { Change } from "../engine/change.ts";
import type { LiveWords } from "../value/live-words.ts";
import type { Word } from "../value/word.ts";
import { showWordsOf, type Goal, type Goals, type Pattern } from "./goals.ts";
import { orderedRows, type NamedRow } from "./rows.ts";

/** How the answers of a goal have changed since one was last told: exactly, so that no row is in
 * both, none is added that was there, and none removed that was not. The first change adds all that
 * there is. */
export type AnswerChange<Row = NamedRow> = {
  readonly added: readonly Row[];
  readonly removed: readonly Row[];
};

/** One who follows a goal: the answers at present, and what of that was not told yet. */
export class Following {
  private readonly goals: Goals;
  private readonly goal: Goal;
  /** The answers by their words. */
  private answers = new Map<string, readonly Word[]>();
  private readonly added = new Map<string, readonly Word[]>();
  private readonly removed = new Map<string, readonly Word[]>();
  private begun = false;
  private ended: { readonly reason: unknown } | undefined;
  private wake: (() => void) | undefined;

  /** What the database holds has to be up to date. */
  constructor(goals: Goals, goal: Goal) {
    this.goals = goals;
    this.goal = goal;
    this.answerAnew();
  }

  /** Takes in what a run changed; `changed` are the places of the relations. */
  update(changed: ReadonlySet<number>, changes: readonly Change[]): void {
    const { pattern, reads } = this.goal;
    if (![...changed].some((at) => reads.has(at))) return;
    const change = changes.find(({ relation }) => relation === pattern?.relation);
    try {
      if (pattern !== undefined && change?.kind === "grown") this.grow(pattern, change);
      else if (pattern !== undefined && change?.kind === "changed" && isOneToOne(pattern, change)) {
        for (const words of matching(pattern, change.removed(), change.removedCount))
          this.remove(words);
        this.grow(pattern, change);
      } else this.answerAnew();
    } catch (error) {
      this.end(error);
      return;
    }
    if (this.added.size > 0 || this.removed.size > 0) this.wake?.();
  }

  /** Has whoever waits, or asks next, told that nothing more comes. */
  end(reason: unknown): void {
    this.ended ??= { reason };
    this.wake?.();
  }

  /** Resolves to what was not told yet, once there is something; rejects once it has ended. */
  async next(): Promise<AnswerChange> {
    while (this.begun && this.ended === undefined && this.added.size + this.removed.size === 0)
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    this.wake = undefined;
    if (this.ended !== undefined) throw this.ended.reason;
    this.begun = true;
    const rows = (tuples: Map<string, readonly Word[]>): readonly NamedRow[] => {
      const found = orderedRows(tuples.values(), this.goal.columns, this.goals.values);
      tuples.clear();
      return found;
    };
    return { added: rows(this.added), removed: rows(this.removed) };
  }

  /** Shows the words of the goal and of its answers. */
  showWords(live: LiveWords): void {
    const { columns } = this.goal;
    showWordsOf(this.goal, live);
    for (const answers of [this.answers, this.added, this.removed])
      for (const words of answers.values()) live.addTuple(columns, words);
  }

  private grow(pattern: Pattern, change: Exclude<Change, { kind: "replaced" }>): void {
    for (const words of matching(pattern, change.columns(), change.count)) this.add(words);
  }

  private answerAnew(): void {
    const relation = this.goals.answer(this.goal);
    const columns = this.goal.columns.map((_, at) => relation.column(at));
    const before = this.answers;
    this.answers = new Map();
    for (let row = 0; row < relation.size; row++) {
      const words = columns.map((column) => column[row] ?? 0);
      const name = words.join();
      if (!before.delete(name)) this.add(words);
      else this.answers.set(name, words);
    }
    for (const [name, words] of before) if (!this.added.delete(name)) this.removed.set(name, words);
  }

  private add(words: readonly Word[]): void {
    const name = words.join();
    if (this.answers.has(name)) return;
    this.answers.set(name, words);
    if (!this.removed.delete(name)) this.added.set(name, words);
  }

  private remove(words: readonly Word[]): void {
    const name = words.join();
    if (!this.answers.delete(name)) return;
    if (!this.added.delete(name)) this.removed.set(name, words);
  }
}

/** Whether each answer of a pattern comes from one tuple alone. */
function isOneToOne(
  { columns, constants, equal }: Pattern,
  change: Extract<Change, { kind: "changed" }>,
): boolean {
  const told = [...columns, ...constants.map(({ column }) => column), ...equal.map(([at]) => at)];
  return new Set(told).size === change.columns().length;
}

/** The answers that come from tuples, given as columns. */
function* matching(
  pattern: Pattern,
  columns: readonly Int32Array[],
  count: number,
): Generator<readonly Word[]> {
  for (let row = 0; row < count; row++) {
    const word = (column: number): Word => columns[column]?.[row] ?? 0;
    if (!pattern.constants.every((of) => word(of.column) === of.word)) continue;
    if (!pattern.equal.every(([column, other]) => word(column) === word(other))) continue;
    yield pattern.columns.map(word);
  }
}
