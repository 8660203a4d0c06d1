import { assert } from "../base/assert.ts";
import type { Plan } from "../plan/plan.ts";
import type { LiveWords } from "../value/live-words.ts";
import type { Word } from "../value/word.ts";
import type { Database } from "./database.ts";
import { columnsOf, Relation } from "./relation.ts";
import { Tuples } from "./tuples.ts";

/** What was put into a database, apart from what rules derive: the facts of the program's text,
 * and what was inserted. Where no rule derives a relation's tuples, and it has each as it came, it
 * holds its input itself; of the others what was inserted is kept here, so that the relation can be
 * had as it was before anything was derived. */
export class Inputs {
  private readonly database: Database;
  /** What the text states, by relation. */
  private readonly facts: readonly Tuples[];
  /** For each relation that does not hold its input itself. */
  private readonly inserted: readonly (Relation | undefined)[];
  /** What is to be removed, by relation and by name. */
  private readonly removed = new Map<number, Map<string, readonly Word[]>>();

  /** What is in the database is taken for inserted. */
  constructor(plan: Plan, database: Database, derived: readonly boolean[]) {
    const { relations, memory } = database;
    this.database = database;
    this.facts = factsOf(plan, database);
    this.inserted = plan.relations.map(({ name, attributes, ...of }, at) => {
      const { equivalence, lattices, choices } = of;
      const plain = equivalence !== true && lattices === undefined && choices === undefined;
      if (plain && !derived[at]) return undefined;
      const inserted = new Relation({ name, attributes }, memory);
      const columns = attributes.map((_, column) => relations[at]!.column(column));
      inserted.append(columns, relations[at]!.size);
      return inserted;
    });
  }

  /** Whether a relation holds nothing but its input, as it came. */
  plain(at: number): boolean {
    return this.inserted[at] === undefined;
  }

  /** What was put into a relation, beside what the text states; as it is after `takeOut`. */
  given(at: number): Relation {
    return this.inserted[at] ?? this.database.relations[at]!;
  }

  /** Whether anything is in a relation that is not `plain` whatever rules derive. */
  holdsAny(at: number): boolean {
    return this.facts[at]!.size > 0 || (this.inserted[at]?.size ?? 0) > 0;
  }

  /** Whether a tuple of such a relation is. */
  holds(at: number, words: readonly Word[]): boolean {
    return this.inserted[at]?.has(words) === true || this.facts[at]!.has(words);
  }

  /** Puts a tuple in; returns whether that had not been done before. */
  insert(at: number, words: readonly Word[]): boolean {
    const relation = this.database.relations[at]!;
    const inserted = this.inserted[at];
    const again = this.removed.get(at)?.delete(nameOf(words)) === true;
    const fresh = relation.insert(words);
    return (inserted?.insert(words) ?? fresh) || again;
  }

  /** Puts `count` tuples in, given as columns; returns for how many it is the first time. */
  append(at: number, columns: readonly Int32Array[], count: number): number {
    const relation = this.database.relations[at]!;
    if (!this.removed.has(at)) {
      const fresh = relation.append(columns, count);
      return this.inserted[at]?.append(columns, count) ?? fresh;
    }
    let added = 0;
    for (let row = 0; row < count; row++) if (this.insert(at, tupleAt(columns, row))) added++;
    return added;
  }

  /** Takes a tuple out that was inserted, at the next `takeOut`; returns whether it was. What the
   * text states stays. */
  remove(at: number, words: readonly Word[]): boolean {
    const there = this.given(at);
    const name = nameOf(words);
    const removed = this.removed.get(at) ?? new Map<string, readonly Word[]>();
    if (!there.has(words) || removed.has(name)) return false;
    if (this.plain(at) && this.facts[at]!.has(words)) return false;
    this.removed.set(at, removed.set(name, [...words]));
    return true;
  }

  /** Takes out what is to be removed; returns it by relation, for those of which something is. What
   * no rule derives lacks it from now on, and its rows that were there when the last run ended are
   * those returned. Of the others the tuples are: they are still in the relation. */
  takeOut(): ReadonlyMap<number, TakenOut> {
    const taken = new Map<number, TakenOut>();
    for (const [at, tuples] of this.removed) {
      if (tuples.size === 0) continue;
      const inserted = this.inserted[at];
      const relation = inserted ?? this.database.relations[at]!;
      const rows: number[] = [];
      for (const words of tuples.values()) {
        const row = relation.rowOf(words);
        if (inserted === undefined && row >= relation.tuples.settled) {
          relation.withdraw(row);
          continue;
        }
        relation.remove(row);
        rows.push(row);
      }
      inserted?.mark();
      if (inserted !== undefined) taken.set(at, { tuples: [...tuples.values()], rows: [] });
      else if (rows.length > 0) taken.set(at, { tuples: [], rows });
    }
    this.removed.clear();
    return taken;
  }

  /** Shows the words of what the text states, was inserted, or is to be removed. */
  showWords(live: LiveWords): void {
    for (const [at, { schema }] of this.database.relations.entries()) {
      const { attributes } = schema;
      this.facts[at]!.showWords(attributes, live);
      this.inserted[at]?.showWords(live);
      for (const words of this.removed.get(at)?.values() ?? []) live.addTuple(attributes, words);
    }
  }

  /** Leaves in a relation what was put into it, and nothing that rules derived. */
  restore(at: number): void {
    const relation = this.database.relations[at]!;
    const inserted = this.inserted[at];
    if (inserted !== undefined) {
      relation.clear();
      relation.append(columnsOf(inserted), inserted.size);
    }
    const facts = this.facts[at]!;
    relation.append(facts.columns, facts.size);
  }
}

/** What was taken out of a relation: its own rows, or tuples that may be derived. */
export type TakenOut = {
  readonly rows: readonly number[];
  readonly tuples: readonly (readonly Word[])[];
};

function factsOf({ facts, relations }: Plan, { values, memory }: Database): readonly Tuples[] {
  const found = relations.map(({ attributes }) => new Tuples(attributes.length, memory));
  for (const { relation, values: tuple } of facts) {
    const { attributes } = relations[relation]!;
    assert(attributes.length === tuple.length, "a fact has the arity of its relation");
    found[relation]!.insert(tuple.map((value, at) => values.encode(attributes[at]!.kind, value)));
  }
  return found;
}

function tupleAt(columns: readonly Int32Array[], row: number): Word[] {
  return columns.map((column) => column[row]!);
}

function nameOf(words: readonly Word[]): string {
  return words.join();
}
