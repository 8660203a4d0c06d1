// Deterministic locking (Calvin, section 3.3): a transaction requests all its locks at once, in the
// order of the log, and locks are granted strictly in the order of the requests. So nobody waits
// for one that is behind, there is no deadlock, and no transaction is aborted for its locks.
import { assert } from "../base/assert.ts";
import { compatible, type LockMode, lockModes } from "./lock-mode.ts";
import type { LockNode } from "./lock-node.ts";

/** A lock on a node of the tree of keys. */
export type LockRequest = { readonly node: LockNode; readonly mode: LockMode };

/** How many there are of each mode, in the order of `lockModes`. */
type Counts = [number, number, number, number, number];

/** What is requested of one node. */
type Node = {
  /** How many locks are granted, and how many of each mode. */
  granted: number;
  readonly grantedCounts: Counts;
  /** In the order of requests. */
  waiting: { readonly transaction: number; readonly mode: LockMode }[];
  readonly waitingCounts: Counts;
};

/** The locks of one partition. Transactions are told apart by their places in the log. */
export class LockTable {
  private readonly nodes = new Map<LockNode, Node>();
  /** Nodes of which nothing is requested: to be taken again. */
  private readonly idle: Node[] = [];
  private readonly held = new Map<number, readonly LockRequest[]>();
  /** For each transaction that waits, how many locks it lacks. */
  private readonly lacking = new Map<number, number>();
  private last = -1;

  /** How many transactions hold locks or wait for some. */
  get size(): number {
    return this.held.size;
  }

  /** Of how many nodes a lock is held or waited for. */
  get nodeCount(): number {
    return this.nodes.size;
  }

  /** Whether a transaction has all that it requested. */
  holds(transaction: number): boolean {
    return this.held.has(transaction) && !this.lacking.has(transaction);
  }

  /** Whether a transaction would be granted all of its locks at once. One that needs them for no
   * time, as it is carried out now, needs not request them. */
  grants(requests: readonly LockRequest[]): boolean {
    for (const { node: name, mode } of requests) {
      const node = this.nodes.get(name);
      if (node === undefined) continue;
      if (!fits(mode, node.grantedCounts) || !fits(mode, node.waitingCounts)) return false;
    }
    return true;
  }

  /** Requests all locks of a transaction, each node once. Returns whether all are granted at once.
   * Transactions request in the order of the log. */
  request(transaction: number, requests: readonly LockRequest[]): boolean {
    assert(transaction > this.last, "locks are requested in the order of the log");
    this.last = transaction;
    this.held.set(transaction, requests);
    let lacks = 0;
    for (const { node: name, mode } of requests) {
      const node = this.node(name);
      if (fits(mode, node.grantedCounts) && fits(mode, node.waitingCounts)) {
        node.granted++;
        node.grantedCounts[placeOf[mode]]++;
      } else {
        node.waiting.push({ transaction, mode });
        node.waitingCounts[placeOf[mode]]++;
        lacks++;
      }
    }
    if (lacks > 0) this.lacking.set(transaction, lacks);
    return lacks === 0;
  }

  /** Takes the locks of a transaction back. Returns those that now have all of theirs, in the order
   * of the log. */
  release(transaction: number): number[] {
    const requests = this.held.get(transaction);
    assert(requests !== undefined, "who releases has requested");
    assert(!this.lacking.has(transaction), "who releases has all that it requested");
    this.held.delete(transaction);
    const ready: number[] = [];
    for (const { node: name, mode } of requests) {
      const node = this.node(name);
      node.granted--;
      node.grantedCounts[placeOf[mode]]--;
      if (node.waiting.length > 0) this.grant(node, ready);
      else if (node.granted === 0) {
        this.nodes.delete(name);
        if (this.idle.length < idleMax) this.idle.push(node);
      }
    }
    return ready.length > 1 ? ready.toSorted((a, b) => a - b) : ready;
  }

  /** Grants what is compatible with all that was requested before it. */
  private grant(node: Node, ready: number[]): void {
    const { grantedCounts, waitingCounts } = node;
    const ahead = none();
    node.waiting = node.waiting.filter(({ transaction, mode }) => {
      // What is granted and was requested later is compatible with it, or would wait for it.
      if (ahead[placeOf.X] > 0 || !fits(mode, grantedCounts) || !fits(mode, ahead)) {
        ahead[placeOf[mode]]++;
        return true;
      }
      node.granted++;
      grantedCounts[placeOf[mode]]++;
      waitingCounts[placeOf[mode]]--;
      const lacks = (this.lacking.get(transaction) ?? 0) - 1;
      if (lacks > 0) this.lacking.set(transaction, lacks);
      else {
        this.lacking.delete(transaction);
        ready.push(transaction);
      }
      return false;
    });
  }

  private node(name: LockNode): Node {
    const known = this.nodes.get(name);
    if (known !== undefined) return known;
    const made = this.idle.pop() ?? {
      ...{ granted: 0, grantedCounts: none(), waiting: [], waitingCounts: none() },
    };
    this.nodes.set(name, made);
    return made;
  }
}

/** How many nodes are kept to be taken again. */
const idleMax = 1 << 14;

const placeOf = { IS: 0, IX: 1, S: 2, SIX: 3, X: 4 } as const satisfies Record<LockMode, number>;

/** For each mode the places of those that it is not compatible with. */
const excluded: Readonly<Record<LockMode, readonly (0 | 1 | 2 | 3 | 4)[]>> = {
  ...{ IS: excludedBy("IS"), IX: excludedBy("IX"), S: excludedBy("S") },
  ...{ SIX: excludedBy("SIX"), X: excludedBy("X") },
};

function excludedBy(mode: LockMode): (0 | 1 | 2 | 3 | 4)[] {
  return lockModes.filter((other) => !compatible(mode, other)).map((other) => placeOf[other]);
}

function none(): Counts {
  return [0, 0, 0, 0, 0];
}

/** Whether a mode is compatible with all of those that there are some of. */
function fits(mode: LockMode, counts: Readonly<Counts>): boolean {
  for (const place of excluded[mode]) if (counts[place] > 0) return false;
  return true;
}
