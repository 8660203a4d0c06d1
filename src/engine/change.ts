import type { Relation } from "./relation.ts";

/** How a relation is other than before an evaluation; `relation` is its place. */
export type Change =
  /** Tuples came in, and none went: `count` of them, which `columns` gives. Those of a relation
   * with lattice columns may have taken the places of others with their keys (`joined`). */
  | ({ readonly kind: "grown" | "joined"; readonly relation: number } & Gain)
  /** Tuples went, which `removed` gives, and others may have come in: those that `columns` does. No
   * tuple is among both. */
  | ({
      readonly kind: "changed";
      readonly relation: number;
      readonly removedCount: number;
      /** The tuples that went as columns. Valid as long as `columns`. */
      readonly removed: () => readonly Int32Array[];
    } & Gain)
  /** What it held before may be gone, in part or all of it: of equivalences and of relations with
   * lattice columns, and where the evaluation before had failed. */
  | { readonly kind: "replaced"; readonly relation: number };

type Gain = {
  readonly count: number;
  /** The new tuples as columns. Valid until something is inserted or removed. */
  readonly columns: () => readonly Int32Array[];
};

/** What is known of how a relation changed: rows of tuples that it lost, and new rows of tuples
 * that it had before. */
export type Rows = {
  readonly lost: readonly number[] | Int32Array;
  readonly again: ReadonlySet<number>;
};

/** Returns what came into a relation since it was marked, and what went; all there is where it is
 * the `first` time. */
export function changeOf(
  relation: Relation,
  at: number,
  first: boolean,
  { lost, again }: Rows,
): Change {
  const { tuples, classes } = relation;
  const { settled, size } = tuples;
  if (classes !== undefined) {
    const all = { count: classes.size, columns: () => classes.columns() };
    return { kind: "grown", relation: at, ...(first ? all : classes.changes()) };
  }
  if (lost.length === 0 && again.size === 0 && !relation.holes) {
    const columns = (): Int32Array[] =>
      tuples.columns.map((column) => column.subarray(settled, size));
    return { kind: "grown", relation: at, count: size - settled, columns };
  }
  const rows = new Int32Array(size - settled);
  let count = 0;
  for (let row = settled; row < size; row++)
    if (!tuples.isDropped(row) && (again.size === 0 || !again.has(row))) rows[count++] = row;
  const gained = wordsAt(relation, rows.subarray(0, count));
  const gain = { relation: at, count, columns: () => gained };
  if (lost.length === 0) return { kind: relation.replaced ? "joined" : "grown", ...gain };
  const removed = wordsAt(relation, lost);
  return { kind: "changed", ...gain, removedCount: lost.length, removed: () => removed };
}

function wordsAt({ tuples }: Relation, rows: ArrayLike<number>): readonly Int32Array[] {
  return tuples.columns.map((column) => {
    const words = new Int32Array(rows.length);
    for (let row = 0; row < rows.length; row++) words[row] = column[rows[row]!]!;
    return words;
  });
}
