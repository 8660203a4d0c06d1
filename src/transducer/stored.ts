// Facts as a database has them: words in, values out.
import { assert } from "../base/assert.ts";
import type { Database } from "../engine/database.ts";
import type { Relation } from "../engine/relation.ts";
import type { Value } from "../value/schema.ts";
import type { Word } from "../value/word.ts";
import type { Fact } from "./fact.ts";

/** Puts a fact into a database; returns whether it is new there. */
export function insertFact(database: Database, fact: Fact): boolean {
  return stored(database, fact.relation).insert(wordsOf(database, fact));
}

/** Returns the words of a fact's values. */
export function wordsOf(database: Database, { relation, values }: Fact): Word[] {
  const { name, attributes } = stored(database, relation).schema;
  assert(values.length === attributes.length, `a fact of ${name} has its arity`);
  return attributes.map(({ kind }, column) => database.values.encode(kind, values[column] ?? null));
}

/** Returns the tuples of a relation of a database. */
export function tuplesIn(database: Database, at: number): Value[][] {
  const relation = stored(database, at);
  const tuples = Array.from({ length: relation.size }, (): Value[] => []);
  for (const [column, { kind }] of relation.schema.attributes.entries())
    for (const [row, word] of relation.column(column).entries())
      tuples[row]?.push(database.values.decode(kind, word));
  return tuples;
}

function stored(database: Database, at: number): Relation {
  const relation = database.relations[at];
  assert(relation !== undefined, `there is a relation ${at}`);
  return relation;
}
