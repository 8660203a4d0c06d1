import { join } from "node:path";

import type { LogRecord } from "../../transducer/protocol.ts";
import { compactFolder } from "./compact-folder.ts";
import type { DurableLog, FsyncPolicy, LogError, LogOptions, LogRepair } from "./durable-log.ts";
import { type AppendedFile, type Files, writeAll } from "./files.ts";
import { type FolderState, logError, tailFile } from "./log-folder.ts";
import type { LogBytes } from "./log-recovery.ts";
import type { LogFormat } from "./record-bytes.ts";
import { compactedAt } from "./limits.ts";
import { SegmentWriter } from "./segment.ts";

/** What a log goes on from. */
export type LogStart = {
  readonly folder: string;
  readonly files: Files;
  readonly format: LogFormat;
  readonly state: FolderState;
  /** The number of the first file that is written. */
  readonly next: number;
  readonly bytes: LogBytes;
  readonly records: readonly LogRecord[];
  readonly repairs: readonly LogRepair[];
};

/** A file that follows the base. */
type Tail = { readonly number: number; readonly segment: SegmentWriter<LogRecord> };

/** Bytes that wait to be written to the end of a file. */
type Queued = {
  readonly tail: Tail;
  readonly bytes: Uint8Array;
  /** How many records there are up to here. */
  readonly count: number;
};

/** The file that is being written. */
type Open = {
  readonly tail: Tail;
  readonly file: AppendedFile;
  written: number;
  synced: number;
};

/** A log that is open: what is appended while the disk works is written together afterwards. */
export class AppendingLog implements DurableLog {
  readonly incarnation: number;
  records: readonly LogRecord[];
  readonly repairs: readonly LogRepair[];
  private readonly start: Pick<LogStart, "folder" | "files" | "format">;
  private readonly policy: FsyncPolicy;
  private readonly options: LogOptions;
  private readonly unlock: () => Promise<void>;
  private state: FolderState;
  private next: number;
  /** The file that appended records go to, and the one that is being written: it may be behind. */
  private tail: Tail | undefined;
  private open: Open | undefined;
  private queue: Queued[] = [];
  private waiting = 0;
  private count = 0;
  private stopped: LogError | undefined;
  private closed = false;
  private working: Promise<void> | undefined;
  private syncTimer: NodeJS.Timeout | undefined;
  private syncDue = false;
  private compacting: Promise<void> | undefined;
  private baseBytes: number;
  private tailBytes: number;

  constructor(start: LogStart, options: LogOptions, unlock: () => Promise<void>) {
    const { folder, files, format } = start;
    // Without the records, which are as much as the log once the node is made of them.
    this.start = { folder, files, format };
    this.options = options;
    this.unlock = unlock;
    this.policy = options.fsync ?? "always";
    this.state = start.state;
    this.next = start.next;
    this.baseBytes = start.bytes.base;
    this.tailBytes = start.bytes.tail;
    this.incarnation = start.state.incarnation;
    this.records = start.records;
    this.repairs = start.repairs;
  }

  get queuedBytes(): number {
    return this.waiting;
  }

  get failure(): LogError | undefined {
    return this.stopped;
  }

  get bytes(): number {
    return this.baseBytes + this.tailBytes;
  }

  forgetRecords(): void {
    this.records = [];
  }

  append(records: readonly LogRecord[]): number {
    if (this.stopped !== undefined || this.closed) return this.count;
    const { format } = this.start;
    for (const record of records) {
      let { tail } = this;
      if (tail === undefined || tail.segment.bytes >= format.limits.segmentBytes) {
        const number = this.next++;
        tail = { number, segment: new SegmentWriter(tailFile(number), format) };
        this.tail = tail;
        this.put(tail, tail.segment.begin());
      }
      const durable = this.open?.tail === tail ? this.open.synced : 0;
      this.count++;
      this.put(tail, tail.segment.record(record, durable));
    }
    if (this.queue.length > 0) this.working ??= this.work();
    return this.count;
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    clearTimeout(this.syncTimer);
    await this.working;
    await this.compacting;
    if (this.stopped === undefined && this.open !== undefined) {
      const { file, tail } = this.open;
      try {
        await this.sync(this.open);
        await writeAll(file, tail.segment.mark());
        await file.sync();
      } catch (error) {
        this.fail(error);
      }
    }
    await this.open?.file.close().catch(() => undefined);
    await this.unlock();
  }

  private put(tail: Tail, bytes: Uint8Array): void {
    this.queue.push({ tail, bytes, count: this.count });
    this.waiting += bytes.length;
  }

  /** Does what there is to do with the disk until nothing is. */
  private async work(): Promise<void> {
    // What is appended in this turn of the event loop goes along.
    await Promise.resolve();
    while (this.stopped === undefined) {
      let count: number | undefined;
      try {
        const first = this.queue[0];
        if (first !== undefined) count = await this.commit(first.tail);
        else if (this.syncDue && this.open !== undefined) await this.sync(this.open);
        else break;
      } catch (error) {
        this.fail(error);
      }
      // What the node does then may go wrong, which is not the disk's fault.
      if (count !== undefined) this.options.onFlushed(count);
    }
    this.working = undefined;
  }

  /** Writes what is queued for one file; returns how many records are durable then. */
  private async commit(tail: Tail): Promise<number> {
    const next = this.queue.findIndex((queued) => queued.tail !== tail);
    const queued = this.queue.splice(0, next < 0 ? this.queue.length : next);
    const [first] = queued;
    const bytes =
      queued.length === 1 && first !== undefined
        ? first.bytes
        : Buffer.concat(queued.map((one) => one.bytes));
    const open = await this.openOf(tail);
    await writeAll(open.file, bytes);
    open.written += bytes.length;
    this.tailBytes += bytes.length;
    this.waiting -= bytes.length;
    if (this.policy === "always" || this.syncDue) await this.sync(open);
    else if (this.policy === "interval") this.syncSoon();
    return queued.at(-1)?.count ?? 0;
  }

  /** Opens a file. The one before is durable before there is a new one, whatever the policy: only
   * the last file of a log can lack its end. */
  private async openOf(tail: Tail): Promise<Open> {
    const before = this.open;
    if (before?.tail === tail) return before;
    const { folder, files } = this.start;
    if (before !== undefined) {
      await this.sync(before);
      this.open = undefined;
      await before.file.close();
    }
    const file = await files.create(join(folder, tail.segment.file));
    const open: Open = { tail, file, written: 0, synced: 0 };
    this.open = open;
    await files.syncFolder(folder);
    if (before !== undefined) this.compactGrown(tail.number);
    return open;
  }

  private async sync(open: Open): Promise<void> {
    this.syncDue = false;
    if (open.synced === open.written) return;
    await open.file.sync();
    open.synced = open.written;
  }

  private syncSoon(): void {
    this.syncTimer ??= setTimeout(() => {
      this.syncTimer = undefined;
      if (this.stopped !== undefined || this.closed) return;
      this.syncDue = true;
      this.working ??= this.work();
    }, this.start.format.limits.syncIntervalMs);
  }

  /** Compacts all before file number `tail` once that pays. */
  private compactGrown(tail: number): void {
    const { folder, files, format } = this.start;
    const sealed = this.tailBytes;
    if (this.compacting !== undefined) return;
    if (sealed < compactedAt(format.limits, this.baseBytes)) return;
    this.compacting = compactFolder(folder, this.state, tail, this.options.kept, format, files)
      .then(({ state, bytes }) => {
        this.state = state;
        this.baseBytes = bytes;
        this.tailBytes -= sealed;
      })
      .catch((error: unknown) => this.fail(error))
      .then(() => {
        this.compacting = undefined;
      });
  }

  private fail(error: unknown): void {
    if (this.stopped !== undefined) return;
    this.stopped = logError(error, `the log in ${this.start.folder} cannot be written`);
    this.queue = [];
    this.waiting = 0;
    clearTimeout(this.syncTimer);
    this.options.onFailed(this.stopped);
  }
}
