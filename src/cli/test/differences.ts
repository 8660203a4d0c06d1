import type { Relation } from "../../engine/relation.ts";
import type { Values } from "../../value/values.ts";
import type { Word } from "../../value/word.ts";
import { rowsOf } from "../rows.ts";
import { differencesKeptMax, type Difference, type RelationFailure } from "./report.ts";

/** What is compared, and how far apart two floats of one value may be: the part of the greater of
 * them, or of 1 where both are less. */
export type Comparison = {
  readonly relation: Relation;
  readonly values: Values;
  readonly expected: readonly (readonly Word[])[];
  readonly tolerance: number;
};

/** Returns the differing tuples of a relation and of what is expected of it, as sets. */
export function differences(
  comparison: Comparison,
): Pick<RelationFailure, "missing" | "unexpected" | "differences"> {
  const { relation, values, expected, tolerance } = comparison;
  const there = keyed(rowsOf(relation));
  const wanted = keyed(expected);
  const missing = [...wanted].flatMap(([key, row]) => (there.has(key) ? [] : [row]));
  const unexpected = [...there].flatMap(([key, row]) => (wanted.has(key) ? [] : [row]));
  const apart =
    tolerance > 0 ? unmatched(comparison, missing, unexpected) : { missing, unexpected };
  const { attributes } = relation.schema;
  const kinds = attributes.map(({ kind }) => kind);
  const order = (a: { row: readonly Word[] }, b: { row: readonly Word[] }): number => {
    for (const [at, kind] of kinds.entries()) {
      const by = values.compare(kind, a.row[at] ?? 0, b.row[at] ?? 0);
      if (by !== 0) return by;
    }
    return 0;
  };
  const sides = [
    ...apart.missing.map((row) => ({ row, side: "missing" as const })),
    ...apart.unexpected.map((row) => ({ row, side: "unexpected" as const })),
  ].toSorted(order);
  return {
    missing: apart.missing.length,
    unexpected: apart.unexpected.length,
    differences: sides.slice(0, differencesKeptMax).map(({ row, side }): Difference => ({
      side,
      values: row.map((word, at) => values.print(kinds[at] ?? "number", word)),
    })),
  };
}

type Row = readonly Word[];

function keyed(rows: readonly Row[]): Map<string, Row> {
  return new Map(rows.map((row) => [row.join(), row]));
}

/** What is left when each missing tuple is paired with an unexpected one that is equal to it but
 * for floats, which are near. Floats within records and other structures are compared exactly. */
function unmatched(
  { relation, values, tolerance }: Comparison,
  missing: readonly Row[],
  unexpected: readonly Row[],
): { readonly missing: readonly Row[]; readonly unexpected: readonly Row[] } {
  const { attributes } = relation.schema;
  const exact = (row: Row): string =>
    row.filter((_, at) => attributes[at]?.kind !== "float").join();
  const near = (a: Row, b: Row): boolean =>
    attributes.every(({ kind }, at) => {
      if (kind !== "float") return true;
      const [x, y] = [values.float(a[at] ?? 0), values.float(b[at] ?? 0)];
      if (Object.is(x, y)) return true;
      // Of an infinity every number would be a small part.
      if (!Number.isFinite(x) || !Number.isFinite(y)) return false;
      return Math.abs(x - y) <= tolerance * Math.max(1, Math.abs(x), Math.abs(y));
    });
  const free = new Map<string, Row[]>();
  for (const row of unexpected) {
    const group = free.get(exact(row));
    if (group === undefined) free.set(exact(row), [row]);
    else group.push(row);
  }
  const left = missing.filter((row) => {
    const group = free.get(exact(row)) ?? [];
    const at = group.findIndex((other) => near(row, other));
    if (at >= 0) group.splice(at, 1);
    return at < 0;
  });
  return { missing: left, unexpected: [...free.values()].flat() };
}
