import type { Relation } from "./relation.ts";

/** How a relation is other than before an evaluation; `relation` is its place. */
export type Change =
  /** Tuples came in, and none went: `count` of them, which `columns` gives. Those of a relation
   * with lattice columns may have taken the places of others with their keys (`joined`). */
  | {
      readonly kind: "grown" | "joined";
      readonly relation: number;
      readonly count: number;
      /** The new tuples as columns. Valid until something is inserted or removed. */
      readonly columns: () => readonly Int32Array[];
    }
  /** What it held before may be gone, in part or all of it. */
  | { readonly kind: "replaced"; readonly relation: number };

/** Returns what came into a relation since it was marked; all there is where it is the `first`
 * time. */
export function growth(relation: Relation, at: number, first: boolean): Change {
  const { tuples, classes } = relation;
  const { settled, size } = tuples;
  if (classes !== undefined) {
    const all = { count: classes.size, columns: () => classes.columns() };
    return { kind: "grown", relation: at, ...(first ? all : classes.changes()) };
  }
  if (!relation.joins) {
    const columns = (): Int32Array[] =>
      tuples.columns.map((column) => column.subarray(settled, size));
    return { kind: "grown", relation: at, count: size - settled, columns };
  }
  const rows: number[] = [];
  for (let row = settled; row < size; row++) if (!tuples.isDropped(row)) rows.push(row);
  const columns = tuples.columns.map((column) => {
    const words = new Int32Array(rows.length);
    for (let row = 0; row < rows.length; row++) words[row] = column[rows[row]!]!;
    return words;
  });
  const kind = relation.replaced ? "joined" : "grown";
  return { kind, relation: at, count: rows.length, columns: () => columns };
}
