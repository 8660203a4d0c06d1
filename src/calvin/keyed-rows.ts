// The versions of a relation whose rows are found by their keys, in columns: no object stands for a
// version. Versions of one key are a chain, the newest one first; a hash table has its head.
//
// A transaction that only looks rows up changes them here in place (`KeyedTransaction.direct`).
// Other questions than those for one key, or for all rows, are not answered: what is asked so is
// moved to where columns have indexes (`IndexedRows`). It is one file because the chains and the
// hash table are kept in the same words, and each of them moves what the other one finds.
import { assert } from "../base/assert.ts";
import type { KeyedStore } from "../codegen/keyed-code.ts";
import type { Part } from "../engine/keyed-parts.ts";
import type { Value, ValueKind } from "../value/schema.ts";
import { type Column, columnOf, kindOf, partHash, partOf } from "./columns.ts";
import { epochOf, type Position, startOf, type Version } from "./storage.ts";
import type { Row } from "./transaction.ts";

/** The number of a version; negative where there is none. */
export type RowAt = number;

const none = -1;

/** The versions of a relation with a key. */
export class KeyedRows implements KeyedStore {
  readonly relation: number;
  /** The columns of the key, ascending. */
  readonly key: readonly number[];
  columns: Column[] = [];
  /** For each of them whether it is of the key. */
  private readonly stays: boolean[] = [];
  /** What is before `from` and after `to` does not see a version; `from` is NaN where there is
   * none. */
  from = new Float64Array(0);
  to = new Float64Array(0);
  private newer = new Int32Array(0);
  /** The version before it, of one key; of numbers that are free, the next one. */
  private older = new Int32Array(0);
  private free: RowAt = none;
  /** Numbers from here on were never given. */
  private fresh = 0;
  /** The heads of chains, where the hashes of their keys say, or after that. */
  heads = new Int32Array(16).fill(none);
  private keyCount = 0;
  private count = 0;
  /** Versions that ended, by the epochs in which they did. */
  private readonly ended = new Map<number, RowAt[]>();
  private oldest = Infinity;
  /** Nobody reads before this place: what ends before it is not kept. */
  horizon: Position = 0;

  constructor(relation: number, key: readonly number[]) {
    this.relation = relation;
    this.key = key.toSorted((a, b) => a - b);
    for (const column of key) this.stays[column] = true;
  }

  /** How many versions there are, present ones and past ones. */
  get size(): number {
    return this.count;
  }

  /** The newest version of a key; negative where there is none. */
  find(key: readonly Part[]): RowAt {
    return this.heads[this.place(key)]!;
  }

  /** Whether a version has not ended, and is seen from a place on. */
  isPresent(row: RowAt, at: Position): boolean {
    return this.to[row] === Infinity && this.from[row]! < at;
  }

  /** Copies what a version has to `parts`, from `first` on. Returns whether its whole numbers are
   * all exact as doubles. */
  read(row: RowAt, parts: Part[], first: number): boolean {
    const { columns } = this;
    for (let column = 0; column < columns.length; column++) {
      const part = columns[column]!.get(row);
      if (typeof part === "bigint") return false;
      parts[first + column] = part;
    }
    return true;
  }

  /** Adds to a hash what parts are as values: `hashOf` of `row-hash.ts`. */
  changeHash(hash: number, parts: readonly Part[], first: number): number {
    const { columns } = this;
    let next = hash;
    for (let column = 0; column < columns.length; column++)
      next = columns[column]!.changeHash(next, parts[first + column]!);
    return next >>> 0;
  }

  /** Has columns for values of some kinds, where no row was taken in yet. */
  shape(kinds: readonly ValueKind[]): void {
    if (this.columns.length === 0)
      this.columns = kinds.map((kind) => columnOf(kind, this.from.length));
  }

  /** Takes in a row where none is present: its key has none. It has columns for it. */
  add(parts: readonly Part[], at: Position): void {
    this.link(
      this.filled(parts, at, Infinity),
      this.key.map((column) => parts[column]!),
    );
  }

  /** The tuples of one key, as they are before a place: one at most. */
  tuples(key: readonly Part[], before: Position): Value[][] {
    const row = this.seen(key, before);
    return row < 0 ? [] : [this.values(row)];
  }

  /** Copies the row of a key to `parts`, from `first` on, as it is before a place: 1 and its
   * columns but those of the key, or 0 where there is none. Returns its version, negative where
   * there is none. */
  look(key: readonly Part[], before: Position, parts: Part[], first: number): RowAt {
    const row = this.seen(key, before);
    parts[first] = row < 0 ? 0 : 1;
    if (row < 0) return none;
    const { columns, stays } = this;
    let next = first + 1;
    for (let column = 0; column < columns.length; column++)
      if (stays[column] !== true) parts[next++] = columns[column]!.get(row);
    return row;
  }

  /** The version of a key that is seen before a place; negative where there is none. */
  private seen(key: readonly Part[], before: Position): RowAt {
    let row = this.find(key);
    while (row >= 0 && this.from[row]! >= before) row = this.older[row]!;
    return row >= 0 && this.to[row]! >= before ? row : none;
  }

  /** All tuples, as they are before a place. */
  all(before: Position): Value[][] {
    const found: Value[][] = [];
    for (let row = 0; row < this.fresh; row++)
      if (this.from[row]! < before && this.to[row]! >= before) found.push(this.values(row));
    return found;
  }

  /** Removes a row, which is there. */
  remove({ values }: Row, at: Position): void {
    const row = this.find(this.key.map((column) => partOf(values[column] ?? null)));
    assert(row >= 0 && this.has(row, values.map(partOf)), "what is removed was there");
    this.end(row, at);
  }

  /** Takes in a version. Returns whether it could: not where its key has another row, which only
   * an input can bring about. */
  insert(values: readonly Value[], from: Position, to: Position): boolean {
    const parts = values.map(partOf);
    const key = this.key.map((column) => parts[column]!);
    if (this.columns.length === 0)
      this.columns = values.map((value) => columnOf(kindOf(value), this.from.length));
    if (to !== Infinity) {
      const row = this.filled(parts, from, to);
      this.link(row, key);
      this.noteEnd(row);
      return true;
    }
    const present = this.find(key);
    if (present < 0 || this.to[present] !== Infinity) {
      this.link(this.filled(parts, from, to), key);
      return true;
    }
    if (!this.has(present, parts)) return false;
    this.from[present] = Math.min(this.from[present]!, from);
    return true;
  }

  /** Ends a version, which is present. */
  end(row: RowAt, at: Position): void {
    assert(this.isPresent(row, at), "what is removed was there");
    this.to[row] = at;
    if (at < this.horizon) this.unlink(row);
    else this.noteEnd(row);
  }

  /** Puts a version in the place of one that is present, with the same key. */
  replace(row: RowAt, parts: readonly Part[], at: Position): void {
    assert(this.isPresent(row, at), "what is removed was there");
    // Nobody sees what was there before a horizon that is ahead.
    if (at >= this.horizon) this.keepPast(row, at);
    this.from[row] = at;
    const { columns, stays } = this;
    for (let column = 0; column < columns.length; column++)
      if (stays[column] !== true) columns[column]!.set(row, parts[column]!);
  }

  /** Puts what a version is until a place into another one, behind it: what is present stays where
   * it is, so that it is where its key was looked for the last time. */
  keepPast(row: RowAt, at: Position): void {
    const past = this.unfilled(this.from[row]!, at);
    for (const column of this.columns) column.repeat(row, past);
    const older = this.older[row]!;
    this.older[past] = older;
    this.newer[past] = row;
    this.older[row] = past;
    if (older >= 0) this.newer[older] = past;
    this.noteEnd(past);
  }

  /** All versions that who reads before `horizon` or a later place can see, as they are now. */
  versions(horizon: Position): Iterable<Version> {
    const { relation, fresh } = this;
    const columns = this.columns.map((column) => column.copy());
    const [from, to] = [this.from.slice(0, fresh), this.to.slice(0, fresh)];
    return copied(relation, columns, from, to, horizon);
  }

  /** Forgets what nobody sees who reads before `horizon` or a later place. */
  forget(horizon: Position): void {
    // What is not seen from there on is gone since that was said.
    if (horizon <= this.horizon) return;
    this.horizon = horizon;
    const last = epochOf(horizon);
    // Epochs in which nothing ended are many where the horizon is far ahead.
    if (this.ended.size === 0) return;
    for (; this.oldest < last && this.ended.size > 0; this.oldest++) {
      for (const row of this.ended.get(this.oldest) ?? []) this.unlink(row);
      this.ended.delete(this.oldest);
    }
    const rest = this.ended.get(last);
    if (rest === undefined || horizon === startOf(last)) return;
    const kept = rest.filter((row) => this.to[row]! >= horizon);
    const gone = rest.filter((row) => this.to[row]! < horizon);
    if (kept.length > 0) this.ended.set(last, kept);
    else this.ended.delete(last);
    for (const row of gone) this.unlink(row);
  }

  private noteEnd(row: RowAt): void {
    const epoch = epochOf(this.to[row]!);
    const of = this.ended.get(epoch);
    if (of !== undefined) of.push(row);
    else {
      this.oldest = this.ended.size === 0 ? epoch : Math.min(this.oldest, epoch);
      this.ended.set(epoch, [row]);
    }
  }

  // ---- versions ----

  private values(row: RowAt): Value[] {
    const values: Value[] = [];
    for (const column of this.columns) values.push(column.value(row));
    return values;
  }

  private has(row: RowAt, parts: readonly Part[]): boolean {
    const { columns } = this;
    for (let column = 0; column < columns.length; column++)
      if (!columns[column]!.is(row, parts[column]!)) return false;
    return true;
  }

  /** A version that is in no chain yet. */
  private filled(parts: readonly Part[], from: Position, to: Position): RowAt {
    const row = this.unfilled(from, to);
    const { columns } = this;
    for (let column = 0; column < columns.length; column++)
      columns[column]!.set(row, parts[column]!);
    return row;
  }

  private unfilled(from: Position, to: Position): RowAt {
    let row = this.free;
    if (row >= 0) this.free = this.older[row]!;
    else {
      if (this.fresh === this.from.length) this.grow();
      row = this.fresh++;
    }
    this.count++;
    this.from[row] = from;
    this.to[row] = to;
    this.newer[row] = none;
    this.older[row] = none;
    return row;
  }

  private grow(): void {
    const rows = Math.max(16, this.from.length * 2);
    this.from = grown(this.from, new Float64Array(rows));
    this.to = grown(this.to, new Float64Array(rows));
    this.newer = grown(this.newer, new Int32Array(rows));
    this.older = grown(this.older, new Int32Array(rows));
    for (const column of this.columns) column.grow(rows);
  }

  // ---- chains ----

  /** Enters a version into the chain of its key, which is in the order of places. */
  private link(row: RowAt, key: readonly Part[]): void {
    const from = this.from[row]!;
    let place = this.place(key);
    if (this.heads[place] === none) {
      this.keyCount++;
      if (this.keyCount * 2 > this.heads.length) {
        this.rehash();
        place = this.place(key);
      }
    }
    let newer = none;
    let older = this.heads[place]!;
    while (older >= 0 && this.from[older]! > from) {
      newer = older;
      older = this.older[older]!;
    }
    this.newer[row] = newer;
    this.older[row] = older;
    if (older >= 0) this.newer[older] = row;
    if (newer >= 0) this.older[newer] = row;
    else this.heads[place] = row;
  }

  /** Takes a version out of its chain, and lets its number go. */
  private unlink(row: RowAt): void {
    const [newer, older] = [this.newer[row]!, this.older[row]!];
    if (older >= 0) this.newer[older] = newer;
    if (newer >= 0) this.older[newer] = older;
    else if (older >= 0) this.heads[this.placeOf(row)] = older;
    else this.removeKey(this.placeOf(row));
    for (const column of this.columns) column.clear(row);
    this.from[row] = NaN;
    this.to[row] = NaN;
    this.older[row] = this.free;
    this.free = row;
    this.count--;
  }

  // ---- the hash table: linear probing ----

  /** Where the head of a key is, or would be. */
  private place(key: readonly Part[]): number {
    const { heads, columns } = this;
    const mask = heads.length - 1;
    let hash = 0;
    for (let at = 0; at < key.length; at++) hash = mixed(hash, partHash(key[at]!));
    if (key.length === 1) {
      // Most keys have one column; an empty table has none yet.
      const column = columns[this.key[0]!];
      const start = spread(hash) & mask;
      return column === undefined ? start : column.place(heads, start, key[0]!);
    }
    for (let place = spread(hash) & mask; ; place = (place + 1) & mask) {
      const head = heads[place]!;
      if (head < 0) return place;
      let at = 0;
      while (at < key.length && columns[this.key[at]!]!.is(head, key[at]!)) at++;
      if (at === key.length) return place;
    }
  }

  /** Where the head of a version's chain is. */
  private placeOf(row: RowAt): number {
    return this.place(this.key.map((column) => this.columns[column]!.get(row)));
  }

  private hashOf(row: RowAt): number {
    let hash = 0;
    for (const column of this.key) hash = mixed(hash, this.columns[column]!.hash(row));
    return spread(hash);
  }

  private rehash(): void {
    const before = this.heads;
    this.heads = new Int32Array(before.length * 2).fill(none);
    const mask = this.heads.length - 1;
    for (const head of before) {
      if (head < 0) continue;
      let place = this.hashOf(head) & mask;
      while (this.heads[place]! >= 0) place = (place + 1) & mask;
      this.heads[place] = head;
    }
  }

  /** Takes a key out, and moves those that would not be found behind the gap into it. */
  private removeKey(at: number): void {
    const { heads } = this;
    const mask = heads.length - 1;
    let gap = at;
    for (let place = (at + 1) & mask; heads[place]! >= 0; place = (place + 1) & mask) {
      const wanted = this.hashOf(heads[place]!) & mask;
      if (((place - wanted) & mask) < ((place - gap) & mask)) continue;
      heads[gap] = heads[place]!;
      gap = place;
    }
    heads[gap] = none;
    this.keyCount--;
  }
}

function* copied(
  relation: number,
  columns: readonly Column[],
  from: Float64Array,
  to: Float64Array,
  horizon: Position,
): Generator<Version> {
  for (let row = 0; row < from.length; row++)
    if (to[row]! >= horizon) {
      const values = columns.map((column) => column.value(row));
      yield { row: { relation, values }, from: from[row]!, to: to[row]! };
    }
}

function grown<A extends Float64Array | Int32Array>(before: A, after: A): A {
  after.set(before);
  return after;
}

function mixed(hash: number, word: number): number {
  return Math.imul(hash ^ word, 0x9e3779b1) ^ (hash >>> 15);
}

function spread(hash: number): number {
  return hash ^ (hash >>> 16);
}
