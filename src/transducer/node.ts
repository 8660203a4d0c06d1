// A node of a network: a transducer, the input facts that it shares with its peers, what its rules
// send them, and what it writes down. It computes; a driver carries frames, keeps records and tells
// the time.
//
// Nothing leaves the node before what it follows from is durable: no acknowledgement, no frame, no
// change of an output. So a crash takes nothing back that anybody was told. It is one file because
// all that happens to a node changes one state; links, seals and shared facts have their own.
import { assert } from "../base/assert.ts";
import { type Cleaning, Collector } from "./collector.ts";
import type { Fact, Sent } from "./fact.ts";
import { GoneLog } from "./gone-log.ts";
import { Link, type LinkLimits } from "./link.ts";
import {
  declaredMembers,
  joinedMembers,
  type Members,
  newsOf,
  presentNames,
} from "./membership.ts";
import {
  type Accepted,
  type Batch,
  type Change,
  type Frame,
  type Heard,
  incarnationOf,
  type InsertRequest,
  type LogRecord,
  nameOf,
  type NodeInput,
  type NodeOutput,
  type PeerBatch,
  type Origin,
  type VersionVector,
} from "./protocol.ts";
import { type Sealing, Seals, type SealView } from "./seals.ts";
import { type FactSource, Trail } from "./trail.ts";
import { type Gone, joinedGone } from "./ranges.ts";
import { endOfPart, lastOf, SharedFacts } from "./shared.ts";
import type { Transducer } from "./transducer.ts";
import { Withheld } from "./withheld.ts";

/** What a node is made of. */
export type NodeOptions = {
  readonly name: string;
  /** Never given to this node before. */
  readonly incarnation: number;
  /** The nodes that it has connections with, beside itself, where that never changes. */
  readonly peers?: readonly string[];
  /** Who the members are, as far as the node is told whenever it starts: it has connections with
   * all of them, and with those who become members. Without it membership never changes. */
  readonly members?: Members;
  readonly transducer: Transducer;
  /** For each relation whether what is delivered of it stays: events are delivered one by one. */
  readonly kept: readonly boolean[];
  /** Whether inputs are shared with all nodes: the program itself says nothing of the network. */
  readonly floods: boolean;
  readonly sealing?: Sealing;
  /** Whether a fact is of a key that is sealed as far as the node knows (`key-seals.ts`). */
  readonly sealed?: (fact: Fact) => boolean;
  /** Where rules say what can be cleaned up. */
  readonly cleaning?: Cleaning;
  readonly limits?: Partial<NodeLimits>;
  /** Signs batches with the key of this node, as few times as can be; returns the signature of
   * each. */
  readonly sign?: (batches: readonly Batch[]) => readonly string[];
};

/** The limits of a node. */
export type NodeLimits = LinkLimits & {
  /** Heartbeats after one input; what is left goes on at the next tick. */
  readonly heartbeatsMax: number;
  /** Messages of which it is known whom they came from. */
  readonly trailFacts: number;
  /** What went weighs at least so much, about in bytes, when memory is given back. */
  readonly garbageMin: number;
  /** Of so many facts that rules say are of no use some are let go at once. */
  readonly uselessMax: number;
};

/** The limits of a node unless others are given. */
const nodeLimits: NodeLimits = {
  windowFacts: 1 << 16,
  windowBytes: 4 << 20,
  frameFacts: 1 << 12,
  resendMs: 1_000,
  resendFactorMax: 8,
  forwardMs: 0,
  aloneMs: 10_000,
  heartbeatsMax: 1_000,
  trailFacts: 1 << 16,
  garbageMin: 4 << 20,
  uselessMax: 1 << 12,
};

/** What waits until `count` records are durable. */
type Waiting = {
  readonly count: number;
  /** How far origins are held with it, */
  readonly holds?: readonly (readonly [Origin, number])[];
  readonly heard?: { readonly peer: string; readonly heard: NonNullable<Heard> };
  /** or without what goes, and who said so. */
  readonly gone?: Gone;
  readonly cleared?: { readonly peer: string; readonly heard: NonNullable<Heard> };
  readonly sent: readonly Sent[];
  readonly accepted: readonly Accepted[];
  readonly refused?: NodeOutput["refused"];
  readonly changes: readonly Change[];
  readonly members?: Members;
  /** A peer that has asked what this node has. */
  readonly answered?: string;
};

const nothing = { sent: [], accepted: [], changes: [] } as const;

type Computed = Pick<Waiting, "sent" | "changes">;

/** What a node does, while it does it. */
type Draft = {
  readonly frames: { readonly to: string; readonly frame: Frame }[];
  readonly records: LogRecord[];
  readonly accepted: Accepted[];
  readonly refused: NodeOutput["refused"][number][];
  readonly changes: Change[];
  members: Members;
  readonly stalled: string[];
  undeliverable: number;
};

function draft(): Draft {
  return {
    frames: [],
    records: [],
    accepted: [],
    refused: [],
    changes: [],
    members: new Map(),
    stalled: [],
    undeliverable: 0,
  };
}

function joined(done: readonly Computed[]): Computed {
  return {
    sent: done.flatMap(({ sent }) => sent),
    changes: done.flatMap(({ changes }) => changes),
  };
}

/** Returns what a node knows of the members that is told `given`, and comes back with records. */
export function recordedMembers(given: Members, records: Iterable<LogRecord>): Members {
  let members = given;
  for (const record of records)
    if (record.kind === "members") members = joinedMembers(members, record.members);
  return members;
}

/** Returns what is gone by the records of a node. */
export function recordedGone(records: Iterable<LogRecord>): Gone {
  let gone: Gone = new Map();
  for (const record of records) if (record.kind === "gone") gone = joinedGone(gone, record.gone);
  return gone;
}

/** What a node knows of a peer. */
export type PeerView = {
  readonly name: string;
  /** Whether it has said, on the connection that there is, what it holds. */
  readonly ready: boolean;
  /** How many facts that are durable here it is not known to hold. */
  readonly lacks: number;
  /** How many messages of rules it has not acknowledged. */
  readonly unacknowledged: number;
  /** How many it has, of those that this life of the node has sent. */
  readonly acknowledged: number;
  /** Whether it is known to know all that this node knows of the members. */
  readonly informed: boolean;
};

/** One node. Its state is a function of its incarnation and the inputs so far. */
export class Node {
  readonly origin: Origin;
  private readonly options: NodeOptions;
  private readonly limits: NodeLimits;
  private readonly shared = new SharedFacts();
  private readonly trail: Trail;
  /** What is held and durable: as much as others are told of. */
  private readonly durable = new Map<Origin, number>();
  /** What has been durable for `forwardMs`, and what is going to have been. */
  private settled: VersionVector = new Map();
  private settling: { readonly sinceMs: number; readonly holds: VersionVector } = {
    ...{ sinceMs: 0, holds: new Map() },
  };
  private readonly links = new Map<string, Link>();
  /** What was received of each peer, durable or not, and what of it is durable. */
  private readonly received = new Map<string, NonNullable<Heard>>();
  private readonly heard = new Map<string, NonNullable<Heard>>();
  /** What is known of the members, durable or not, and what of it is durable. */
  private known: Members;
  private shownMembers: Members;
  private readonly requests = new Map<string, Accepted>();
  private readonly collector: Collector | undefined;
  /** What is gone, durably, as others are told of it. */
  private readonly gone = new GoneLog();
  /** What of peers' changes of what is gone was received, and what of it is durable. */
  private readonly clearing = new Map<string, NonNullable<Heard>>();
  private readonly cleared = new Map<string, NonNullable<Heard>>();
  /** Whether all is looked at that may be of no use. */
  private collecting = false;
  /** What the facts weigh that the transducer has though they are gone. */
  private garbage = 0;
  private readonly seals: Seals | undefined;
  /** What was received while the node waits for all input. */
  private readonly withheld: Withheld | undefined;
  /** What rules have sent to this very node, to be delivered in its next steps. */
  private readonly toSelf: Fact[] = [];
  private waiting: Waiting[] = [];
  private recordCount = 0;
  private persistedCount = 0;
  private restless = false;
  private nowMs = 0;
  private out: Draft = draft();

  /** A node that comes back is given the records that it had written. */
  constructor(options: NodeOptions, records: readonly LogRecord[] = []) {
    this.options = options;
    this.origin = `${options.name}/${options.incarnation}`;
    this.limits = { ...nodeLimits, ...options.limits };
    this.trail = new Trail(this.limits.trailFacts);
    const { sealing, floods, name, members, peers = [] } = options;
    // Where nodes do not share their inputs, each waits for its own seals alone.
    const own = declaredMembers([name]);
    this.seals = sealing && new Seals(floods ? sealing : { ...sealing, members: own });
    this.withheld = sealing && this.seals && new Withheld(sealing, this.seals);
    this.known = recordedMembers(members ?? new Map(), members === undefined ? [] : records);
    this.shownMembers = this.known;
    for (const peer of peers) this.links.set(peer, new Link(peer, this.limits));
    this.relink();
    const { cleaning, transducer } = options;
    this.collector = cleaning && new Collector(cleaning);
    if (!this.awaiting) this.post(this.compute([]).sent);
    this.foresee(records);
    for (const record of records) this.restore(record);
    for (const relation of cleaning === undefined ? [] : [cleaning.spent, cleaning.names])
      this.collector?.note({ relation, tuples: transducer.tuples(relation) });
    // What was put out before the crash was told then; live queries begin with all there is.
    this.out = draft();
  }

  /** Takes in what happens, and returns what the node does about it. */
  step(input: NodeInput): NodeOutput {
    switch (input.kind) {
      case "insert":
        this.insert(input);
        break;
      case "inserts":
        this.insertAll(input.inserts);
        break;
      case "seal":
        this.seal(input.request, input.relations);
        break;
      case "members":
        this.learn(input.members);
        break;
      case "connected":
        this.link(input.peer)?.connect(this.nowMs);
        this.greet(input.peer, true);
        break;
      case "disconnected":
        this.link(input.peer)?.disconnect();
        break;
      case "frame":
        if (this.link(input.peer)?.up === true) this.receive(input.peer, input.frame);
        break;
      case "batches":
        this.receiveBatches(input.batches.filter(({ peer }) => this.link(peer)?.up === true));
        break;
      case "inherited":
        this.inherit(input.facts);
        break;
      case "collect":
        this.collector?.again();
        this.collecting = true;
        this.collectSome();
        break;
      case "persisted":
        assert(input.count <= this.recordCount, "what is durable was given out");
        this.persistedCount = Math.max(this.persistedCount, input.count);
        this.release();
        this.collectSome();
        break;
      case "tick":
        this.tick(input.nowMs);
        break;
    }
    this.sealByRules();
    this.vouch();
    this.send();
    const done = this.out;
    this.out = draft();
    return done;
  }

  /** The tuples of a relation as they are now, durable or not. */
  tuples(relation: number): readonly Fact["values"][] {
    return this.options.transducer.tuples(relation);
  }

  /** Whether what it computes is of all input: always, unless it waits for seals. */
  get complete(): boolean {
    return !this.awaiting;
  }

  private get awaiting(): boolean {
    return this.withheld?.waiting === true;
  }

  /** Whether this node has sealed a relation. */
  hasSealed(relation: number): boolean {
    return this.seals?.has(this.options.name, relation) === true;
  }

  /** How things stand with relations that are awaited, or that some member has sealed. */
  sealViews(): SealView[] {
    return this.seals?.views(this.shared.holds) ?? [];
  }

  /** Where facts came from that are there, by their keys. */
  sourcesOf(facts: readonly Fact[]): ReadonlyMap<string, FactSource> {
    return this.trail.sourcesOf(facts, this.shared);
  }

  /** How many facts of an origin the node has taken in, durable or not. */
  taken(origin: Origin): number {
    return this.shared.of(origin);
  }

  /** How many facts of an origin the node has taken in once it has those up to a number: what is
   * gone behind that is passed over. */
  takenAfter(origin: Origin, number: number): number {
    return this.shared.passedOver(origin, Math.max(number, this.taken(origin)));
  }

  /** What the node holds durably, of each origin. */
  get holds(): ReadonlyMap<Origin, number> {
    return this.durable;
  }

  /** What the node knows, durably, of the members. */
  get members(): Members {
    return this.shownMembers;
  }

  /** Whether others have all that the node holds durably: it may leave. */
  get handedOver(): boolean {
    const peers = this.peers();
    const held = peers.length === 0 || peers.some(({ ready, lacks }) => ready && lacks === 0);
    return held && peers.every(({ unacknowledged }) => unacknowledged === 0);
  }

  /** The number of the next fact that this node accepts. */
  get nextNumber(): number {
    return this.shared.of(this.origin) + 1;
  }

  /** What was accepted under a request's name, durable or not. */
  accepted(request: string): Accepted | undefined {
    return this.requests.get(request);
  }

  /** How many members there are, with those who are about to be. */
  get memberCount(): number {
    return this.links.size + 1 + this.unlinked(this.known).length;
  }

  /** How many nodes are known to hold the facts of an origin up to a number, durably. */
  holders(origin: Origin, number: number): number {
    const own = (this.durable.get(origin) ?? 0) >= number ? 1 : 0;
    return [...this.links.values()].filter((link) => link.holdsOf(origin) >= number).length + own;
  }

  /** What this node and its peers hold durably, as far as they have said so. */
  acknowledged(): Map<string, VersionVector> {
    const { links, options, durable } = this;
    const peers = Array.from(links.values(), ({ peer, holds }) => [peer, holds] as const);
    return new Map<string, VersionVector>([...peers, [options.name, durable]]);
  }

  /** Yields the batches of an origin after its fact number `after`, up to number `upTo`: those that
   * the node holds, durable or not. */
  batches(origin: Origin, after: number, upTo: number): Generator<Batch> {
    return this.shared.between(origin, after, upTo);
  }

  /** How things stand with each peer. */
  peers(): readonly PeerView[] {
    const shown = this.shown();
    return Array.from(this.links.values(), (link) => ({
      name: link.peer,
      ready: link.ready,
      lacks: link.lacks(shown),
      unacknowledged: link.unacknowledged,
      acknowledged: link.acknowledgedMessages,
      informed: link.knows(this.shownMembers),
    }));
  }

  /** How many facts the node has, how many tombstones wait for members, and what is gone. */
  get stored() {
    const { shared, collector } = this;
    return {
      ...{ facts: shared.size, tombstones: collector?.waiting ?? 0 },
      gone: shared.goneCounts(),
    };
  }

  /** What is still computed with though it is gone weighs so much, about in bytes. */
  get garbageWeight(): number {
    return this.garbage + (this.options.transducer.strayWeight ?? 0);
  }

  private insert(insert: InsertRequest): void {
    const { request, facts } = insert;
    if (this.repeated(request) || this.refused(request, facts)) return;
    this.takeOwn(insert);
  }

  /** Takes in what clients insert at once, and computes with all of it in one step, if it may: a
   * program that speaks of the network can tell how many steps there were. */
  private insertAll(inserts: readonly InsertRequest[]): void {
    if (!this.options.floods) {
      for (const one of inserts) this.insert(one);
      return;
    }
    let batches: Batch[] = [];
    let accepted: Accepted[] = [];
    for (const insert of inserts) {
      const { request, facts } = insert;
      if (this.requests.has(request)) {
        // What is told again waits for all that was recorded before.
        this.take(batches, accepted);
        [batches, accepted] = [[], []];
        this.repeated(request);
      } else if (!this.refused(request, facts)) {
        const own = this.own(insert);
        batches.push(own.batch);
        accepted.push(own.accepted);
      }
    }
    this.take(batches, accepted);
  }

  /** Whether facts are refused, as some of them are of what is sealed; that is told, then. */
  private refused(request: string, facts: readonly Fact[]): boolean {
    const { sealed: ofSealedKey } = this.options;
    const sealed = facts.find(
      (fact) => this.hasSealed(fact.relation) || ofSealedKey?.(fact) === true,
    );
    if (sealed === undefined) return false;
    this.whenDurable({ ...nothing, refused: [{ request, sealed: sealed.relation }] });
    return true;
  }

  private seal(request: string, relations: readonly number[]): void {
    if (this.repeated(request)) return;
    assert(this.seals !== undefined, "what is sealed can be");
    const { name } = this.options;
    const open = relations.filter((relation) => !this.hasSealed(relation));
    const lives = new Map([...this.shared.holds].filter(([origin]) => nameOf(origin) === name));
    lives.set(this.origin, this.shared.of(this.origin));
    if (open.length > 0) this.takeOwn({ request, facts: this.seals.facts(name, open, lives) });
    else {
      const to = this.shared.of(this.origin);
      this.whenDurable({
        ...nothing,
        accepted: [{ request, origin: this.origin, from: to + 1, to }],
      });
    }
  }

  /** Seals what rules have said since the last step. */
  private sealByRules(): void {
    for (const relation of this.withheld?.sealedByRules() ?? [])
      if (!this.hasSealed(relation)) this.seal(`.seal ${relation}`, [relation]);
  }

  /** Says what the node holds of those who are, durably, members no more: it has no links with
   * them, and what counts of them is decided by what those say who stay. */
  private vouch(): void {
    const { name, floods } = this.options;
    if (!floods || this.seals === undefined) return;
    const facts = this.seals.vouchers(name, this.shownMembers, this.shared.holds);
    if (facts.length > 0) this.takeOwn({ request: "vouch", facts, once: true });
  }

  /** Whether a request was accepted before: then it is told again, once it is durable. */
  private repeated(request: string): boolean {
    const known = this.requests.get(request);
    if (known === undefined) return false;
    this.whenDurable({ ...nothing, accepted: [known] });
    return true;
  }

  /** Takes in what this node accepts. */
  private takeOwn(insert: InsertRequest): void {
    const { batch, accepted } = this.own(insert);
    this.take([batch], [accepted]);
  }

  /** Holds what this node accepts. It is signed when it is sent to somebody. */
  private own({ request, facts, split, once }: InsertRequest) {
    const { origin } = this;
    const from = this.shared.of(origin) + 1;
    const named = once !== true;
    const parts = split === undefined ? { origin, from, facts } : { origin, from, facts, split };
    const batch: Batch = named ? { ...parts, request } : parts;
    const accepted: Accepted = { request, origin, from, to: from + facts.length - 1 };
    if (named) this.requests.set(request, accepted);
    this.hold(batch);
    return { batch, accepted };
  }

  /** Takes in batches that are held, and were not before. */
  private take(batches: readonly Batch[], accepted: readonly Accepted[]): void {
    if (batches.length === 0) return;
    const { sent, changes } = this.computeWith(batches);
    for (const batch of batches) this.write({ kind: "batch", batch });
    const origins = new Set(batches.map(({ origin }) => origin));
    const holds = Array.from(origins, (origin) => [origin, this.shared.of(origin)] as const);
    this.waiting.push({ count: this.recordCount, holds, sent, accepted, changes });
  }

  /** Holds a batch from now on. */
  private hold(batch: Batch): void {
    this.shared.add(batch);
    for (const fact of batch.facts) this.seals?.note(fact, nameOf(batch.origin));
  }

  /** Computes with batches that are new, unless input is awaited. */
  private computeWith(batches: readonly Batch[]): Computed {
    const { withheld } = this;
    if (withheld?.waiting !== true)
      return this.compute(batches.flatMap((batch) => withheld?.counted(batch) ?? batch.facts));
    for (const batch of batches) withheld.batch(batch);
    if (!withheld.complete(this.shared.holds)) return nothing;
    const { first, rest } = withheld.begin((fact) => this.keeps(fact));
    return joined([this.compute(first), this.deliver(rest)]);
  }

  private receive(peer: string, frame: Frame): void {
    const link = this.link(peer);
    if (link === undefined) return;
    switch (frame.kind) {
      case "hello":
        this.greeted(link, frame);
        return;
      case "ack":
        link.acknowledge(frame, this.origin, this.nowMs);
        return;
      case "batch":
        this.receiveBatches([{ peer, batch: frame.batch }]);
        return;
      case "messages":
        this.hear(peer, frame);
        return;
      case "gone":
        this.clear(peer, frame);
        return;
      case "members":
        if (this.options.members === undefined) return;
        link.learn(frame.members);
        this.learn(frame.members);
        // What is not durable yet is told to all once it is.
        if (frame.reply && newsOf(this.shownMembers, this.known).size === 0) this.tellMembers(link);
    }
  }

  private greeted(link: Link, frame: Frame & { readonly kind: "hello" }): void {
    const { peer, ready } = link;
    if (link.hello(frame, this.origin, this.nowMs)) this.out.stalled.push(peer);
    // Who asks what came of what it has sent is answered once that is durable.
    if (frame.reply && ready) this.whenDurable({ ...nothing, answered: peer });
    else if (frame.reply) this.greet(peer, false);
    this.tellMembers(link);
  }

  /** Takes in the batches whose turn it is, in one step: they are of a program that cannot tell. */
  private receiveBatches(received: readonly PeerBatch[]): void {
    const taken: Batch[] = [];
    const others = new Set<string>();
    for (const { peer, batch } of received) {
      const next = batch.origin === this.origin ? undefined : this.shared.next(batch);
      if (next !== undefined && this.admits(next)) {
        this.hold(next);
        taken.push(next);
      } else others.add(peer);
    }
    this.take(taken, []);
    for (const peer of others) this.acknowledge(peer);
  }

  /** Whether a batch is taken whose turn it is. */
  private admits(batch: Batch): boolean {
    return this.seals?.admits(this.options.name, batch.origin, lastOf(batch)) !== false;
  }

  /** Takes in the messages that are new. Those of a later life of the peer begin anew. */
  private hear(peer: string, frame: Frame & { readonly kind: "messages" }): void {
    const before = this.received.get(peer);
    const { origin, from, facts } = frame;
    if (before !== undefined && incarnationOf(origin) < incarnationOf(before.origin)) return;
    const number = before?.origin === origin ? before.number : 0;
    const fresh = facts.slice(number + 1 - from);
    if (from > number + 1 || fresh.length === 0) {
      this.acknowledge(peer);
      return;
    }
    const heard = { origin, number: number + fresh.length };
    this.received.set(peer, heard);
    const { sent, changes } = this.deliver(fresh);
    const record = { kind: "messages", peer, origin, from: number + 1, facts: fresh } as const;
    this.trail.add(record);
    this.record(record, { heard: { peer, heard }, sent, accepted: [], changes });
  }

  /** Takes in what an earlier life held, as messages of its own, which the log keeps. Others owned
   * keys then: what was derived here, from tuple to tuple, may be so at one node after the other
   * now, and nobody could tell when that is over. */
  private inherit(facts: readonly Fact[]): void {
    const { name: peer } = this.options;
    const { frameFacts, windowBytes } = this.limits;
    const { origin } = this;
    for (let at = 0; at < facts.length;) {
      const end = endOfPart(facts, at, frameFacts, windowBytes);
      const part = facts.slice(at, end);
      const record = { kind: "messages", peer, origin, from: at + 1, facts: part } as const;
      this.trail.add(record);
      this.record(record, { ...this.deliver(part), accepted: [] });
      at = end;
    }
  }

  private restore(record: LogRecord): void {
    if (record.kind === "batch") {
      const batch = this.shared.next(record.batch);
      if (batch === undefined) {
        const held = this.shared.of(record.batch.origin);
        assert(lastOf(record.batch) <= held, "batches of an origin have no gaps");
        return;
      }
      this.hold(batch);
      const { sent } = this.computeWith([batch]);
      this.durable.set(batch.origin, this.shared.of(batch.origin));
      const { origin, from, request } = batch;
      if (nameOf(origin) === this.options.name && request !== undefined)
        this.requests.set(request, { request, origin, from, to: lastOf(batch) });
      this.post(sent);
    } else if (record.kind === "messages") {
      const { peer, origin, from, facts } = record;
      const heard = { origin, number: from + facts.length - 1 };
      this.received.set(peer, heard);
      this.heard.set(peer, heard);
      this.trail.add(record);
      this.post(this.deliver(facts).sent);
    } else if (record.kind === "members" && this.options.floods) this.seals?.learn(record.members);
  }

  // ---- what is gone ----

  /** Takes in what has gone, before the records of it: it is not computed with again. */
  private foresee(records: readonly LogRecord[]): void {
    const all = recordedGone(records);
    if (all.size === 0) return;
    this.shared.drop(all);
    this.gone.add(all);
    for (const [origin, count] of this.shared.holds) this.durable.set(origin, count);
  }

  /** Lets go some of what is of no use any more, if all of it is to be, or there is enough. A part
   * at a time, as nothing else is done meanwhile; the next one when that is durable. What a part
   * costs at all grows with what is kept, and so does the part. */
  private collectSome(): void {
    const { shared, durable, links, collector, limits } = this;
    const most = Math.max(limits.uselessMax, shared.size >> 6);
    if (collector === undefined || (!this.collecting && collector.left < most)) return;
    const peers = [...links.values()];
    const view = {
      batch: (origin: Origin, number: number) => shared.batch(origin, number),
      gone: (origin: Origin, number: number) => shared.isGone(origin, number),
      durable: (origin: Origin) => durable.get(origin) ?? 0,
      everywhere: (origin: Origin, number: number) =>
        peers.every((link) => link.holdsOf(origin) >= number),
    };
    let found: Gone = new Map();
    while (found.size === 0 && collector.left > 0) found = collector.collect(view, most);
    this.collecting &&= collector.left > 0;
    if (found.size > 0) this.drop(found);
    // Like a collector that copies what lives: it costs what lives, once as much has gone.
    const { transducer } = this.options;
    const worthIt = Math.max(shared.weight, this.limits.garbageMin);
    if (this.garbageWeight <= worthIt || this.awaiting) return;
    if (transducer.restart === undefined) return;
    transducer.restart(shared.facts());
    this.garbage = 0;
  }

  /** A peer says what has gone there. */
  private clear(peer: string, { origin, number, gone }: Frame & { readonly kind: "gone" }): void {
    if (this.collector === undefined) return;
    const before = this.clearing.get(peer);
    if (before !== undefined && incarnationOf(origin) < incarnationOf(before.origin)) return;
    if (before?.origin === origin && before.number >= number) {
      this.acknowledge(peer);
      return;
    }
    const heard = { origin, number };
    this.clearing.set(peer, heard);
    this.drop(gone, { peer, heard });
  }

  /** Lets go of facts, also of those that are still to come. `cleared`: a peer said so. */
  private drop(gone: Gone, cleared?: Waiting["heard"]): void {
    const before = this.shared.weight;
    const { fresh, batches } = this.shared.drop(gone);
    this.garbage += before - this.shared.weight;
    const said = cleared === undefined ? {} : { cleared };
    if (fresh.size === 0) {
      this.whenDurable({ ...nothing, ...said });
      return;
    }
    for (const { request } of batches) if (request !== undefined) this.requests.delete(request);
    const holds = [...fresh.keys()].map((of) => [of, this.shared.of(of)] as const);
    this.record({ kind: "gone", gone: fresh }, { ...nothing, ...said, gone: fresh, holds });
  }

  private tick(nowMs: number): void {
    this.nowMs = nowMs;
    this.settle();
    for (const link of this.links.values()) {
      if (link.up && !link.ready) this.greet(link.peer, true);
      if (link.overdue(nowMs)) this.greet(link.peer, true);
      if (link.untold(this.shownMembers, nowMs)) this.tellMembers(link);
    }
    if (!this.restless || this.awaiting) return;
    const { sent, changes } = this.compute([]);
    this.whenDurable({ ...nothing, sent, changes });
  }

  /** Takes note of what is durable now, for when it has been for long. */
  private settle(): void {
    if (this.nowMs - this.settling.sinceMs < this.limits.forwardMs) return;
    this.settled = this.settling.holds;
    this.settling = { sinceMs: this.nowMs, holds: new Map(this.durable) };
  }

  // ---- computing ----

  /** A step, and those that it calls for: heartbeats, and what the node sends itself. */
  private compute(facts: readonly Fact[]): Computed {
    const { transducer, name } = this.options;
    const sent: Sent[] = [];
    const changes: Change[] = [];
    let received = facts;
    for (let steps = 0; ; steps++) {
      const result = transducer.step(received);
      this.withheld?.noteRules((relation) => transducer.tuples(relation));
      for (const { to, ...fact } of result.sent)
        if (to === name) this.toSelf.push(fact);
        else sent.push(to === undefined ? fact : { ...fact, to });
      changes.push(...result.changes);
      this.restless = result.again || this.toSelf.length > 0;
      if (!this.restless || steps === this.limits.heartbeatsMax) return { sent, changes };
      received = this.toSelf.splice(0, this.deliverable(this.toSelf, 0));
    }
  }

  /** Delivers messages in order: events each in a step of its own, others together. */
  private deliver(facts: readonly Fact[]): Computed {
    if (this.withheld?.waiting === true) {
      this.withheld.messages(facts);
      return nothing;
    }
    const done: Computed[] = [];
    for (let at = 0; at < facts.length;) {
      const end = at + this.deliverable(facts, at);
      done.push(this.compute(facts.slice(at, end)));
      at = end;
    }
    return joined(done);
  }

  /** How many facts from `at` on can be delivered together. */
  private deliverable(facts: readonly Fact[], at: number): number {
    let end = at;
    while (end < facts.length && this.keeps(facts[end])) end++;
    return end === at && at < facts.length ? 1 : end - at;
  }

  private keeps(fact: Fact | undefined): boolean {
    return fact !== undefined && this.options.kept[fact.relation] === true;
  }

  // ---- what becomes durable, and what is told then ----

  private write(record: LogRecord): void {
    this.out.records.push(record);
    this.recordCount++;
  }

  private record(record: LogRecord, waiting: Omit<Waiting, "count">): void {
    this.write(record);
    this.waiting.push({ ...waiting, count: this.recordCount });
  }

  /** Tells, once all that was given out is durable. */
  private whenDurable(waiting: Omit<Waiting, "count">): void {
    this.waiting.push({ ...waiting, count: this.recordCount });
    this.release();
  }

  private release(): void {
    const ready = this.waiting.findIndex(({ count }) => count > this.persistedCount);
    const done = this.waiting.splice(0, ready < 0 ? this.waiting.length : ready);
    for (const one of done) {
      const { holds = [], heard, sent, accepted, refused = [], changes, members } = one;
      const { gone, cleared } = one;
      if (gone !== undefined) this.gone.add(gone);
      for (const [origin, count] of holds) this.durable.set(origin, count);
      if (cleared !== undefined) this.cleared.set(cleared.peer, cleared.heard);
      if (heard !== undefined) this.heard.set(heard.peer, heard.heard);
      if (members !== undefined) this.show(members);
      if (one.answered !== undefined) this.greet(one.answered, false);
      this.post(sent);
      this.out.accepted.push(...accepted);
      this.out.refused.push(...refused);
      this.out.changes.push(...changes);
      for (const change of changes) this.collector?.note(change);
    }
    if (done.some(({ holds, heard, cleared }) => holds ?? heard ?? cleared))
      for (const { peer } of this.links.values()) this.acknowledge(peer);
  }

  /** Puts messages into the outboxes of those that they go to. */
  private post(sent: readonly Sent[]): void {
    for (const { to, ...fact } of sent) {
      if (to === undefined) for (const link of this.links.values()) link.post(fact);
      else if (this.links.has(to)) this.link(to)?.post(fact);
      else this.out.undeliverable++;
    }
  }

  // ---- members ----

  /** Takes in what is said of the members; what is new is written down. */
  private learn(members: Members): void {
    const news = newsOf(this.known, members);
    if (news.size === 0) return;
    this.known = joinedMembers(this.known, news);
    if (this.options.floods) this.seals?.learn(news);
    this.record({ kind: "members", members: news }, { ...nothing, members: news });
  }

  /** What is known of members is durable: it holds, and is told, also to those who are none now. */
  private show(members: Members): void {
    this.shownMembers = joinedMembers(this.shownMembers, members);
    this.out.members = joinedMembers(this.out.members, members);
    for (const link of this.links.values()) this.tellMembers(link);
    this.relink();
  }

  /** Has links with all members, and, where there are such, with nobody else. What was to go to one
   * that is none any more goes nowhere. */
  private relink(): void {
    if (this.options.members === undefined) return;
    const present = new Set(presentNames(this.shownMembers));
    for (const peer of this.links.keys()) if (!present.has(peer)) this.links.delete(peer);
    for (const peer of this.unlinked(this.shownMembers))
      this.links.set(peer, new Link(peer, this.limits));
  }

  /** The members with whom there is no link. */
  private unlinked(members: Members): string[] {
    const { links, options } = this;
    return presentNames(members).filter((peer) => peer !== options.name && !links.has(peer));
  }

  private tellMembers(link: Link): void {
    if (this.options.members === undefined || !link.ready) return;
    this.frame(link.peer, link.tell(this.shownMembers, this.nowMs));
  }

  // ---- frames ----

  private greet(peer: string, reply: boolean): void {
    const link = this.link(peer);
    if (link === undefined) return;
    const { origin } = this;
    this.frame(peer, { kind: "hello", origin, ...this.state(peer), reply });
  }

  private acknowledge(peer: string): void {
    const link = this.link(peer);
    if (link?.ready !== true) return;
    this.frame(peer, { kind: "ack", ...this.state(peer) });
  }

  /** What a peer is told of what this node holds and has heard. */
  private state(peer: string) {
    const cleared = this.cleared.get(peer);
    const state = { holds: this.shown(), heard: this.heard.get(peer) };
    return cleared === undefined ? state : { ...state, cleared };
  }

  private send(): void {
    const { origin: own, nowMs, shared, settled, gone } = this;
    const durable = this.options.floods ? this.durable : new Map<Origin, number>();
    const from = this.out.frames.length;
    for (const link of this.links.values())
      for (const frame of link.frames({ own, nowMs, shared, durable, settled, gone }))
        this.frame(link.peer, frame);
    if (this.options.sign !== undefined) this.sign(this.options.sign, from);
  }

  /** Signs the batches of the frames from a place on that this node accepted, and that go to
   * others for the first time. */
  private sign(signaturesOf: NonNullable<NodeOptions["sign"]>, from: number): void {
    const { frames } = this.out;
    const unsigned = new Set<Batch>();
    for (let at = from; at < frames.length; at++) {
      const frame = frames[at]?.frame;
      if (frame?.kind === "batch" && this.isUnsigned(frame.batch)) unsigned.add(frame.batch);
    }
    if (unsigned.size === 0) return;
    const signatures = signaturesOf([...unsigned]);
    const signed = new Map<Batch, Batch>();
    for (const [at, batch] of [...unsigned].entries()) {
      const now = { ...batch, signature: signatures[at] ?? "" };
      signed.set(batch, now);
      this.shared.replace(now);
    }
    for (let at = from; at < frames.length; at++) {
      const { to = "", frame } = frames[at] ?? {};
      const batch = frame?.kind === "batch" ? signed.get(frame.batch) : undefined;
      if (batch !== undefined) frames[at] = { to, frame: { kind: "batch", batch } };
    }
  }

  private isUnsigned({ signature, origin }: Batch): boolean {
    return signature === undefined && nameOf(origin) === this.options.name;
  }

  private frame(to: string, frame: Frame): void {
    this.out.frames.push({ to, frame });
  }

  private shown(): ReadonlyMap<Origin, number> {
    return this.options.floods ? new Map(this.durable) : new Map();
  }

  private link(peer: string): Link | undefined {
    return this.links.get(peer);
  }
}
