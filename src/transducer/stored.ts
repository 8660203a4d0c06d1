// Facts as a database has them: words in, values out.
import { assert } from "../base/assert.ts";
import type { Database } from "../engine/database.ts";
import type { Relation } from "../engine/relation.ts";
import type { Attribute, Value } from "../value/schema.ts";
import type { Values } from "../value/values.ts";
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
  const { schema, size } = relation;
  const columns = schema.attributes.map((_, column) => relation.column(column));
  return decoded(database.values, schema.attributes, columns, size);
}

/** Returns the tuples whose words are the first `count` of columns. */
export function decoded(
  values: Values,
  attributes: readonly Attribute[],
  columns: readonly Int32Array[],
  count: number,
): Value[][] {
  const tuples: Value[][] = [];
  // Each as long as it is from the beginning: this is what answers to clients wait for.
  for (let row = 0; row < count; row++) {
    // Each has as much memory as it needs: one that grows has more.
    const tuple = new Array<Value>(attributes.length);
    for (const [column, { kind }] of attributes.entries())
      tuple[column] = values.decode(kind, columns[column]?.[row] ?? 0);
    tuples.push(tuple);
  }
  return tuples;
}

function stored(database: Database, at: number): Relation {
  const relation = database.relations[at];
  assert(relation !== undefined, `there is a relation ${at}`);
  return relation;
}
