// The words that two or more groups of rows have in common: one step of a worst-case-optimal join.
import type { Side, StratumPlan } from "../plan/plan.ts";
import type { Word } from "../value/word.ts";
import { indexNeeds, placeOf } from "./access.ts";
import type { Environment } from "./code.ts";
import { factor } from "./hash.ts";
import type { Index, IndexForm, Store } from "./store.ts";

/** How many words of a group can be gone through in the time of one look-up of a whole tuple. */
const wordsPerLookup = 16;
const wordsAtFirst = 16;
/** Words are dense where their range is at most so many times as long as their column. */
const rangePerRow = 4;

/** One of the groups: an index on all columns of `store` but `column`. */
export type Grouped = {
  readonly store: Store;
  readonly index: Index;
  readonly form: IndexForm;
  readonly columns: Side["index"];
  /** Whether the store's table is an answer to whether a row is there: it has no pending ones. */
  readonly tabled: boolean;
};

/** Finds what groups have in common. Two groups cost what going through the shorter one and looking
 * its words up in the other costs, or less (Ngo, Porat, Ré, Rudra, *Worst-case optimal join
 * algorithms*, PODS 2012, which takes the smaller side first): a group that is asked for again and
 * again, as that of an outer loop's value is, is marked, and a word is looked for among the marks.
 *
 * The result depends on the groups that were met since `begin` and their order alone. */
export class Intersection {
  /** What has been found; who keeps it has to fetch it after each call. */
  words = new Int32Array(wordsAtFirst);
  private readonly sides: readonly MarkedGroup[];
  private readonly first: MarkedGroup;
  private readonly second: MarkedGroup;
  /** What `meet` found last where other groups narrow it: for each of theirs it is the same as long
   * as its own are. */
  private met = new Int32Array(wordsAtFirst);
  private metCount = 0;
  private met0 = -1;
  private met1 = -1;

  constructor(sides: readonly Grouped[]) {
    this.sides = sides.map((side) => new MarkedGroup(side));
    this.first = this.sides[0]!;
    this.second = this.sides[1]!;
  }

  /** Takes note of the indexes as they are, which stay so while a rule runs. */
  begin(): void {
    for (const side of this.sides) side.begin();
    this.met0 = -1;
  }

  /** Finds what the groups of sides 0 and 1 have in common, given by their slots in the
   * directories; returns how many words that are. They are in `words`, unless there are more sides
   * to narrow them. The group that changes less often is to be that of side 1. */
  meet(slot0: number, slot1: number): number {
    if (this.sides.length === 2) return this.common(slot0, slot1, false);
    if (slot0 !== this.met0 || slot1 !== this.met1) {
      this.metCount = this.common(slot0, slot1, true);
      this.met0 = slot0;
      this.met1 = slot1;
    }
    return this.metCount;
  }

  /** Leaves in `words` those of the first `count` words found before that are in a group of another
   * side, too; returns how many words that are. Sides are taken in order. */
  narrow(at: number, slot: number, count: number): number {
    const side = this.sides[at]!;
    if (count === 0 || side.directory[slot + 3] === 0) return 0;
    const from = at === 2 ? this.met : this.words;
    if (count > this.words.length) this.words = new Int32Array(2 * count);
    return side.marked(slot, count)
      ? side.kept(from, 0, count, this.words)
      : side.found(slot, from, 0, count, this.words);
  }

  private common(slot0: number, slot1: number, narrowed: boolean): number {
    const { first, second } = this;
    const length0 = first.directory[slot0 + 3]!;
    const length1 = second.directory[slot1 + 3]!;
    if (length0 === 0 || length1 === 0) return 0;
    const lookedUp = first.tabled && length0 > wordsPerLookup * length1;
    const into = this.room(lookedUp ? length1 : length0, narrowed);
    if (lookedUp) {
      const read = second.read(slot1, into);
      return first.found(slot0, read, read === into ? 0 : second.start(slot1), length1, into);
    }
    const read = first.read(slot0, into);
    const start = read === into ? 0 : first.start(slot0);
    return second.marked(slot1, length0)
      ? second.kept(read, start, length0, into)
      : second.found(slot1, read, start, length0, into);
  }

  private room(length: number, narrowed: boolean): Int32Array {
    const array = narrowed ? this.met : this.words;
    if (length <= array.length) return array;
    const longer = new Int32Array(2 * length);
    if (narrowed) this.met = longer;
    else this.words = longer;
    return longer;
  }
}

/** Returns what finds the words that the sides of a stratum's `intersect` have in common. */
export function intersectionOf(
  stratum: StratumPlan,
  sides: readonly Side[],
  { stores, indexes }: Pick<Environment, "stores" | "indexes">,
): Intersection {
  const needs = indexNeeds(stratum);
  return new Intersection(
    sides.map(({ relation, index: columns }) => {
      const at = placeOf(needs, relation, columns);
      const { form } = needs[at]!;
      const tabled = !stratum.computes.includes(relation);
      const index = indexes[at] as Index;
      return { store: stores[relation]!, index, form, columns, tabled };
    }),
  );
}

/** A side, with one of its groups marked or to be marked soon. */
class MarkedGroup {
  readonly tabled: boolean;
  directory: Int32Array;
  private items: Int32Array;
  /** The column that `items` are rows of; undefined if they are words. */
  private column: Int32Array | undefined;
  private readonly grouped: Grouped;
  /** For each word of a dense column, from `low` on, the generation in which it was marked: these
   * are all that can be marked. Empty where the column is not dense. */
  private marks = new Int32Array(0);
  private low = 0;
  private high = 0;
  /** The words of rows before this one are from `low` to `high`. */
  private ranged = 0;
  /** Where they are not dense, pairs: the generation in which a slot was marked, and the word. */
  private table = new Int32Array(2 * wordsAtFirst);
  private generation = 0;
  private mask = 0;
  private shift = 0;
  /** The group that was asked for last; -1 for none. */
  private slot = -1;
  private isMarked = false;
  /** What look-ups for it have cost, in words gone through. */
  private spent = 0;
  private readonly tuple: Int32Array;
  private readonly place: number;

  constructor(grouped: Grouped) {
    this.grouped = grouped;
    this.tabled = grouped.tabled;
    this.directory = grouped.index.directory;
    this.items = grouped.index.items;
    this.tuple = new Int32Array(grouped.store.arity);
    this.place = this.tuple.findIndex((_, at) => !grouped.columns.includes(at));
  }

  begin(): void {
    const { index, form, store } = this.grouped;
    this.directory = index.directory;
    this.items = index.items;
    this.column = form === "values" ? undefined : store.columns[this.place]!;
    this.slot = -1;
    this.widen();
  }

  /** Has the marks cover the words of rows that have come. */
  private widen(): void {
    const { size, columns } = this.grouped.store;
    if (size === this.ranged) return;
    const words = columns[this.place]!;
    if (size < this.ranged) this.ranged = 0;
    let { low, high } = this;
    if (this.ranged === 0) low = high = words[0]!;
    for (let row = this.ranged; row < size; row++) {
      const word = words[row]!;
      if (word < low) low = word;
      else if (word > high) high = word;
    }
    this.ranged = size;
    this.low = low;
    this.high = high;
    const extent = high - low + 1;
    const dense = extent <= rangePerRow * size;
    if (dense ? extent === this.marks.length : this.marks.length === 0) return;
    this.marks = new Int32Array(dense ? extent : 0);
    this.generation = 0;
    if (dense) this.table = new Int32Array(0);
  }

  /** Where the words of a group begin, if they are items. */
  start(slot: number): number {
    return this.directory[slot + 2]!;
  }

  /** Returns the items, if they are words; else `into`, with the words of a group in it. */
  read(slot: number, into: Int32Array): Int32Array {
    const { items, column } = this;
    if (column === undefined) return items;
    const start = this.directory[slot + 2]!;
    const length = this.directory[slot + 3]!;
    for (let at = 0; at < length; at++) into[at] = column[items[start + at]!]!;
    return into;
  }

  /** Whether a group is marked. Before more is spent on look-ups in it than marking it costs, it is
   * marked; `lookups` are to be made now. */
  marked(slot: number, lookups: number): boolean {
    if (slot !== this.slot) {
      this.slot = slot;
      this.isMarked = false;
      this.spent = 0;
    }
    if (this.isMarked) return true;
    this.spent += wordsPerLookup * lookups;
    if (this.tabled && this.spent < this.directory[slot + 3]!) return false;
    this.mark(slot);
    this.isMarked = true;
    return true;
  }

  private mark(slot: number): void {
    if (this.marks.length > 0) this.markDense(slot);
    else this.markSparse(slot);
  }

  private markDense(slot: number): void {
    const { directory, items, column, marks, low } = this;
    if (this.generation === generationMax) {
      marks.fill(0);
      this.generation = 0;
    }
    const generation = ++this.generation;
    const start = directory[slot + 2]!;
    const end = start + directory[slot + 3]!;
    for (let at = start; at < end; at++) {
      const word = column === undefined ? items[at]! : column[items[at]!]!;
      marks[word - low] = generation;
    }
  }

  private markSparse(slot: number): void {
    const length = this.directory[slot + 3]!;
    const bits = 33 - Math.clz32(length);
    const slots = 2 ** bits;
    if (2 * slots > this.table.length) {
      this.table = new Int32Array(2 * slots);
      this.generation = 0;
    } else if (this.generation === generationMax) {
      this.table.fill(0);
      this.generation = 0;
    }
    this.mask = 2 * slots - 1;
    this.shift = 32 - bits;
    const generation = ++this.generation;
    const { table, mask, shift, items, column } = this;
    const start = this.directory[slot + 2]!;
    for (let at = start; at < start + length; at++) {
      const word = column === undefined ? items[at]! : column[items[at]!]!;
      let place = (Math.imul(word, multiplier) >>> shift) << 1;
      while (table[place] === generation) place = (place + 2) & mask;
      table[place] = generation;
      table[place + 1] = word;
    }
  }

  /** Puts those of `length` words into `into` that are marked; returns how many. */
  kept(words: Int32Array, start: number, length: number, into: Int32Array): number {
    return this.marks.length > 0
      ? this.keptDense(words, start, length, into)
      : this.keptSparse(words, start, length, into);
  }

  private keptDense(words: Int32Array, start: number, length: number, into: Int32Array): number {
    const { marks, low, generation } = this;
    const extent = marks.length;
    const end = start + length;
    let count = 0;
    for (let at = start; at < end; at++) {
      const word = words[at]!;
      const place = (word - low) >>> 0;
      // Whether a word is marked cannot be foreseen, so that no branch is to depend on it: it is
      // put down in any case, and stays where it is counted.
      into[count] = word;
      const mark = place < extent ? marks[place]! : 0;
      count = (count + (((mark ^ generation) - 1) >>> 31)) | 0;
    }
    return count;
  }

  private keptSparse(words: Int32Array, start: number, length: number, into: Int32Array): number {
    const { table, mask, shift, generation } = this;
    const end = start + length;
    let count = 0;
    for (let at = start; at < end; at++) {
      const word = words[at]!;
      let place = (Math.imul(word, multiplier) >>> shift) << 1;
      while (table[place] === generation) {
        if (table[place + 1] === word) {
          into[count++] = word;
          break;
        }
        place = (place + 2) & mask;
      }
    }
    return count;
  }

  /** Puts those of `length` words into `into` with which there is a row in a group; returns how
   * many. */
  found(slot: number, words: Int32Array, start: number, length: number, into: Int32Array): number {
    const { grouped, tuple, place } = this;
    this.setKey(slot);
    const end = start + length;
    let count = 0;
    for (let at = start; at < end; at++) {
      const word = words[at]!;
      tuple[place] = word;
      if (grouped.store.has(tuple)) into[count++] = word;
    }
    return count;
  }

  private setKey(slot: number): void {
    const { columns, store } = this.grouped;
    const { directory, tuple } = this;
    const row = directory[slot + 1]!;
    for (let at = 0; at < columns.length; at++) {
      const column = columns[at]!;
      tuple[column] = columns.length > 2 ? store.columns[column]![row]! : directory[slot + at]!;
    }
  }
}

const multiplier: Word = factor(0);
const generationMax = 2 ** 31 - 1;
