// The rows of other partitions that a transaction looks up, as these have sent them.
import type { Part } from "../engine/keyed-parts.ts";
import type { Lookup } from "../plan/keyed.ts";
import { partOf } from "./columns.ts";
import type { Found, FoundReads } from "./gathered.ts";

/** The rows of one partition for a transaction: for each lookup of that partition, in their order,
 * 1 and then its columns, or 0 where there is none. */
export type LookedUp = readonly Part[];

/** Returns what a partition has found for the lookups that are of it, `of` saying of which each is;
 * undefined where that is not what they ask for. */
export function lookedUp(
  found: FoundReads,
  lookups: readonly Lookup[],
  of: readonly number[],
  partition: number,
): LookedUp | undefined {
  const rows = "rows" in found ? found.rows : rowsOf(found);
  if (rows === undefined) return undefined;
  let next = 0;
  for (let lookup = 0; lookup < of.length; lookup++) {
    if (of[lookup] !== partition) continue;
    const there = rows[next];
    if (there === 0) next++;
    else if (there === 1) next += 1 + lookups[lookup]!.kinds.length;
    else return undefined;
  }
  return next === rows.length ? rows : undefined;
}

/** What was found for patterns, each of which names a whole key. */
function rowsOf(found: readonly Found[]): LookedUp | undefined {
  const rows: Part[] = [];
  for (const { tuples } of found) {
    if (tuples.length > 1) return undefined;
    rows.push(tuples.length);
    for (const tuple of tuples) for (const value of tuple) rows.push(partOf(value));
  }
  return rows;
}

/** The rows of the other partitions, gone through lookup by lookup. */
export class SharedRows {
  private readonly parts: readonly (LookedUp | undefined)[];
  private readonly all: readonly number[];
  private readonly next: number[];

  /** `parts` are those of the partitions `all`. */
  constructor(all: readonly number[], parts: readonly (LookedUp | undefined)[]) {
    this.all = all;
    this.parts = parts;
    this.next = all.map(() => 0);
  }

  /** Copies the row of the next lookup of a partition, of so many columns, to `to`, from `first`
   * on. Returns whether it is there; undefined where one of its numbers is not exact as a
   * double. */
  take(partition: number, columns: number, to: Part[], first: number): boolean | undefined {
    const at = this.all.indexOf(partition);
    const parts = this.parts[at]!;
    let next = this.next[at]!;
    const isThere = parts[next++] === 1;
    if (isThere)
      for (let column = 0; column < columns; column++) {
        const part = parts[next++]!;
        if (typeof part === "bigint") return undefined;
        to[first + column] = part;
      }
    this.next[at] = next;
    return isThere;
  }
}
