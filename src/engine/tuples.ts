// It is long because the rows, their set, and what of them is dropped change together.
import type { SetForm, Store } from "../codegen/store.ts";
import type { LiveWords } from "../value/live-words.ts";
import type { Attribute } from "../value/schema.ts";
import type { Word } from "../value/word.ts";
import { LimitFault, withinMemory } from "./limit.ts";
import type { Memory } from "./memory.ts";
import { Ranks } from "./ranks.ts";
import { noRanges, widened, type Ranges } from "./ranges.ts";
import { formFor, formRules, newSet, type FormRules, type KeptSet } from "./set-choice.ts";

/** Row numbers plus one fit into a word. */
const rowsMax = 2 ** 31 - 2;
const rowsAtFirst = 16;
/** Arrays that are this many times as long as the rows that are kept may be made shorter, */
const roomMax = 16;
/** but not arrays that are shorter than this. */
const roomRowsMin = 1 << 14;
/** So many rows are appended before the form of the set is looked at. */
const rowsPerLook = 1 << 16;
/** The slots of a table are fetched for so many rows. */
const rowsPerFetch = 1 << 8;
/** The form of the set is looked at when there are so many times as many rows as the last time. */
const looksApart = 4;

/** The rows of a relation and the set that finds them. Generated code inserts by itself
 * (`codegen/emit-tuples.ts`); the methods here are for everybody else and do the same. */
export class Tuples implements Store {
  readonly arity: number;
  readonly columns: Int32Array[];
  size = 0;
  from = 0;
  to = 0;
  limit = 0;
  set: KeptSet;
  dropped: Int32Array;
  /** A bit for each row that was removed in an evaluation that has ended: no index holds it. It may
   * be shorter than there are rows; the others are not gone. */
  gone: Int32Array;
  /** Rows before it were there when the last of the evaluations that follow each other ended. */
  settled = 0;
  /** The ranks of rows, while tuples are removed. */
  readonly rankOf: Ranks;
  private droppedCount = 0;
  /** Takes tuples in, in the place of `insert`. */
  join: ((tuple: ArrayLike<Word>) => boolean) | undefined;
  /** Says whether a tuple may come in. */
  private readonly guard: ((tuple: ArrayLike<Word>) => boolean) | undefined;
  /** The most rows that may be in; one more is a `LimitFault`. */
  private allowed = rowsMax;
  private readonly memory: Memory;
  private readonly scratch: Int32Array;
  private readonly rules: FormRules;
  /** The columns that the set is of. A table of one word does not read them. */
  private readonly keyed: readonly Int32Array[];
  /** Holds the words of the rows before `ranged`. */
  private ranges: Ranges;
  private ranged = 0;
  /** The form of the set is looked at again when there are so many rows. */
  private lookAt: number;

  constructor(
    arity: number,
    memory: Memory,
    guard?: (tuple: ArrayLike<Word>) => boolean,
    rules = formRules,
    keyedByFirst = false,
  ) {
    this.arity = arity;
    this.memory = memory;
    this.guard = guard;
    this.rules = rules;
    this.ranges = noRanges(arity);
    this.lookAt = rules.rowsMin;
    this.dropped = memory.array(0);
    this.gone = memory.array(0);
    this.rankOf = new Ranks(memory);
    this.columns = Array.from({ length: arity }, () => memory.array(rowsAtFirst));
    this.scratch = new Int32Array(arity);
    this.keyed = keyedByFirst ? this.columns.slice(0, 1) : this.columns;
    this.set = newSet("table", rules, this.keyed, memory, 0, this.ranges);
    this.setLimit();
  }

  get memoryBytes(): number {
    const { columns, set, dropped, gone, rankOf } = this;
    const others = set.memoryBytes + dropped.byteLength + gone.byteLength + rankOf.memoryBytes;
    return columns.reduce((sum, column) => sum + column.byteLength, others);
  }

  /** Bounds the number of rows. */
  allow(rows: number): void {
    const allowed = Math.min(rows, rowsMax);
    if (allowed === this.allowed) return;
    this.allowed = allowed;
    this.setLimit();
  }

  share(): void {
    const { memory, columns } = this;
    for (const [at, column] of columns.entries()) columns[at] = memory.moved(column);
    this.set.share();
    this.dropped = memory.moved(this.dropped);
  }

  grow(): void {
    if (this.size > this.allowed)
      throw new LimitFault("too-many-tuples", "the limit of tuples is reached");
    for (const [at, column] of this.columns.entries())
      if (this.size >= column.length)
        this.columns[at] = this.memory.grown(column, 2 * column.length);
    if (this.full) this.set.grow();
    this.setLimit();
  }

  /** Makes room for so many rows, so that it is not outgrown again and again. That is no more than
   * a guess of the caller's: where memory is limited or there is not enough, nothing happens. */
  reserve(rows: number): void {
    const { memory, columns, set } = this;
    if (memory.bytesMax !== Infinity) return;
    const wanted = Math.min(rows, this.allowed) + 1;
    withinMemory(() => {
      for (const [at, column] of columns.entries())
        if (column.length < wanted) columns[at] = memory.grown(column, wanted);
      if (set.form === "table") set.reserve(wanted);
    });
    this.setLimit();
  }

  add(tuple: ArrayLike<Word>): boolean {
    this.makeReady();
    const { arity, scratch, columns } = this;
    if (arity === 0) return this.size < (this.size = 1);
    for (let at = 0; at < arity; at++) scratch[at] = tuple[at]!;
    return this.addScratch(columns);
  }

  insert(tuple: ArrayLike<Word>): boolean {
    if (this.join !== undefined) return this.join(tuple);
    this.makeReady();
    if (this.guard?.(tuple) === false) return false;
    if (!this.add(tuple)) return false;
    if (this.size >= this.lookAt) this.reform();
    return true;
  }

  has(tuple: ArrayLike<Word>): boolean {
    if (this.arity === 0) return this.size > 0;
    for (let at = 0; at < this.arity; at++) this.scratch[at] = tuple[at]!;
    return this.set.has(this.scratch);
  }

  /** Adds `count` rows, given as columns; returns how many of them are new. */
  append(columns: readonly Int32Array[], count: number): number {
    this.makeReady();
    const before = this.size;
    if (this.guard !== undefined || this.join !== undefined || this.arity === 0) {
      for (let row = 0; row < count; row++) this.insert(columns.map((column) => column[row]!));
      return this.size - before;
    }
    for (let from = 0; from < count; from += rowsPerLook) {
      const end = Math.min(from + rowsPerLook, count);
      for (let at = from; at < end; at += rowsPerFetch)
        this.addRows(columns, at, Math.min(at + rowsPerFetch, end));
      this.reform();
    }
    return this.size - before;
  }

  private addRows(columns: readonly Int32Array[], from: number, to: number): void {
    const { scratch, arity, set } = this;
    if (set.form === "table") {
      set.fetch(columns, from, to);
      if (arity === 2 && this.size + (to - from) < this.limit) {
        this.size = set.addPairs(columns, from, to, this.size);
        return;
      }
    }
    for (let row = from; row < to; row++) {
      for (let at = 0; at < arity; at++) scratch[at] = columns[at]![row]!;
      this.addScratch(this.columns);
    }
  }

  /** Adds a row that the table does not find until `compact` is called. */
  push(tuple: ArrayLike<Word>): void {
    this.makeReady();
    for (let at = 0; at < this.arity; at++) this.columns[at]![this.size] = tuple[at]!;
    if (++this.size >= this.limit) this.grow();
  }

  /** Adds the rows of others, of the same columns, as `push` does. */
  pushAll({ columns, size: more }: Pick<Store, "columns" | "size">): void {
    const { size } = this;
    this.makeRoom(more);
    for (const [at, column] of columns.entries())
      this.columns[at]!.set(column.subarray(0, more), size);
    this.size += more;
    this.setLimit();
  }

  /** Adds rows as `push` does: the words that columns have at `rows`, or these numbers
   * themselves. */
  pushRows(columns: readonly (Int32Array | "rows")[], rows: ArrayLike<number>): void {
    const { size } = this;
    this.makeRoom(rows.length);
    for (const [at, from] of columns.entries()) {
      const to = this.columns[at]!;
      if (from === "rows") for (let row = 0; row < rows.length; row++) to[size + row] = rows[row]!;
      else for (let row = 0; row < rows.length; row++) to[size + row] = from[rows[row]!]!;
    }
    this.size += rows.length;
    this.setLimit();
  }

  /** Has columns with places for so many rows more, and one. */
  private makeRoom(more: number): void {
    const wanted = this.size + more + 1;
    for (const [at, column] of this.columns.entries())
      if (column.length < wanted)
        this.columns[at] = this.memory.grown(column, Math.max(wanted, 2 * column.length));
  }

  /** The rows that are not dropped. */
  get kept(): number {
    return this.size - this.droppedCount;
  }

  /** How many rows before `to` are not dropped. */
  keptBefore(to: number): number {
    if (this.droppedCount === 0) return to;
    let kept = 0;
    for (let row = 0; row < to; row++) if (!this.isDropped(row)) kept++;
    return kept;
  }

  /** Gives all memory back; it is not used again. */
  release(): void {
    const { memory, columns, dropped, gone, set } = this;
    for (const array of [...columns, dropped, gone]) memory.release(array);
    set.release();
    this.rankOf.release();
  }

  get ranks(): Int32Array {
    return this.rankOf.array;
  }

  get raised(): Int32Array {
    return this.rankOf.raised;
  }

  /** Has all rows be such that they can be raised. */
  rank(): void {
    this.rankOf.cover(this.size);
  }

  /** Makes `dropped` cover all rows. */
  coverDropped(): void {
    const words = Math.ceil(this.size / 32);
    if (this.dropped.length < words)
      this.dropped = this.memory.grown(this.dropped, Math.max(words, 2 * this.dropped.length));
  }

  drop(row: number): void {
    const word = this.dropped[row >> 5]!;
    const bit = 1 << (row & 31);
    if ((word & bit) !== 0) return;
    this.dropped[row >> 5] = word | bit;
    this.droppedCount++;
  }

  /** Whether a row before `to` is dropped. */
  isDropped(row: number): boolean {
    return ((this.dropped[row >> 5]! >>> (row & 31)) & 1) !== 0;
  }

  /** Takes a row out: its tuple is not in from now on, and may come in again as another row. The
   * row keeps its place and its words, dropped, until `compact`. */
  remove(row: number): void {
    if (this.arity === 0) {
      this.size = this.from = this.to = this.settled = 0;
      return;
    }
    this.coverDropped();
    this.drop(row);
    this.set.remove(this.rowInScratch(row), row);
  }

  /** Takes a row out as `remove` does. It has columns; its words are at `at` in `columns`, and all
   * rows are covered by `dropped`. */
  removeWith(row: number, columns: readonly Int32Array[], at: number): void {
    this.drop(row);
    const { scratch } = this;
    for (let column = 0; column < scratch.length; column++) scratch[column] = columns[column]![at]!;
    this.set.remove(scratch, row);
  }

  /** Puts back a row that was removed, and whose tuple has not come in again; its words are at `at`
   * in `columns`. */
  putBack(row: number, columns: readonly Int32Array[] = this.columns, at = row): void {
    if (this.arity === 0) {
      this.size = this.to = 1;
      return;
    }
    this.dropped[row >> 5]! &= ~(1 << (row & 31));
    this.droppedCount--;
    // The set may have been made anew since, with room for no more than what was left.
    if (this.full) {
      this.set.grow();
      this.setLimit();
    }
    const { scratch } = this;
    for (let column = 0; column < scratch.length; column++) scratch[column] = columns[column]![at]!;
    this.set.add(scratch, row);
  }

  /** Ranks rows, none of which follows from another, above all that there are: as a row that holds
   * nothing and is in no index. */
  raise(rows: readonly number[]): void {
    const { size, rankOf } = this;
    if (rows.length === 0) return;
    for (const row of rows) rankOf.raise(row, size);
    const shown = this.to === size;
    this.push(this.scratch);
    this.coverDropped();
    this.drop(size);
    this.letGo([size]);
    if (shown) this.from = this.to = this.size;
  }

  /** Has no index hold those of some rows that were removed; returns the rows that one may hold
   * until then. */
  letGo(rows: readonly number[]): number[] {
    if (this.arity === 0 || rows.length === 0) return [];
    const words = Math.ceil(this.size / 32);
    if (this.gone.length < words)
      this.gone = this.memory.grown(this.gone, Math.max(words, 2 * this.gone.length));
    const { gone, dropped } = this;
    return rows.filter((row) => {
      const [at, bit] = [row >> 5, 1 << (row & 31)];
      if ((dropped[at]! & bit) === 0 || (gone[at]! & bit) !== 0) return false;
      gone[at]! |= bit;
      return true;
    });
  }

  /** Whether a row was let go of. */
  isGone(row: number): boolean {
    return ((this.gone[row >> 5]! >>> (row & 31)) & 1) !== 0;
  }

  /** Shows the words of all rows that may still be found, compared, or put back. */
  showWords(attributes: readonly Pick<Attribute, "kind">[], live: LiveWords): void {
    for (const [at, { kind }] of attributes.entries())
      live.addColumn(kind, this.columns[at]!, this.size, this.gone);
  }

  /** Takes dropped rows out and forgets them; the others keep their order, or have that of their
   * ranks where some were raised (then all are settled). Where much room is left, and it `shrinks`,
   * the arrays are replaced by shorter ones: not while code for the form of the set runs. */
  compact(shrinks = false): void {
    const { columns, size, from, to, settled, rankOf, scratch } = this;
    const order = rankOf.some ? rankOf.ordered(size) : undefined;
    const words = order ? columns.map((column) => column.slice(0, size)) : columns;
    rankOf.clear();
    const shorter = shrinks && this.roomyFor(this.kept) ? this.tableFor(this.kept) : undefined;
    this.empty();
    if (shorter !== undefined) {
      this.set.release();
      this.set = shorter;
      this.setLimit();
    }
    for (let at = 0; at < size; at++) {
      if (at === from) this.from = this.size;
      if (at === to) this.to = this.size;
      if (at === settled) this.settled = this.size;
      const row = order === undefined ? at : order[at]!;
      if (this.isDropped(row)) continue;
      for (let column = 0; column < words.length; column++) scratch[column] = words[column]![row]!;
      this.addScratch(columns);
    }
    if (from === size) this.from = this.size;
    if (to === size) this.to = this.size;
    if (settled === size) this.settled = this.size;
    this.keepAll();
    if (shorter !== undefined) this.shorten();
  }

  /** Whether there is far more room than for so many rows. */
  roomyFor(rows: number): boolean {
    return this.arity > 0 && this.capacity >= Math.max(roomRowsMin, roomMax * rows);
  }

  /** An empty table with room for so many rows; nothing where there is no memory for it. */
  private tableFor(rows: number): KeptSet | undefined {
    const { rules, keyed, memory } = this;
    return withinMemory(() =>
      newSet("table", rules, keyed, memory, rows + 1, noRanges(this.arity)),
    );
  }

  private shorten(): void {
    const { columns, memory, size } = this;
    for (const [at, column] of columns.entries()) {
      const words = withinMemory(() => memory.array(Math.max(rowsAtFirst, 2 * size)));
      if (words === undefined) break;
      words.set(column.subarray(0, size));
      memory.release(column);
      columns[at] = words;
    }
    memory.release(this.dropped);
    this.dropped = memory.array(0);
    this.setLimit();
  }

  /** Forgets all rows. Where there are none it costs next to nothing. */
  clear(): void {
    if (this.size > 0) this.empty();
    this.keepAll();
    this.rankOf.release();
    this.from = this.to = this.settled = 0;
  }

  private empty(): void {
    this.set.clear(this.size);
    this.size = 0;
    if (this.ranged > 0) this.ranges = noRanges(this.arity);
    this.ranged = 0;
    this.lookAt = this.rules.rowsMin;
  }

  private keepAll(): void {
    if (this.droppedCount > 0) this.dropped.fill(0);
    this.droppedCount = 0;
    if (this.gone.length === 0) return;
    this.memory.release(this.gone);
    this.gone = this.memory.array(0);
  }

  /** Gives the set another form if one suits the tuples better; returns whether it does. Not while
   * a rule runs. */
  reform(): boolean {
    const { size, join, arity, set } = this;
    if (join !== undefined || arity === 0) return false;
    const spilled = set.form === "bits" && set.spilled;
    if (size < this.lookAt && !spilled) return false;
    this.lookAt = Math.max(looksApart * size, this.rules.rowsMin);
    this.ranges = widened(this.ranges, this.columns, this.ranged, size);
    this.ranged = size;
    const form = formFor(this.rules, set, this.columns, size, this.ranges);
    if (form === set.form && !spilled) return false;
    this.takeForm(form);
    return this.set.form !== set.form;
  }

  /** Makes a set of a form of all rows. Where there is no memory for it, the old one stays. */
  private takeForm(form: SetForm): void {
    const { columns, memory, rules, ranges, size } = this;
    let set: KeptSet | undefined;
    try {
      set = newSet(form, rules, columns, memory, size, ranges);
      this.fill(set);
    } catch (fault) {
      if (!(fault instanceof LimitFault)) throw fault;
      set?.release();
      return;
    }
    this.set.release();
    this.set = set;
    this.setLimit();
  }

  /** Puts all rows into a new set, but for those that were removed. */
  private fill(set: KeptSet): void {
    const { size, droppedCount } = this;
    const put = (row: number): void => {
      set.add(this.rowInScratch(row), row);
      if (row + 1 >= set.rowsMax) set.grow();
    };
    for (let row = 0; row < size; row++) if (droppedCount === 0 || !this.isDropped(row)) put(row);
    if (droppedCount === 0) return;
    // What a subsumption dropped is still found; what was removed is not, or as another row.
    for (let row = 0; row < size; row++)
      if (this.isDropped(row) && this.set.has(this.rowInScratch(row))) put(row);
  }

  private rowInScratch(row: number): Int32Array {
    const { scratch, columns } = this;
    for (let at = 0; at < scratch.length; at++) scratch[at] = columns[at]![row]!;
    return scratch;
  }

  /** Adds the tuple in `scratch`; returns whether it is new. */
  private addScratch(columns: readonly Int32Array[]): boolean {
    const { scratch } = this;
    if (!this.set.add(scratch, this.size)) return false;
    for (let at = 0; at < columns.length; at++) columns[at]![this.size] = scratch[at]!;
    // A table has room for as many rows as it had before.
    if (++this.size >= this.limit || (this.set.form !== "table" && this.full)) this.grow();
    return true;
  }

  /** Has room for a row, also where the last attempt to grow failed. */
  makeReady(): void {
    if (this.arity > 0 && (this.size >= this.limit || this.full)) this.grow();
  }

  private setLimit(): void {
    this.limit = Math.min(this.capacity, this.set.rowsMax, this.allowed + 1);
  }

  private get capacity(): number {
    return this.columns.reduce((least, { length }) => Math.min(least, length), rowsMax);
  }

  /** Whether the set has no room for one more. */
  private get full(): boolean {
    return this.arity > 0 && this.size >= this.set.rowsMax;
  }
}
