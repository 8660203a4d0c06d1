import { assert } from "../base/assert.ts";
import type { Heard, LogRecord, Origin } from "../transducer/protocol.ts";
import { lastOf } from "../transducer/shared.ts";

/** The disk of a simulated node: its log, of which a part is durable, and its incarnation. */
export class Disk {
  /** Durable before the node begins to live. */
  incarnation = 0;
  /** What of each origin is durable. */
  readonly holds = new Map<Origin, number>();
  /** What of each origin is written, durable or not. */
  readonly writtenHolds = new Map<Origin, number>();
  /** What was heard of each peer, durably. */
  readonly heard = new Map<string, NonNullable<Heard>>();
  private records: LogRecord[] = [];
  private durableCount = 0;
  /** How many records the node was given when it began to live. */
  private givenCount = 0;

  /** How many records there are, durable or not. */
  get written(): number {
    return this.records.length;
  }

  /** How many of the records that the node has written in this life are durable. */
  get persisted(): number {
    return this.durableCount - this.givenCount;
  }

  /** Whether all that was written is durable. */
  get allDurable(): boolean {
    return this.durableCount === this.records.length;
  }

  write(records: readonly LogRecord[]): void {
    this.records.push(...records);
    this.note(records);
  }

  /** Makes the first `count` records durable. */
  sync(count: number): void {
    assert(count <= this.records.length, "what becomes durable was written");
    for (; this.durableCount < count; this.durableCount++) {
      const record = this.records[this.durableCount];
      if (record?.kind === "batch") this.holds.set(record.batch.origin, lastOf(record.batch));
      if (record?.kind !== "messages") continue;
      const { peer, origin, from, facts } = record;
      this.heard.set(peer, { origin, number: from + facts.length - 1 });
    }
  }

  /** Loses what is not durable, but for its first `keeps` records; returns how many go. */
  crash(keeps: number): number {
    const before = this.records.length;
    this.records = this.records.slice(0, this.durableCount + keeps);
    this.writtenHolds.clear();
    this.note(this.records);
    return before - this.records.length;
  }

  /** Puts an old copy of the log in its place. */
  restore(permille: number): void {
    this.records = this.records.slice(0, Math.floor((this.records.length * permille) / 1000));
    this.durableCount = 0;
    this.holds.clear();
    this.heard.clear();
    this.writtenHolds.clear();
    this.note(this.records);
  }

  /** Begins a new life: what is written is durable from here on, and is returned. */
  begin(): readonly LogRecord[] {
    this.sync(this.records.length);
    this.givenCount = this.records.length;
    this.incarnation++;
    return this.records.slice();
  }

  private note(records: readonly LogRecord[]): void {
    for (const record of records)
      if (record.kind === "batch") this.writtenHolds.set(record.batch.origin, lastOf(record.batch));
  }
}
