import { assert } from "../base/assert.ts";
import type { Value } from "../value/schema.ts";
import { epochOf, type Position, type Version } from "./storage.ts";
import type { Row } from "./transaction.ts";
import { type Kept, VersionIndex } from "./version-index.ts";

/** The versions of a relation that is asked by any columns: these get an index when they are first
 * asked for. */
export class IndexedRows {
  /** The first one is that of all columns, or of the key. */
  private readonly indexes: [VersionIndex, ...VersionIndex[]];
  /** Versions that ended, by the epochs in which they did: in these, in no order. */
  private readonly ended = new Map<number, Kept[]>();
  /** No version ended before this epoch. */
  private oldest = Infinity;
  private count = 0;

  /** Rows are found again by `columns`. */
  constructor(columns: readonly number[]) {
    this.indexes = [new VersionIndex(columns)];
  }

  /** How many versions there are, present ones and past ones. */
  get size(): number {
    return this.count;
  }

  /** The tuples that have these values in these columns, as they are before a place. */
  tuples(
    columns: readonly number[],
    values: readonly Value[],
    before: Position,
  ): readonly (readonly Value[])[] {
    return this.index(columns).find(values)?.before(before) ?? [];
  }

  /** Removes a row, which is there. */
  remove(row: Row, at: Position): void {
    const version = this.indexes[0].of(row)?.present(row);
    assert(version !== undefined && version.from < at, "what is removed was there");
    version.to = at;
    this.noteEnd(version);
    for (const home of version.homes) home.end(version);
  }

  /** Takes in a version. One that is present may be there already: it is there from the earlier
   * place on. */
  insert(row: Row, from: Position, to: Position): void {
    const known = to === Infinity ? this.indexes[0].of(row)?.present(row) : undefined;
    if (known !== undefined) {
      known.from = Math.min(known.from, from);
      return;
    }
    // As long as it has to be: an array that grew would have room for many.
    const homes = this.indexes.map((index) => index.home(row));
    const version: Kept = { row, from, to, homes };
    this.count++;
    if (to !== Infinity) this.noteEnd(version);
    for (const home of homes) home.add(version);
  }

  /** All versions that who reads before `horizon` or a later place can see. */
  *versions(horizon: Position): Generator<Version> {
    for (const { row, from, to } of this.past()) if (to >= horizon) yield { row, from, to };
    for (const { row, from, to } of this.indexes[0].present()) yield { row, from, to };
  }

  /** Forgets what nobody sees who reads before `horizon` or a later place. */
  forget(horizon: Position): void {
    const last = epochOf(horizon);
    for (; this.oldest < last && this.ended.size > 0; this.oldest++) {
      for (const version of this.ended.get(this.oldest) ?? []) this.drop(version);
      this.ended.delete(this.oldest);
    }
    const rest = this.ended.get(last);
    if (rest === undefined) return;
    for (const version of rest) if (version.to < horizon) this.drop(version);
    this.ended.set(
      last,
      rest.filter(({ to }) => to >= horizon),
    );
  }

  private drop(version: Kept): void {
    const { row, homes } = version;
    this.count--;
    for (const [at, home] of homes.entries()) {
      home.forget(version);
      if (home.isEmpty) this.indexes[at]?.prune(row);
    }
  }

  private noteEnd(version: Kept): void {
    const epoch = epochOf(version.to);
    this.oldest = this.ended.size === 0 ? epoch : Math.min(this.oldest, epoch);
    const of = this.ended.get(epoch);
    if (of === undefined) this.ended.set(epoch, [version]);
    else of.push(version);
  }

  private *past(): Generator<Kept> {
    for (const of of this.ended.values()) yield* of;
  }

  private index(asked: readonly number[]): VersionIndex {
    const known = this.indexes.find(({ columns }) => sameColumns(columns, asked));
    if (known !== undefined) return known;
    const made = new VersionIndex(asked);
    for (const version of this.past()) moveIn(version, made);
    for (const version of this.indexes[0].present()) moveIn(version, made);
    this.indexes.push(made);
    return made;
  }
}

/** Enters a version into an index that is new. */
function moveIn(version: Kept, index: VersionIndex): void {
  const home = index.home(version.row);
  version.homes.push(home);
  home.add(version);
}

/** Whether lists of columns are the same. */
export function sameColumns(one: readonly number[], other: readonly number[]): boolean {
  if (one === other) return true;
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}
