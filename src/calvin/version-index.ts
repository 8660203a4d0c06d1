// The versions of a relation by the values of some columns: a tree of maps, one level for each
// column, so that no text is made of values to find them.
import { printValue } from "../value/print-value.ts";
import { sameTuple } from "../value/same-value.ts";
import type { Value } from "../value/schema.ts";
import type { Position } from "./storage.ts";
import type { Row } from "./transaction.ts";

/** A version whose end, or whose beginning, may move. */
export type Kept = {
  readonly row: Row;
  from: Position;
  to: Position;
  /** Where each index of its relation has it, in their order. */
  readonly homes: Versions[];
};

/** What a map finds a value by: itself where equal values are one to JavaScript. */
type Part = bigint | number | string | null;

type Level = Map<Part, Level | Versions>;

/** The versions of a relation by the values of some columns. */
export class VersionIndex {
  readonly columns: readonly number[];
  private readonly root: Level | Versions;

  constructor(columns: readonly number[]) {
    this.columns = columns;
    this.root = columns.length === 0 ? new Versions() : new Map();
  }

  /** The versions with these values in the columns of the index, in their order. */
  find(values: readonly Value[]): Versions | undefined {
    let at: Level | Versions | undefined = this.root;
    for (let depth = 0; depth < this.columns.length; depth++)
      at = (at as Level | undefined)?.get(partOf(values[depth] ?? null));
    return at as Versions | undefined;
  }

  /** The versions that agree with a row in the columns of the index. */
  of({ values }: Row): Versions | undefined {
    const { columns } = this;
    let at: Level | Versions | undefined = this.root;
    for (const column of columns)
      at = (at as Level | undefined)?.get(partOf(values[column] ?? null));
    return at as Versions | undefined;
  }

  /** The same, also where there are none yet. */
  home({ values }: Row): Versions {
    const { columns, root } = this;
    let at = root;
    for (let depth = 0; depth < columns.length; depth++) {
      const level = at as Level;
      const part = partOf(values[columns[depth] ?? 0] ?? null);
      let below = level.get(part);
      if (below === undefined) {
        below = depth + 1 < columns.length ? new Map<Part, Level | Versions>() : new Versions();
        level.set(part, below);
      }
      at = below;
    }
    return at as Versions;
  }

  /** Takes out what has no versions left, where a row was. */
  prune(row: Row): void {
    this.pruned(this.root, 0, row);
  }

  /** All versions that are present. */
  *present(): Generator<Kept> {
    yield* presentIn(this.root);
  }

  private pruned(at: Level | Versions | undefined, depth: number, row: Row): boolean {
    if (at === undefined) return false;
    if (at instanceof Versions) return at.isEmpty;
    const part = partOf(row.values[this.columns[depth] ?? 0] ?? null);
    if (this.pruned(at.get(part), depth + 1, row)) at.delete(part);
    return at.size === 0;
  }
}

function* presentIn(at: Level | Versions): Generator<Kept> {
  if (at instanceof Versions) yield* at.all();
  else for (const below of at.values()) yield* presentIn(below);
}

/** The versions that agree in the columns of an index: mostly one that is present. */
class Versions {
  private one: Kept | undefined;
  private more: Set<Kept> | undefined;
  private past: EndedVersions | undefined;
  /** The last end of those: who reads later need not look at them. */
  private pastTo = -1;

  get isEmpty(): boolean {
    return (
      this.one === undefined &&
      (this.more === undefined || this.more.size === 0) &&
      (this.past === undefined || this.past.size === 0)
    );
  }

  /** The present version of a row. */
  present({ values }: Row): Kept | undefined {
    if (this.one !== undefined && sameTuple(this.one.row.values, values)) return this.one;
    if (this.more !== undefined)
      for (const version of this.more) if (sameTuple(version.row.values, values)) return version;
    return undefined;
  }

  /** Those that are present. */
  *all(): Generator<Kept> {
    if (this.one !== undefined) yield this.one;
    if (this.more !== undefined) yield* this.more;
  }

  /** The tuples that are there before a place. */
  before(place: Position): (readonly Value[])[] {
    const { one, more, past } = this;
    const tuples: (readonly Value[])[] = [];
    if (one !== undefined && one.from < place) tuples.push(one.row.values);
    if (more !== undefined)
      for (const { row, from } of more) if (from < place) tuples.push(row.values);
    if (this.pastTo >= place) past?.seen(place, tuples);
    return tuples;
  }

  add(version: Kept): void {
    if (version.to !== Infinity) this.keepPast(version);
    else if (this.one === undefined) this.one = version;
    else (this.more ??= new Set()).add(version);
  }

  end(version: Kept): void {
    if (this.one === version) this.one = undefined;
    else this.more?.delete(version);
    this.keepPast(version);
  }

  private keepPast(version: Kept): void {
    if (this.past === undefined) this.past = new EndedVersions(version);
    else this.past.add(version);
    this.pastTo = Math.max(this.pastTo, version.to);
  }

  forget(version: Kept): void {
    this.past?.delete(version);
    if (this.past?.size === 0) this.past = undefined;
  }
}

/** Versions that ended, in the order of their ends. They are forgotten from the front, and looked
 * at from the back: a row that changes all the time has many. */
class EndedVersions {
  private list: Kept[];
  private head = 0;

  /** Most rows have one: an array that grew to it would have room for many. */
  constructor(first: Kept) {
    this.list = [first];
  }

  get size(): number {
    return this.list.length - this.head;
  }

  /** Mostly it is the last; transactions that do not meet end in any order. */
  add(version: Kept): void {
    const { list } = this;
    let at = list.push(version) - 1;
    for (; at > this.head && (list[at - 1]?.to ?? 0) > version.to; at--)
      list[at] = list[at - 1] ?? version;
    list[at] = version;
  }

  delete(version: Kept): void {
    const at = this.list.indexOf(version, this.head);
    if (at < 0) return;
    if (at === this.head) this.drop();
    else this.list.splice(at, 1);
  }

  /** Adds the tuples of those that were there before a place. */
  seen(place: Position, tuples: (readonly Value[])[]): void {
    const { list, head } = this;
    for (let at = list.length - 1; at >= head; at--) {
      const version = list[at];
      if (version === undefined || version.to < place) return;
      if (version.from < place) tuples.push(version.row.values);
    }
  }

  private drop(): void {
    this.head++;
    if (this.head < 64 || this.head * 2 < this.list.length) return;
    this.list = this.list.slice(this.head);
    this.head = 0;
  }
}

/** A whole number that is exact as a double is found faster as one. No column has both. */
function partOf(value: Value): Part {
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  return typeof value === "object" && value !== null ? printValue(value) : value;
}
