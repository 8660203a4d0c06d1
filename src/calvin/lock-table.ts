// Deterministic locking (Calvin, section 3.3): a transaction requests all its locks at once, in the
// order of the log, and locks are granted strictly in the order of the requests. So nobody waits
// for one that is behind, there is no deadlock, and no transaction is aborted for its locks.
import { assert } from "../base/assert.ts";
import { compatible, type LockMode, lockModes } from "./lock-mode.ts";

/** A lock on a node of the tree of keys, which a text names. */
export type LockRequest = { readonly node: string; readonly mode: LockMode };

type Counts = Record<LockMode, number>;

/** What is requested of one node. */
type Node = {
  readonly granted: Map<number, LockMode>;
  /** How many of each mode are granted. */
  readonly grantedCounts: Counts;
  /** In the order of requests. */
  waiting: readonly { readonly transaction: number; readonly mode: LockMode }[];
  readonly waitingCounts: Counts;
};

/** The locks of one partition. Transactions are told apart by their places in the log. */
export class LockTable {
  private readonly nodes = new Map<string, Node>();
  private readonly held = new Map<number, readonly LockRequest[]>();
  /** For each transaction that waits, how many locks it lacks. */
  private readonly lacking = new Map<number, number>();
  private last = -1;

  /** How many transactions hold locks or wait for some. */
  get size(): number {
    return this.held.size;
  }

  /** Whether a transaction has all that it requested. */
  holds(transaction: number): boolean {
    return this.held.has(transaction) && !this.lacking.has(transaction);
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
      assert(!node.granted.has(transaction), "each node is requested once");
      if (fits(mode, node.grantedCounts) && fits(mode, node.waitingCounts)) {
        node.granted.set(transaction, mode);
        node.grantedCounts[mode]++;
      } else {
        node.waiting = [...node.waiting, { transaction, mode }];
        node.waitingCounts[mode]++;
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
      node.granted.delete(transaction);
      node.grantedCounts[mode]--;
      if (node.waiting.length > 0) this.grant(node, ready);
      else if (node.granted.size === 0) this.nodes.delete(name);
    }
    return ready.toSorted((a, b) => a - b);
  }

  /** Grants what is compatible with all that was requested before it. */
  private grant(node: Node, ready: number[]): void {
    const { granted, grantedCounts, waitingCounts } = node;
    const ahead = none();
    node.waiting = node.waiting.filter(({ transaction, mode }) => {
      // What is granted and was requested later is compatible with it, or would wait for it.
      if (ahead.X > 0 || !fits(mode, grantedCounts) || !fits(mode, ahead)) {
        ahead[mode]++;
        return true;
      }
      granted.set(transaction, mode);
      grantedCounts[mode]++;
      waitingCounts[mode]--;
      const lacks = (this.lacking.get(transaction) ?? 0) - 1;
      if (lacks > 0) this.lacking.set(transaction, lacks);
      else {
        this.lacking.delete(transaction);
        ready.push(transaction);
      }
      return false;
    });
  }

  private node(name: string): Node {
    const known = this.nodes.get(name);
    if (known !== undefined) return known;
    const made: Node = {
      ...{ granted: new Map<number, LockMode>(), grantedCounts: none() },
      ...{ waiting: [], waitingCounts: none() },
    };
    this.nodes.set(name, made);
    return made;
  }
}

function none(): Counts {
  return { IS: 0, IX: 0, S: 0, SIX: 0, X: 0 };
}

/** Whether a mode is compatible with all of those that there are some of. */
function fits(mode: LockMode, counts: Readonly<Counts>): boolean {
  return lockModes.every((other) => counts[other] === 0 || compatible(mode, other));
}
