import type { Relation } from "../../../src/engine/relation.ts";
import { visible } from "../../../src/io/display.ts";
import { rowOrder } from "../../../src/io/order.ts";
import type { Values } from "../../../src/value/values.ts";
import type { RowPage, RowQuery } from "../protocol.ts";

/** The rows of a relation that fit a text, in an order. Rows are decoded where they are looked at,
 * or filtered. */
export class PickedRows {
  private readonly relation: Relation;
  private readonly values: Values;
  private readonly key: string;
  private readonly order: Uint32Array;

  constructor(relation: Relation, values: Values, query: RowQuery) {
    this.relation = relation;
    this.values = values;
    this.key = keyOf(query);
    const sorted = this.sorted(query.sort);
    const wanted = query.filter.toLowerCase();
    this.order =
      wanted === ""
        ? sorted
        : sorted.filter((row) =>
            this.texts(row).some((text) => text.toLowerCase().includes(wanted)),
          );
  }

  /** Whether a page that is asked for is of these rows. */
  fits(query: RowQuery): boolean {
    return keyOf(query) === this.key;
  }

  /** The rows that are asked for. */
  page({ from, count }: RowQuery): RowPage {
    const ids = [...this.order.subarray(from, from + count)];
    return { total: this.order.length, from, ids, rows: ids.map((row) => this.texts(row)) };
  }

  private texts(row: number): string[] {
    const { relation, values } = this;
    return relation.schema.attributes.map(({ kind }, at) =>
      visible(values.print(kind, relation.column(at)[row] ?? 0)),
    );
  }

  private sorted(sort: RowQuery["sort"]): Uint32Array {
    const { relation, values } = this;
    const attribute = sort && relation.schema.attributes[sort.column];
    if (sort === undefined || attribute === undefined) return rowOrder(relation, values);
    // By that column first, by the others where it is equal.
    const { column: first } = sort;
    const { attributes } = relation.schema;
    const places = [first, ...attributes.keys().filter((at) => at !== first)];
    const order = rowOrder(
      {
        schema: { ...relation.schema, attributes: places.map((at) => attributes[at] ?? attribute) },
        size: relation.size,
        column: (at) => relation.column(places[at] ?? first),
      },
      values,
    );
    return sort.descending ? order.reverse() : order;
  }
}

function keyOf({ relation, sort, filter }: RowQuery): string {
  return JSON.stringify([relation, sort?.column, sort?.descending, filter]);
}
