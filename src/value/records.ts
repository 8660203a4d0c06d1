import { EvaluationFault } from "./fault.ts";
import { Room } from "./room.ts";
import type { Word } from "./word.ts";

/** The most records that one table can hold: their numbers are inline words of both domains. */
const recordsMax = 2 ** 30 - 2;

const recordsAtFirst = 64;

/** The records of one database: a table for each number of fields. */
export class Records {
  private readonly tables: RecordTable[] = [];
  private readonly room: Room;

  constructor(room = new Room()) {
    this.room = room;
  }

  /** The table of records with so many fields. */
  table(arity: number): RecordTable {
    const known = this.tables[arity];
    if (known !== undefined) return known;
    const table = new RecordTable(arity, this.room);
    this.tables[arity] = table;
    return table;
  }

  /** The bytes that the tables hold in memory. */
  get memoryBytes(): number {
    // Tables that nobody asked for are holes, which `reduce` leaves out.
    return this.tables.reduce((sum, table) => sum + table.memoryBytes, 0);
  }
}

/** The records with one number of fields and their numbers 1, 2, 3, … in order of first packing.
 * Equal fields are equal records. Nothing is ever removed. */
class RecordTable {
  readonly arity: number;
  /** The fields of the record to pack next. */
  readonly next: Int32Array;
  /** Field `at` of record `word` is at `word * arity + at`; replaced when the table grows. */
  words: Int32Array;
  private count = 0;
  // Open addressing: the record's number, or 0 for an empty slot.
  private slots = new Int32Array(2 * recordsAtFirst);
  private readonly room: Room;

  constructor(arity: number, room: Room) {
    this.arity = arity;
    this.room = room;
    this.next = new Int32Array(arity);
    this.words = new Int32Array(recordsAtFirst * arity);
  }

  /** How many records there are; `nil` is not one of them. */
  get size(): number {
    return this.count;
  }

  /** The bytes that the table holds in memory. */
  get memoryBytes(): number {
    return this.words.byteLength + this.slots.byteLength;
  }

  /** The word of the record whose fields are in `next`. */
  pack(): Word {
    const { slots, next } = this;
    const mask = slots.length - 1;
    let slot = this.hashOf(next, 0) & mask;
    for (let found = slots[slot]!; found !== 0; found = slots[slot]!) {
      if (this.holds(found)) return found;
      slot = (slot + 1) & mask;
    }
    return this.add(slot);
  }

  /** The word of the record of these fields. */
  packed(fields: ArrayLike<Word>): Word {
    this.next.set(fields);
    return this.pack();
  }

  /** Field `at` of a record. */
  field(record: Word, at: number): Word {
    return this.words[record * this.arity + at]!;
  }

  private holds(record: Word): boolean {
    const { arity, words, next } = this;
    const start = record * arity;
    for (let at = 0; at < arity; at++) if (words[start + at] !== next[at]) return false;
    return true;
  }

  private add(slot: number): Word {
    if (this.count >= recordsMax) throw tooMany(recordsMax);
    const { arity } = this;
    const record = this.count + 1;
    if (arity > 0 && (record + 1) * arity > this.words.length)
      this.words = this.room.doubled(this.words);
    this.words.set(this.next, record * arity);
    this.slots[slot] = record;
    this.count = record;
    if (2 * record > this.slots.length) this.growSlots();
    return record;
  }

  private growSlots(): void {
    const slots = this.room.words(2 * this.slots.length);
    const mask = slots.length - 1;
    for (let record = 1; record <= this.count; record++) {
      let slot = this.hashOf(this.words, record * this.arity) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = record;
    }
    this.slots = slots;
  }

  private hashOf(words: Int32Array, start: number): number {
    let hash = 0;
    for (let at = 0; at < this.arity; at++) {
      hash = Math.imul(hash ^ words[start + at]!, 0x9e3779b1 | 0);
      hash ^= hash >>> 15;
    }
    hash = Math.imul(hash, 0x735a2d97);
    return hash ^ (hash >>> 16);
  }
}

function tooMany(most: number): EvaluationFault {
  return new EvaluationFault("too-many-values", `there are more than ${most} different records`);
}
