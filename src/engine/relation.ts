import { assert } from "../base/assert.ts";
import type { IndexForm } from "../codegen/store.ts";
import type { Schema } from "../value/schema.ts";
import type { Word } from "../value/word.ts";
import { GroupIndex } from "./group-index.ts";
import type { Memory } from "./memory.ts";
import { Tuples } from "./tuples.ts";

/** A relation: a set of tuples of words, which only grows, in order of insertion. */
export class Relation {
  readonly schema: Schema;
  /** The rows themselves, for those who evaluate. */
  readonly tuples: Tuples;
  private readonly memory: Memory;
  private readonly indexes = new Map<string, GroupIndex>();

  constructor(schema: Schema, memory: Memory) {
    this.schema = schema;
    this.memory = memory;
    this.tuples = new Tuples(schema.attributes.length, memory);
  }

  /** The number of tuples. */
  get size(): number {
    return this.tuples.size;
  }

  /** The bytes that tuples and indexes hold. */
  get memoryBytes(): number {
    const indexes = [...this.indexes.values()];
    return indexes.reduce((sum, index) => sum + index.memoryBytes, this.tuples.memoryBytes);
  }

  /** Adds a tuple; returns whether it is new. */
  insert(words: readonly Word[]): boolean {
    assert(words.length === this.tuples.arity, `a tuple of ${this.schema.name} has its arity`);
    return this.tuples.insert(words);
  }

  /** Whether a tuple is in. */
  has(words: readonly Word[]): boolean {
    assert(words.length === this.tuples.arity, `a tuple of ${this.schema.name} has its arity`);
    return this.tuples.has(words);
  }

  /** Adds `count` tuples, given as columns; returns how many of them are new. */
  append(columns: readonly Int32Array[], count: number): number {
    assert(columns.length === this.tuples.arity, `a tuple of ${this.schema.name} has its arity`);
    return this.tuples.append(columns, count);
  }

  /** The words of a column, one for each tuple. The array is valid until the next insertion. */
  column(at: number): Int32Array {
    const column = this.tuples.columns[at];
    assert(column !== undefined, `relation ${this.schema.name} has a column ${at}`);
    return column.subarray(0, this.size);
  }

  /** The index on a set of columns. It holds the rows that were visible when it was extended last.
   * There is one for each set: asked for in another form, it is made anew. */
  index(columns: readonly number[], form: IndexForm): GroupIndex {
    const key = columns.join(",");
    let index = this.indexes.get(key);
    if (index?.form !== form) {
      index?.release();
      index = new GroupIndex(this.tuples, columns, form, this.memory);
      this.indexes.set(key, index);
    }
    return index;
  }
}
