import { assert } from "../base/assert.ts";
import type { Plan } from "../plan/plan.ts";
import type { Word } from "../value/word.ts";
import type { Database } from "./database.ts";
import { Memory } from "./memory.ts";
import type { Relation } from "./relation.ts";
import { Tuples } from "./tuples.ts";

/** What was put into a database, apart from what rules derive: the facts of the program's text,
 * and what was inserted. Where no rule derives a relation's tuples, and it has each as it came, it
 * holds its input itself; of the others what was inserted is kept here, so that the relation can be
 * had as it was before anything was derived. */
export class Inputs {
  private readonly database: Database;
  private readonly facts: readonly (readonly (readonly Word[])[])[];
  /** For each relation that does not hold its input itself. */
  private readonly inserted: readonly (Tuples | undefined)[];
  /** What is to be removed, by relation and by name. */
  private readonly removed = new Map<number, Map<string, readonly Word[]>>();

  /** What is in the database is taken for inserted. */
  constructor(plan: Plan, database: Database, derived: readonly boolean[]) {
    const { relations, memory } = database;
    this.database = database;
    this.facts = factsOf(plan, database);
    this.inserted = plan.relations.map(({ attributes, equivalence, lattices, choices }, at) => {
      const plain = equivalence !== true && lattices === undefined && choices === undefined;
      if (plain && !derived[at]) return undefined;
      const tuples = new Tuples(attributes.length, memory);
      const columns = attributes.map((_, column) => relations[at]!.column(column));
      tuples.append(columns, relations[at]!.size);
      return tuples;
    });
  }

  /** Whether a relation holds nothing but its input, as it came. */
  plain(at: number): boolean {
    return this.inserted[at] === undefined;
  }

  /** What was put into a relation, beside what the text states; as it is after `takeOut`. */
  given(at: number): Tuples | Relation {
    return this.inserted[at] ?? this.database.relations[at]!;
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
    const there = this.inserted[at] ?? this.database.relations[at]!;
    const name = nameOf(words);
    const removed = this.removed.get(at) ?? new Map<string, readonly Word[]>();
    if (!there.has(words) || removed.has(name)) return false;
    if (this.facts[at]!.some((fact) => nameOf(fact) === name) && this.plain(at)) return false;
    this.removed.set(at, removed.set(name, [...words]));
    return true;
  }

  /** Takes out what is to be removed; returns the relations that it was in. Those that are `plain`
   * lack it from now on, the others when they are restored. */
  takeOut(): readonly number[] {
    const taken = [...this.removed].filter(([, tuples]) => tuples.size > 0);
    for (const [at, tuples] of taken) {
      const inserted = this.inserted[at];
      dropAll(inserted ?? this.database.relations[at]!.tuples, tuples.values());
      if (inserted === undefined) this.database.relations[at]!.compact();
      else inserted.compact();
    }
    this.removed.clear();
    return taken.map(([at]) => at);
  }

  /** Leaves in a relation what was put into it, and nothing that rules derived. */
  restore(at: number): void {
    const relation = this.database.relations[at]!;
    const inserted = this.inserted[at];
    if (inserted !== undefined) {
      relation.clear();
      relation.append(inserted.columns, inserted.size);
    }
    for (const fact of this.facts[at]!) relation.insert(fact);
  }
}

function factsOf(
  { facts, relations }: Plan,
  { values }: Database,
): readonly (readonly (readonly Word[])[])[] {
  const found: (readonly Word[])[][] = relations.map(() => []);
  for (const { relation, values: tuple } of facts) {
    const { attributes } = relations[relation]!;
    assert(attributes.length === tuple.length, "a fact has the arity of its relation");
    found[relation]!.push(tuple.map((value, at) => values.encode(attributes[at]!.kind, value)));
  }
  return found;
}

/** Marks tuples as dropped, all of which are in. */
function dropAll(tuples: Tuples, dropped: Iterable<readonly Word[]>): void {
  const sought = new Tuples(tuples.arity, new Memory());
  for (const tuple of dropped) sought.insert(tuple);
  const { columns, size } = tuples;
  const tuple = columns.map(() => 0);
  tuples.coverDropped();
  for (let row = 0; row < size; row++) {
    for (let at = 0; at < tuple.length; at++) tuple[at] = columns[at]![row]!;
    if (sought.has(tuple)) tuples.drop(row);
  }
}

function tupleAt(columns: readonly Int32Array[], row: number): Word[] {
  return columns.map((column) => column[row]!);
}

function nameOf(words: readonly Word[]): string {
  return words.join();
}
