// Drives a node: gives it what happens, makes durable what it writes, sends what it says. It is
// long because whoever waits for the node waits here, and all are told when it stops.
import { type DurableLog, LogError } from "../runtime/node/durable-log.ts";
import type { PeerNetwork } from "../runtime/node/peer-network.ts";
import type { Fact } from "../transducer/fact.ts";
import { type Members, newsOf } from "../transducer/membership.ts";
import type { Node } from "../transducer/node.ts";
import type {
  Accepted,
  Change,
  Frame,
  InsertRequest,
  NodeInput,
  PeerBatch,
} from "../transducer/protocol.ts";
import { lastOf } from "../transducer/shared.ts";
import { StepFault } from "../transducer/transducer.ts";

/** One life of a node, as its driver sees it. */
export type DrivenLife = {
  readonly node: Node;
  readonly log: Pick<DurableLog, "append" | "queuedBytes">;
  readonly network: Pick<PeerNetwork, "send" | "pause" | "resume">;
  /** What the life before held, and this one does not. */
  readonly inherited?: readonly Fact[];
};

/** What a driver brings together. */
export type DriverParts = DrivenLife & {
  /** Bytes that wait for the disk, above which nothing more is taken. */
  readonly queuedBytesMax: number;
  readonly nowMs: () => number;
  /** What became of outputs, durable, in order. */
  readonly onChanges: (changes: readonly Change[]) => void;
  /** The node, or a peer, may hold more than before. */
  readonly onProgress?: () => void;
  /** What is new of members, durable. */
  readonly onMembers?: (members: Members) => void;
  /** Peers have lost messages that the node sends again only in a new life. */
  readonly onStalled?: (peers: readonly string[]) => void;
  /** What a client asked cannot be evaluated, and was refused; what the node has computed is not to
   * be read any more: a new life is to begin at once. Without it the node stops. */
  readonly onRefused?: (error: StepFault) => void;
  /** Why the node cannot go on. Called once; it takes nothing in from then on. */
  readonly onStopped: (cause: StopCause) => void;
};

/** Why a node does not go on: its log failed, or the ordered plane, it has left the network, the
 * network has forgotten it, an evaluation of what peers sent, or of what is in the log, met a limit
 * or a functor failed, or one of our own mistakes. */
export type StopCause =
  | { readonly kind: "log"; readonly error: LogError }
  | { readonly kind: "left" | "forgotten" | "ordered"; readonly error: Error }
  | { readonly kind: "evaluation"; readonly error: StepFault }
  | { readonly kind: "fault"; readonly error: unknown };

/** What a driver has done so far. */
export type DriverCounts = {
  /** Requests of clients, and their facts, that became durable. */
  requests: number;
  facts: number;
  /** Facts that rules addressed to nodes that are no peers. */
  undeliverable: number;
  /** How long records took to become durable: how often at most so many seconds, then how often
   * and how long in all. */
  readonly commits: { readonly buckets: number[]; count: number; seconds: number };
};

/** The upper ends of the buckets of `commits`, in seconds. */
export const commitSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** The node took nothing in, or cannot tell whether it is durable. */
export class NodeStopped extends Error {
  override readonly name = "NodeStopped";
}

/** A request would insert into what this node has sealed; nothing of it was inserted. */
export class SealedInput extends Error {
  override readonly name = "SealedInput";
  readonly relation: number;

  constructor(relation: number) {
    super(`relation ${relation} is sealed`);
    this.relation = relation;
  }
}

/** Something that waits until `count` records are durable. */
type Barrier = {
  readonly count: number;
  readonly done: () => void;
  readonly failed: (error: NodeStopped) => void;
};

/** Who is told what became of a request. */
export type Waiter = {
  readonly done: (of: Accepted) => void;
  readonly failed: (error: NodeStopped | SealedInput | StepFault) => void;
};

type Learning = {
  readonly members: Members;
  readonly done: () => void;
  readonly failed: Barrier["failed"];
};

/** The driver of one node. Between the calls of its methods the node stands still. */
export class NodeDriver {
  readonly counts: DriverCounts = {
    requests: 0,
    facts: 0,
    undeliverable: 0,
    commits: { buckets: commitSeconds.map(() => 0), count: 0, seconds: 0 },
  };
  private parts: DriverParts;
  private readonly requests = new Map<string, Waiter[]>();
  private barriers: Barrier[] = [];
  /** Those who wait until the node has all the input that it waits for. */
  private readonly unready: Pick<Barrier, "done" | "failed">[] = [];
  private learning: Learning[] = [];
  /** Those who wait for the next commit. */
  private uncommitted: (() => void)[] = [];
  private appended = 0;
  private durable = 0;
  /** When records were appended that are not durable. */
  private commits: { readonly count: number; readonly atMs: number }[] = [];
  private cause: StopCause | undefined;
  /** What was asked while a new life begins; undefined while none does. */
  private asked: NodeInput[] | undefined;
  /** What came of peers in this turn, and how far origins are taken with it. */
  private batches: PeerBatch[] = [];
  private readonly coming = new Map<string, number>();
  /** Those who wait for the new life. */
  private unborn: (() => void)[] = [];
  private paused = false;
  /** Whether an evaluation failed, so that what this life has computed holds no more. */
  private faulty = false;

  constructor(parts: DriverParts) {
    this.parts = parts;
  }

  /** Why the node does not go on. */
  get stopped(): StopCause | undefined {
    return this.cause;
  }

  /** Whether more is waiting for the disk than should be. */
  get busy(): boolean {
    return this.parts.log.queuedBytes > this.parts.queuedBytesMax;
  }

  /** Whether a new life is about to begin: what is asked meanwhile waits for it. */
  get renewing(): boolean {
    return this.asked !== undefined;
  }

  /** Whether this life has computed with what was refused then, and ends for that. */
  get spoilt(): boolean {
    return this.faulty;
  }

  /** Inputs that wait for a new life. */
  get waiting(): number {
    return this.asked?.length ?? 0;
  }

  /** Records that are not durable. */
  get unpersisted(): number {
    return this.appended - this.durable;
  }

  /** Inserts facts, at least one; resolves when they are durable, with their dots. Rejects with
   * `SealedInput` where one is of a relation that the node has sealed, and with `StepFault` where
   * what follows from them cannot be evaluated: then none is inserted. A request that is sent
   * `once` is not known again. */
  insert(request: string, facts: readonly Fact[], once = false): Promise<Accepted> {
    return this.ask({ kind: "insert", request, facts, ...(once && { once }) });
  }

  /** Says that the node's share of relations is complete; resolves when that is durable. */
  seal(request: string, relations: readonly number[]): Promise<Accepted> {
    return this.ask({ kind: "seal", request, relations });
  }

  /** Inserts what several requests say, as `insert` would one after the other, but in one step: it
   * costs less, and where one cannot be evaluated none is inserted. */
  insertAll(inserts: readonly (InsertRequest & { readonly waiter?: Waiter | undefined })[]): void {
    for (const { request, waiter } of inserts)
      if (waiter !== undefined) this.await(request, waiter);
    if (inserts.length > 0) this.step({ kind: "inserts", inserts });
  }

  /** Calls `done` once no new life is about to begin: what is asked then is of the life to come. */
  onLiving(done: () => void): void {
    if (this.asked === undefined || this.cause !== undefined) done();
    else this.unborn.push(done);
  }

  private ask(input: NodeInput & { readonly request: string }): Promise<Accepted> {
    return new Promise((done, failed) => {
      if (this.await(input.request, { done, failed })) this.step(input);
    });
  }

  /** Has one who asks told what comes of it; returns false, having told, where nothing will. */
  private await(request: string, waiter: Waiter): boolean {
    if (this.cause !== undefined) {
      waiter.failed(stopped(this.cause));
      return false;
    }
    const waiters = this.requests.get(request);
    if (waiters === undefined) this.requests.set(request, [waiter]);
    else waiters.push(waiter);
    return true;
  }

  /** Returns what `read` returns now, once all that it may follow from is durable. */
  whenDurable<T>(read: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.onDurable(read, resolve, reject);
    });
  }

  /** Calls `done` with what `read` returns now, once all that it may follow from is durable: after
   * the changes of outputs were told that it follows from, and before any other is. */
  onDurable<T>(read: () => T, done: (value: T) => void, failed: Barrier["failed"]): void {
    if (this.faulty) {
      failed(new NodeStopped("the node begins a new life, without what it could not evaluate"));
      return;
    }
    // What was not told durable before the node stopped may never be.
    if (this.cause !== undefined && this.unpersisted > 0) {
      failed(stopped(this.cause));
      return;
    }
    this.afterThat(read(), done, failed);
  }

  /** Calls `done` once the log can take more: at once, unless it is at a commit, which what is
   * asked now would not be part of. */
  onCommit(done: () => void): void {
    if (this.unpersisted === 0 || this.cause !== undefined) done();
    else this.uncommitted.push(done);
  }

  private afterThat<T>(value: T, done: (value: T) => void, failed: Barrier["failed"]): void {
    if (this.unpersisted === 0) done(value);
    else
      this.barriers.push({
        count: this.appended,
        done: () => {
          done(value);
        },
        failed,
      });
  }

  /** Calls `done` when the node has all the input that it waits for. */
  onReady(done: () => void, failed: Barrier["failed"]): void {
    if (this.cause !== undefined) failed(stopped(this.cause));
    else if (this.parts.node.complete && !this.faulty) done();
    else this.unready.push({ done, failed });
  }

  /** Tells the node of members; resolves when it knows that durably. */
  learn(members: Members): Promise<void> {
    return new Promise((done, failed) => {
      if (this.cause !== undefined) {
        failed(stopped(this.cause));
        return;
      }
      this.learning.push({ members, done, failed });
      this.step({ kind: "members", members });
    });
  }

  /** Has the node begin a new life, once all that it did in this one is durable and told. `begin`
   * ends this life, and returns the next; what is asked meanwhile, it is asked then. */
  async renew(begin: () => Promise<DrivenLife>): Promise<void> {
    if (this.asked !== undefined || this.cause !== undefined) return;
    this.asked = [];
    try {
      await new Promise<void>((done, failed) => {
        this.afterThat(undefined, done, failed);
      });
      const life = await begin();
      if (this.stopped !== undefined) return;
      this.parts = { ...this.parts, ...life };
      [this.appended, this.durable, this.commits, this.paused] = [0, 0, [], false];
      this.faulty = false;
      const { asked } = this;
      this.asked = undefined;
      const { inherited = [] } = life;
      if (inherited.length > 0) this.step({ kind: "inherited", facts: inherited });
      for (const input of asked) this.step(input);
      for (const done of [...this.unborn.splice(0), ...this.uncommitted.splice(0)]) done();
    } catch (error) {
      this.stop(causeOf(error));
    }
  }

  connected(peer: string): void {
    this.takeBatches();
    this.step({ kind: "connected", peer });
  }

  disconnected(peer: string): void {
    this.takeBatches();
    this.step({ kind: "disconnected", peer });
  }

  /** A peer sends a frame. Batches that come in one turn of the event loop are taken in together,
   * at its end. */
  frame(peer: string, frame: Frame): void {
    if (frame.kind === "batch") {
      const { origin } = frame.batch;
      const upTo = Math.max(this.taken(origin), lastOf(frame.batch));
      this.coming.set(origin, this.parts.node.takenAfter(origin, upTo));
      if (this.batches.push({ peer, batch: frame.batch }) > 1) return;
      setImmediate(() => {
        this.takeBatches();
      });
      return;
    }
    this.takeBatches();
    this.step({ kind: "frame", peer, frame });
    this.parts.onProgress?.();
  }

  /** How many facts of an origin the node has taken in, with what came of peers in this turn. */
  taken(origin: string): number {
    return Math.max(this.coming.get(origin) ?? 0, this.parts.node.taken(origin));
  }

  private takeBatches(): void {
    if (this.batches.length === 0) return;
    const { batches } = this;
    this.batches = [];
    this.coming.clear();
    this.step({ kind: "batches", batches });
    this.parts.onProgress?.();
  }

  /** Lets go what is of no use any more. */
  collect(): void {
    this.step({ kind: "collect" });
  }

  tick(): void {
    // What a heartbeat computes now would be told with the last records: before those who wait for
    // these, and have read already, hear of it.
    if (!this.barriers.some(({ count }) => count === this.appended))
      this.step({ kind: "tick", nowMs: this.parts.nowMs() });
    this.throttle();
  }

  /** The log tells how many records are durable. */
  flushed(count: number): void {
    if (this.cause !== undefined) return;
    this.measure(count);
    // What is told then may ask for something that waits for records of the same commit.
    for (let ready = this.passed(count); ready.length > 0; ready = this.passed(count))
      for (const { count: upTo, done } of ready) {
        this.persisted(upTo);
        done();
      }
    this.persisted(count);
    for (const done of this.uncommitted.splice(0)) done();
    this.parts.onProgress?.();
    this.throttle();
  }

  /** Stops the node: it takes nothing in any more. */
  stop(cause: StopCause): void {
    if (this.cause !== undefined) return;
    this.cause = cause;
    const error = stopped(cause);
    for (const waiters of this.requests.values()) for (const { failed } of waiters) failed(error);
    this.requests.clear();
    for (const { failed } of [...this.barriers, ...this.learning]) failed(error);
    this.barriers = [];
    for (const { failed } of this.unready.splice(0)) failed(error);
    this.learning = [];
    for (const done of [...this.unborn.splice(0), ...this.uncommitted.splice(0)]) done();
    this.parts.onStopped(cause);
  }

  /** Takes away, and returns, what waits for no more records than these. */
  private passed(count: number): readonly Barrier[] {
    const ready = this.barriers.filter((barrier) => barrier.count <= count);
    this.barriers = this.barriers.filter((barrier) => barrier.count > count);
    return ready;
  }

  private persisted(count: number): void {
    if (count <= this.durable) return;
    this.durable = count;
    this.step({ kind: "persisted", count });
  }

  private step(input: NodeInput): void {
    if (this.cause !== undefined || this.postponed(input)) return;
    const { node, log, network, nowMs } = this.parts;
    const { onChanges, onMembers, onStalled } = this.parts;
    try {
      const output = node.step(input);
      const { records, frames, accepted, refused, changes, undeliverable } = output;
      const { members, stalled } = output;
      if (records.length > 0) {
        this.appended = log.append(records);
        this.commits.push({ count: this.appended, atMs: nowMs() });
      }
      for (const { to, frame } of frames) network.send(to, frame);
      if (changes.length > 0) onChanges(changes);
      for (const one of accepted) this.accept(one);
      for (const { request, sealed } of refused) this.refuse(request, sealed);
      if (node.complete && !this.faulty) for (const { done } of this.unready.splice(0)) done();
      this.counts.undeliverable += undeliverable;
      if (members.size > 0) onMembers?.(members);
      if (this.learning.length > 0) this.learned(node.members);
      if (stalled.length > 0) onStalled?.(stalled);
    } catch (error) {
      if (!this.rejected(input, error)) this.stop(causeOf(error));
    }
    this.throttle();
  }

  /** Refuses what a client asked and cannot be evaluated; nothing of it was written down. Returns
   * whether a new life begins without it. */
  private rejected(input: NodeInput, error: unknown): boolean {
    const requests = requestsIn(input);
    if (requests.length === 0) return false;
    if (!(error instanceof StepFault) || this.parts.onRefused === undefined) return false;
    this.faulty = true;
    for (const request of requests) {
      const waiters = this.requests.get(request) ?? [];
      this.requests.delete(request);
      for (const { failed } of waiters) failed(error);
    }
    this.parts.onRefused(error);
    return this.renewing;
  }

  private learned(known: Members): void {
    const done = this.learning.filter(({ members }) => newsOf(known, members).size === 0);
    this.learning = this.learning.filter((one) => !done.includes(one));
    for (const one of done) one.done();
  }

  /** Whether an input is not for this life, which ends. What clients ask waits for the next one;
   * what peers say they say again. */
  private postponed(input: NodeInput): boolean {
    if (this.asked === undefined || input.kind === "persisted") return false;
    if (input.kind === "members" || requestsIn(input).length > 0) this.asked.push(input);
    return true;
  }

  private accept(accepted: Accepted): void {
    const waiters = this.requests.get(accepted.request) ?? [];
    this.requests.delete(accepted.request);
    this.counts.requests++;
    this.counts.facts += accepted.to - accepted.from + 1;
    for (const { done } of waiters) done(accepted);
  }

  private refuse(request: string, sealed: number): void {
    const waiters = this.requests.get(request) ?? [];
    this.requests.delete(request);
    for (const { failed } of waiters) failed(new SealedInput(sealed));
  }

  /** Peers wait while the disk has too much to do. */
  private throttle(): void {
    if (this.busy === this.paused) return;
    this.paused = this.busy;
    if (this.paused) this.parts.network.pause();
    else this.parts.network.resume();
  }

  private measure(count: number): void {
    const { commits } = this.counts;
    const now = this.parts.nowMs();
    const later = this.commits.findIndex((one) => one.count > count);
    for (const { atMs } of this.commits.splice(0, later < 0 ? this.commits.length : later)) {
      const seconds = Math.max(0, now - atMs) / 1000;
      commits.count++;
      commits.seconds += seconds;
      for (const [at, end] of commitSeconds.entries())
        if (seconds <= end) commits.buckets[at] = (commits.buckets[at] ?? 0) + 1;
    }
  }
}

/** The names of what clients ask with an input. */
function requestsIn(input: NodeInput): readonly string[] {
  if (input.kind === "inserts") return input.inserts.map(({ request }) => request);
  return input.kind === "insert" || input.kind === "seal" ? [input.request] : [];
}

/** Returns why a node does not go on to which that happened. */
function causeOf(error: unknown): StopCause {
  if (error instanceof LogError) return { kind: "log", error };
  if (error instanceof StepFault) return { kind: "evaluation", error };
  return { kind: "fault", error };
}

function stopped(cause: StopCause): NodeStopped {
  const text = cause.error instanceof Error ? cause.error.message : String(cause.error);
  return new NodeStopped(`the node has stopped: ${text}`, { cause: cause.error });
}
