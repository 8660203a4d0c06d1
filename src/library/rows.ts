import type { Relation } from "../engine/relation.ts";
import { rowOrder } from "../io/order.ts";
import type { Attribute, Value } from "../value/schema.ts";
import type { Values } from "../value/values.ts";
import type { Word } from "../value/word.ts";

/** A row with its values by the names of their columns. */
export type NamedRow = Readonly<Record<string, Value>>;

/** Returns the tuples of a relation as rows, in value order. */
export function rowsOf(relation: Relation, values: Values): NamedRow[] {
  const { attributes } = relation.schema;
  const columns = attributes.map((_, at) => relation.column(at));
  return Array.from(rowOrder(relation, values), (row) =>
    rowOf(
      columns.map((column) => column[row] ?? 0),
      attributes,
      values,
    ),
  );
}

/** Returns tuples as rows, in value order. */
export function orderedRows(
  tuples: Iterable<readonly Word[]>,
  attributes: readonly Attribute[],
  values: Values,
): NamedRow[] {
  const compare = (a: readonly Word[], b: readonly Word[]): number => {
    for (const [at, { kind }] of attributes.entries()) {
      const order = values.compare(kind, a[at] ?? 0, b[at] ?? 0);
      if (order !== 0) return order;
    }
    return 0;
  };
  return [...tuples].sort(compare).map((words) => rowOf(words, attributes, values));
}

function rowOf(words: readonly Word[], attributes: readonly Attribute[], values: Values): NamedRow {
  return Object.fromEntries(
    attributes.map(({ name, kind }, at) => [name, values.decode(kind, words[at] ?? 0)]),
  );
}
