// What plans run on: the arrays of a relation and of its indexes, laid open, because generated code
// works on them directly. Who emits code that touches them: emit-tuples.ts, emit-index.ts.
import type { Word } from "../value/word.ts";

/** The tuples of one relation: rows in order of insertion, each once.
 *
 * Rows before `from` are stable (every rule has seen them), rows in [from, to) are the delta, rows
 * in [to, size) are pending (derived in this round, visible in the next). Rows are never changed.
 * Those that a subsumption drops are marked, and taken out between rounds. */
export type Store = {
  readonly arity: number;
  /** A column's words; only the first `size` mean something. */
  readonly columns: Int32Array[];
  size: number;
  from: number;
  to: number;
  /** There is room for a row while `size < limit`; who fills it calls `grow`. */
  limit: number;
  /** What finds whole tuples. Another object after `grow`, `add` or `insert`; of another form only
   * after `insert`, or between runs of rules. */
  readonly set: TupleSet;
  /** A bit for each row of a relation with subsumptions: it is dropped. Covers the rows before
   * `to`; bit `row & 31` of word `row >> 5`. */
  readonly dropped: Int32Array;
  /** A bit for each row that is in no index. It may be shorter than there are rows, whose bits are
   * then 0. */
  readonly gone: Int32Array;
  /** The rank of each row that is raised, while tuples are removed: a row follows from rows of
   * lower ranks alone. That of others is their place, which is never above it. */
  readonly ranks: Int32Array;
  /** A bit for each row that was there when that began: it is raised. */
  readonly raised: Int32Array;
  /** The rows that are not dropped. */
  readonly kept: number;
  /** Has its arrays lie in the heap from now on, if there is one with room for them. */
  share(): void;
  /** Makes room for a row. Replaces columns and the arrays of the set; throws a `LimitFault`. */
  grow(): void;
  /** Adds a tuple as a pending row; returns whether it is new. What code does that inserts by
   * itself, for tuples that the set has no place for as it is. */
  add(tuple: ArrayLike<Word>): boolean;
  /** Adds a tuple as a pending row, unless a choice domain is against it, or joins it with another
   * by its key; returns whether it is new. */
  insert(tuple: ArrayLike<Word>): boolean;
  /** Marks a row before `to` as dropped. */
  drop(row: number): void;
  /** Whether the tuple is among all rows, pending ones included. */
  has(tuple: ArrayLike<Word>): boolean;
};

/** How the set of a relation's tuples is laid out. It is chosen by what the tuples are like, and
 * chosen anew between runs of rules; code is for one form. */
export type SetForm = TupleSet["form"];

/** Finds the tuples of a relation that has columns. */
export type TupleSet = TableSet | BlockSet | BitSet;

/** An open-addressing table; `hash.ts` says where a probe starts. Never full. */
export type TableSet = {
  readonly form: "table";
  /** A slot is empty when all its words are 0. By arity:
   * 1: the word with its sign bit flipped; 2: the first word with its sign bit flipped, the second
   * word; more: row + 1, hash. */
  readonly table: Int32Array;
  /** A hash's upper bits, `hash >>> shift`, are its slot. */
  readonly shift: number;
  /** The length of `table` - 1. */
  readonly mask: number;
  /** Whether the one tuple is in that looks like an empty slot: `least` followed by zeros. */
  zero: boolean;
};

/** Of a relation of pairs: an open-addressing table of blocks, each of 64 pairs that have the first
 * word in common and whose second words differ in their lower 6 bits. Never full. */
export type BlockSet = {
  readonly form: "blocks";
  /** Four words a slot: the first word `a` of the pairs; their block, which is `(b >>> 6) + 1` of
   * the second word `b`; the bits of the pairs, bit `b & 31` of the word `2 | b >>> 5 & 1` of the
   * slot. A slot whose block is 0 is empty. */
  readonly table: Int32Array;
  /** The upper bits of the hash of `a` and the block, `hash >>> shift`, are the slot. */
  readonly shift: number;
  /** The length of `table` - 1. */
  readonly mask: number;
  /** There is room for so many blocks more. Who takes the last calls `grow` after adding the
   * row. */
  free: number;
};

/** A bit for each tuple that there can be, where each column has a narrow range of words. */
export type BitSet = {
  readonly form: "bits";
  /** A word's place in its column's range is `word - lows[column]`, in 32 bits without sign, and
   * less than `extents[column]`. The last range begins and ends at a multiple of 32. With x, y, z
   * for the places of a tuple and Y, Z for the extents, its bit is bit `z & 31` of the word
   * `(x * Y + y) * (Z >>> 5) + (z >>> 5)`; with more or fewer columns, after the same pattern. */
  readonly bits: Int32Array;
  readonly lows: Int32Array;
  readonly extents: Int32Array;
  /** Whether there are tuples outside of the ranges: `has` knows them, and `add` adds them. */
  readonly spilled: boolean;
};

/** The classes of an equivalence, in the place of a store: elements are numbered in the order in
 * which they came. What is put in during a round is visible in the next. */
export type Classes = {
  /** The words of the elements. */
  readonly words: Int32Array;
  /** For each visible element the next one of its class; the last is followed by the first. */
  readonly next: Int32Array;
  /** Elements before it are visible. */
  readonly to: number;
  /** The elements of classes that grew in the last round; only the first `deltaSize` mean
   * something. */
  readonly delta: Int32Array;
  readonly deltaSize: number;
  /** The visible element that is this word, or -1. */
  find(word: Word): number;
  /** Whether the class of a visible element grew in the last round. */
  grew(element: number): boolean;
  /** Whether two words are visible elements of one class. */
  same(a: Word, b: Word): boolean;
  /** Puts a pair in; returns whether there is a new pair. */
  insert(tuple: ArrayLike<Word>): boolean;
};

/** The word whose sign bit, flipped, leaves 0. */
export const least = -0x80000000;

/** The rows [0, to) of a relation in groups of equal key; a group's rows ascend. */
export type Index = {
  /** Four words a slot: two that tell the key, where the group starts in `items`, its length. A
   * slot of length 0 is empty. The key is one word, followed by how many items of the group are of
   * stable rows where values are asked to tell; two words; for longer keys their hash and the first
   * row of the group. */
  readonly directory: Int32Array;
  /** A key of one word starts its search at slot `(key * multiplier >>> shift) & mask`, a longer
   * one at `hash >>> shift`. */
  readonly multiplier: number;
  readonly shift: number;
  readonly mask: number;
  /** After the word offset `s` of a slot comes `s + 4 & step | jump`. Where the words of keys are
   * dense, slots are direct: no two keys share one, and the next is the empty one at the end. */
  readonly step: number;
  readonly jump: number;
  /** Rows, or the words of the only column that is not in the key. */
  readonly items: Int32Array;
  /** Has its arrays lie in the heap from now on, if there is one with room for them. */
  share(): void;
};

/** The memory that JavaScript and WebAssembly share. */
export type Heap = {
  /** What WebAssembly imports, made if there was none; nothing where there cannot be. */
  readonly shared: object | undefined;
  /** Where an array lies in it, in bytes; nothing where it is elsewhere. */
  addressOf(array: Int32Array): number | undefined;
  /** An array in it, if there is room, for a call's arguments: the same for all calls. */
  frame(length: number): Int32Array;
};

/** The relation that an index's own is composed with: rows lead to those that have their word in
 * `column`, and the items are the words of the other column there. */
export type ComposedWith = { readonly relation: number; readonly column: number };

/** What the items of an index are: row numbers, or (where one column is left beside the key) that
 * column's words, which saves a rule the way through the row. On all columns an index may be a
 * `RowIndex` (tuples). */
export type IndexForm = "rows" | "values" | "tuples";

/** The rows of whole tuples. An entry is a row + 1, where it is raised the negative of that, and 0
 * where there is none, or it was removed. A row that it finds may be dropped by a subsumption. */
export type RowIndex = {
  /** The entries, where each tuple has a place: the sum, over its columns, of
   * `(word - lows[column]) * strides[column]`. Each difference, in 32 bits without sign, is less
   * than `extents[column]`, or there is no row. */
  readonly table: Int32Array;
  readonly places:
    | { readonly lows: Int32Array; readonly extents: Int32Array; readonly strides: Int32Array }
    | undefined;
  /** The tuple that `entryOfKey` looks for. */
  readonly key: Int32Array;
  entryOf1(a: Word): number;
  entryOf2(a: Word, b: Word): number;
  entryOfKey(): number;
};
