// What rows in columns are made of. A relation's rows are as many as a machine's memory takes: as
// objects they would be most of what its garbage collector goes through.
import { assert } from "../base/assert.ts";
import type { IntegerCells, ValueCells } from "../codegen/keyed-code.ts";
import type { Part } from "../engine/keyed-parts.ts";
import { keyHash } from "../transducer/owners.ts";
import { sameValue } from "../value/same-value.ts";
import type { Value, ValueKind } from "../value/schema.ts";
import { integerHashed, valueHashed } from "./row-hash.ts";

/** One column of rows that are told apart by numbers from 0. */
export type Column = {
  get(row: number): Part;
  set(row: number, part: Part): void;
  is(row: number, part: Part): boolean;
  /** Sets to a row what another one has. */
  repeat(of: number, at: number): void;
  /** Where in a hash table the row with a part is, of those from a place on, or would be: where no
   * row is. Its length is a power of two. */
  place(table: Int32Array, from: number, part: Part): number;
  /** A hash of what a row has; the same as `partHash` of it. */
  hash(row: number): number;
  /** The value that a row has. */
  value(row: number): Value;
  /** Adds the value of a part to the hash of a change. */
  changeHash(hash: number, part: Part): number;
  /** Lets go of what a row has. */
  clear(row: number): void;
  /** Makes room for so many rows. */
  grow(rows: number): void;
  /** A column that stays as this one is now. */
  copy(): Column;
};

/** Returns an empty column for values of a kind. */
export function columnOf(kind: ValueKind, rows: number): Column {
  const column = kind === "number" || kind === "unsigned" ? new IntegerColumn() : new ValueColumn();
  column.grow(rows);
  return column;
}

/** Returns a kind that is held as this value is. */
export function kindOf(value: Value): ValueKind {
  return typeof value === "bigint" ? "number" : "symbol";
}

/** Returns a value as columns hold it. */
export function partOf(value: Value): Part {
  if (typeof value !== "bigint") return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Returns a hash of a part, for finding rows in memory: nothing else depends on it. */
export function partHash(part: Part): number {
  if (typeof part === "number") return numberHash(part);
  if (typeof part !== "string") return keyHash([part]) | 0;
  let hash = 0x811c9dc5;
  for (let at = 0; at < part.length; at++) hash = Math.imul(hash ^ part.charCodeAt(at), 0x01000193);
  return hash;
}

const scratch = new Float64Array(1);
const words = new Int32Array(scratch.buffer);

/** Equal numbers have equal hashes, also where one is a whole number and the other a float. */
function numberHash(number: number): number {
  const low = number | 0;
  if (low === number) return low;
  if (Number.isNaN(number)) return -1;
  scratch[0] = number;
  return words[0]! ^ Math.imul(words[1]!, 0x9e3779b1);
}

/** Whole numbers: those that are exact as doubles, and apart from them the few others. */
class IntegerColumn implements Column, IntegerCells {
  exact = new Float64Array(0);
  private readonly wide = new Map<number, bigint>();

  get(row: number): Part {
    const number = this.exact[row]!;
    return number === number ? number : this.wide.get(row)!;
  }

  set(row: number, part: Part): void {
    this.clear(row);
    if (typeof part === "number") this.exact[row] = part;
    else {
      assert(typeof part === "bigint", "a column of integers has nothing else");
      this.exact[row] = NaN;
      this.wide.set(row, part);
    }
  }

  is(row: number, part: Part): boolean {
    return this.exact[row] === part || (typeof part === "bigint" && this.wide.get(row) === part);
  }

  repeat(of: number, at: number): void {
    const number = this.exact[of]!;
    if (number === number && this.wide.size === 0) this.exact[at] = number;
    else this.set(at, this.get(of));
  }

  place(table: Int32Array, from: number, part: Part): number {
    const { exact } = this;
    const mask = table.length - 1;
    for (let place = from; ; place = (place + 1) & mask) {
      const row = table[place]!;
      if (row < 0 || exact[row] === part) return place;
      if (typeof part === "bigint" && this.wide.get(row) === part) return place;
    }
  }

  hash(row: number): number {
    const number = this.exact[row]!;
    return number === number ? numberHash(number) : partHash(this.get(row));
  }

  value(row: number): Value {
    const number = this.exact[row]!;
    return number === number ? BigInt(number) : this.wide.get(row)!;
  }

  changeHash(hash: number, part: Part): number {
    return typeof part === "number" ? integerHashed(hash, part) : valueHashed(hash, part);
  }

  clear(row: number): void {
    if (this.wide.size > 0) this.wide.delete(row);
  }

  grow(rows: number): void {
    const grown = new Float64Array(rows);
    grown.set(this.exact);
    this.exact = grown;
  }

  copy(): Column {
    const copy = new IntegerColumn();
    copy.exact = this.exact.slice();
    for (const [row, value] of this.wide) copy.wide.set(row, value);
    return copy;
  }
}

/** Values of any other kind. */
class ValueColumn implements Column, ValueCells {
  values: Value[] = [];

  get(row: number): Part {
    return this.values[row]!;
  }

  set(row: number, part: Part): void {
    this.values[row] = part;
  }

  is(row: number, part: Part): boolean {
    return sameValue(this.values[row]!, part);
  }

  repeat(of: number, at: number): void {
    this.values[at] = this.values[of]!;
  }

  place(table: Int32Array, from: number, part: Part): number {
    const mask = table.length - 1;
    for (let place = from; ; place = (place + 1) & mask) {
      const row = table[place]!;
      if (row < 0 || this.is(row, part)) return place;
    }
  }

  hash(row: number): number {
    return partHash(this.values[row]!);
  }

  value(row: number): Value {
    return this.values[row]!;
  }

  changeHash(hash: number, part: Part): number {
    return valueHashed(hash, part);
  }

  clear(row: number): void {
    this.values[row] = null;
  }

  grow(rows: number): void {
    while (this.values.length < rows) this.values.push(null);
  }

  copy(): Column {
    const copy = new ValueColumn();
    copy.values = this.values.slice();
    return copy;
  }
}
