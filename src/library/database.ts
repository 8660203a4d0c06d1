import type { Relation } from "../analysis/program.ts";
import { assert } from "../base/assert.ts";
import { suggest } from "../base/suggest.ts";
import { Database as StoredRelations } from "../engine/database.ts";
import { Maintained } from "../engine/maintained.ts";
import type { Relation as StoredRelation } from "../engine/relation.ts";
import type { Evaluation } from "../engine/statistics.ts";
import type { LiveWords } from "../value/live-words.ts";
import type { Word } from "../value/word.ts";
import { CalmError, throwErrors } from "./calm-error.ts";
import type { ColumnTypes, GivenRow, RelationTypes, Row } from "./column-types.ts";
import type { Compiled } from "./compiled.ts";
import { givenWords } from "./given-rows.ts";
import { Goals } from "./goals.ts";
import { Following, type AnswerChange } from "./live-query.ts";
import type { Text } from "./program-text.ts";
import { rowsOf } from "./rows.ts";

/** A fact that came or went in a transaction, to be taken back should it fail. */
type Step = {
  readonly relation: number;
  readonly words: readonly Word[];
  readonly inserted: boolean;
};

/** The facts of a program and all that follows from them, in memory; opened by an `Engine`.
 *
 * Facts come and go at once; what follows from them is derived by the next `run`, or when something
 * is asked, at the cost of what changed.
 *
 * ```ts
 * import { Engine } from "calmdb";
 *
 * const database = Engine.compile(`
 *   .decl parent(child: symbol, parent: symbol)
 *   .decl ancestor(person: symbol, ancestor: symbol)
 *   ancestor(x, y) :- parent(x, y).
 *   ancestor(x, z) :- ancestor(x, y), parent(y, z).
 * `).open();
 * database.insert("parent", [
 *   { child: "ada", parent: "byron" },
 *   { child: "byron", parent: "john" },
 * ]);
 * console.log(database.query('ancestor("ada", who)'));
 * //=> [ { who: 'byron' }, { who: 'john' } ]
 * database.remove("parent", [["byron", "john"]]);
 * console.log(database.rows("ancestor"));
 * //=> [ { person: 'ada', ancestor: 'byron' } ]
 * ```
 */
export class Database<const R extends RelationTypes = RelationTypes> {
  private readonly compiled: Compiled;
  private readonly stored: StoredRelations;
  private readonly maintained: Maintained;
  private readonly places: ReadonlyMap<string, number>;
  private readonly goals: Goals;
  private readonly followings = new Set<Following>();
  /** What came and went in the transaction that is going on. */
  private steps: Step[] | undefined;
  /** Facts came or went since the last run, or there was none. */
  private changed = true;
  private running = false;
  private scheduled = false;

  /** What `Engine.open` does. */
  constructor(compiled: Compiled) {
    const { plan, program, evaluate } = compiled;
    this.compiled = compiled;
    this.stored = new StoredRelations(plan);
    this.maintained = new Maintained(plan, this.stored, evaluate);
    this.places = new Map(program.relations.map(({ name }, at) => [name, at]));
    this.goals = new Goals(compiled, this.stored);
  }

  /** Inserts facts, all of them or, where one is no row of the relation, none; returns how many are
   * new. Throws a `CalmError`. */
  insert<N extends keyof R & string>(relation: N, rows: Iterable<GivenRow<R[N]>>): number {
    return this.change(relation, rows, true);
  }

  /** Removes facts that were inserted; returns how many had been. What the program's text states
   * stays, as does what follows from other facts. */
  remove<N extends keyof R & string>(relation: N, rows: Iterable<GivenRow<R[N]>>): number {
    return this.change(relation, rows, false);
  }

  /** Does what `change` does to this database, all of it or, if it throws or what follows cannot be
   * derived, nothing; returns what it returns. Whoever follows a goal sees no state in between.
   *
   * ```ts
   * import { CalmError, Engine } from "calmdb";
   *
   * const database = Engine.compile(".decl stock(item: symbol, pieces: number)").open();
   * try {
   *   database.transaction(() => {
   *     database.insert("stock", [["apples", 3]]);
   *     database.insert("stock", [["pears", 2.5]]);
   *   });
   * } catch (error) {
   *   console.log(error instanceof CalmError && error.code, database.size("stock"));
   *   //=> bad-row 0
   * }
   * ```
   */
  transaction<T>(change: () => T): T {
    if (this.steps !== undefined)
      throw new CalmError("not-now", "there is a transaction already", "do it all in one");
    const steps: Step[] = [];
    this.steps = steps;
    try {
      const result = change();
      if (typeof result === "object" && result !== null && "then" in result)
        throw new CalmError("not-now", "a transaction ends at once, and cannot wait for a promise");
      this.run();
      return result;
    } catch (error) {
      for (const { relation, words, inserted } of steps.toReversed()) {
        if (inserted) this.maintained.remove(relation, words);
        else this.maintained.insert(relation, words);
        this.changed = true;
      }
      throw error;
    } finally {
      this.steps = undefined;
    }
  }

  /** Derives what follows from what changed, if anything did; returns how it went. Throws a
   * `CalmError` where a limit is met or a functor fails; the facts stay as they are. */
  run(): Evaluation {
    return this.evaluating(() => {
      const { evaluation, changes } = this.maintained.run();
      throwErrors(evaluation.diagnostics);
      this.changed = false;
      const changed = new Set(changes.map(({ relation }) => relation));
      for (const following of this.followings) following.update(changed, changes);
      this.maintained.reclaim((live) => {
        this.showWords(live);
      });
      return evaluation;
    });
  }

  /** Returns what a relation holds, in value order. */
  rows<N extends keyof R & string>(relation: N): Row<R[N]>[] {
    const at = this.place(relation);
    this.upToDate();
    const stored = this.stored.relation(at);
    assert(stored !== undefined, "each relation of the program is stored");
    return rowsOf(stored, this.stored.values) as Row<R[N]>[];
  }

  /** Returns how many tuples a relation holds. */
  size(relation: keyof R & string): number {
    const at = this.place(relation);
    this.upToDate();
    return this.stored.relation(at)?.size ?? 0;
  }

  /** Returns whether a relation holds a row. */
  has<N extends keyof R & string>(relation: N, row: GivenRow<R[N]>): boolean {
    const at = this.place(relation);
    this.upToDate();
    const words = this.words(at, row, 0);
    return this.stored.relation(at)?.has(words) === true;
  }

  /** Returns the answers of a goal, each once, in value order: the body of a rule such as
   * `path("a", to), to != "b"`. The columns of an answer are the goal's variables, but those that
   * begin with `_`. With `columns` the rows are typed, and it is checked that the goal has these.
   *
   * ```ts
   * import { dl, Engine } from "calmdb";
   *
   * const database = Engine.compile(`
   *   .decl age(name: symbol, years: number)
   *   age("ada", 36). age("grace", 85).
   * `).open();
   * const least = 40;
   * const rows = database.query(dl`age(name, years), years > ${least}`, {
   *   name: "symbol",
   *   years: "number",
   * });
   * for (const { name, years } of rows) console.log(name.toUpperCase(), years + 1n);
   * //=> GRACE 86n
   * ```
   */
  query<const C extends ColumnTypes = ColumnTypes>(goal: Text, columns?: C): Row<C>[] {
    return rowsOf(this.answer(goal, columns), this.stored.values) as Row<C>[];
  }

  /** Returns whether a goal has any answer. */
  holds(goal: Text): boolean {
    return this.answer(goal).size > 0;
  }

  /** Yields the answers of a goal and then, whenever they change, exactly those that came and went,
   * until the loop ends or `signal` does: then it throws the signal's reason. What happened since
   * one looked is told at once. Nobody has to `run`: that is done once whatever changes facts at
   * present is through.
   *
   * ```ts
   * import { Engine } from "calmdb";
   *
   * const database = Engine.compile(`
   *   .decl edge(from: number, to: number)
   *   .decl path(from: number, to: number)
   *   path(x, y) :- edge(x, y).
   *   path(x, z) :- path(x, y), edge(y, z).
   * `).run({ edge: [[1, 2]] });
   * setTimeout(() => {
   *   database.insert("edge", [[2, 3]]);
   *   database.remove("edge", [[1, 2]]);
   * });
   * for await (const { added, removed } of database.live("path(x, y)")) {
   *   console.log(added, removed);
   *   if (removed.length > 0) break;
   * }
   * //=> [ { x: 1n, y: 2n } ] []
   * //=> [ { x: 2n, y: 3n } ] [ { x: 1n, y: 2n } ]
   * ```
   */
  async *live<const C extends ColumnTypes = ColumnTypes>(
    goal: Text,
    { columns, signal }: { readonly columns?: C; readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<AnswerChange<Row<C>>, void, undefined> {
    signal?.throwIfAborted();
    this.upToDate();
    const asked = this.goals.goal(goal, columns);
    const following = this.evaluating(() => new Following(this.goals, asked));
    const abort = (): void => {
      following.end(signal?.reason);
    };
    this.followings.add(following);
    signal?.addEventListener("abort", abort, { once: true });
    try {
      for (;;) yield (await following.next()) as AnswerChange<Row<C>>;
    } finally {
      this.followings.delete(following);
      signal?.removeEventListener("abort", abort);
    }
  }

  /** The bytes that relations, indexes and values take. */
  get memoryBytes(): number {
    return this.stored.memoryBytes;
  }

  private change(relation: string, rows: Iterable<unknown>, inserts: boolean): number {
    this.refuseWhileRunning();
    const at = this.place(relation);
    const place = this.compiled.program.relations[at]?.place;
    if (place?.ordered !== undefined || place?.arguments === true) throw orderedRelation(relation);
    const tuples = Array.from(rows, (row, number) => this.words(at, row, number));
    let count = 0;
    for (const words of tuples) {
      const done = inserts ? this.maintained.insert(at, words) : this.maintained.remove(at, words);
      if (!done) continue;
      count++;
      this.steps?.push({ relation: at, words, inserted: inserts });
    }
    if (count > 0) this.changed = true;
    if (this.changed) this.schedule();
    return count;
  }

  /** Shows the words that are held beside those of relations. */
  private showWords(live: LiveWords): void {
    this.goals.showWords(live);
    for (const following of this.followings) following.showWords(live);
    const { relations } = this.compiled.plan;
    for (const { relation, words } of this.steps ?? [])
      live.addTuple(relations[relation]?.attributes ?? [], words);
  }

  /** Has those who follow a goal told of what changed, though nobody runs. */
  private schedule(): void {
    if (this.scheduled || this.followings.size === 0) return;
    this.scheduled = true;
    queueMicrotask(() => {
      this.scheduled = false;
      try {
        this.upToDate();
      } catch (error) {
        for (const following of this.followings) following.end(error);
      }
    });
  }

  private answer(goal: Text, columns?: ColumnTypes): StoredRelation {
    this.upToDate();
    const asked = this.goals.goal(goal, columns);
    return this.evaluating(() => this.goals.answer(asked));
  }

  /** Has functors called, which may not use the database meanwhile. */
  private evaluating<T>(work: () => T): T {
    this.refuseWhileRunning();
    this.running = true;
    try {
      return work();
    } finally {
      this.running = false;
    }
  }

  private upToDate(): void {
    this.refuseWhileRunning();
    if (this.changed) this.run();
  }

  private refuseWhileRunning(): void {
    if (!this.running) return;
    const message = "the database is being evaluated, and a functor cannot use it";
    throw new CalmError("not-now", message);
  }

  private place(name: string): number {
    const at = this.places.get(name);
    const relation = at === undefined ? undefined : this.compiled.program.relations[at];
    if (at !== undefined && relation?.inlined === false) return at;
    throw noSuchRelation(name, relation, [...this.places.keys()]);
  }

  private words(at: number, row: unknown, number: number): readonly Word[] {
    const { plan } = this.compiled;
    const schema = plan.relations[at];
    assert(schema !== undefined, "each relation of the program is in the plan");
    return givenWords(row, schema, number, plan, this.stored.values);
  }
}

function orderedRelation(name: string): CalmError {
  const message = `relation "${name}" is changed by transactions alone, which do not run here`;
  return new CalmError("ordered-relation", message, "declare it without `ordered`");
}

function noSuchRelation(
  name: string,
  relation: Relation | undefined,
  names: readonly string[],
): CalmError {
  if (relation !== undefined) {
    const message = `relation "${name}" is declared inline, and holds no tuples`;
    return new CalmError("no-such-relation", message, "ask a goal, or declare it without `inline`");
  }
  const near = suggest(name, names);
  const hint = near === undefined ? undefined : `did you mean "${near}"?`;
  return new CalmError("no-such-relation", `there is no relation "${name}"`, hint);
}
