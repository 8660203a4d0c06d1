// Collects requests into batches, and proposes the epochs of the log (Calvin, section 3.1). Order
// is by the log: an epoch lists the batches that whoever appends it holds, so nobody waits for a
// slow or dead sequencer, and what an epoch lacks goes into a later one.
import { assert } from "../base/assert.ts";
import type { Origin, VersionVector } from "../transducer/protocol.ts";
import { joinedFrontier } from "./frontier.ts";
import { type EpochRecord, type OrderedBatch, type OrderedRequest, recordText } from "./record.ts";

/** What a sequencer is made of. */
export type SequencerOptions = {
  /** This node in this life: its batches are numbered anew in each. */
  readonly origin: Origin;
  readonly engine: string;
  /** A collision-free hash of a text. */
  readonly hash: (text: string) => string;
  readonly limits?: Partial<SequencerLimits>;
  /** Where it goes on; with the first epoch unless given. */
  readonly from?: SequencerState;
};

/** What a sequencer has to know of an epoch to propose those after it. */
export type SequencerState = {
  readonly epoch: number;
  /** Of its record. */
  readonly hash: string;
  /** The last batch of each sequencer. */
  readonly batches: readonly (readonly [Origin, number])[];
  readonly frontier: VersionVector;
};

/** The limits of a sequencer. */
export type SequencerLimits = {
  /** How long a batch collects requests, from the first on. */
  readonly epochMs: number;
  /** A batch of so many requests is closed early. */
  readonly batchRequests: number;
  /** Requests that are not in the log; more are refused. */
  readonly pendingRequests: number;
  /** Requests of one epoch; the rest goes into the next. */
  readonly epochRequests: number;
  /** How long an append may take until it is tried again. */
  readonly appendMs: number;
};

/** The limits of a sequencer unless others are given. */
const sequencerLimits: SequencerLimits = {
  epochMs: 10,
  batchRequests: 1 << 10,
  pendingRequests: 1 << 14,
  epochRequests: 1 << 13,
  appendMs: 1_000,
};

/** What all that an epoch needs besides batches is at its proposal. */
export type EpochPlan = Pick<EpochRecord, "nowMs" | "seed" | "frontier">;

/** The sequencer of a node. */
export class Sequencer {
  private readonly options: SequencerOptions;
  private readonly limits: SequencerLimits;
  private collecting: OrderedRequest[] = [];
  private sinceMs = 0;
  private number = 0;
  /** Batches that are known and not in the log, by sequencer and number. */
  private readonly waiting = new Map<string, OrderedBatch>();
  /** The last batch of each sequencer that is in the log. */
  private readonly logged: Map<Origin, number>;
  private tail: { readonly epoch: number; readonly hash: string };
  private proposedMs: number | undefined;
  private frontier: VersionVector;

  constructor(options: SequencerOptions) {
    this.options = options;
    this.limits = { ...sequencerLimits, ...options.limits };
    const { epoch = 0, hash = "", batches = [], frontier = new Map() } = options.from ?? {};
    this.tail = { epoch, hash };
    this.logged = new Map(batches);
    this.frontier = frontier;
  }

  /** Requests of this node that are not in the log. */
  get pending(): number {
    const own = [...this.waiting.values()].filter((of) => of.sequencer === this.options.origin);
    return this.collecting.length + own.reduce((sum, { requests }) => sum + requests.length, 0);
  }

  /** The last epoch of the log. */
  get epoch(): number {
    return this.tail.epoch;
  }

  /** What another sequencer goes on with after the last epoch of the log. */
  get state(): SequencerState {
    return { ...this.tail, batches: [...this.logged], frontier: this.frontier };
  }

  /** Takes a request; false where too many wait. */
  submit(request: OrderedRequest, nowMs: number): boolean {
    if (this.pending >= this.limits.pendingRequests) return false;
    if (this.collecting.length === 0) this.sinceMs = nowMs;
    this.collecting.push(request);
    return true;
  }

  /** Returns the batch that is to be closed now, if any: for the peers. */
  close(nowMs: number): OrderedBatch | undefined {
    const { epochMs, batchRequests } = this.limits;
    const due = nowMs - this.sinceMs >= epochMs || this.collecting.length >= batchRequests;
    if (this.collecting.length === 0 || !due) return undefined;
    this.number++;
    const requests = this.collecting;
    this.collecting = [];
    const batch = { sequencer: this.options.origin, number: this.number, requests };
    this.learn(batch);
    return batch;
  }

  /** Takes note of a batch, of this node or a peer. */
  learn(batch: OrderedBatch): void {
    if (batch.number <= (this.logged.get(batch.sequencer) ?? 0)) return;
    this.waiting.set(`${batch.sequencer} ${batch.number}`, batch);
  }

  /** Returns the record to append after the tail, if there is anything to log and none is on its
   * way. `idle`: also where there is nothing but a frontier that went on. */
  propose(plan: EpochPlan, idle = false): EpochRecord | undefined {
    const { appendMs, epochRequests } = this.limits;
    if (this.proposedMs !== undefined && plan.nowMs - this.proposedMs < appendMs) return undefined;
    const batches: OrderedBatch[] = [];
    let requests = 0;
    const ordered = [...this.waiting.values()].toSorted(
      (a, b) =>
        (a.sequencer < b.sequencer ? -1 : a.sequencer > b.sequencer ? 1 : 0) || a.number - b.number,
    );
    const next = new Map(this.logged);
    for (const batch of ordered) {
      // Batches of one sequencer are logged without gaps: what it sent before is on its way.
      if (batch.number !== (next.get(batch.sequencer) ?? 0) + 1) continue;
      if (requests > 0 && requests + batch.requests.length > epochRequests) break;
      next.set(batch.sequencer, batch.number);
      requests += batch.requests.length;
      batches.push(batch);
    }
    if (batches.length === 0 && !idle) return undefined;
    this.proposedMs = plan.nowMs;
    const { epoch, hash } = this.tail;
    const frontier = joinedFrontier(this.frontier, plan.frontier);
    const { engine } = this.options;
    return { ...plan, epoch: epoch + 1, previous: hash, batches, frontier, engine };
  }

  /** The append of the proposed record did not happen: another one was faster, or nobody knows. */
  declined(): void {
    this.proposedMs = undefined;
  }

  /** Takes note of the next record of the log. */
  appended(record: EpochRecord): void {
    const { epoch, hash } = this.tail;
    assert(record.epoch === epoch + 1 && record.previous === hash, "records follow each other");
    this.tail = { epoch: record.epoch, hash: this.options.hash(recordText(record)) };
    this.frontier = record.frontier;
    this.proposedMs = undefined;
    for (const { sequencer, number } of record.batches) {
      this.logged.set(sequencer, Math.max(number, this.logged.get(sequencer) ?? 0));
      this.waiting.delete(`${sequencer} ${number}`);
    }
  }
}
