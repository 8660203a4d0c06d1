// Zig-Zag (Cao and others, SIGMOD 2011), as Calvin has it (section 3.4): each row has two copies.
// Around a place in the log, the virtual point of consistency, one copy takes what is done before
// it, the other what is done from it on, in whatever order that happens. Once all before the point
// is carried out, its copies stay as they are and can be written down, while the others change:
// nobody stops, at no time. The copies that are written change sides by a number of the round, so
// nobody goes through all rows to begin a round, either.
import { assert } from "../base/assert.ts";
import { keyOf } from "../transducer/fact.ts";
import type { Value } from "../value/schema.ts";
import type { Changes, Position, Storage, Version } from "./storage.ts";
import type { Pattern, Row } from "./transaction.ts";

/** From where on a row is present; undefined where it is not. */
type Copy = Position | undefined;

/** A row with its two copies. */
type Slot = {
  readonly row: Row;
  /** The place of this slot among all that were made. */
  readonly number: number;
  readonly copies: [Copy, Copy];
  /** Which copy is read: the one that was written last. */
  read: 0 | 1;
  /** Which copy is written before the point, and belongs to the checkpoint. */
  stable: 0 | 1;
  /** The round that `stable` is of. */
  round: number;
};

/** Storage whose rows have two copies each, beside the past that another storage keeps. */
export class ZigzagStorage implements Storage {
  private readonly past: Storage;
  private readonly slots = new Map<string, Slot>();
  private made = 0;
  private round = 0;
  private point = Infinity;
  /** Whether the copies before the point are being written down: they stay as they are. */
  private writing = false;
  private ended: Version[] = [];
  /** Rows that are there no more, and whose copies may still belong to the checkpoint. */
  private readonly emptied = new Map<string, Slot>();

  /** `past` holds what is there already. */
  constructor(past: Storage) {
    this.past = past;
    for (const version of past.versions(0))
      if (version.to !== Infinity) this.ended.push(version);
      else this.write(this.slotOf(version.row), version.from, version.from);
  }

  /** How many rows have copies. */
  get size(): number {
    return this.slots.size;
  }

  tuples(pattern: Pattern, before: Position): Iterable<readonly Value[]> {
    return this.past.tuples(pattern, before);
  }

  apply(at: Position, changes: Changes): void {
    assert(!this.writing || at >= this.point, "all before the point is carried out");
    this.past.apply(at, changes);
    for (const row of changes.removed) {
      const slot = this.slotOf(row);
      const from = slot.copies[slot.read];
      assert(from !== undefined, "what is removed was there");
      this.ended.push({ row, from, to: at });
      this.write(slot, at, undefined);
    }
    for (const row of changes.inserted) {
      const slot = this.slotOf(row);
      const now = slot.copies[slot.read];
      // A free fact may be there before a transaction inserts it at an earlier place.
      const from = now === undefined ? at : Math.min(now, at);
      if (now !== undefined && at < this.point) slot.copies[slot.read] = from;
      this.write(slot, at, from);
    }
  }

  versions(horizon: Position): Iterable<Version> {
    return this.past.versions(horizon);
  }

  forget(horizon: Position): void {
    this.past.forget(horizon);
    this.ended = this.ended.filter(({ to }) => to >= horizon);
  }

  /** Begins a round: what is done before the point and what is done from it on go apart from now
   * on. Nothing from it on may have been done yet. */
  approach(point: Position): void {
    assert(this.point === Infinity, "one checkpoint is made after the other");
    this.round++;
    this.point = point;
  }

  /** The versions as they were before the point that who reads before `horizon` or a later place
   * can see, one by one, while rows change. All before the point is carried out. */
  stable(horizon: Position): Iterable<Version> {
    this.writing = true;
    return this.stableVersions(horizon, this.ended, this.ended.length, this.made);
  }

  /** Ends the round: there is one copy again for all that is done. */
  release(): void {
    this.round++;
    this.point = Infinity;
    this.writing = false;
    for (const [key, slot] of this.emptied)
      if (slot.copies[slot.read] === undefined) this.slots.delete(key);
    this.emptied.clear();
  }

  private *stableVersions(
    horizon: Position,
    ended: readonly Version[],
    endedCount: number,
    slotCount: number,
  ): Generator<Version> {
    for (let at = 0; at < endedCount; at++) {
      const version = ended[at];
      assert(version !== undefined, "what has ended is not taken back");
      if (horizon <= version.to && version.to < this.point) yield version;
    }
    for (const slot of this.slots.values()) {
      // Those that were made since have nothing from before the point.
      if (slot.number >= slotCount) break;
      const from = slot.copies[slot.round === this.round ? slot.stable : slot.read];
      if (from !== undefined) yield { row: slot.row, from, to: Infinity };
    }
  }

  private slotOf(row: Row): Slot {
    const key = keyOf(row);
    const known = this.slots.get(key);
    if (known !== undefined) return this.settled(known);
    const { round } = this;
    const copies: Slot["copies"] = [undefined, undefined];
    const slot: Slot = { row, number: this.made++, copies, read: 0, stable: 0, round };
    this.slots.set(key, slot);
    return slot;
  }

  /** A slot whose sides are those of this round: what was read is what was before it. */
  private settled(slot: Slot): Slot {
    if (slot.round === this.round) return slot;
    slot.round = this.round;
    slot.stable = slot.read;
    slot.copies[other(slot.read)] = undefined;
    return slot;
  }

  private write(slot: Slot, at: Position, from: Copy): void {
    const late = at >= this.point;
    const side = late ? other(slot.stable) : slot.stable;
    slot.copies[side] = from;
    // Before the point, a later copy stays what is read.
    if (late) slot.read = side;
    if (from !== undefined || slot.copies[slot.read] !== undefined) return;
    const key = keyOf(slot.row);
    if (this.point === Infinity) this.slots.delete(key);
    else this.emptied.set(key, slot);
  }
}

function other(side: 0 | 1): 0 | 1 {
  return side === 0 ? 1 : 0;
}
