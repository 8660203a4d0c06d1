// It is long because a relation is its rows, its set and its indexes, which change together.
import { assert } from "../base/assert.ts";
import type { IndexForm, SetForm } from "../codegen/store.ts";
import type { RelationPlan, Window } from "../plan/plan.ts";
import type { LiveWords } from "../value/live-words.ts";
import type { Schema } from "../value/schema.ts";
import type { Word } from "../value/word.ts";
import { Choices } from "./choices.ts";
import { ComposedIndex } from "./composed-index.ts";
import { Equivalence } from "./equivalence.ts";
import { GroupIndex } from "./group-index.ts";
import { type Join, JoinedRows } from "./joined-rows.ts";
import type { Memory } from "./memory.ts";
import { TupleIndex } from "./row-index.ts";
import type { FormRules } from "./set-choice.ts";
import { Tuples } from "./tuples.ts";

/** So few rows are not worth it to take the dropped ones out. */
export const droppedRowsMin = 1 << 10;

/** Returns all columns of a relation. */
export function columnsOf(relation: Relation): readonly Int32Array[] {
  return relation.schema.attributes.map((_, at) => relation.column(at));
}

/** A relation: a set of tuples of words, in order of insertion. It only grows, unless tuples are
 * dropped from it by subsumption. */
export class Relation {
  readonly schema: Schema;
  /** The rows themselves, for those who evaluate; none of an equivalence. */
  readonly tuples: Tuples;
  /** What an equivalence has instead of rows. */
  readonly classes: Equivalence | undefined;
  private readonly choices: Choices | undefined;
  private joined: JoinedRows | undefined;
  private readonly memory: Memory;
  private readonly indexes = new Map<string, GroupIndex>();
  /** Of the evaluation that goes on. */
  private readonly compositions = new Map<string, ComposedIndex>();
  private tupleIndex: TupleIndex | undefined;
  /** The rows that were removed since `mark`. Those that are dropped no more were put back. */
  private removed: number[] = [];

  constructor(plan: RelationPlan, memory: Memory, rules?: FormRules) {
    const { attributes, choices = [], equivalence = false, keyedByFirst } = plan;
    this.schema = plan;
    this.memory = memory;
    const taken = choices.length === 0 ? undefined : new Choices(choices, memory);
    this.choices = taken;
    const guard = taken && ((tuple: ArrayLike<Word>): boolean => taken.take(tuple));
    this.tuples = new Tuples(attributes.length, memory, guard, rules, keyedByFirst);
    this.classes = equivalence ? new Equivalence(memory) : undefined;
  }

  /** The number of tuples. */
  get size(): number {
    return this.classes?.size ?? this.tuples.kept;
  }

  /** The bytes that tuples and indexes hold. */
  get memoryBytes(): number {
    const { tuples, classes, choices, joined } = this;
    const held = [tuples, classes, choices, joined];
    return held.reduce((sum, one) => sum + (one?.memoryBytes ?? 0), this.indexBytes);
  }

  /** The bytes of `memoryBytes` that indexes hold. */
  get indexBytes(): number {
    const held = [this.tupleIndex, ...this.indexes.values(), ...this.compositions.values()];
    return held.reduce((sum, one) => sum + (one?.memoryBytes ?? 0), 0);
  }

  /** How its set finds whole tuples: the form of it, or what is there instead. */
  get form(): SetForm | "classes" | "keys" {
    if (this.classes !== undefined) return "classes";
    return this.joined === undefined ? this.tuples.set.form : "keys";
  }

  /** Adds a tuple; returns whether it is new. */
  insert(words: readonly Word[]): boolean {
    assert(words.length === this.tuples.arity, `a tuple of ${this.schema.name} has its arity`);
    return (this.classes ?? this.tuples).insert(words);
  }

  /** Whether a tuple is in. */
  has(words: readonly Word[]): boolean {
    assert(words.length === this.tuples.arity, `a tuple of ${this.schema.name} has its arity`);
    return (this.classes ?? this.joined ?? this.tuples).has(words);
  }

  /** Adds `count` tuples, given as columns; returns how many of them are new. */
  append(columns: readonly Int32Array[], count: number): number {
    assert(columns.length === this.tuples.arity, `a tuple of ${this.schema.name} has its arity`);
    if (this.classes === undefined) return this.tuples.append(columns, count);
    const before = this.size;
    for (let row = 0; row < count; row++)
      this.classes.insert([columns[0]![row]!, columns[1]![row]!]);
    return this.size - before;
  }

  /** Makes room for about so many tuples that will be appended, if there is memory for them. */
  reserve(count: number): void {
    if (this.classes === undefined) this.tuples.reserve(count);
  }

  /** The words of a column, one for each tuple. The array is valid until the next insertion. */
  column(at: number): Int32Array {
    if (this.joined === undefined && this.tuples.kept < this.tuples.size) return this.gathered(at);
    this.compact();
    const column = (this.classes?.columns() ?? this.tuples.columns)[at];
    assert(column !== undefined, `relation ${this.schema.name} has a column ${at}`);
    return column.subarray(0, this.size);
  }

  /** The index on a set of columns. It holds the rows that were visible when it was extended last.
   * There is one for each set: asked for in another form, it is made anew, unless the other is to
   * be `kept`. */
  index(columns: readonly number[], form: IndexForm, kept = false): GroupIndex {
    const keyOf = (of: IndexForm): string => `${of} ${columns.join(",")}`;
    let index = this.indexes.get(keyOf(form));
    if (index === undefined) {
      index = new GroupIndex(this.tuples, columns, form, this.memory);
      this.indexes.set(keyOf(form), index);
      const other = keyOf(form === "rows" ? "values" : "rows");
      if (!kept) {
        this.indexes.get(other)?.release();
        this.indexes.delete(other);
      }
    }
    return index;
  }

  /** The index on a column of the composition with `other`, of whose columns `through` is the one
   * that rows of this one lead to. It is given up when the stratum is evaluated. */
  composition(column: number, other: Relation, through: number): ComposedIndex {
    const key = `${column} ${other.schema.name} ${through}`;
    let index = this.compositions.get(key);
    if (index === undefined) {
      const partners = other.index([through], "values");
      index = new ComposedIndex(this.tuples, column, partners, this.memory);
      this.compositions.set(key, index);
    }
    return index;
  }

  /** The index on all columns. It holds the rows that were visible when it was extended last. */
  rowIndex(): TupleIndex {
    return (this.tupleIndex ??= new TupleIndex(this.tuples, this.memory));
  }

  // ---- for those who evaluate ----

  /** The number of rows, dropped ones included. */
  get rows(): number {
    return this.classes?.size ?? this.tuples.size;
  }

  /** Bounds the number of tuples. */
  allow(tuples: number): void {
    (this.classes ?? this.tuples).allow(tuples);
  }

  /** Shows all tuples as a stratum sees those below it, or none, as it sees what it computes. */
  show(all: boolean): void {
    const { tuples, classes } = this;
    tuples.to = all ? tuples.size : 0;
    tuples.from = tuples.to;
    if (all) classes?.settle();
    else classes?.hide();
  }

  /** Begins a round: what was the delta is stable, what was pending is the delta. Returns whether
   * there is a delta. */
  advance(): boolean {
    if (this.classes !== undefined) return this.classes.advance();
    const { tuples } = this;
    tuples.from = tuples.to;
    tuples.to = tuples.size;
    if (this.joined !== undefined) {
      if (tuples.size > droppedRowsMin && tuples.kept < tuples.size / 2) this.compact();
      tuples.coverDropped();
    }
    return tuples.from < tuples.to;
  }

  /** The rows, or first elements of pairs, that a scan of a window goes through. */
  scanned(window: Window): { readonly from: number; readonly to: number } {
    const { classes, tuples } = this;
    if (classes !== undefined)
      return { from: 0, to: window === "delta" ? classes.deltaSize : classes.to };
    const to = window === "stable" ? tuples.from : tuples.to;
    return { from: window === "delta" ? tuples.from : 0, to };
  }

  /** Takes out what was dropped, from indexes too, which have to be extended again. */
  compact(): void {
    if (this.tuples.kept < this.tuples.size) this.takeOut();
  }

  /** Joins what is in and what comes in by key, until `finish`. All of it is pending. */
  joinBy(joins: readonly Join[]): void {
    if (this.joined !== undefined) return;
    const { tuples } = this;
    const rows = new JoinedRows(tuples, joins, this.memory);
    this.joined = rows;
    tuples.join = (tuple) => rows.insert(tuple);
  }

  /** Leaves the tuples as strata above see them; what comes in later is still joined if that is to
   * be `kept`. */
  finish(kept = false): void {
    for (const composition of this.compositions.values()) composition.release();
    this.compositions.clear();
    if (this.joined === undefined || kept) {
      this.compact();
      return;
    }
    this.joined.release();
    this.joined = undefined;
    this.tuples.join = undefined;
    this.takeOut();
  }

  // ---- where evaluations follow each other ----

  /** Whether anything came in since `mark`. */
  get changed(): boolean {
    if (this.classes !== undefined) return this.classes.changed;
    const { size, settled } = this.tuples;
    if (!this.holes || this.joins) return size > settled;
    for (let row = settled; row < size; row++) if (!this.tuples.isDropped(row)) return true;
    return false;
  }

  /** Whether rows that were there at the last `mark` were dropped for others of their keys. */
  get replaced(): boolean {
    return this.joined?.replaced === true;
  }

  /** Ends an evaluation: all that is in is known to all rules. */
  mark(): void {
    const { tuples, classes, joined } = this;
    this.letGo();
    tuples.from = tuples.to = tuples.settled = tuples.size;
    classes?.mark();
    if (joined === undefined) return;
    joined.replaced = false;
    tuples.coverDropped();
  }

  /** Shows all tuples, those that came in since `mark` as the delta. */
  showChanged(): void {
    this.advance();
    this.classes?.showChanged();
    this.tuples.from = this.tuples.settled;
  }

  /** The row of a tuple that is in; -1 where it is not. */
  rowOf(words: ArrayLike<Word>): number {
    const { tuples } = this;
    if (tuples.arity === 0) return tuples.size - 1;
    const index = this.rowIndex();
    index.extend(tuples.size);
    for (let at = 0; at < tuples.arity; at++) index.key[at] = words[at]!;
    const row = index.rowOfKey();
    // It may be that a subsumption dropped it.
    return row >= 0 && tuples.isDropped(row) ? -1 : row;
  }

  /** Takes a row out, as `Tuples.remove` does. Until `mark` indexes hold it nevertheless, but for
   * that on all columns. */
  remove(row: number): void {
    this.tuples.remove(row);
    this.tupleIndex?.leave(row);
    this.removed.push(row);
  }

  /** Takes rows out as `remove` does: those that the first of some columns names from `from` to
   * `to`. The others have their words. */
  removeAll([rows, ...columns]: readonly Int32Array[], from: number, to: number): void {
    const { tuples, tupleIndex, removed } = this;
    if (tuples.arity > 0) tuples.coverDropped();
    for (let at = from; at < to; at++) {
      const row = rows![at]!;
      if (tuples.arity === 0) tuples.remove(row);
      else tuples.removeWith(row, columns, at);
      tupleIndex?.leave(row, columns, at);
      removed.push(row);
    }
  }

  /** Puts back a row that was removed since `mark`, and whose tuple has not come in again. Its
   * words are at `at` in `columns`. */
  putBack(row: number, columns: readonly Int32Array[] = this.tuples.columns, at = row): void {
    this.tuples.putBack(row, columns, at);
    this.tupleIndex?.enter(row, columns, at);
  }

  /** Takes a row out that no rule has seen: no index will hold it. */
  withdraw(row: number): void {
    this.tuples.remove(row);
    this.tupleIndex?.leave(row);
    this.tuples.letGo([row]);
  }

  /** Adds a tuple as one that was removed: `Tuples.putBack` puts it in. Returns its row. */
  addRemoved(words: ArrayLike<Word>): number {
    const { tuples } = this;
    tuples.push(words);
    const row = tuples.size - 1;
    tuples.coverDropped();
    tuples.drop(row);
    this.removed.push(row);
    return row;
  }

  /** Whether rows came in since `mark`, all of which were withdrawn, and none was removed. To be
   * asked where nothing `changed`. */
  get hasWithdrawn(): boolean {
    return !this.losing && this.tuples.size > this.tuples.settled;
  }

  /** Whether rows were removed since `mark`, which indexes still hold. */
  get losing(): boolean {
    return this.removed.length > 0;
  }

  /** Whether there are rows that are dropped. */
  get holes(): boolean {
    return this.tuples.kept < this.tuples.size;
  }

  /** Whether tuples are joined by key. */
  get joins(): boolean {
    return this.joined !== undefined;
  }

  /** Puts tuples, which are all in, before the others, and has them settled. */
  putFirst(columns: readonly Int32Array[]): void {
    assert(this.joined === undefined && this.classes === undefined, "tuples have rows for good");
    const { tuples } = this;
    const count = columns[0]?.length ?? 0;
    const first = new Tuples(tuples.arity, this.memory);
    first.append(columns, count);
    const all = tuples.columns.map((column) => column.slice(0, tuples.size));
    const tuple = all.map(() => 0);
    let to = count;
    for (let row = 0; row < tuples.size; row++) {
      for (let at = 0; at < tuple.length; at++) tuple[at] = all[at]![row]!;
      if (first.has(tuple)) continue;
      for (let at = 0; at < tuple.length; at++) tuples.columns[at]![to] = tuple[at]!;
      to++;
    }
    for (const [at, column] of columns.entries()) tuples.columns[at]!.set(column);
    first.release();
    // The table knows rows, too.
    this.takeOut();
    tuples.from = tuples.to = tuples.settled = count;
  }

  /** Shows the words that it holds, and may compare with others. */
  showWords(live: LiveWords): void {
    const { tuples, classes, schema } = this;
    if (classes === undefined) tuples.showWords(schema.attributes, live);
    else classes.showWords(schema.attributes[0]!.kind, live);
  }

  /** Forgets all tuples; gives the memory of many back if it `shrinks`. */
  clear(shrinks = false): void {
    for (const part of [this.tuples, this.classes, this.choices, this.joined]) part?.clear();
    if (shrinks) this.tuples.compact(true);
    this.clearIndexes(shrinks);
  }

  private takeOut(shrinks = false): void {
    this.tuples.compact(shrinks);
    this.joined?.rebuild();
    this.clearIndexes(shrinks);
  }

  private clearIndexes(shrinks = false): void {
    for (const index of this.indexes.values()) index.clear();
    for (const index of this.compositions.values()) index.clear();
    this.tupleIndex?.clear(shrinks);
    this.removed = [];
  }

  /** Takes what was removed out of the indexes; where most rows are, all of them away. */
  private letGo(): void {
    const { tuples } = this;
    const sparse = tuples.size > droppedRowsMin && tuples.kept < tuples.size / 2;
    if (sparse || tuples.roomyFor(tuples.kept)) {
      this.takeOut(true);
      return;
    }
    if (this.removed.length === 0) return;
    const removed = tuples.letGo(this.removed);
    for (const index of this.indexes.values()) index.takeOut(removed);
    this.removed = [];
  }

  /** A column without the rows that are dropped. */
  private gathered(at: number): Int32Array {
    const { tuples } = this;
    const column = new Int32Array(tuples.kept);
    let size = 0;
    for (let row = 0; row < tuples.size; row++)
      if (!tuples.isDropped(row)) column[size++] = tuples.columns[at]![row]!;
    return column;
  }
}
