import type { Fact } from "./fact.ts";
import type { GoneLog } from "./gone-log.ts";
import { joinedMembers, type Members, newsOf } from "./membership.ts";
import { type Frame, incarnationOf, type Origin, type VersionVector } from "./protocol.ts";
import { lastOf, type SharedFacts } from "./shared.ts";

/** How much goes to a peer before it has acknowledged any of it, and when it goes again. */
export type LinkLimits = {
  /** Facts on their way to one peer. */
  readonly windowFacts: number;
  /** Facts in one frame of messages. */
  readonly frameFacts: number;
  /** How long nothing is acknowledged until all that is unacknowledged goes again. */
  readonly resendMs: number;
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
  private progressMs = 0;
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
    this.progressMs = nowMs;
  }

  disconnect(): void {
    this.connected = false;
    this.open = false;
  }

  /** Adds a message, to be sent from now on. */
  post(fact: Fact): void {
    this.outbox.push(fact);
  }

  /** The peer says what it holds and has heard: all else goes to it again. `own` is this node.
   * Returns whether messages are missing that are not there any more: what an earlier life of the
   * peer had acknowledged this one has not. */
  hello(frame: Frame & { readonly kind: "hello" }, own: Origin, nowMs: number): boolean {
    const { origin, holds, heard, cleared } = frame;
    this.open = true;
    this.peerHolds = new Map(holds);
    this.sentUpTo = new Map(holds);
    this.known = new Map();
    const later = incarnationOf(origin) > this.life;
    if (later) this.life = incarnationOf(origin);
    const number = heard?.origin === own ? heard.number : 0;
    const lost = later && number < this.acknowledged;
    this.acknowledge(frame, own, nowMs);
    this.sentMessages = this.acknowledged;
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
      // What others brought it is no sign that what goes from here arrives.
      if (count > (this.sentUpTo.get(origin) ?? 0)) this.sentUpTo.set(origin, count);
      else this.progressMs = nowMs;
    }
    if (cleared?.origin === own && cleared.number > this.cleared) {
      this.cleared = cleared.number;
      this.sentGone = Math.max(this.sentGone, cleared.number);
      this.progressMs = nowMs;
    }
    // What it heard of an earlier life of this node is of other messages.
    const number = heard?.origin === own ? heard.number : 0;
    if (number <= this.acknowledged) return;
    this.progressMs = nowMs;
    this.outbox = this.outbox.slice(number - this.acknowledged);
    this.acknowledged = number;
    this.sentMessages = Math.max(this.sentMessages, number);
  }

  /** Takes back what was sent and not acknowledged for long. */
  expire(nowMs: number): void {
    if (!this.open || nowMs - this.progressMs < this.limits.resendMs) return;
    this.progressMs = nowMs;
    this.sentUpTo = new Map(this.peerHolds);
    this.sentMessages = this.acknowledged;
    this.sentGone = this.cleared;
  }

  /** Returns the frames that can be sent now: what is gone, so that the peer passes over it,
   * batches up to what is durable, then messages. */
  frames(shared: SharedFacts, durable: VersionVector, log: GoneLog, own: Origin): Frame[] {
    if (!this.open) return [];
    const frames: Frame[] = [];
    // One change after the other: what a tombstone names goes with it, or has gone before.
    if (log.number > this.cleared && this.sentGone === this.cleared) {
      const { number } = log;
      frames.push({ kind: "gone", origin: own, number, gone: log.since(this.cleared) });
      this.sentGone = number;
    }
    let onTheWay = 0;
    for (const [origin, count] of this.sentUpTo)
      onTheWay += count - (this.peerHolds.get(origin) ?? 0);
    for (const [origin, count] of durable) {
      for (const batch of shared.between(origin, this.sentUpTo.get(origin) ?? 0, count)) {
        if (onTheWay > 0 && onTheWay + batch.facts.length > this.limits.windowFacts) break;
        onTheWay += batch.facts.length;
        this.sentUpTo.set(origin, lastOf(batch));
        frames.push({ kind: "batch", batch });
      }
    }
    const { frameFacts, windowFacts } = this.limits;
    const end = Math.min(this.outbox.length, windowFacts);
    for (let at = this.sentMessages - this.acknowledged; at < end; at += frameFacts) {
      const facts = this.outbox.slice(at, Math.min(at + frameFacts, end));
      frames.push({ kind: "messages", origin: own, from: this.acknowledged + at + 1, facts });
      this.sentMessages = this.acknowledged + at + facts.length;
    }
    return frames;
  }
}
