// Deterministic locking (Calvin, section 3.3): a transaction requests all its locks at once, in the
// order of the log, and locks are granted strictly in the order of the requests. So nobody waits
// for one that is behind, there is no deadlock, and no transaction is aborted for its locks.
//
// Locks come and go with every transaction, while few are waited for: what is requested of a node
// is counted in words that are used again, and only who waits is in a list.
import { assert } from "../base/assert.ts";
import { compatible, joined, type LockMode, lockModes } from "./lock-mode.ts";
import type { LockNode } from "./lock-node.ts";

/** A lock on a node of the tree of keys, with its mode: `lockOf`. */
export type LockRequest = number;

/** Returns a lock on a node. */
export function lockOf(node: LockNode, mode: LockMode): LockRequest {
  return node * 8 + lockModes.indexOf(mode);
}

/** Returns the node of a lock. */
export function nodeOf(lock: LockRequest): LockNode {
  return lock >>> 3;
}

/** Returns the mode of a lock. */
export function modeOf(lock: LockRequest): LockMode {
  const mode = lockModes[lock & 7];
  assert(mode !== undefined, "a lock has a mode");
  return mode;
}

/** Adds a lock to the first `count` ones, which are as few as a transaction's text has lookups.
 * Returns how many they are now. */
export function addLock(
  locks: LockRequest[],
  count: number,
  node: LockNode,
  mode: LockMode,
): number {
  for (let at = 0; at < count; at++)
    if (nodeOf(locks[at]!) === node) {
      locks[at] = lockOf(node, joined(modeOf(locks[at]!), mode));
      return count;
    }
  locks[count] = lockOf(node, mode);
  return count + 1;
}

/** A transaction that requests locks. */
export type LockHolder = {
  /** Its place in the log. */
  readonly position: number;
  /** What it requests: each node once. */
  readonly locks: readonly LockRequest[];
  /** How many of them it waits for: the table says so. */
  lacking: number;
};

/** What an entry has in its words, which are together where memory is fetched at once: how many
 * locks of the node are granted, and of each mode; how many are waited for; and the node. */
const [grantedAt, waitingAt, nameAt, entryWords] = [0, 6, 7, 8];

/** The locks of one partition. */
export class LockTable<H extends LockHolder = LockHolder> {
  /** The entries of nodes where their numbers say, or after that: one more than each, or 0. */
  private slots = new Int32Array(64);
  private words = new Int32Array(32 * entryWords);
  /** How many locks of each mode are waited for, by entries: looked at where somebody waits. */
  private waiting = new Int32Array(32 * lockModes.length);
  /** Entries of which nothing is requested. */
  private readonly free: number[] = [];
  /** Entries from here on were never taken. */
  private fresh = 0;
  /** Who waits for a node, in the order of requests, by its entry. */
  private readonly queues = new Map<number, Queue<H>>();
  /** What is left ahead of who waits, while a queue is gone through. */
  private readonly ahead = new Int32Array(lockModes.length);
  private holders = 0;
  private last = -1;

  /** How many transactions hold locks or wait for some. */
  get size(): number {
    return this.holders;
  }

  /** Of how many nodes a lock is held or waited for. */
  get nodeCount(): number {
    return this.fresh - this.free.length;
  }

  /** Whether a transaction would be granted all of its locks at once. One that needs them for no
   * time, as it is carried out now, needs not request them. */
  grants(locks: readonly LockRequest[]): boolean {
    for (const lock of locks) {
      const entry = this.slots[this.slotOf(nodeOf(lock))]! - 1;
      if (entry >= 0 && !this.isGranted(entry, lock & 7)) return false;
    }
    return true;
  }

  /** Requests all locks of a transaction. Returns whether all are granted at once. Transactions
   * request in the order of the log. */
  request(holder: H): boolean {
    assert(holder.position > this.last, "locks are requested in the order of the log");
    this.last = holder.position;
    this.holders++;
    for (const lock of holder.locks) {
      const entry = this.entryOf(nodeOf(lock));
      const mode = lock & 7;
      if (this.isGranted(entry, mode)) this.count(entry, mode, 1);
      else {
        this.words[entry * entryWords + waitingAt]!++;
        this.waiting[entry * lockModes.length + mode]!++;
        this.wait(entry, { holder, mode, next: undefined });
        holder.lacking++;
      }
    }
    return holder.lacking === 0;
  }

  /** Takes the locks of a transaction back. Adds those that now have all of theirs to `ready`, in
   * the order of the log. */
  release(holder: H, ready: H[]): void {
    assert(holder.lacking === 0, "who releases has all that it requested");
    this.holders--;
    const begin = ready.length;
    for (const lock of holder.locks) {
      const slot = this.slotOf(nodeOf(lock));
      const entry = this.slots[slot]! - 1;
      assert(entry >= 0, "who releases has requested");
      this.count(entry, lock & 7, -1);
      const queue = this.queues.get(entry);
      if (queue !== undefined) this.grant(entry, queue, ready);
      else if (this.words[entry * entryWords] === 0) this.drop(slot, entry);
    }
    if (ready.length - begin < 2) return;
    const sorted = ready.splice(begin).toSorted((a, b) => a.position - b.position);
    ready.push(...sorted);
  }

  /** Grants what is compatible with all that was requested before it. */
  private grant(entry: number, queue: Queue<H>, ready: H[]): void {
    const { words, waiting, ahead } = this;
    ahead.fill(0);
    let before: Waiting<H> | undefined;
    for (let of: Waiting<H> | undefined = queue.first; of !== undefined; of = of.next) {
      const { holder, mode } = of;
      // What is granted and was requested later is compatible with it, or would wait for it.
      if (!fits(words, entry * entryWords + grantedAt + 1, mode) || !fits(ahead, 0, mode)) {
        // It is compatible with nothing: all behind it go on waiting.
        if (mode === exclusive) return;
        ahead[mode]!++;
        before = of;
        continue;
      }
      words[entry * entryWords + waitingAt]!--;
      waiting[entry * lockModes.length + mode]!--;
      this.count(entry, mode, 1);
      if (before !== undefined) before.next = of.next;
      else if (of.next !== undefined) queue.first = of.next;
      else this.queues.delete(entry);
      if (of === queue.last && before !== undefined) queue.last = before;
      if (--holder.lacking === 0) ready.push(holder);
    }
  }

  private wait(entry: number, waiting: Waiting<H>): void {
    const queue = this.queues.get(entry);
    if (queue === undefined) this.queues.set(entry, { first: waiting, last: waiting });
    else {
      queue.last.next = waiting;
      queue.last = waiting;
    }
  }

  private isGranted(entry: number, mode: number): boolean {
    const { words, waiting } = this;
    const at = entry * entryWords;
    if (words[at + grantedAt]! > 0 && !fits(words, at + grantedAt + 1, mode)) return false;
    return words[at + waitingAt] === 0 || fits(waiting, entry * lockModes.length, mode);
  }

  /** Counts a lock that is granted, or one that is so no more. */
  private count(entry: number, mode: number, by: 1 | -1): void {
    const at = entry * entryWords + grantedAt;
    this.words[at]! += by;
    this.words[at + 1 + mode]! += by;
  }

  // ---- the hash table: linear probing ----

  /** Where the entry of a node is, or would be. */
  private slotOf(node: LockNode): number {
    const { slots, words } = this;
    const mask = slots.length - 1;
    for (let slot = node & mask; ; slot = (slot + 1) & mask) {
      const entry = slots[slot]! - 1;
      if (entry < 0 || words[entry * entryWords + nameAt] === node) return slot;
    }
  }

  /** The entry of a node, also where there was none. */
  private entryOf(node: LockNode): number {
    const slot = this.slotOf(node);
    const known = this.slots[slot]! - 1;
    if (known >= 0) return known;
    const entry = this.free.pop() ?? this.fresh++;
    const isFull = entry * entryWords === this.words.length;
    if (isFull) this.grow();
    this.words[entry * entryWords + nameAt] = node;
    this.slots[isFull ? this.slotOf(node) : slot] = entry + 1;
    return entry;
  }

  private grow(): void {
    const before = this.words.length / entryWords;
    this.words = grown(this.words, 2 * this.words.length);
    this.waiting = grown(this.waiting, 2 * this.waiting.length);
    this.slots = new Int32Array(before * 4);
    // All are taken, or none would be needed.
    for (let entry = 0; entry < before; entry++)
      this.slots[this.slotOf(this.words[entry * entryWords + nameAt]!)] = entry + 1;
  }

  /** Lets an entry go, and moves those that would not be found behind the gap into it. */
  private drop(at: number, entry: number): void {
    const { slots, words } = this;
    const mask = slots.length - 1;
    this.free.push(entry);
    let gap = at;
    for (let slot = (at + 1) & mask; slots[slot]! > 0; slot = (slot + 1) & mask) {
      const wanted = words[(slots[slot]! - 1) * entryWords + nameAt]! & mask;
      if (((slot - wanted) & mask) < ((slot - gap) & mask)) continue;
      slots[gap] = slots[slot]!;
      gap = slot;
    }
    slots[gap] = 0;
  }
}

type Waiting<H> = {
  readonly holder: H;
  readonly mode: number;
  next: Waiting<H> | undefined;
};

/** The first and the last of those who wait. */
type Queue<H> = { first: Waiting<H>; last: Waiting<H> };

const exclusive = lockModes.indexOf("X");

/** For each mode, by its place, the places of those that it is not compatible with. */
const excluded = lockModes.map((mode) =>
  lockModes.flatMap((other, place) => (compatible(mode, other) ? [] : [place])),
);

/** Whether a mode is compatible with all of those that are counted from a word on. */
function fits(words: Int32Array, at: number, mode: number): boolean {
  const others = excluded[mode]!;
  for (let of = 0; of < others.length; of++) if (words[at + others[of]!]! > 0) return false;
  return true;
}

function grown(before: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  const after = new Int32Array(length);
  after.set(before);
  return after;
}
