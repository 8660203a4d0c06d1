// A log of the ordered plane in memory, under a seed: answers are late and lost; an append of which
// nobody knows happens at once, later, or never.
import { type Random, random } from "../../src/base/random.ts";
import type { Appended, OrderedLog } from "../../src/calvin/ordered-log.ts";
import type { EpochRecord } from "../../src/calvin/record.ts";
import { epochBytes, readEpoch } from "../../src/runtime/epoch-bytes.ts";
import { OrderedLogError } from "../../src/runtime/ordered-log-error.ts";
import type { RecordHash } from "../../src/runtime/record-chain.ts";
import { feed } from "../../src/runtime/record-feed.ts";

const recordBytesMax = 1 << 20;

/** What a simulated log holds: those that are opened on it share it. */
export class SimulatedLogState {
  readonly chance: Random;
  readonly hash: RecordHash;
  first = 1;
  /** How many appends were answered by `unknown`, and how many of these happened, some later. */
  readonly counts = { unknown: 0, done: 0, late: 0 };
  private readonly records: Uint8Array[] = [];
  private last = "";
  private late: EpochRecord[] = [];
  private wakes: (() => void)[] = [];

  constructor(seed: number, hash: RecordHash) {
    this.chance = random(seed);
    this.hash = hash;
  }

  get tail(): number {
    return this.first - 1 + this.records.length;
  }

  /** The record of an epoch that is there. */
  at(epoch: number): EpochRecord | undefined {
    const bytes = this.records[epoch - this.first];
    return bytes === undefined ? undefined : readEpoch(bytes);
  }

  append(record: EpochRecord): Appended {
    const next = record.epoch === this.tail + 1 && record.previous === this.last;
    if (!next) {
      const there = this.at(record.epoch);
      return there !== undefined && this.hash(there) === this.hash(record)
        ? "appended"
        : "conflict";
    }
    this.records.push(epochBytes(record));
    this.last = this.hash(record);
    this.wake();
    return "appended";
  }

  /** An append that comes when it likes. */
  delay(record: EpochRecord): void {
    this.late.push(record);
  }

  /** Time goes by: an append that was on its way arrives. */
  arrive(): void {
    if (this.late.length === 0 || this.chance.chance(0.7)) return;
    const [record] = this.late.splice(this.chance.below(this.late.length), 1);
    if (record !== undefined && this.append(record) === "appended") this.counts.late++;
  }

  truncate(epoch: number): void {
    const first = Math.min(epoch, this.tail);
    if (first <= this.first) return;
    this.records.splice(0, first - this.first);
    this.first = first;
  }

  grown(epoch: number, signal: AbortSignal): Promise<void> {
    if (this.tail >= epoch || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.wakes.push(resolve);
      signal.addEventListener("abort", () => resolve());
    });
  }

  private wake(): void {
    const woken = this.wakes;
    this.wakes = [];
    for (const resolve of woken) resolve();
  }
}

/** One who has a simulated log open. */
export class SimulatedLog implements OrderedLog {
  private readonly state: SimulatedLogState;

  constructor(state: SimulatedLogState) {
    this.state = state;
  }

  async append(record: EpochRecord): Promise<Appended> {
    const { state } = this;
    const { chance, counts } = state;
    await this.turns();
    const bytes = epochBytes(record).length;
    if (bytes > recordBytesMax)
      throw new OrderedLogError("too-large", `${bytes} bytes, recordBytesMax is ${recordBytesMax}`);
    if (chance.chance(0.7)) return state.append(record);
    counts.unknown++;
    if (chance.chance(0.3)) state.delay(record);
    else if (chance.chance(0.5) && state.append(record) === "appended") counts.done++;
    await this.turns();
    return "unknown";
  }

  async read(from: number, limit: number): Promise<readonly EpochRecord[]> {
    await this.turns();
    const { state } = this;
    if (from < state.first) throw new OrderedLogError("truncated", `epoch ${from} was cut off`);
    const count = Math.min(limit, 1 + state.chance.below(8));
    return Array.from({ length: count }, (_, at) => state.at(from + at)).filter(
      (record) => record !== undefined,
    );
  }

  async tail(): Promise<number> {
    await this.turns();
    return this.state.tail;
  }

  async subscribe(
    from: number,
    onRecord: (record: EpochRecord) => void | Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const wait = (epoch: number): Promise<void> => this.state.grown(epoch, signal);
    await feed({ log: this, hash: this.state.hash, wait }, from, onRecord, signal);
  }

  async truncateBefore(epoch: number): Promise<void> {
    await this.turns();
    this.state.truncate(epoch);
  }

  async close(): Promise<void> {
    await this.turns();
  }

  /** Others get their turns, more or fewer of them. */
  private async turns(): Promise<void> {
    for (let turns = this.state.chance.below(4); turns >= 0; turns--) await Promise.resolve();
    this.state.arrive();
  }
}
