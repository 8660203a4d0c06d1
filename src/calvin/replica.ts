// A partition of a replica: it carries out the transactions of the log, in Calvin's five phases
// (Thomson and others, SIGMOD 2012, section 3.2): what it takes part in, local reads, serving the
// reads of others, collecting theirs, and execution. It computes; a driver brings records and
// carries reads.
//
// A transaction that waits, for locks or for reads, holds up nothing but those that want its locks.
// What it does is a function of the log alone, so all replicas end in equal states. It is one file
// because all phases change one state.
import { assert } from "../base/assert.ts";
import type { VersionVector } from "../transducer/protocol.ts";
import type { DirectCode } from "./direct-transaction.ts";
import { doneEnding, type Ending, endingOf, type Result } from "./ending.ts";
import { type LockKeys, locksOf } from "./footprint.ts";
import { reaches } from "./frontier.ts";
import {
  checkWrites,
  type Found,
  type FoundReads,
  gathered,
  OutsideFootprint,
  type PositionedReads,
  textOf,
  within,
} from "./gathered.ts";
import type { DirectStorage, InPlace, Places, Shared } from "./in-place.ts";
import type { RowAt } from "./keyed-rows.ts";
import {
  type Known,
  KnownRequests,
  namedAs,
  type RememberedLimits,
  requestName,
  storedName,
} from "./known-requests.ts";
import { type LockRequest, LockTable } from "./lock-table.ts";
import type { OrderedMember } from "./members.ts";
import type { Partitions } from "./partitions.ts";
import type { OrderedRequest, WholeRecord } from "./record.ts";
import { changeHash } from "./row-hash.ts";
import { type Changes, epochOf, type Position, placesPerEpoch, startOf } from "./storage.ts";
import {
  type Footprint,
  type Pattern,
  type Row,
  TransactionFault,
  type View,
} from "./transaction.ts";

/** What a partition is made of. */
export type ReplicaOptions = {
  readonly partition: number;
  readonly partitions: Partitions;
  readonly keys: LockKeys;
  readonly codes: ReadonlyMap<string, DirectCode>;
  readonly storage: DirectStorage;
  /** Where it goes on: the state is that after this epoch. The first unless given. */
  readonly from?: ReplicaState;
  /** The first place before which the storage can be read: what was before it is forgotten. */
  readonly horizon?: Position;
  /** For how long a request is known, so that it is not carried out again. */
  readonly remembered?: Partial<RememberedLimits>;
  /** Whether answers have all that was changed. */
  readonly tellsChanges?: boolean;
  /** Whether answers tell the rows that are inserted into a relation, also those to repetitions:
   * they are kept as long as their requests are known. */
  readonly isTold?: (relation: number) => boolean;
};

/** What a checkpoint keeps of a partition besides its rows. */
export type ReplicaState = {
  /** The last epoch that is carried out. */
  readonly epoch: number;
  readonly hash: number;
  /** The requests of the epochs that are remembered. */
  readonly requests: readonly (readonly [string, Known])[];
  /** The last batch of each sequencer. */
  readonly batches: readonly (readonly [string, number])[];
  /** How many free facts of each origin are taken in. */
  readonly frontier: VersionVector;
  readonly members: readonly OrderedMember[];
};

/** What a partition does. */
export type ReplicaOutput = {
  /** What others need of this partition, for a transaction. */
  readonly reads: readonly (PositionedReads & { readonly to: number })[];
  /** Requests that this partition answers. */
  readonly answers: readonly Answer[];
  /** Epochs that are carried out as a whole now, each with the hash of the state after it. */
  readonly completed: readonly { readonly epoch: number; readonly hash: number }[];
};

/** The answer to a request. */
export type Answer = {
  readonly id: string;
  readonly attempt: number;
  readonly position: Position;
  readonly result: Ending;
  /** What it changed, where it was carried out just now and answers are to have it. */
  readonly changes?: Changes;
};

/** A transaction that is not carried out yet. */
type Running = {
  readonly position: Position;
  readonly request: OrderedRequest;
  readonly known: Known;
  readonly code: DirectCode;
  /** Where its rows are, and what it touches: of one that can change rows in place the latter is
   * made when it is needed. */
  readonly places: Places | undefined;
  footprint: Footprint | undefined;
  /** Whether it names all that the transaction can touch; if not, that is looked at. */
  readonly isExact: boolean;
  readonly all: readonly number[];
  readonly active: readonly number[];
  /** Whether it has its locks, and has read. */
  begun: boolean;
  locks: readonly LockRequest[];
  /** How many of them it waits for. */
  lacking: number;
  /** What the partitions of `all` have read, and of how many others that is not there. */
  readonly found: (FoundReads | undefined)[];
  missing: number;
  /** Where its own rows are (`Shared.at`), since it has read them. */
  at: readonly RowAt[];
};

/** An epoch that is not carried out yet. */
type OpenEpoch = {
  /** The hash of its changes so far. */
  hash: number;
  /** The batches that it has and no epoch before. */
  readonly batches: (readonly [string, number])[];
  readonly frontier: VersionVector;
  readonly members: readonly OrderedMember[];
  /** The first epoch whose requests are known after it; settled once all of its own are. */
  known: number;
  /** Its transactions that are not carried out, by their places from its first one on: places
   * themselves are too great to be small integers, and slow to look up. */
  readonly running: (Running | undefined)[];
  /** How many they are. */
  left: number;
};

/** One partition of a replica. */
export class Replica {
  private readonly options: ReplicaOptions;
  private readonly locks = new LockTable<Running>();
  /** How many transactions are taken in and not carried out. */
  private left = 0;
  /** Reads that came before their transaction was begun here. */
  private readonly early = new Map<Position, Map<number, FoundReads>>();
  private readonly known: KnownRequests;
  private readonly batches: Map<string, number>;
  /** The last epoch that was taken in. */
  private epoch: number;
  private seen: VersionVector;
  private named: readonly OrderedMember[];
  /** The last epoch that is carried out, and the hash of all changes up to it. */
  private done: { readonly epoch: number; readonly hash: number };
  /** The last batches, the frontier and the members, as of that epoch. */
  private readonly doneBatches: Map<string, number>;
  private doneFrontier: VersionVector;
  private doneMembers: readonly OrderedMember[];
  /** The first epoch whose requests are known after it. */
  private doneKnown: number;
  /** The epochs after it that were taken in. */
  private readonly open = new Map<number, OpenEpoch>();
  /** The first place before which rows can be read. */
  private horizon: Position;
  private toCatch: number | undefined;
  private caughtState: ReplicaState | undefined;
  private ready: Running[] = [];
  private out = empty();

  constructor(options: ReplicaOptions) {
    this.options = options;
    const { epoch = 0, hash = 0, requests = [], batches = [] } = options.from ?? {};
    const { frontier = new Map<string, number>(), members = [] } = options.from ?? {};
    this.epoch = epoch;
    this.done = { epoch, hash };
    this.horizon = options.horizon ?? 0;
    const named = requests.map(([name, known]) => [namedAs(name), known] as const);
    this.known = new KnownRequests(epoch, named, options.remembered ?? {});
    this.doneKnown = this.known.first;
    this.batches = new Map(batches);
    this.doneBatches = new Map(batches);
    this.seen = frontier;
    this.doneFrontier = frontier;
    this.named = members;
    this.doneMembers = members;
  }

  /** The last epoch that is carried out as a whole, with the hash of the state after it. */
  get completed(): { readonly epoch: number; readonly hash: number } {
    return this.done;
  }

  /** How many free facts of each origin are taken in, with the last epoch that was. */
  get frontier(): VersionVector {
    return this.seen;
  }

  /** The members, as of the last epoch that was taken in. */
  get members(): readonly OrderedMember[] {
    return this.named;
  }

  /** How many transactions are taken in and not carried out. */
  get pending(): number {
    return this.left;
  }

  /** The last epoch that is taken in. */
  get takenIn(): number {
    return this.epoch;
  }

  /** Has the state be caught as it is once an epoch is carried out as a whole, or lets it go. */
  catchState(epoch: number | undefined): void {
    this.toCatch = epoch;
    this.caughtState = epoch === this.done.epoch ? this.state() : undefined;
  }

  /** The state that was to be caught; undefined before. */
  get caught(): ReplicaState | undefined {
    return this.caughtState;
  }

  /** What a checkpoint after the last completed epoch keeps besides the rows. */
  state(): ReplicaState {
    const { epoch, hash } = this.done;
    const known = this.known.between(this.doneKnown, epoch);
    const requests = known.map(([name, of]) => [storedName(name), of] as const);
    const { doneFrontier: frontier, doneMembers: members } = this;
    return { epoch, hash, requests, batches: [...this.doneBatches], frontier, members };
  }

  /** The oldest epoch whose rows are kept. */
  get oldest(): number {
    return Math.max(0, epochOf(this.horizon) - 1);
  }

  /** Forgets what nobody asks for who reads after that epoch, or after a later one. */
  forget(oldest: number): void {
    assert(oldest <= this.done.epoch, "the last epoch is kept");
    this.horizon = Math.max(this.horizon, startOf(oldest + 1));
    this.options.storage.forget(this.horizon);
  }

  /** The rows as they are after an epoch that is carried out, and kept. */
  view(epoch: number): View {
    assert(epoch <= this.done.epoch, "what is looked at is carried out");
    assert(epoch >= this.oldest, "what is looked at is kept");
    const { storage } = this.options;
    return { tuples: (pattern) => storage.tuples(pattern, startOf(epoch + 1)) };
  }

  /** Takes in the next epoch. `facts` are the free facts that its frontier adds to the one before
   * (`addedFacts`), in their order; those of other partitions are passed over. */
  apply(record: WholeRecord, facts: readonly Row[]): ReplicaOutput {
    const { epoch, batches, frontier, members = this.named } = record;
    assert(epoch === this.epoch + 1, "epochs are taken in one after the other");
    assert(reaches(frontier, this.seen), "a frontier goes on and never back");
    this.epoch = epoch;
    this.seen = frontier;
    this.named = members;
    const fresh: [string, number][] = [];
    const open: OpenEpoch = {
      ...{ hash: 0, batches: fresh, frontier, members, known: 0 },
      ...{ running: [], left: 0 },
    };
    this.open.set(epoch, open);
    this.takeIn(startOf(epoch), facts);
    let position = startOf(epoch);
    for (const { sequencer, number, requests } of batches) {
      const repeated = number <= (this.batches.get(sequencer) ?? 0);
      if (!repeated) {
        this.batches.set(sequencer, number);
        fresh.push([sequencer, number]);
      }
      for (const request of requests) {
        position++;
        assert(position < startOf(epoch) + placesPerEpoch, "an epoch has its places");
        if (!repeated) this.admit(position, request);
      }
    }
    this.known.close(epoch);
    open.known = this.known.first;
    return this.proceed();
  }

  /** What the transactions of a record may touch at this partition, as far as they name it: to be
   * fetched while the record is ahead. */
  touchedBy({ batches }: WholeRecord): Pattern[] {
    const { codes, partition } = this.options;
    return batches.flatMap(({ requests }) =>
      requests.flatMap(({ transaction, args, footprint }) => {
        const named = footprint ?? footprintOf(codes.get(transaction), args);
        return named === undefined ? [] : this.patternsOf(named, partition);
      }),
    );
  }

  /** Takes in what another partition has read for transactions: early, late, or again. */
  receive(from: number, reads: readonly PositionedReads[]): ReplicaOutput {
    for (const { position, found } of reads) {
      const running = this.runningAt(position);
      if (running?.begun === true) this.gather(running, from, found);
      else if (running !== undefined || epochOf(position) > this.epoch) {
        const early = this.early.get(position) ?? new Map<number, FoundReads>();
        this.early.set(position, early.set(from, found));
      }
    }
    return this.proceed();
  }

  /** What transactions wait for that others read: to be asked for where it does not come. */
  awaited(): { readonly of: number; readonly position: Position; readonly patterns: Pattern[] }[] {
    const { partition } = this.options;
    const all = [...this.open.values()].flatMap(({ running }) =>
      running.filter((one) => one !== undefined),
    );
    return all.flatMap((running) =>
      running.all.flatMap((of, at) => {
        const { places, code, request, position, found } = running;
        if (of === partition || found[at] !== undefined) return [];
        const patterns =
          places !== undefined && code.direct !== undefined
            ? code.direct.patterns(request.args, places, of)
            : this.patternsOf(footprintOfRunning(running), of);
        return [{ of, position, patterns }];
      }),
    );
  }

  /** Reads for a transaction of another partition, also one that was carried out here long ago;
   * undefined while this partition has not come to it, or has forgotten. */
  read(position: Position, patterns: readonly Pattern[]): readonly Found[] | undefined {
    const running = this.runningAt(position);
    if (epochOf(position) > this.epoch || running?.begun === false) return undefined;
    if (position < this.horizon) return undefined;
    return this.readAll(patterns, position);
  }

  // ---- from a record to what runs ----

  private admit(position: Position, request: OrderedRequest): void {
    const { partitions, partition, codes, keys } = this.options;
    const name = requestName(request);
    const before = this.known.find(name);
    if (before !== undefined) {
      if (before.result !== undefined) this.answer(request, before.position, before.result);
      return;
    }
    const code = codes.get(request.transaction);
    // Who meets nobody needs no locks: what comes later is begun when this is over.
    const isAlone = this.left === 0;
    const direct = this.inPlaceOf(code?.direct, request);
    if (isAlone && partitions.count === 1 && code && request.footprint === undefined) {
      const known: Known = { position, home: 0 };
      this.known.add(name, known);
      this.carryOutAlone(code, request, known, direct ?? this.inPlaceOf(code.listed, request));
      return;
    }
    const places = direct?.places(request.args, partitions);
    const derived = places ? undefined : (request.footprint ?? footprintOf(code, request.args));
    const footprint = places ? undefined : (derived ?? whole(code));
    const isExact = places !== undefined || derived !== request.footprint;
    const { all, active } = places ?? partitions.participants(footprint ?? whole(code));
    const home = active[0] ?? 0;
    const known: Known = { position, home };
    this.known.add(name, known);
    if (code === undefined) {
      const reason = `there is no transaction "${request.transaction}"`;
      if (home === partition) this.end(request, known, { kind: "failed", reason });
      return;
    }
    if (!all.includes(partition)) return;
    // Copying parts of objects into it would take as long as all its locks.
    const running: Running = {
      position,
      request,
      known,
      code,
      places,
      footprint,
      isExact,
      all,
      active,
      begun: false,
      locks: noLocks,
      lacking: 0,
      found: all.map(nothing),
      missing: all.length - 1,
      at: notRead,
    };
    if (all.length === 1 && isAlone) {
      this.carryOut(running);
      return;
    }
    running.locks =
      places === undefined || direct === undefined
        ? locksOf(this.ownPart(footprintOfRunning(running)), keys)
        : direct.locks(partition, places, keys);
    // Who waits for nobody is over before others come.
    if (all.length === 1 && this.locks.grants(running.locks)) {
      this.carryOut(running);
      return;
    }
    this.keep(running);
    if (this.locks.request(running)) this.begin(running);
  }

  /** Begins what has its locks, until nothing more has. */
  private proceed(): ReplicaOutput {
    // What is begun makes others ready.
    for (const running of this.ready) this.begin(running);
    this.ready = [];
    this.complete();
    const done = this.out;
    this.out = empty();
    return done;
  }

  private begin(running: Running): void {
    const { partition } = this.options;
    const { position, all, active } = running;
    running.begun = true;
    if (all.length > 1) {
      const found = this.ownReads(running);
      for (const to of active) if (to !== partition) this.out.reads.push({ to, position, found });
    }
    if (!active.includes(partition)) {
      this.release(running);
      return;
    }
    const early = this.early.get(position);
    if (early !== undefined) {
      for (const [from, found] of early) this.collect(running, from, found);
      this.early.delete(position);
    }
    this.execute(running);
  }

  private gather(running: Running, from: number, found: FoundReads): void {
    this.collect(running, from, found);
    this.execute(running);
  }

  private collect(running: Running, from: number, found: FoundReads): void {
    const { all, places, code } = running;
    const at = all.indexOf(from);
    if (at < 0 || from === this.options.partition || running.found[at] !== undefined) return;
    // What is not what was asked for is asked for again.
    if (places !== undefined && code.direct !== undefined) {
      const rows = code.direct.lookedUp(found, places, from);
      if (rows === undefined) return;
      running.found[at] = "rows" in found ? found : { rows };
    } else if ("rows" in found) return;
    else running.found[at] = found;
    running.missing--;
  }

  /** Carries a transaction out once all reads are there. */
  private execute(running: Running): void {
    if (running.missing > 0) return;
    this.carryOut(running);
    this.release(running);
  }

  /** Carries a transaction out that shares its rows with nobody, in no time and at no other
   * partition: it may touch what it will. */
  private carryOutAlone(
    code: DirectCode,
    request: OrderedRequest,
    known: Known,
    changing: InPlace | undefined,
  ): void {
    if (changing !== undefined && this.inPlace(changing, request, known)) return;
    const { storage } = this.options;
    const { position } = known;
    const view = { tuples: (pattern: Pattern) => storage.tuples(pattern, position) };
    const result = resultOf({ code, request }, view);
    if (result.kind === "done") this.change(position, result);
    this.end(request, known, result);
  }

  private carryOut(running: Running): void {
    const { partition, partitions, storage } = this.options;
    const { position, request, known, isExact, all, active, places, code } = running;
    if (places !== undefined && code.direct !== undefined) {
      const { found, at } = running;
      const shared = all.length > 1 ? { partition, places, found, at } : undefined;
      if (this.inPlace(code.direct, request, known, shared)) return;
    } else if (all.length === 1) {
      const listed = isExact ? this.inPlaceOf(code.listed, request) : undefined;
      if (listed !== undefined && this.inPlace(listed, request, known)) return;
    }
    const footprint = footprintOfRunning(running);
    const read = (pattern: Pattern) => storage.tuples(pattern, position);
    const view =
      all.length > 1
        ? gathered(footprint, this.allReads(running))
        : isExact
          ? { tuples: read }
          : within(footprint, read);
    const result = resultOf(running, view, footprint);
    if (result.kind === "done") {
      const own = (row: Row): boolean => partitions.of(row) === partition;
      const changes =
        all.length === 1
          ? result
          : { removed: result.removed.filter(own), inserted: result.inserted.filter(own) };
      this.change(position, changes);
    }
    if (active[0] === partition) this.end(request, known, result);
  }

  /** What can change rows in place for a request: not where answers tell them. */
  private inPlaceOf<Of extends InPlace>(
    changing: Of | undefined,
    { footprint }: OrderedRequest,
  ): Of | undefined {
    const { isTold = noneTold } = this.options;
    if (footprint !== undefined || changing?.writes.some(isTold) === true) return undefined;
    return changing;
  }

  /** Carries a transaction out where its rows are. Returns whether that can be. */
  private inPlace(
    changing: InPlace,
    request: OrderedRequest,
    known: Known,
    shared?: Shared,
  ): boolean {
    const { storage, partition, tellsChanges = false } = this.options;
    const { position, home } = known;
    const outcome = changing.carryOut(storage, request.args, position, tellsChanges, shared);
    if (outcome === undefined) return false;
    if (outcome.kind === "done") this.addHash(position, outcome.hash);
    if (home !== partition) return true;
    const isDone = outcome.kind === "done";
    known.result = isDone ? doneEnding(outcome.removed, outcome.inserted) : outcome;
    this.answer(request, position, known.result, isDone ? outcome.changes : undefined);
    return true;
  }

  // ---- what is not carried out ----

  /** The epoch of a place, which is not carried out as a whole. */
  private openAt(position: Position): OpenEpoch {
    const open = this.open.get(epochOf(position));
    assert(open !== undefined, "what runs, or changes, in an epoch is before its end");
    return open;
  }

  private runningAt(position: Position): Running | undefined {
    const epoch = epochOf(position);
    return this.open.get(epoch)?.running[position - startOf(epoch)];
  }

  private keep(running: Running): void {
    const { position } = running;
    const open = this.openAt(position);
    const place = position - startOf(epochOf(position));
    // An array without gaps stays one.
    while (open.running.length < place) open.running.push(undefined);
    open.running.push(running);
    open.left++;
    this.left++;
  }

  private release(running: Running): void {
    const { position } = running;
    const open = this.openAt(position);
    open.running[position - startOf(epochOf(position))] = undefined;
    open.left--;
    this.left--;
    this.locks.release(running, this.ready);
  }

  private end(request: OrderedRequest, known: Known, result: Result): void {
    known.result = endingOf(result, this.options.isTold ?? noneTold);
    const tells = this.options.tellsChanges === true && result.kind === "done";
    const changes = tells ? result : undefined;
    this.answer(request, known.position, known.result, changes);
  }

  private answer(
    { id, attempt }: OrderedRequest,
    position: Position,
    result: Ending,
    changes?: Changes,
  ): void {
    this.out.answers.push(
      changes === undefined
        ? { id, attempt, position, result }
        : { id, attempt, position, result, changes },
    );
  }

  // ---- rows ----

  /** What the frontier adds is the same everywhere; of some a transaction was faster. */
  private takeIn(at: Position, facts: readonly Row[]): void {
    const { partition, partitions, storage } = this.options;
    const own = facts.filter((fact) => partitions.of(fact) === partition);
    storage.apply(at, { removed: [], inserted: own });
    this.note(at, "+", own);
  }

  private change(
    at: Position,
    changes: { removed: readonly Row[]; inserted: readonly Row[] },
  ): void {
    this.options.storage.apply(at, changes);
    this.note(at, "-", changes.removed);
    this.note(at, "+", changes.inserted);
  }

  /** The hash is a sum: transactions of an epoch may end in any order. */
  private note(at: Position, sign: "-" | "+", rows: readonly Row[]): void {
    let hash = 0;
    for (const row of rows) hash += changeHash(sign, at, row);
    this.addHash(at, hash);
  }

  private addHash(at: Position, hash: number): void {
    const epoch = this.openAt(at);
    epoch.hash = (epoch.hash + hash) % 2 ** 48;
  }

  private readAll(patterns: readonly Pattern[], before: Position): Found[] {
    const { storage } = this.options;
    return patterns.map((pattern) => ({ pattern, tuples: [...storage.tuples(pattern, before)] }));
  }

  private ownPatterns(running: Running): Pattern[] {
    return this.patternsOf(footprintOfRunning(running), this.options.partition);
  }

  /** What others need of this partition, for a transaction. */
  private ownReads(running: Running): FoundReads {
    const { partition, storage } = this.options;
    const { places, code, request, position } = running;
    if (places === undefined || code.direct === undefined)
      return this.readAll(this.ownPatterns(running), position);
    const reads = code.direct.reads(storage, request.args, places, partition, position);
    running.at = reads.at;
    return reads.found;
  }

  /** What all partitions have read for a transaction. */
  private allReads(running: Running): Found[] {
    const { all, found, places, code, request, position } = running;
    const others = found.flatMap((one, at): readonly Found[] => {
      if (one === undefined || !("rows" in one)) return one ?? [];
      const { direct } = code;
      if (places === undefined || direct === undefined) return [];
      return direct.found(request.args, places, all[at] ?? 0, one.rows);
    });
    return [...others, ...this.readAll(this.ownPatterns(running), position)];
  }

  /** The patterns of a footprint of which a partition has rows, each once. */
  private patternsOf({ reads, writes }: Footprint, partition: number): Pattern[] {
    const { partitions } = this.options;
    const all = reads === writes ? writes : [...reads, ...writes];
    const own = all.filter((of) => partitions.ofPattern(of).includes(partition));
    return [...new Map(own.map((pattern) => [textOf(pattern), pattern])).values()];
  }

  private ownPart({ reads, writes }: Footprint): Footprint {
    const { partitions, partition } = this.options;
    const own = (pattern: Pattern): boolean => partitions.ofPattern(pattern).includes(partition);
    const ownWrites = writes.filter(own);
    return { reads: reads === writes ? ownWrites : reads.filter(own), writes: ownWrites };
  }

  // ---- what is over ----

  /** Takes note of epochs that are carried out as a whole. */
  private complete(): void {
    for (let epoch = this.done.epoch + 1; epoch <= this.epoch; epoch++) {
      const open = this.openAt(startOf(epoch));
      if (open.left > 0) return;
      this.open.delete(epoch);
      for (const [sequencer, number] of open.batches) this.doneBatches.set(sequencer, number);
      this.doneFrontier = open.frontier;
      this.doneMembers = open.members;
      this.done = { epoch, hash: (this.done.hash * 31 + open.hash) % 2 ** 48 };
      this.out.completed.push(this.done);
      this.doneKnown = open.known;
      this.known.drop(open.known);
      if (epoch === this.toCatch) this.caughtState = this.state();
    }
  }
}

const noLocks: readonly LockRequest[] = [];
const notRead: readonly RowAt[] = [];

function nothing(): undefined {
  return undefined;
}

function noneTold(): boolean {
  return false;
}

/** What a transaction touches. */
function footprintOfRunning(running: Running): Footprint {
  const { code, request } = running;
  running.footprint ??= footprintOf(code, request.args) ?? whole(code);
  return running.footprint;
}

function resultOf(
  { code, request, isExact = true }: Pick<Running, "code" | "request"> & { isExact?: boolean },
  view: View,
  footprint?: Footprint,
): Result {
  try {
    const outcome = code.run(view, request.args, footprint);
    if (!isExact && footprint !== undefined) checkWrites(outcome, footprint);
    return outcome;
  } catch (error) {
    if (error instanceof OutsideFootprint) return { kind: "restart" };
    if (error instanceof TransactionFault) return { kind: "failed", reason: error.message };
    throw error;
  }
}

/** What the arguments alone say that a transaction touches. */
function footprintOf(
  code: DirectCode | undefined,
  args: OrderedRequest["args"],
): Footprint | undefined {
  try {
    return code?.footprint(args);
  } catch (error) {
    // It fails in the same way once it is carried out.
    if (error instanceof TransactionFault) return undefined;
    throw error;
  }
}

/** All of the relations that a transaction can touch. */
function whole(code: DirectCode | undefined): Footprint {
  const patterns = (relations: readonly number[] = []): Pattern[] =>
    relations.map((relation) => ({ relation, columns: [], values: [] }));
  return { reads: patterns(code?.relations.reads), writes: patterns(code?.relations.writes) };
}

function empty(): {
  readonly reads: ReplicaOutput["reads"][number][];
  readonly answers: Answer[];
  readonly completed: ReplicaOutput["completed"][number][];
} {
  return { reads: [], answers: [], completed: [] };
}
