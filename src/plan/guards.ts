// What bounds relations that are being computed: atoms of their rules whose relations are known.
import type { Rule, Term } from "../analysis/program.ts";
import type { GroupRows } from "./plan.ts";

/** What is known of the rows of relations whose rules are all guarded. */
export type Guarded = {
  /** How many a relation may have at most; undefined if that is not known. */
  readonly rows: (relation: number) => number | undefined;
  /** How many of them may agree in some columns, in the mean. */
  readonly group: (relation: number, columns: readonly number[]) => number | undefined;
};

/** Returns what guards say of the relations that a stratum computes: an atom of a known relation
 * that has all variables of the head leaves no more tuples to derive than it has rows. In `r(b, i)
 * :- reachable(m), call(b, i, m)` r has no more rows than call, and for each b about as many.
 * `final` tells how many rows a relation has that does not change. */
export function guardedRelations(
  rules: readonly Rule[],
  final: (relation: number) => number | undefined,
  groups: GroupRows,
): Guarded {
  const guards = new Map<number, readonly Guard[] | undefined>();
  for (const rule of rules) {
    const { relation } = rule.head;
    const guard = guardOf(rule, final);
    const others = guards.has(relation) ? guards.get(relation) : [];
    guards.set(relation, guard && others && [...others, guard]);
  }
  return {
    rows: (relation) => guards.get(relation)?.reduce((sum, { rows }) => sum + rows, 0),
    group: (relation, columns) =>
      guards
        .get(relation)
        ?.map((guard) => groupOf(guard, columns, groups))
        .reduce((sum, rows) => sum + rows, 0),
  };
}

/** The smallest atom that bounds what a rule derives. */
type Guard = {
  readonly relation: number;
  readonly rows: number;
  /** For each column of the head, where its variable stands in the atom; -1 for a constant. */
  readonly places: readonly number[];
};

function guardOf(
  { head, body }: Rule,
  final: (relation: number) => number | undefined,
): Guard | undefined {
  const guards = body.flatMap((literal) => {
    const rows = literal.kind === "atom" ? final(literal.relation) : undefined;
    if (literal.kind !== "atom" || rows === undefined) return [];
    const places = head.terms.map((term) => placeIn(literal.terms, term));
    return places.includes(undefined) ? [] : [{ relation: literal.relation, rows, places }];
  });
  const [least] = guards.toSorted((a, b) => a.rows - b.rows);
  return least && { ...least, places: least.places.map((place) => place ?? -1) };
}

function placeIn(terms: readonly Term[], sought: Term): number | undefined {
  if (sought.kind === "constant") return -1;
  if (sought.kind !== "variable") return undefined;
  const at = terms.findIndex(
    (term) => term.kind === "variable" && term.variable === sought.variable,
  );
  return at < 0 ? undefined : at;
}

function groupOf(
  { relation, rows, places }: Guard,
  columns: readonly number[],
  groups: GroupRows,
): number {
  const asked = new Set(columns.flatMap((column) => places[column] ?? []));
  asked.delete(-1);
  return asked.size === 0
    ? rows
    : groups(
        relation,
        [...asked].toSorted((a, b) => a - b),
      );
}
