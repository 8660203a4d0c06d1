import { hashOf } from "../codegen/hash.ts";
import type { Word } from "../value/word.ts";
import type { Memory } from "./memory.ts";
import type { Tuples } from "./tuples.ts";

/** The least element of a lattice above two. */
export type Join = (a: Word, b: Word) => Word;

const slotsAtFirst = 32;
/** The table of keys has room for this share of its slots. */
const loadMax = 0.6;

/** The rows of a relation with lattice columns while it is computed: one for each key, which is the
 * columns before them. What comes in is joined with the row of its key: a pending row, which nobody
 * has seen, is changed; a visible one is dropped for a pending one that holds the join. The table
 * of whole tuples is not kept meanwhile. */
export class JoinedRows {
  private readonly tuples: Tuples;
  private readonly joins: readonly Join[];
  private readonly memory: Memory;
  private readonly key: Int32Array;
  private readonly row: Int32Array;
  /** Row + 1 by the hash of its key; 0 where a slot is free. */
  private table: Int32Array;
  private keys = 0;
  /** Whether a row that was `settled` has been dropped for another. */
  replaced = false;

  /** Joins the rows that are in, all of which are pending. */
  constructor(tuples: Tuples, joins: readonly Join[], memory: Memory) {
    this.tuples = tuples;
    this.joins = joins;
    this.memory = memory;
    this.key = new Int32Array(tuples.arity - joins.length);
    this.row = new Int32Array(tuples.arity);
    this.table = memory.array(slotsAtFirst);
    const { size } = tuples;
    tuples.size = 0;
    // A row is read before one can be written in its place.
    for (let row = 0; row < size; row++) this.insert(tuples.columns.map((column) => column[row]!));
  }

  get memoryBytes(): number {
    return this.table.byteLength;
  }

  /** Joins a tuple with the row of its key; returns whether that row grew, or is new. */
  insert(tuple: ArrayLike<Word>): boolean {
    const { tuples, joins, key, row } = this;
    for (let at = 0; at < key.length; at++) row[at] = key[at] = tuple[at]!;
    const slot = this.slotOf(key);
    const found = this.table[slot]! - 1;
    let grown = found < 0;
    for (let at = 0; at < joins.length; at++) {
      const column = key.length + at;
      const word = tuple[column]!;
      // What is joined with itself is in the form that the lattice gives its elements.
      const before = found < 0 ? word : tuples.columns[column]![found]!;
      row[column] = joins[at]!(before, word);
      grown ||= row[column] !== before;
    }
    if (!grown) return false;
    if (found >= tuples.to) {
      for (let at = key.length; at < row.length; at++) tuples.columns[at]![found] = row[at]!;
      return true;
    }
    const place = tuples.size;
    tuples.push(row);
    this.table[slot] = place + 1;
    if (found >= 0) {
      tuples.drop(found);
      this.replaced ||= found < tuples.settled;
    } else if (++this.keys > loadMax * this.table.length) this.grow();
    return true;
  }

  /** Whether a tuple is the row of its key. */
  has(tuple: ArrayLike<Word>): boolean {
    const { tuples, key } = this;
    for (let at = 0; at < key.length; at++) key[at] = tuple[at]!;
    const row = this.table[this.slotOf(key)]! - 1;
    return row >= 0 && tuples.columns.every((column, at) => column[row] === tuple[at]);
  }

  /** Forgets all rows. */
  clear(): void {
    this.table.fill(0);
    this.keys = 0;
    this.replaced = false;
  }

  /** Finds the rows again after they were moved. */
  rebuild(): void {
    this.table.fill(0);
    const { tuples, key } = this;
    for (let row = 0; row < tuples.size; row++) {
      for (let at = 0; at < key.length; at++) key[at] = tuples.columns[at]![row]!;
      this.table[this.slotOf(key)] = row + 1;
    }
  }

  /** Gives its memory back. */
  release(): void {
    this.memory.release(this.table);
  }

  /** The slot of a key, or the free one where it would be. */
  private slotOf(key: Int32Array): number {
    const { table, tuples } = this;
    const mask = table.length - 1;
    for (let slot = (hashOf(key) >>> 7) & mask; ; slot = (slot + 1) & mask) {
      const row = table[slot]! - 1;
      if (row < 0) return slot;
      let at = 0;
      while (at < key.length && tuples.columns[at]![row] === key[at]) at++;
      if (at === key.length) return slot;
    }
  }

  private grow(): void {
    const old = this.table;
    this.table = this.memory.table(2 * old.length);
    this.memory.release(old);
    const { tuples, key } = this;
    for (const found of old) {
      if (found === 0) continue;
      for (let at = 0; at < key.length; at++) key[at] = tuples.columns[at]![found - 1]!;
      this.table[this.slotOf(key)] = found;
    }
  }
}
