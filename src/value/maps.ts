import { assert } from "../base/assert.ts";
import type { NumberSet } from "./number-set.ts";
import { Records } from "./records.ts";
import { Room } from "./room.ts";
import type { Word } from "./word.ts";

/** What becomes of two values of one key. */
type Join = (a: Word, b: Word) => Word;

/** What a map is made of. */
type MapNode =
  | { readonly kind: "leaf"; readonly key: Word; readonly value: Word }
  | { readonly kind: "branch"; readonly left: Word; readonly right: Word };

// The fields of a node.
const bitAt = 0;
const keyAt = 1;
const leftAt = 2;
const rightAt = 3;
const sizeAt = 4;

/** The finite maps from words to words of one database, and its sets, which are maps to 0. A map is
 * one word, and equal maps are equal words, however they came about; the empty map is 0.
 *
 * A map is a big-endian Patricia tree (Okasaki and Gill, Fast Mergeable Integer Maps, 1998), whose
 * shape depends on nothing but its keys, and whose nodes are kept once each, as records are. A leaf
 * is [0, key, value, 0, 1]. A branch is [bit, prefix, left, right, size]: its keys agree above the
 * bit, in which those on the left have a 0. So maps share what they have in common, and what is
 * added to one makes as many nodes as its tree is deep: 32 at most. */
export class Maps {
  private readonly nodes: ReturnType<Records["table"]>;

  constructor(room = new Room()) {
    this.nodes = new Records(room).table(5);
  }

  /** The bytes that the nodes hold in memory. */
  get memoryBytes(): number {
    return this.nodes.memoryBytes;
  }

  /** The bytes of `memoryBytes` that nodes take, about. */
  get heldBytes(): number {
    return this.nodes.heldBytes;
  }

  /** The greatest word of a map. */
  get nodeCount(): number {
    return this.nodes.size;
  }

  /** Forgets the maps that are not `live`: their words are given to others. Of a map that is live,
   * all that it is made of has to be. */
  keep(live: NumberSet): void {
    this.nodes.keep(live);
  }

  /** What a map that is not empty is made of: one key and its value, or two maps. */
  nodeOf(map: Word): MapNode {
    if (this.nodes.field(map, bitAt) !== 0)
      return { kind: "branch", left: this.left(map), right: this.right(map) };
    return { kind: "leaf", key: this.nodes.field(map, keyAt), value: this.left(map) };
  }

  /** The map of one key. */
  leaf(key: Word, value: Word): Word {
    return this.node(0, key, value, 0, 1);
  }

  /** How many keys a map has. */
  size(map: Word): number {
    return map === 0 ? 0 : this.nodes.field(map, sizeAt);
  }

  /** Whether a map has a key. */
  has(map: Word, key: Word): boolean {
    return this.find(map, key) !== 0;
  }

  /** The value of a key that a map has. */
  at(map: Word, key: Word): Word {
    const leaf = this.find(map, key);
    assert(leaf !== 0, "a key is looked up where the map has it");
    return this.nodes.field(leaf, leftAt);
  }

  /** The map of the keys of both, where a key of both has the join of its two values. A value
   * joined with itself has to be itself. */
  union(a: Word, b: Word, join: Join): Word {
    if (a === b || b === 0) return a;
    if (a === 0) return b;
    const { nodes } = this;
    const [bitA, bitB] = [nodes.field(a, bitAt), nodes.field(b, bitAt)];
    const [keyA, keyB] = [nodes.field(a, keyAt), nodes.field(b, keyAt)];
    if (bitA === bitB && keyA === keyB) {
      const [leftA, leftB] = [nodes.field(a, leftAt), nodes.field(b, leftAt)];
      if (bitA === 0) return this.leaf(keyA, join(leftA, leftB));
      const left = this.union(leftA, leftB, join);
      return this.branch(bitA, left, this.union(this.right(a), this.right(b), join));
    }
    if (within(keyB, bitB, keyA, bitA)) {
      if ((keyB & bitA) === 0)
        return this.branch(bitA, this.union(this.left(a), b, join), this.right(a));
      return this.branch(bitA, this.left(a), this.union(this.right(a), b, join));
    }
    if (within(keyA, bitA, keyB, bitB)) {
      if ((keyA & bitB) === 0)
        return this.branch(bitB, this.union(a, this.left(b), join), this.right(b));
      return this.branch(bitB, this.left(b), this.union(a, this.right(b), join));
    }
    const bit = 1 << (31 - Math.clz32(keyA ^ keyB));
    return (keyA & bit) === 0 ? this.branch(bit, a, b) : this.branch(bit, b, a);
  }

  /** The map of what `a` has of the keys of `b`. */
  intersection(a: Word, b: Word): Word {
    if (a === b || a === 0) return a;
    if (b === 0) return 0;
    const { nodes } = this;
    const [bitA, bitB] = [nodes.field(a, bitAt), nodes.field(b, bitAt)];
    const [keyA, keyB] = [nodes.field(a, keyAt), nodes.field(b, keyAt)];
    if (bitA === bitB && keyA === keyB) {
      if (bitA === 0) return a;
      const left = this.intersection(this.left(a), this.left(b));
      return this.branch(bitA, left, this.intersection(this.right(a), this.right(b)));
    }
    if (within(keyB, bitB, keyA, bitA))
      return this.intersection((keyB & bitA) === 0 ? this.left(a) : this.right(a), b);
    if (within(keyA, bitA, keyB, bitB))
      return this.intersection(a, (keyA & bitB) === 0 ? this.left(b) : this.right(b));
    return 0;
  }

  /** The keys and values of a map, in no order that means anything. */
  entries(map: Word): (readonly [key: Word, value: Word])[] {
    const found: (readonly [Word, Word])[] = [];
    const open = map === 0 ? [] : [map];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (this.nodes.field(next, bitAt) !== 0) open.push(this.right(next), this.left(next));
      else found.push([this.nodes.field(next, keyAt), this.left(next)]);
    }
    return found;
  }

  /** The leaf of a key; 0 if there is none. */
  private find(map: Word, key: Word): Word {
    const { nodes } = this;
    let node = map;
    while (node !== 0) {
      const bit = nodes.field(node, bitAt);
      if (bit === 0) return nodes.field(node, keyAt) === key ? node : 0;
      node = nodes.field(node, (key & bit) === 0 ? leftAt : rightAt);
    }
    return 0;
  }

  private left(branch: Word): Word {
    return this.nodes.field(branch, leftAt);
  }

  private right(branch: Word): Word {
    return this.nodes.field(branch, rightAt);
  }

  /** The map of both, of which either may be empty. */
  private branch(bit: number, left: Word, right: Word): Word {
    if (left === 0) return right;
    if (right === 0) return left;
    const size = this.size(left) + this.size(right);
    return this.node(bit, above(this.nodes.field(left, keyAt), bit), left, right, size);
  }

  private node(bit: number, key: Word, left: Word, right: Word, size: number): Word {
    const { next } = this.nodes;
    next[bitAt] = bit;
    next[keyAt] = key;
    next[leftAt] = left;
    next[rightAt] = right;
    next[sizeAt] = size;
    return this.nodes.pack();
  }
}

/** Returns the first of two values: the join where they are equal, as those of sets are. */
export function first(value: Word): Word {
  return value;
}

/** Whether the keys of a node are among those that a branch may have. */
function within(key: Word, bit: number, prefix: Word, branchBit: number): boolean {
  return branchBit >>> 0 > bit >>> 0 && above(key, branchBit) === prefix;
}

/** What a key has above a bit. */
function above(key: Word, bit: number): Word {
  return key & -(bit << 1);
}
