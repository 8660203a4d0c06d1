// The rows of other partitions that a transaction looks up, as these have sent them.
import { assert } from "../base/assert.ts";
import type { Part } from "../engine/keyed-parts.ts";
import type { Lookup } from "../plan/keyed.ts";
import { partOf } from "./columns.ts";
import type { Found, FoundReads, LookedUp } from "./gathered.ts";

/** Returns what a partition has found for the lookups that are of it, `of` saying of which each is;
 * undefined where that is not what they ask for. */
export function lookedUp(
  found: FoundReads,
  lookups: readonly Lookup[],
  of: readonly number[],
  partition: number,
): LookedUp | undefined {
  if (!("rows" in found))
    return rowsOf(
      found,
      lookups.filter((_, lookup) => of[lookup] === partition),
    );
  const { rows } = found;
  let next = 0;
  for (let lookup = 0; lookup < of.length; lookup++) {
    if (of[lookup] !== partition) continue;
    const there = rows[next];
    const { kinds, columns } = lookups[lookup]!;
    if (there === 0) next++;
    else if (there === 1) next += 1 + kinds.length - columns.length;
    else return undefined;
  }
  return next === rows.length ? rows : undefined;
}

/** What was found for patterns, each of which names a whole key. */
function rowsOf(found: readonly Found[], lookups: readonly Lookup[]): LookedUp | undefined {
  if (found.length !== lookups.length) return undefined;
  const rows: Part[] = [];
  for (const [at, { tuples }] of found.entries()) {
    const { columns, kinds } = lookups[at]!;
    const [tuple] = tuples;
    if (tuples.length > 1 || (tuple ?? kinds).length !== kinds.length) return undefined;
    rows.push(tuples.length);
    for (const [column, value] of (tuple ?? []).entries())
      if (!columns.includes(column)) rows.push(partOf(value));
  }
  return rows;
}

/** The rows of the other partitions, gone through lookup by lookup. */
export class SharedRows {
  private all: readonly number[] = [];
  private found: readonly (FoundReads | undefined)[] = [];
  private readonly next: number[] = [];

  /** Begins with what the partitions `all` have looked up (`lookedUp`). */
  begin(all: readonly number[], found: readonly (FoundReads | undefined)[]): void {
    this.all = all;
    this.found = found;
    for (let at = 0; at < all.length; at++) this.next[at] = 0;
  }

  /** Copies these columns of the row of the next lookup of a partition to `to`, from `first` on.
   * Returns whether it is there; undefined where one of its numbers is not exact as a double. */
  take(
    partition: number,
    columns: readonly number[],
    to: Part[],
    first: number,
  ): boolean | undefined {
    const at = this.all.indexOf(partition);
    const found = this.found[at];
    assert(found !== undefined && "rows" in found, "what others have read is there");
    const { rows } = found;
    let next = this.next[at]!;
    const isThere = rows[next++] === 1;
    if (isThere)
      for (let column = 0; column < columns.length; column++) {
        const part = rows[next++]!;
        if (typeof part === "bigint") return undefined;
        to[first + columns[column]!] = part;
      }
    this.next[at] = next;
    return isThere;
  }
}
