import { EvaluationFault } from "./fault.ts";
import type { NumberSet } from "./number-set.ts";
import { Room } from "./room.ts";
import type { Word } from "./word.ts";

/** The most records that one table can hold: their numbers are inline words of both domains. */
const recordsMax = 2 ** 30 - 2;

const recordsAtFirst = 64;
/** A table that is this many times as long as it has to be is made shorter when records went. */
const roomMax = 8;

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

  /** The bytes of `memoryBytes` that records take, about. */
  get heldBytes(): number {
    return this.tables.reduce((sum, table) => sum + table.heldBytes, 0);
  }

  /** By number of fields, the sizes of the tables that there are. */
  get sizes(): readonly (number | undefined)[] {
    return Array.from(this.tables, (table: RecordTable | undefined) => table?.size);
  }

  /** Forgets the records that are not live, by number of fields: others are given their words. */
  keep(live: readonly (NumberSet | undefined)[]): void {
    for (const [arity, of] of live.entries()) if (of !== undefined) this.table(arity).keep(of);
  }
}

/** The records with one number of fields and their numbers 1, 2, 3, … in order of first packing.
 * Equal fields are equal records. The number of a record that is gone is given to another. */
class RecordTable {
  readonly arity: number;
  /** The fields of the record to pack next. */
  readonly next: Int32Array;
  /** Field `at` of record `word` is at `word * arity + at`; replaced when the table grows. */
  words: Int32Array;
  private count = 0;
  /** How many of the numbers up to `count` are those of records. */
  private used = 0;
  /** The first of the other numbers, or 0; where the first field would be is the next. */
  private free = 0;
  // Open addressing: the record's number, or 0 for an empty slot.
  private slots = new Int32Array(2 * recordsAtFirst);
  private readonly room: Room;

  constructor(arity: number, room: Room) {
    this.arity = arity;
    this.room = room;
    this.next = new Int32Array(arity);
    this.words = new Int32Array(recordsAtFirst * arity);
  }

  /** The greatest number of a record; `nil` is not one. */
  get size(): number {
    return this.count;
  }

  /** The bytes that the table holds in memory. */
  get memoryBytes(): number {
    return this.words.byteLength + this.slots.byteLength;
  }

  /** The bytes of `memoryBytes` that records take, about. */
  get heldBytes(): number {
    return this.used * (4 * this.arity + 8);
  }

  /** Forgets the records that are not `live`. */
  keep(live: NumberSet): void {
    const { arity } = this;
    while (this.count > 0 && !live.has(this.count)) this.count--;
    this.used = this.count;
    this.free = 0;
    for (let record = this.count; record > 0; record--) {
      if (live.has(record)) continue;
      this.words[record * arity] = this.free;
      this.free = record;
      this.used--;
    }
    let length = this.words.length;
    while (length > recordsAtFirst * arity && length > roomMax * (this.count + 1) * arity)
      length /= 2;
    if (length < this.words.length) this.words = this.words.slice(0, length);
    let slots = this.slots.length;
    while (slots > 2 * recordsAtFirst && slots > 2 * roomMax * this.used) slots /= 2;
    const old = this.slots;
    this.slots = this.room.table(slots);
    for (const record of old) if (record !== 0 && live.has(record)) this.enter(record);
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
    const { arity, free } = this;
    const record = free === 0 ? this.count + 1 : free;
    if (record > recordsMax) throw tooMany(recordsMax);
    if (arity > 0 && (record + 1) * arity > this.words.length)
      this.words = this.room.doubled(this.words);
    if (free === 0) this.count = record;
    else this.free = this.words[free * arity]!;
    this.words.set(this.next, record * arity);
    this.slots[slot] = record;
    this.used++;
    if (2 * this.used > this.slots.length) this.growSlots();
    return record;
  }

  private growSlots(): void {
    const old = this.slots;
    this.slots = this.room.table(2 * old.length);
    // In their order, they are near each other in memory.
    if (this.free === 0) for (let record = 1; record <= this.count; record++) this.enter(record);
    else for (const record of old) if (record !== 0) this.enter(record);
  }

  private enter(record: Word): void {
    const { slots } = this;
    const mask = slots.length - 1;
    let slot = this.hashOf(this.words, record * this.arity) & mask;
    while (slots[slot] !== 0) slot = (slot + 1) & mask;
    slots[slot] = record;
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
