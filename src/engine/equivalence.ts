import { hash1 } from "../codegen/hash.ts";
import type { Classes } from "../codegen/store.ts";
import type { LiveWords } from "../value/live-words.ts";
import type { ValueKind } from "../value/schema.ts";
import type { Word } from "../value/word.ts";
import { LimitFault } from "./limit.ts";
import type { Memory } from "./memory.ts";

const elementsAtFirst = 16;

/** An equivalence: the least one that holds the pairs that were put in. It keeps the elements and a
 * forest over them, never pairs, so that a chain of a million elements takes a million steps.
 *
 * There are two forests: `parents` knows all that was put in, `visible` and the rings `next` what
 * rules may see. `advance` brings the second up to the first. */
export class Equivalence implements Classes {
  words: Int32Array;
  next: Int32Array;
  delta: Int32Array;
  to = 0;
  deltaSize = 0;
  /** The number of pairs, pending ones included: the sum of the squares of the classes' sizes. */
  size = 0;
  private readonly memory: Memory;
  /** Finds elements by their words: element + 1, or 0 where a slot is empty. */
  private table: Int32Array;
  private parents: Int32Array;
  /** The elements of a class, at the root of its tree in `parents`. */
  private counts: Int32Array;
  private visible: Int32Array;
  /** The round in which a class grew last, at its root in `visible`. */
  private rounds: Int32Array;
  /** Pairs of elements that joined two classes and are not visible yet. */
  private links: Int32Array;
  private linkCount = 0;
  private count = 0;
  private round = 0;
  private allowed = Infinity;
  /** What was visible when the last of the evaluations that follow each other ended, and the links
   * that became visible since; absent where none follow. */
  private marked:
    { readonly to: number; readonly size: number; readonly links: number[] } | undefined;
  private listed: { readonly size: number; readonly columns: readonly Int32Array[] } | undefined;

  constructor(memory: Memory) {
    this.memory = memory;
    const array = (): Int32Array => memory.array(elementsAtFirst);
    this.words = array();
    this.next = array();
    this.delta = array();
    this.parents = array();
    this.counts = array();
    this.visible = array();
    this.rounds = array();
    this.links = memory.array(2 * elementsAtFirst);
    this.table = memory.array(2 * elementsAtFirst);
  }

  get memoryBytes(): number {
    const { words, next, delta, parents, counts, visible, rounds, links, table } = this;
    const listed = this.listed?.columns ?? [];
    return [words, next, delta, parents, counts, visible, rounds, links, table, ...listed].reduce(
      (sum, { byteLength }) => sum + byteLength,
      0,
    );
  }

  /** Bounds the number of pairs. */
  allow(pairs: number): void {
    this.allowed = pairs;
  }

  insert(pair: ArrayLike<Word>): boolean {
    const before = this.size;
    const a = this.elementOf(pair[0]!);
    const b = this.elementOf(pair[1]!);
    this.join(a, b);
    if (this.size > this.allowed)
      throw new LimitFault("too-many-tuples", "the limit of tuples is reached");
    return this.size > before;
  }

  /** Whether a pair is in, pending ones included. */
  has(pair: ArrayLike<Word>): boolean {
    const [a, b] = [this.known(pair[0]!), this.known(pair[1]!)];
    return a >= 0 && b >= 0 && root(this.parents, a) === root(this.parents, b);
  }

  find(word: Word): number {
    const element = this.known(word);
    return element < this.to ? element : -1;
  }

  grew(element: number): boolean {
    return this.deltaSize > 0 && this.rounds[root(this.visible, element)] === this.round;
  }

  same(a: Word, b: Word): boolean {
    const [first, second] = [this.find(a), this.find(b)];
    if (first < 0 || second < 0) return false;
    return root(this.visible, first) === root(this.visible, second);
  }

  /** Makes visible what is pending; returns whether anything was. */
  advance(): boolean {
    const { links, linkCount, next, visible } = this;
    const from = this.to;
    this.to = this.count;
    this.round++;
    this.deltaSize = 0;
    if (this.delta.length < this.count) {
      this.memory.release(this.delta);
      this.delta = this.memory.array(this.words.length);
    }
    for (let at = 0; at < 2 * linkCount; at += 2) {
      const [a, b] = [links[at]!, links[at + 1]!];
      visible[root(visible, b)] = root(visible, a);
      // Two rings that exchange what follows are one.
      exchange(next, a, b);
      this.marked?.links.push(a, b);
    }
    for (let element = from; element < this.to; element++) this.markGrown(element);
    for (let at = 0; at < 2 * linkCount; at += 2) this.markGrown(links[at]!);
    this.linkCount = 0;
    return this.deltaSize > 0;
  }

  /** Makes everything visible, as it is to strata above. */
  settle(): void {
    this.advance();
    this.deltaSize = 0;
  }

  /** Makes everything pending, as it is before the stratum that computes it. */
  hide(): void {
    this.to = 0;
    this.deltaSize = 0;
    this.linkCount = 0;
    for (let element = 0; element < this.count; element++) this.single(element);
    for (let element = 0; element < this.count; element++) {
      const parent = root(this.parents, element);
      if (parent !== element) this.link(parent, element);
    }
  }

  /** Whether a pair came in since `mark`. */
  get changed(): boolean {
    return this.size > (this.marked?.size ?? 0);
  }

  /** Takes what is visible for known: what comes in from now on is new. */
  mark(): void {
    this.deltaSize = 0;
    this.marked = { to: this.to, size: this.size, links: [] };
  }

  /** Makes the classes that grew since `mark` the delta. */
  showChanged(): void {
    this.advance();
    this.round++;
    this.deltaSize = 0;
    for (let element = this.marked?.to ?? 0; element < this.to; element++) this.markGrown(element);
    for (const element of this.marked?.links ?? []) this.markGrown(element);
  }

  /** Returns how many pairs became visible since `mark`, and what lists them as columns, until the
   * next `advance`. */
  changes(): { readonly count: number; readonly columns: () => readonly Int32Array[] } {
    const { to = 0, size = 0, links = [] } = this.marked ?? {};
    const count = this.size - size;
    return { count, columns: () => this.pairsSince(to, links, count) };
  }

  /** Shows the words of its elements, which are of one kind. */
  showWords(kind: ValueKind, live: LiveWords): void {
    live.addColumn(kind, this.words, this.count);
  }

  /** Forgets all pairs. */
  clear(): void {
    this.table.fill(0);
    for (const column of this.listed?.columns ?? []) this.memory.release(column);
    this.listed = undefined;
    this.marked = undefined;
    this.to = this.deltaSize = this.size = this.linkCount = this.count = 0;
  }

  /** Lists the pairs that links made of the classes before them, and those of elements from `from`
   * on with themselves. */
  private pairsSince(from: number, links: readonly number[], count: number): Int32Array[] {
    const { words, next } = this;
    // Rings that exchange what follows once more are apart again.
    for (let at = links.length - 2; at >= 0; at -= 2) exchange(next, links[at]!, links[at + 1]!);
    const before = new Map<number, number>();
    for (const first of links)
      if (!before.has(first)) for (const member of ring(next, first)) before.set(member, first);
    for (let at = 0; at < links.length; at += 2) exchange(next, links[at]!, links[at + 1]!);

    const columns = [new Int32Array(count), new Int32Array(count)] as const;
    let row = 0;
    const list = (a: number, b: number): void => {
      columns[0][row] = words[a]!;
      columns[1][row++] = words[b]!;
    };
    for (let element = from; element < this.to; element++) list(element, element);
    const done = new Set<number>();
    for (const first of links) {
      if (done.has(first)) continue;
      const members = [...ring(next, first)];
      for (const a of members) {
        done.add(a);
        for (const b of members) if (before.get(a) !== before.get(b)) list(a, b);
      }
    }
    return [...columns];
  }

  /** The pairs as columns, class by class in the order of elements; all that was put in. */
  columns(): readonly Int32Array[] {
    if (this.listed?.size === this.size) return this.listed.columns;
    for (const column of this.listed?.columns ?? []) this.memory.release(column);
    this.listed = undefined;
    if (this.to < this.count || this.linkCount > 0) this.settle();
    const columns = [this.memory.array(this.size), this.memory.array(this.size)];
    const [left, right] = columns as [Int32Array, Int32Array];
    let row = 0;
    for (let first = 0; first < this.count; first++) {
      let second = first;
      do {
        left[row] = this.words[first]!;
        right[row++] = this.words[second]!;
        second = this.next[second]!;
      } while (second !== first);
    }
    this.listed = { size: this.size, columns };
    return columns;
  }

  /** Puts the class of an element into the delta, once a round. */
  private markGrown(element: number): void {
    const top = root(this.visible, element);
    if (this.rounds[top] === this.round) return;
    this.rounds[top] = this.round;
    let member = top;
    do {
      this.delta[this.deltaSize++] = member;
      member = this.next[member]!;
    } while (member !== top);
  }

  /** Joins the classes of two elements, the smaller below the larger. */
  private join(a: number, b: number): void {
    const { parents, counts } = this;
    const [first, second] = [root(parents, a), root(parents, b)];
    if (first === second) return;
    const [large, small] = counts[first]! < counts[second]! ? [second, first] : [first, second];
    this.link(large, small);
    this.size += 2 * counts[large]! * counts[small]!;
    counts[large]! += counts[small]!;
    parents[small] = large;
  }

  private link(a: number, b: number): void {
    if (2 * this.linkCount === this.links.length)
      this.links = this.memory.grown(this.links, 2 * this.links.length);
    this.links[2 * this.linkCount] = a;
    this.links[2 * this.linkCount + 1] = b;
    this.linkCount++;
  }

  /** The element that is a word, or -1. */
  private known(word: Word): number {
    const mask = this.table.length - 1;
    for (let slot = hash1(word) >>> Math.clz32(mask); ; slot = (slot + 1) & mask) {
      const element = this.table[slot]! - 1;
      if (element < 0 || this.words[element] === word) return element;
    }
  }

  private elementOf(word: Word): number {
    const known = this.known(word);
    if (known >= 0) return known;
    this.makeRoom();
    const element = this.count++;
    this.words[element] = word;
    this.parents[element] = element;
    this.counts[element] = 1;
    this.rounds[element] = 0;
    this.single(element);
    this.enter(element);
    this.size++;
    return element;
  }

  private single(element: number): void {
    this.next[element] = element;
    this.visible[element] = element;
  }

  private enter(element: number): void {
    const { table, words } = this;
    const mask = table.length - 1;
    let slot = hash1(words[element]!) >>> Math.clz32(mask);
    while (table[slot] !== 0) slot = (slot + 1) & mask;
    table[slot] = element + 1;
  }

  private makeRoom(): void {
    const { memory } = this;
    const grown = (array: Int32Array): Int32Array =>
      this.count < array.length ? array : memory.grown(array, 2 * array.length);
    this.words = grown(this.words);
    this.next = grown(this.next);
    this.parents = grown(this.parents);
    this.counts = grown(this.counts);
    this.visible = grown(this.visible);
    this.rounds = grown(this.rounds);
    if (2 * this.count < this.table.length) return;
    const table = memory.array(2 * this.table.length);
    memory.release(this.table);
    this.table = table;
    for (let element = 0; element < this.count; element++) this.enter(element);
  }
}

/** Makes one ring of two, or two of one. */
function exchange(next: Int32Array, a: number, b: number): void {
  const after = next[a]!;
  next[a] = next[b]!;
  next[b] = after;
}

/** The elements of a ring, from one on. */
function* ring(next: Int32Array, first: number): Generator<number> {
  let member = first;
  do {
    yield member;
    member = next[member]!;
  } while (member !== first);
}

/** The root of an element's tree; halves the way to it. */
function root(parents: Int32Array, element: number): number {
  let at = element;
  for (;;) {
    const parent = parents[at]!;
    if (parent === at) return at;
    const above = parents[parent]!;
    parents[at] = above;
    at = above;
  }
}
