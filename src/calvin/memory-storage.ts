import { assert } from "../base/assert.ts";
import type { Value } from "../value/schema.ts";
import type { LockKeys } from "./footprint.ts";
import { type Changes, epochOf, type Position, type Storage, type Version } from "./storage.ts";
import type { Pattern, Row } from "./transaction.ts";
import { type Kept, VersionIndex } from "./version-index.ts";

/** Storage in memory. A pattern's columns get an index when they are first asked for. */
export class MemoryStorage implements Storage {
  private readonly keys: LockKeys;
  /** By relation; the first index of each is that of its key, or of all columns. */
  private readonly indexes = new Map<number, [VersionIndex, ...VersionIndex[]]>();
  /** Versions that ended, by the epochs in which they did: in these, in no order. */
  private readonly ended = new Map<number, Kept[]>();
  /** No version ended before this epoch. */
  private oldest = Infinity;
  private presentCount = 0;
  private endedCount = 0;

  /** `versions` are those of a checkpoint; rows are found again by `keys`, by all their columns
   * where there is none. */
  constructor(versions: Iterable<Version> = [], keys: LockKeys = []) {
    this.keys = keys;
    for (const { row, from, to } of versions) this.keep(row, from, to);
  }

  /** How many versions there are, present ones and past ones. */
  get size(): number {
    return this.presentCount + this.endedCount;
  }

  tuples(pattern: Pattern, before: Position): readonly (readonly Value[])[] {
    const index = this.index(pattern.relation, pattern.columns);
    return index.find(pattern.values)?.before(before) ?? [];
  }

  apply(at: Position, { removed, inserted }: Changes): void {
    for (const row of removed) {
      const version = this.indexesOf(row)[0].of(row)?.present(row);
      assert(version !== undefined && version.from < at, "what is removed was there");
      version.to = at;
      this.presentCount--;
      this.noteEnd(version);
      for (const home of version.homes) home.end(version);
    }
    for (const row of inserted) {
      const known = this.indexesOf(row)[0].of(row)?.present(row);
      if (known === undefined) this.keep(row, at, Infinity);
      else known.from = Math.min(known.from, at);
    }
  }

  versions(horizon: Position): readonly Version[] {
    const found: Version[] = [];
    for (const { row, from, to } of this.past()) if (to >= horizon) found.push({ row, from, to });
    for (const [primary] of this.indexes.values())
      for (const { row, from, to } of primary.present()) found.push({ row, from, to });
    return found;
  }

  forget(horizon: Position): void {
    const last = epochOf(horizon);
    for (; this.oldest < last; this.oldest++) {
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
    const indexes = this.indexesOf(row);
    this.endedCount--;
    for (const [at, home] of homes.entries()) {
      home.forget(version);
      if (home.isEmpty) indexes[at]?.prune(row);
    }
  }

  private noteEnd(version: Kept): void {
    const epoch = epochOf(version.to);
    this.oldest = Math.min(this.oldest, epoch);
    this.endedCount++;
    const of = this.ended.get(epoch);
    if (of === undefined) this.ended.set(epoch, [version]);
    else of.push(version);
  }

  private *past(): Generator<Kept> {
    for (const of of this.ended.values()) yield* of;
  }

  private keep(row: Row, from: Position, to: Position): void {
    // As long as it has to be: an array that grew would have room for many.
    const homes = this.indexesOf(row).map((index) => index.home(row));
    const version: Kept = { row, from, to, homes };
    if (to === Infinity) this.presentCount++;
    else this.noteEnd(version);
    for (const home of homes) home.add(version);
  }

  private indexesOf({ relation, values }: Row): [VersionIndex, ...VersionIndex[]] {
    const known = this.indexes.get(relation);
    if (known !== undefined) return known;
    const key = this.keys[relation] ?? [];
    const primary = new VersionIndex(key.length > 0 ? key : [...values.keys()]);
    const made: [VersionIndex, ...VersionIndex[]] = [primary];
    this.indexes.set(relation, made);
    return made;
  }

  private index(relation: number, asked: readonly number[]): VersionIndex {
    const indexes = this.indexes.get(relation);
    const known = indexes?.find(({ columns }) => sameColumns(columns, asked));
    if (known !== undefined) return known;
    const made = new VersionIndex(asked);
    // A relation without rows has no index of all its columns yet: it is not known how many.
    if (indexes === undefined) return made;
    for (const version of this.past()) if (version.row.relation === relation) moveIn(version, made);
    for (const version of indexes[0].present()) moveIn(version, made);
    indexes.push(made);
    return made;
  }
}

/** Enters a version into an index that is new. */
function moveIn(version: Kept, index: VersionIndex): void {
  const home = index.home(version.row);
  version.homes.push(home);
  home.add(version);
}

function sameColumns(one: readonly number[], other: readonly number[]): boolean {
  if (one === other) return true;
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}
