import type { Fact } from "./fact.ts";
import type { GoneLog } from "./gone-log.ts";
import { joinedMembers, type Members, newsOf } from "./membership.ts";
import { OnTheWay } from "./on-the-way.ts";
import { type Frame, incarnationOf, nameOf, type Origin, type VersionVector } from "./protocol.ts";
import { lastOf, type SharedFacts, weightOf } from "./shared.ts";

/** How much goes to a peer before it has acknowledged any of it, and when it is asked again. */
export type LinkLimits = {
  /** Facts on their way to one peer. */
  readonly windowFacts: number;
  /** What these weigh, about in bytes: well below what a connection lets wait, so that a peer which
   * is slow is none that does not keep up. One batch, or message, goes however long it is. */
  readonly windowBytes: number;
  /** Facts in one frame of messages. */
  readonly frameFacts: number;
  /** How long nothing is acknowledged until the peer is asked what it has, and what it lacks goes
   * again; doubled while it does not answer, as it may be slow … */
  readonly resendMs: number;
  /** … up to so many times as long. */
  readonly resendFactorMax: number;
  /** How long the peer may take to get from others what others have accepted, until that goes to it
   * from here, too; 0: it goes at once. */
  readonly forwardMs: number;
  /** How long such facts go to it at once from then on, as nobody else seems to bring them. */
  readonly aloneMs: number;
};

/** What a node has that may go to a peer. */
export type Sendable = {
  readonly own: Origin;
  readonly nowMs: number;
  readonly shared: SharedFacts;
  readonly durable: VersionVector;
  /** What has been durable for `forwardMs` at least. */
  readonly settled: VersionVector;
  readonly gone: GoneLog;
};

/** What a node knows of one peer: what that holds, what is on the way to it, and what it was sent
 * by rules and has not acknowledged. An outbox outlives connections. */
export class Link {
  readonly peer: string;
  private readonly limits: LinkLimits;
  private connected = false;
  /** Whether the peer has said on this connection what it holds. */
  private open = false;
  private peerHolds = new Map<Origin, number>();
  private sentUpTo = new Map<Origin, number>();
  /** Messages that the peer has not acknowledged; the first has the number `acknowledged + 1`. */
  private outbox: Fact[] = [];
  private acknowledged = 0;
  private sentMessages = 0;
  /** What was sent and is not acknowledged, of batches and of messages. */
  private readonly batches = new Map<Origin, OnTheWay>();
  private readonly messages = new OnTheWay();
  /** When others brought the peer facts of an origin last, … */
  private readonly broughtMs = new Map<Origin, number>();
  /** … and until when such facts go to it at once, if that is another node's. */
  private readonly aloneUntilMs = new Map<Origin, number>();
  private progressMs = 0;
  /** Whether the peer was asked what it has, as nothing was acknowledged for long. */
  private asked = false;
  /** How long to wait until it is asked again. */
  private patienceMs: number;
  /** The last change of what is gone here that the peer has, and that it was sent. */
  private cleared = 0;
  private sentGone = 0;
  /** The latest life of the peer that has greeted. */
  private life = -1;
  /** What the peer knows of the members, and when it was told last. */
  private known: Members = new Map();
  private toldMs = 0;

  constructor(peer: string, limits: LinkLimits) {
    this.peer = peer;
    this.limits = limits;
    this.patienceMs = limits.resendMs;
  }

  /** The number of messages that the peer has not acknowledged. */
  get unacknowledged(): number {
    return this.outbox.length;
  }

  /** The number of those that it has, of this life. */
  get acknowledgedMessages(): number {
    return this.acknowledged;
  }

  /** Whether frames can be sent to the peer. */
  get up(): boolean {
    return this.connected;
  }

  /** Whether the peer has said what it holds. */
  get ready(): boolean {
    return this.open;
  }

  /** How many of the facts that are held durably the peer is not known to hold. */
  lacks(durable: VersionVector): number {
    let sum = 0;
    for (const [origin, count] of durable)
      sum += Math.max(0, count - (this.peerHolds.get(origin) ?? 0));
    return sum;
  }

  /** What the peer is known to hold, durably. */
  get holds(): VersionVector {
    return this.peerHolds;
  }

  /** How many facts of an origin the peer is known to hold. */
  holdsOf(origin: Origin): number {
    return this.peerHolds.get(origin) ?? 0;
  }

  connect(nowMs: number): void {
    this.connected = true;
    this.open = false;
    this.progressed(nowMs);
  }

  disconnect(): void {
    this.connected = false;
    this.open = false;
  }

  /** Adds a message, to be sent from now on. */
  post(fact: Fact): void {
    this.outbox.push(fact);
  }

  /** The peer says what it holds and has heard. All else goes to it again where that is the first
   * that it says on a connection, or in a life, or what it answers when it was asked: other hellos,
   * such as the answer to that at the start, come while what they do not name is on its way. `own`
   * is this node. Returns whether messages are missing that are not there any more: what an earlier
   * life of the peer had acknowledged this one has not. */
  hello(frame: Frame & { readonly kind: "hello" }, own: Origin, nowMs: number): boolean {
    const { origin, holds, heard, cleared } = frame;
    const later = incarnationOf(origin) > this.life;
    if (this.open && !later && !(this.asked && !frame.reply)) {
      this.acknowledge(frame, own, nowMs);
      return false;
    }
    this.open = true;
    this.progressed(nowMs);
    this.peerHolds = new Map(holds);
    this.known = new Map();
    if (later) this.life = incarnationOf(origin);
    const number = heard?.origin === own ? heard.number : 0;
    const lost = later && number < this.acknowledged;
    this.acknowledge(frame, own, nowMs);
    this.takeBack();
    // What an earlier life of the peer had may be lost.
    this.cleared = cleared?.origin === own ? cleared.number : 0;
    this.sentGone = this.cleared;
    return lost;
  }

  /** The peer says what it knows of the members. */
  learn(members: Members): void {
    this.known = joinedMembers(this.known, members);
  }

  /** Whether the peer knows all this of the members. */
  knows(members: Members): boolean {
    return newsOf(this.known, members).size === 0;
  }

  /** Whether it is time to tell the peer again who the members are. */
  untold(members: Members, nowMs: number): boolean {
    return this.open && nowMs - this.toldMs >= this.limits.resendMs && !this.knows(members);
  }

  /** Returns the frame that tells the peer who the members are. */
  tell(members: Members, nowMs: number): Frame {
    this.toldMs = nowMs;
    return { kind: "members", members, reply: !this.knows(members) };
  }

  /** The peer acknowledges what it holds and has heard. */
  acknowledge(
    { holds, heard, cleared }: Frame & { readonly kind: "ack" | "hello" },
    own: Origin,
    nowMs: number,
  ): void {
    for (const [origin, count] of holds) {
      if (count <= (this.peerHolds.get(origin) ?? 0)) continue;
      this.peerHolds.set(origin, count);
      this.batches.get(origin)?.arrived(count);
      // What others brought it is no sign that what goes from here arrives.
      if (count > (this.sentUpTo.get(origin) ?? 0)) {
        this.sentUpTo.set(origin, count);
        this.broughtMs.set(origin, nowMs);
      } else this.progressed(nowMs);
    }
    if (cleared?.origin === own && cleared.number > this.cleared) {
      this.cleared = cleared.number;
      this.sentGone = Math.max(this.sentGone, cleared.number);
      this.progressed(nowMs);
    }
    // What it heard of an earlier life of this node is of other messages.
    const number = heard?.origin === own ? heard.number : 0;
    if (number <= this.acknowledged) return;
    this.progressed(nowMs);
    this.outbox = this.outbox.slice(number - this.acknowledged);
    this.acknowledged = number;
    this.messages.arrived(number);
    this.sentMessages = Math.max(this.sentMessages, number);
  }

  /** Whether it is time to ask the peer what it has: something was sent, and nothing acknowledged
   * for long. A connection keeps the order, so what the peer lacks when it answers is lost; before
   * that it may be on its way to a peer that is slow, which would have the more to do the slower
   * it is. */
  overdue(nowMs: number): boolean {
    if (!this.awaits()) this.progressed(nowMs);
    if (!this.open || nowMs - this.progressMs < this.patienceMs) return false;
    const { resendMs, resendFactorMax } = this.limits;
    this.progressMs = nowMs;
    this.patienceMs = Math.min(2 * this.patienceMs, resendFactorMax * resendMs);
    this.asked = true;
    return true;
  }

  /** Returns the frames that can be sent now: what is gone, so that the peer passes over it,
   * batches up to what is durable, then messages. */
  frames(sendable: Sendable): Frame[] {
    if (!this.open) return [];
    const { gone: log, own } = sendable;
    const frames: Frame[] = [];
    // One change after the other: what a tombstone names goes with it, or has gone before.
    if (this.sentGone === this.cleared) this.tellGone(log, own, frames);
    this.batchFrames(sendable, frames);
    this.messageFrames(own, frames);
    return frames;
  }

  /** Says all that went since what the peer is known to have taken in. */
  private tellGone(log: GoneLog, own: Origin, frames: Frame[]): void {
    const { number } = log;
    if (number <= this.sentGone) return;
    frames.push({ kind: "gone", origin: own, number, gone: log.since(this.cleared) });
    this.sentGone = number;
  }

  private batchFrames(sendable: Sendable, frames: Frame[]): void {
    const { windowFacts, windowBytes } = this.limits;
    const { shared, durable, gone: log, own } = sendable;
    let [facts, bytes] = [0, this.bytesOnTheWay()];
    for (const [origin, count] of this.sentUpTo) facts += count - this.holdsOf(origin);
    for (const [origin, count] of durable) {
      const sent = this.sentUpTo.get(origin) ?? 0;
      if (sent >= count || this.leftToOthers(origin, sent, sendable)) continue;
      for (const batch of shared.between(origin, sent, count)) {
        const next = (this.sentUpTo.get(origin) ?? 0) + 1;
        if (batch.from > next) {
          // The peer takes nothing in behind a gap unless it knows that what is there has gone.
          if (!log.has(origin, next, batch.from - 1)) break;
          this.tellGone(log, own, frames);
        }
        const weight = weightOf(batch);
        facts += batch.facts.length;
        bytes += weight;
        const alone = facts === batch.facts.length;
        if (!alone && (facts > windowFacts || bytes > windowBytes)) return;
        this.sentUpTo.set(origin, lastOf(batch));
        this.sentBatches(origin).add(lastOf(batch), weight);
        frames.push({ kind: "batch", batch });
      }
    }
  }

  /** Whether facts of an origin after a number do not go to the peer yet. Who accepts facts sends
   * them to all that it is connected with: what goes from here, too, is decoded in vain. So it is
   * waited for a while, unless that was in vain not long ago. */
  private leftToOthers(origin: Origin, sent: number, { own, nowMs, settled }: Sendable): boolean {
    const { forwardMs, aloneMs } = this.limits;
    if (forwardMs === 0 || nameOf(origin) === nameOf(own)) return false;
    if (nowMs < (this.aloneUntilMs.get(origin) ?? 0)) return false;
    if ((settled.get(origin) ?? 0) <= sent) return true;
    if (nowMs - (this.broughtMs.get(origin) ?? -Infinity) < forwardMs) return true;
    this.aloneUntilMs.set(origin, nowMs + aloneMs);
    return false;
  }

  private messageFrames(own: Origin, frames: Frame[]): void {
    const { frameFacts, windowFacts, windowBytes } = this.limits;
    const end = Math.min(this.outbox.length, windowFacts);
    let bytes = this.bytesOnTheWay();
    for (let at = this.sentMessages - this.acknowledged; at < end;) {
      const facts: Fact[] = [];
      for (const fact of this.outbox.slice(at, Math.min(at + frameFacts, end))) {
        const weight = weightOf({ facts: [fact] });
        if (bytes > 0 && bytes + weight > windowBytes) break;
        bytes += weight;
        this.messages.add(this.acknowledged + at + facts.push(fact), weight);
      }
      if (facts.length === 0) return;
      frames.push({ kind: "messages", origin: own, from: this.acknowledged + at + 1, facts });
      at += facts.length;
      this.sentMessages = this.acknowledged + at;
    }
  }

  private sentBatches(origin: Origin): OnTheWay {
    const known = this.batches.get(origin);
    if (known !== undefined) return known;
    const sent = new OnTheWay();
    this.batches.set(origin, sent);
    return sent;
  }

  private bytesOnTheWay(): number {
    let sum = this.messages.bytes;
    for (const { bytes } of this.batches.values()) sum += bytes;
    return sum;
  }

  /** Whether something was sent that is not acknowledged. */
  private awaits(): boolean {
    if (this.sentMessages > this.acknowledged || this.sentGone > this.cleared) return true;
    for (const [origin, count] of this.sentUpTo) if (count > this.holdsOf(origin)) return true;
    return false;
  }

  private progressed(nowMs: number): void {
    this.progressMs = nowMs;
    this.patienceMs = this.limits.resendMs;
    this.asked = false;
  }

  /** Nothing is on its way: all that the peer lacks is to be sent. */
  private takeBack(): void {
    this.sentUpTo = new Map(this.peerHolds);
    this.sentMessages = this.acknowledged;
    this.batches.clear();
    this.messages.clear();
  }
}
