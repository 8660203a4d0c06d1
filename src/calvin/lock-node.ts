// The nodes that locks are on: relations, and below these the prefixes of keys. They go by numbers,
// as texts would take longer to make than all else that is done for a lock. Two that happen to have
// one number are locked together: some wait for what they need not wait for, and nothing else
// comes of it, as all locks of a transaction are requested at once and in the order of the log.
import type { Part } from "../engine/keyed-parts.ts";
import { partHash } from "./columns.ts";

/** The number of a node: below 2^28, so that it is stored in a word together with a mode. */
export type LockNode = number;

/** Returns the node of a relation. */
export function relationNode(relation: number): LockNode {
  return numbered(Math.imul(relation + 1, 0x9e3779b1));
}

/** Returns the node below another one, of the keys that go on with this part. */
export function nodeBelow(node: LockNode, part: Part): LockNode {
  return numbered(Math.imul(node ^ partHash(part), 0x85ebca6b) + 0x7f4a7c15);
}

/** Mixes all bits of a word into twenty-eight. */
function numbered(word: number): LockNode {
  let mixed = word ^ (word >>> 15);
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 13)) >>> 4;
}
