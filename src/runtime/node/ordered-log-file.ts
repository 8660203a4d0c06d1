// The ordered log in a folder. It is one file because appending, following and cutting off change
// the same state, in an order that crashes may end anywhere.
import { join } from "node:path";

import { assert } from "../../base/assert.ts";
import type { Appended, OrderedLog } from "../../calvin/ordered-log.ts";
import type { EpochRecord } from "../../calvin/record.ts";
import { OrderedLogError } from "../ordered-log-error.ts";
import { type Link, RecordChain } from "../record-chain.ts";
import { feed } from "../record-feed.ts";
import { termedBytes, type TermedRecord } from "../termed-bytes.ts";
import { type FileLogLimits, fileLogLimits, type FileLogOptions } from "./file-log-options.ts";
import { type AppendedFile, type Files, machineFiles, writeAll } from "./files.ts";
import {
  closedLog,
  epochFormat,
  type OrderedFolderState,
  orderedLogError,
  replacedLog,
  segmentFile,
  writeOrderedState,
} from "./ordered-folder.ts";
import {
  type Extent,
  readSegment,
  type RecoveredEpochs,
  type TornTail,
} from "./ordered-recovery.ts";
import { recordHash } from "./record-hash.ts";
import { SegmentWriter } from "./segment.ts";

/** A record that waits for the disk. */
type Queued = {
  readonly extent: Extent;
  readonly segment: SegmentWriter<TermedRecord>;
  readonly bytes: Uint8Array;
  readonly termed: TermedRecord | undefined;
  readonly link: Link;
  readonly done: (appended: Appended) => void;
};

/** The segment that is being written. */
type Open = { readonly segment: Queued["segment"]; readonly file: AppendedFile; synced: number };

/** A log in a folder, that one process has open. What is appended while the disk works is written
 * together afterwards, and is told to be appended once the disk has it (fsync). */
export class FileLog implements OrderedLog {
  /** A write that a crash had cut short, and that is gone. */
  readonly torn: TornTail | undefined;
  private readonly folder: string;
  private readonly options: FileLogOptions;
  private readonly files: Files;
  private readonly limits: FileLogLimits;
  private readonly unlock: () => Promise<void>;
  private state: OrderedFolderState;
  private readonly extents: Extent[];
  private next: number;
  /** The last record that is on the disk, and the last that is to be. */
  private durable: Link;
  private queued: Link;
  private recent: TermedRecord[] = [];
  /** The records of the segment that was read last. */
  private segment: { readonly number: number; readonly records: TermedRecord[] } | undefined;
  private writing: { readonly extent: Extent; readonly segment: Queued["segment"] } | undefined;
  private open: Open | undefined;
  private queue: Queued[] = [];
  private working: Promise<void> | undefined;
  private changing: Promise<void> = Promise.resolve();
  private stopped: OrderedLogError | undefined;
  private waiting: (() => void)[] = [];
  private readonly ended = new AbortController();

  constructor(
    folder: string,
    state: OrderedFolderState,
    found: RecoveredEpochs,
    options: FileLogOptions,
    unlock: () => Promise<void>,
  ) {
    this.folder = folder;
    this.options = options;
    this.files = options.files ?? machineFiles;
    this.limits = { ...fileLogLimits, ...options.limits };
    this.unlock = unlock;
    // A crash may have come between a follower's records of a new term and its state.
    this.state = { ...state, term: Math.max(state.term, found.term) };
    this.extents = found.extents;
    this.next = found.next;
    this.durable = found.tail;
    this.queued = found.tail;
    this.torn = found.torn;
  }

  /** How often a log of this history was promoted. */
  get term(): number {
    return this.state.term;
  }

  /** What the log is: see `LogRole`. */
  get role(): OrderedFolderState["role"] {
    return this.state.role;
  }

  /** The last record that is on the disk. */
  get link(): Link {
    return this.durable;
  }

  /** What the first record follows. */
  get base(): Link {
    return this.state.base;
  }

  /** What stopped the log. */
  get failure(): OrderedLogError | undefined {
    return this.stopped;
  }

  /** Appends a record; `term` is the term that the caller knows the leader by. One that knows a
   * later term fences this log: another has taken its place. One that knows an earlier term is
   * refused. */
  async append(record: EpochRecord, term: number = this.state.term): Promise<Appended> {
    this.usable();
    const { role } = this.state;
    if (term > this.state.term) await this.fence(term);
    if (this.state.role === "fenced") throw replacedLog(this.folder, this.state.term);
    if (role === "follower")
      throw new OrderedLogError(
        "follower",
        `the ordered log in ${this.folder} follows another one: append there`,
      );
    if (term < this.state.term)
      throw new OrderedLogError(
        "fenced",
        `an append of term ${term} came to a leader of term ${this.state.term}: the log that ` +
          "the caller knew has been replaced; ask this one for its term and its epochs",
      );
    return this.put({ term: this.state.term, record });
  }

  /** Takes records of the leader that this log follows. Throws a `diverged` where the leader has
   * other records than this log. */
  async follow(records: readonly TermedRecord[]): Promise<void> {
    this.usable();
    assert(this.state.role === "follower", "only a follower follows");
    const taken = records.map((termed) => this.put(termed));
    const results = await Promise.all(taken);
    if (results.includes("unknown")) throw this.stopped ?? closedLog(this.folder);
    const at = results.indexOf("conflict");
    if (at < 0) return;
    throw new OrderedLogError(
      "diverged",
      `${this.folder}: the leader's epoch ${records[at]?.record.epoch} is not the one that was ` +
        "followed: follow it from the beginning, in a new folder",
    );
  }

  /** Goes on behind an epoch of the leader's which this log lacks: the leader has cut off what
   * comes before. What was followed until then is given up, as the leader's checkpoints have it. */
  async beginAfter(base: Link): Promise<void> {
    this.usable();
    assert(this.state.role === "follower", "a leader has what it begins with");
    await this.working;
    if (base.epoch <= this.durable.epoch) return;
    await this.open?.file.close();
    this.open = undefined;
    const segment = this.next;
    await this.change((state) => ({ ...state, base, segment }));
    const gone = this.extents.splice(0);
    this.durable = this.queued = base;
    this.recent = [];
    this.segment = this.writing = undefined;
    for (const { number } of gone) await this.files.remove(join(this.folder, segmentFile(number)));
    await this.files.syncFolder(this.folder);
    this.wake();
  }

  /** Notes the term of the leader that is followed; it only grows. */
  async enter(term: number): Promise<void> {
    if (term <= this.state.term) return;
    await this.change((state) => ({ ...state, term: Math.max(state.term, term) }));
  }

  /** Makes a follower, or a leader that was fenced by mistake, the leader of a new term: an
   * operator decides so, after the leader before was stopped. Returns the term. */
  async promote(): Promise<number> {
    this.usable();
    if (this.state.term === 0)
      throw new OrderedLogError(
        "follower",
        `the ordered log in ${this.folder} has not followed any leader yet: its term is not known`,
      );
    await this.working;
    await this.change((state) => ({ ...state, role: "leader", term: state.term + 1 }));
    return this.state.term;
  }

  /** Says that a log of a later term has taken the place of this one: it takes no appends from now
   * on, nor after a new start. */
  async fence(term: number): Promise<void> {
    if (term <= this.state.term) return;
    await this.change((state) => {
      if (term <= state.term) return state;
      return { ...state, term, role: state.role === "follower" ? "follower" : "fenced" };
    });
    // What would come next does not come here.
    this.wake();
  }

  async read(from: number, limit: number): Promise<readonly EpochRecord[]> {
    return (await this.readTermed(from, limit)).map(({ record }) => record);
  }

  /** The records from an epoch on, with their terms, as `read` does. */
  async readTermed(from: number, limit: number): Promise<readonly TermedRecord[]> {
    this.usable(true);
    const { epoch: base } = this.state.base;
    if (from <= base)
      throw new OrderedLogError(
        "truncated",
        `the ordered log in ${this.folder} begins with epoch ${base + 1}, and epoch ${from} is ` +
          "asked for: begin with a checkpoint of another replica",
      );
    const { epoch } = this.durable;
    if (from > epoch) return [];
    const first = this.recent[0]?.record.epoch ?? Infinity;
    if (from >= first) {
      const records = this.recent.slice(from - first, from - first + limit);
      return records.filter(({ record }) => record.epoch <= epoch);
    }
    const extent = this.extents.find(({ last }) => from <= last);
    assert(extent !== undefined, "each epoch is in a segment");
    const records = await this.segmentOf({ ...extent, last: Math.min(extent.last, epoch) });
    const start = records.findIndex(({ record }) => record.epoch === from);
    return records.slice(start, start + limit);
  }

  async tail(): Promise<number> {
    this.usable(true);
    return Promise.resolve(this.durable.epoch);
  }

  async subscribe(
    from: number,
    onRecord: (record: EpochRecord) => void | Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const both = AbortSignal.any([signal, this.ended.signal]);
    const wait = (epoch: number): Promise<void> => this.grown(epoch, both);
    await feed({ log: this, hash: recordHash, wait }, from, onRecord, both);
  }

  async truncateBefore(epoch: number): Promise<void> {
    this.usable();
    const wanted = Math.min(epoch, this.durable.epoch) - 1;
    if (wanted <= this.state.base.epoch) return;
    const [last] = await this.read(wanted, 1);
    assert(last !== undefined, "what is cut off is there");
    const base = { epoch: wanted, hash: recordHash(last) };
    const segment = this.extents.find(({ last: end }) => end > wanted)?.number;
    assert(segment !== undefined, "the last epoch stays");
    // Several may cut off at once: what was cut off stays so.
    await this.change((state) => (wanted > state.base.epoch ? { ...state, base, segment } : state));
    const kept = this.extents.findIndex(({ number }) => number >= this.state.segment);
    const gone = this.extents.splice(0, kept);
    for (const { number } of gone) await this.files.remove(join(this.folder, segmentFile(number)));
    await this.files.syncFolder(this.folder);
  }

  async close(): Promise<void> {
    if (this.ended.signal.aborted) return;
    this.ended.abort();
    this.wake();
    await this.working;
    await this.changing;
    await this.open?.file.close().catch(() => undefined);
    await this.unlock();
  }

  // ---- appending ----

  private async put(termed: TermedRecord): Promise<Appended> {
    const { record } = termed;
    const size = termedBytes(termed).length;
    if (size > this.limits.recordBytesMax)
      throw new OrderedLogError(
        "too-large",
        `the record of epoch ${record.epoch} has ${size} bytes, the limit (recordBytesMax) is ` +
          `${this.limits.recordBytesMax}: put fewer requests into an epoch`,
      );
    const { epoch, hash } = this.queued;
    if (record.epoch !== epoch + 1 || record.previous !== hash) return this.known(record);
    return new Promise((done) => {
      this.enqueue(termed, { epoch: record.epoch, hash: recordHash(record) }, done);
      this.working ??= this.work();
    });
  }

  private enqueue(termed: TermedRecord, link: Link, done: Queued["done"]): void {
    let { writing } = this;
    if (writing === undefined || writing.segment.bytes >= this.limits.segmentBytes) {
      const number = this.next++;
      const format = epochFormat(this.options.program, this.limits.recordBytesMax);
      const segment = new SegmentWriter(segmentFile(number), format);
      writing = { segment, extent: { number, after: link.epoch - 1, last: link.epoch - 1 } };
      this.writing = writing;
      const bytes = segment.begin();
      this.queue.push({ ...writing, bytes, termed: undefined, link: this.queued, done: () => {} });
    }
    const durable = this.open?.segment === writing.segment ? this.open.synced : 0;
    const bytes = writing.segment.record(termed, durable);
    this.queued = link;
    this.queue.push({ ...writing, bytes, termed, link, done });
  }

  /** Whether the log has a record, once it is known what became of those that are being written. */
  private async known(record: EpochRecord): Promise<Appended> {
    await this.working;
    if (this.stopped !== undefined) return "unknown";
    if (record.epoch <= this.state.base.epoch || record.epoch > this.durable.epoch)
      return "conflict";
    const [there] = await this.read(record.epoch, 1);
    return there !== undefined && recordHash(there) === recordHash(record)
      ? "appended"
      : "conflict";
  }

  /** Writes what is queued until nothing is. */
  private async work(): Promise<void> {
    // What is appended in this turn of the event loop goes along.
    await Promise.resolve();
    while (this.queue.length > 0 && this.stopped === undefined) {
      const segment = this.queue[0]?.segment;
      const next = this.queue.findIndex((queued) => queued.segment !== segment);
      const group = this.queue.splice(0, next < 0 ? this.queue.length : next);
      try {
        await this.commit(group);
        for (const { done } of group) done("appended");
      } catch (error) {
        this.fail(error);
        for (const { done } of [...group, ...this.queue]) done("unknown");
        this.queue = [];
      }
      this.wake();
    }
    this.working = undefined;
  }

  private async commit(group: readonly Queued[]): Promise<void> {
    const last = group.at(-1);
    assert(last !== undefined, "there is something to write");
    const { segment, extent } = last;
    const open = await this.openOf(segment);
    await writeAll(open.file, Buffer.concat(group.map(({ bytes }) => bytes)));
    await open.file.sync();
    const records = group.flatMap(({ termed }) => termed ?? []);
    open.synced += group.reduce((sum, { bytes }) => sum + bytes.length, 0);
    if (extent.last === extent.after) this.extents.push(extent);
    extent.last = last.link.epoch;
    this.durable = last.link;
    this.recent.push(...records);
    const { recentRecords } = this.limits;
    if (this.recent.length > 2 * recentRecords) this.recent = this.recent.slice(-recentRecords);
    if (this.queue.length > 0) return;
    // What is durable is said at once: the end of a log is not taken for a torn one.
    const mark = segment.mark();
    await writeAll(open.file, mark);
    open.synced += mark.length;
  }

  private async openOf(segment: Queued["segment"]): Promise<Open> {
    const before = this.open;
    if (before?.segment === segment) return before;
    this.open = undefined;
    // A mark may not be on the disk yet: what comes after it is not alone there.
    await before?.file.sync();
    await before?.file.close();
    const file = await this.files.create(join(this.folder, segment.file));
    this.open = { segment, file, synced: 0 };
    await this.files.syncFolder(this.folder);
    return this.open;
  }

  private fail(error: unknown): void {
    this.stopped ??= orderedLogError(error, `the ordered log in ${this.folder} cannot be written`);
  }

  // ---- what it is ----

  /** Makes a change of what the folder says of itself, after those that are under way. */
  private change(next: (state: OrderedFolderState) => OrderedFolderState): Promise<void> {
    const changed = this.changing.then(async () => {
      const state = next(this.state);
      await writeOrderedState(this.folder, state, this.files);
      this.state = state;
    });
    this.changing = changed.catch(() => undefined);
    return changed.catch((error: unknown) => {
      this.fail(error);
      throw this.stopped ?? error;
    });
  }

  private usable(reading = false): void {
    if (this.ended.signal.aborted) throw closedLog(this.folder);
    if (this.stopped !== undefined && !reading) throw this.stopped;
  }

  private async segmentOf(extent: Extent): Promise<TermedRecord[]> {
    const { segment } = this;
    const known = segment?.number === extent.number ? segment.records : [];
    if (known.at(-1)?.record.epoch === extent.last) return known;
    const { program } = this.options;
    const { recordBytesMax } = this.limits;
    const records = await readSegment(this.folder, extent, program, recordBytesMax, this.files);
    const chain = new RecordChain(recordHash, { epoch: extent.after });
    for (const { record } of records) chain.next(record, segmentFile(extent.number));
    this.segment = { number: extent.number, records };
    return records;
  }

  /** Returns when the disk has an epoch, or the signal is aborted; rejects where it never will. */
  async grown(epoch: number, signal: AbortSignal): Promise<void> {
    const both = AbortSignal.any([signal, this.ended.signal]);
    const wake = (): void => this.wake();
    both.addEventListener("abort", wake);
    const waits = (): boolean => this.durable.epoch < epoch && !both.aborted;
    while (waits() && this.stopped === undefined && this.state.role !== "fenced")
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    both.removeEventListener("abort", wake);
    if (!waits()) return;
    throw this.stopped ?? replacedLog(this.folder, this.state.term);
  }

  private wake(): void {
    const woken = this.waiting;
    this.waiting = [];
    for (const resolve of woken) resolve();
  }
}
