// Collects requests into batches, and proposes the epochs of the log (Calvin, section 3.1). Order
// is by the log: an epoch lists the batches that whoever appends it holds, so nobody waits for a
// slow or dead sequencer, and what an epoch lacks goes into a later one.
import { assert } from "../base/assert.ts";
import { keyHash } from "../transducer/owners.ts";
import {
  incarnationOf,
  nameOf as nodeOf,
  type Origin,
  type VersionVector,
} from "../transducer/protocol.ts";
import { joinedFrontier, majorityFrontier, majorityOf } from "./frontier.ts";
import {
  changedMembers,
  type ChangedMembers,
  inOrder,
  type MemberChange,
  type OrderedMember,
} from "./members.ts";
import {
  type BatchReference,
  batchText,
  type EpochRecord,
  type OrderedBatch,
  type OrderedRequest,
} from "./record.ts";
import { requestBytes, textBytes } from "./request-size.ts";

/** What a sequencer is made of. */
export type SequencerOptions = {
  /** This node in this life: its batches are numbered anew in each. */
  readonly origin: Origin;
  readonly engine: string;
  /** A collision-free hash of a text: of that of a batch (`batchText`). */
  readonly hash: (text: string) => string;
  /** And of a record: the log's, by which each names the one before. */
  readonly recordHash: (record: EpochRecord) => string;
  readonly limits?: Partial<SequencerLimits>;
  /** Who the members of a log are that is empty: its first record says so. */
  readonly members?: readonly OrderedMember[];
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
  readonly members: readonly OrderedMember[];
};

/** The limits of a sequencer. */
export type SequencerLimits = {
  /** A batch ends at the first multiple of this after its first request, by a clock that each
   * sequencer begins elsewhere: a request waits half of it on average, also where it is alone. */
  readonly epochMs: number;
  /** A batch of so many requests is closed early. */
  readonly batchRequests: number;
  /** And one of so many bytes. */
  readonly batchBytes: number;
  /** Requests that are not in the log; more are refused. */
  readonly pendingRequests: number;
  /** And so many bytes of them. */
  readonly pendingBytes: number;
  /** Requests of one epoch; the rest goes into the next. */
  readonly epochRequests: number;
  /** Bytes of a record, which every log takes. Batches that do not fit go into the next; one of
   * more than half of that goes by its hash. */
  readonly recordBytes: number;
  /** How long an append may take until it is tried again. */
  readonly appendMs: number;
};

/** The limits of a sequencer unless others are given. */
const sequencerLimits: SequencerLimits = {
  epochMs: 10,
  batchRequests: 1 << 10,
  batchBytes: 1 << 18,
  pendingRequests: 1 << 14,
  pendingBytes: 64 << 20,
  epochRequests: 1 << 13,
  recordBytes: 1 << 20,
  appendMs: 1_000,
};

/** What an epoch needs besides batches, at its proposal. */
export type EpochPlan = Pick<EpochRecord, "nowMs" | "seed"> & {
  /** What each node says that it holds of free facts, durably (`Node.acknowledged`). */
  readonly acknowledged: ReadonlyMap<string, VersionVector>;
};

/** A batch that is not in the log. */
type Waiting = {
  readonly batch: OrderedBatch;
  readonly bytes: number;
  /** Of its requests. */
  readonly bodyBytes: number;
  /** Where it is too long for a record. */
  readonly reference?: BatchReference;
};

/** The sequencer of a node. */
export class Sequencer {
  private readonly options: SequencerOptions;
  private readonly limits: SequencerLimits;
  private collecting: OrderedRequest[] = [];
  private collectingBytes = 0;
  private sinceMs = 0;
  /** By how much the ends of batches are later than multiples of their time. Others have another,
   * so that they do not all append at once. */
  private readonly phaseMs: number;
  private number = 0;
  /** Batches that are known and not in the log, by sequencer and number. */
  private readonly waiting = new Map<string, Waiting>();
  /** How many requests there are in those of this node, and of how many bytes. */
  private ownWaiting = 0;
  private ownWaitingBytes = 0;
  /** Who is known to hold such a batch, durably. */
  private readonly holders = new Map<string, Set<string>>();
  /** Changes of members that are not in the log. */
  private changes: readonly MemberChange[] = [];
  /** The last batch of each sequencer that is in the log. */
  private readonly logged: Map<Origin, number>;
  private tail: { readonly epoch: number; readonly hash: string };
  private proposedMs: number | undefined;
  private frontier: VersionVector;
  private named: readonly OrderedMember[];

  constructor(options: SequencerOptions) {
    this.options = options;
    this.limits = { ...sequencerLimits, ...options.limits };
    this.phaseMs = keyHash([options.origin]) % Math.max(1, this.limits.epochMs);
    const { epoch = 0, hash = "", batches = [], frontier = new Map() } = options.from ?? {};
    this.tail = { epoch, hash };
    this.logged = new Map(batches);
    this.frontier = frontier;
    this.named = options.from?.members ?? [];
  }

  /** Requests of this node that are not in the log. */
  get pending(): number {
    return this.collecting.length + this.ownWaiting;
  }

  /** The members, as of the last epoch of the log; those that it is to begin with while it is
   * empty. */
  get members(): readonly OrderedMember[] {
    return this.tail.epoch === 0 ? inOrder(this.options.members ?? []) : this.named;
  }

  /** The last epoch of the log. */
  get epoch(): number {
    return this.tail.epoch;
  }

  /** What another sequencer goes on with after the last epoch of the log. */
  get state(): SequencerState {
    const { tail, logged, frontier, named: members } = this;
    return { ...tail, batches: [...logged], frontier, members };
  }

  /** When the requests that are collected are to be closed (`close`), if they are not so many that
   * this is done before; undefined where there are none. */
  get dueMs(): number | undefined {
    if (this.collecting.length === 0) return undefined;
    const { sinceMs, phaseMs } = this;
    const { epochMs } = this.limits;
    return phaseMs + (Math.floor((sinceMs - phaseMs) / epochMs) + 1) * epochMs;
  }

  /** Takes a request; false where too many wait. */
  submit(request: OrderedRequest, nowMs: number): boolean {
    const { pendingRequests, pendingBytes } = this.limits;
    const bytes = this.collectingBytes + this.ownWaitingBytes;
    if (this.pending >= pendingRequests || bytes >= pendingBytes) return false;
    if (this.collecting.length === 0) this.sinceMs = nowMs;
    this.collecting.push(request);
    this.collectingBytes += requestBytes(request);
    return true;
  }

  /** Takes a change of members, to be logged; returns what it will make of them. It is logged, or
   * needs no more to be, once `members` say so. */
  change(change: MemberChange): ChangedMembers {
    const found = changedMembers(this.nextMembers, change);
    if (found.kind === "changed") this.changes = [...this.changes, change];
    return found;
  }

  /** Returns the batch that is to be closed now, if any: for the peers. */
  close(nowMs: number): OrderedBatch | undefined {
    const { batchRequests, batchBytes } = this.limits;
    const { dueMs } = this;
    if (dueMs === undefined) return undefined;
    const full = this.collecting.length >= batchRequests || this.collectingBytes >= batchBytes;
    // A clock that went back has no word on that.
    if (!full && this.sinceMs <= nowMs && nowMs < dueMs) return undefined;
    this.number++;
    const [requests, bytes] = [this.collecting, this.collectingBytes];
    this.collecting = [];
    this.collectingBytes = 0;
    const batch = { sequencer: this.options.origin, number: this.number, requests };
    this.take(batch, bytes);
    return batch;
  }

  /** Takes note of a batch, of this node or a peer. Returns its reference where it is too long for
   * a record: it has to be held durably, and `held` to be told at every sequencer. */
  learn(batch: OrderedBatch): BatchReference | undefined {
    return this.take(batch);
  }

  /** `requestsBytes` are those of its requests, where they are counted. */
  private take(batch: OrderedBatch, requestsBytes?: number): BatchReference | undefined {
    const { sequencer, number, requests } = batch;
    if (number <= (this.logged.get(sequencer) ?? 0)) return undefined;
    const name = nameOf(batch);
    const known = this.waiting.get(name);
    if (known !== undefined) return known.reference;
    const own = headBytes + textBytes(sequencer);
    const bytes = own + (requestsBytes ?? sumOf(requests));
    if (bytes <= this.limits.recordBytes / 2) {
      this.wait(name, { batch, bytes, bodyBytes: bytes });
      return undefined;
    }
    const hash = this.options.hash(batchText(batch));
    const reference = { sequencer, number, hash };
    const referenceBytes = own + textBytes(hash);
    this.wait(name, { batch, bytes: referenceBytes, bodyBytes: bytes, reference });
    return reference;
  }

  /** Takes note of a member that holds, durably, a batch that is too long for a record. */
  held(reference: BatchReference, member: string): void {
    if (reference.number <= (this.logged.get(reference.sequencer) ?? 0)) return;
    const name = nameOf(reference);
    this.holders.set(name, (this.holders.get(name) ?? new Set()).add(member));
  }

  /** Returns the record to append after the tail, if there is anything to log and none is on its
   * way. `idle`: also where there is nothing but a frontier that went on. */
  propose(plan: EpochPlan, idle = false): EpochRecord | undefined {
    const { nowMs, seed, acknowledged } = plan;
    const { appendMs } = this.limits;
    if (this.proposedMs !== undefined && !passed(appendMs, this.proposedMs, nowMs))
      return undefined;
    const members = this.nextMembers;
    const changed = this.tail.epoch === 0 ? members.length > 0 : members !== this.named;
    const names = members.map(({ name }) => name);
    const frontier = joinedFrontier(this.frontier, majorityFrontier(names, acknowledged));
    const batches = this.nextBatches(this.room(frontier, members), new Set(names));
    if (batches.length === 0 && !idle && this.changes.length === 0) return undefined;
    this.proposedMs = nowMs;
    const { epoch, hash } = this.tail;
    const { engine } = this.options;
    const made = { epoch: epoch + 1, previous: hash, nowMs, seed, batches, frontier, engine };
    return changed ? { ...made, members } : made;
  }

  /** The append of the proposed record did not happen: another one was faster, or nobody knows. */
  declined(): void {
    this.proposedMs = undefined;
  }

  /** Takes note of the next record of the log. */
  appended(record: EpochRecord): void {
    const { epoch, hash } = this.tail;
    assert(record.epoch === epoch + 1 && record.previous === hash, "records follow each other");
    this.tail = { epoch: record.epoch, hash: this.options.recordHash(record) };
    this.frontier = record.frontier;
    this.proposedMs = undefined;
    this.named = record.members ?? this.named;
    for (const batch of record.batches) {
      const { sequencer, number } = batch;
      if (!this.logged.has(sequencer)) this.forgetLivesBefore(sequencer);
      this.logged.set(sequencer, Math.max(number, this.logged.get(sequencer) ?? 0));
      this.settle(nameOf(batch));
    }
    // What is so needs not be logged any more, and what cannot be so any more never is.
    this.changes = this.changes.filter(
      (change) => changedMembers(this.named, change).kind === "changed",
    );
  }

  /** Lets go batches of lives of a node before one: what has not come to the log by now may follow
   * others that died with their life, and would wait for ever. Who asked for them asks again. */
  private forgetLivesBefore(origin: Origin): void {
    for (const name of [...this.waiting.keys(), ...this.holders.keys()]) {
      const other = name.slice(0, name.lastIndexOf(" "));
      const earlier = incarnationOf(other) < incarnationOf(origin);
      if (earlier && nodeOf(other) === nodeOf(origin)) this.settle(name);
    }
  }

  private wait(name: string, waiting: Waiting): void {
    this.waiting.set(name, waiting);
    this.count(waiting, 1);
  }

  /** Lets a batch go: it is in the log, or never will be. */
  private settle(name: string): void {
    const waiting = this.waiting.get(name);
    if (waiting !== undefined) this.count(waiting, -1);
    this.waiting.delete(name);
    this.holders.delete(name);
  }

  private count({ batch: { sequencer, requests }, bodyBytes }: Waiting, sign: 1 | -1): void {
    if (sequencer !== this.options.origin) return;
    this.ownWaiting += sign * requests.length;
    this.ownWaitingBytes += sign * bodyBytes;
  }

  /** The members as the next record is to name them; the very same where nothing changes. */
  private get nextMembers(): readonly OrderedMember[] {
    let { members } = this;
    for (const change of this.changes) {
      const found = changedMembers(members, change);
      if (found.kind === "changed") ({ members } = found);
    }
    return members;
  }

  /** What batches may take of a record that has this frontier, and names these members. */
  private room(frontier: VersionVector, members: readonly OrderedMember[]): number {
    const names = [...frontier.keys(), ...members.map(({ name }) => name)];
    const rest = names.reduce((sum, name) => sum + headBytes + textBytes(name), 0);
    return this.limits.recordBytes - rest - recordHeadBytes;
  }

  /** Batches that are known, in the order of their sequencers and numbers, as many as fit. */
  private nextBatches(room: number, names: ReadonlySet<string>): EpochRecord["batches"] {
    const { epochRequests } = this.limits;
    const ordered = [...this.waiting.values()].toSorted(
      ({ batch: a }, { batch: b }) =>
        (a.sequencer < b.sequencer ? -1 : a.sequencer > b.sequencer ? 1 : 0) || a.number - b.number,
    );
    const next = new Map(this.logged);
    const batches: EpochRecord["batches"][number][] = [];
    let [requests, bytesLeft] = [0, room];
    for (const { batch, bytes, reference } of ordered) {
      // Batches of one sequencer are logged without gaps: what it sent before is on its way.
      if (batch.number !== (next.get(batch.sequencer) ?? 0) + 1) continue;
      if (reference !== undefined && !this.isHeld(reference, names)) continue;
      if (requests > 0 && requests + batch.requests.length > epochRequests) break;
      if (batches.length > 0 && bytes > bytesLeft) break;
      next.set(batch.sequencer, batch.number);
      requests += batch.requests.length;
      bytesLeft -= bytes;
      batches.push(reference ?? batch);
    }
    return batches;
  }

  /** Whether a majority of the members holds a batch. */
  private isHeld(reference: BatchReference, names: ReadonlySet<string>): boolean {
    const holders = [...(this.holders.get(nameOf(reference)) ?? [])];
    return holders.filter((name) => names.has(name)).length >= majorityOf(names.size);
  }
}

/** What a record has at most besides what is counted, and a batch or an entry of a list has. */
const recordHeadBytes = 16 << 10;
const headBytes = 32;

function sumOf(requests: readonly OrderedRequest[]): number {
  return requests.reduce((sum, request) => sum + requestBytes(request), 0);
}

/** Whether so much time is over since then. A clock that went back has no word on that. */
function passed(spanMs: number, sinceMs: number, nowMs: number): boolean {
  return nowMs < sinceMs || nowMs - sinceMs >= spanMs;
}

function nameOf({ sequencer, number }: { sequencer: Origin; number: number }): string {
  return `${sequencer} ${number}`;
}
