// How aggregates add up. Whatever the order in which words come, the result is the same.
import { assert } from "../base/assert.ts";
import type { Operations } from "../value/operations.ts";
import type { ValueKind } from "../value/schema.ts";
import type { Values } from "../value/values.ts";
import { inline, type Word } from "../value/word.ts";
import type { Environment, OnWords } from "./code.ts";
import type { Aggregation } from "./writer.ts";

/** An aggregate over words that are given one by one, beginning anew at each `reset`. */
export type Accumulator = {
  /** Begins anew; a fold from `start`. */
  reset(start?: Word): void;
  add(word: Word): void;
  /** Whether there is a result: sums and counts always have one. */
  defined(): boolean;
  result(): Word;
};

/** Returns the accumulator of an aggregate over operands of a kind. */
export function accumulator(
  { name, of, fold }: Aggregation,
  { values, operations, functor }: Pick<Environment, "values" | "operations" | "functor">,
): Accumulator {
  switch (name) {
    case "fold":
      assert(fold !== undefined, "a fold has a functor");
      return new Folding(of, values, functor(fold.user));
    case "count":
      return new Count(values);
    case "sum":
      if (of !== "float") return new IntegerSum(values);
      return new FloatTotal(name, of, operations);
    case "min":
    case "max":
      assert(numeric(of), `${name} is of numbers`);
      return new Extreme(name, of, operations);
    case "mean":
      assert(numeric(of), "a mean is of numbers");
      return new FloatTotal(name, of, operations);
  }
}

type Numeric = "number" | "unsigned" | "float";

function numeric(of: ValueKind): of is Numeric {
  return of === "number" || of === "unsigned" || of === "float";
}

/** Keeps all words, to give them to the functor in value order. */
class Folding implements Accumulator {
  private readonly of: ValueKind;
  private readonly values: Values;
  private readonly step: OnWords;
  private words: Word[] = [];
  private start = 0;

  constructor(of: ValueKind, values: Values, step: OnWords) {
    this.of = of;
    this.values = values;
    this.step = step;
  }

  reset(start = 0): void {
    this.start = start;
    this.words = [];
  }

  add(word: Word): void {
    this.words.push(word);
  }

  defined(): boolean {
    return true;
  }

  result(): Word {
    const { of, values, step } = this;
    const ordered = this.words.toSorted((a, b) => values.compare(of, a, b));
    return ordered.reduce((soFar, word) => step(soFar, word), this.start);
  }
}

class Count implements Accumulator {
  private readonly values: Values;
  private count = 0;

  constructor(values: Values) {
    this.values = values;
  }

  reset(): void {
    this.count = 0;
  }

  add(_word: Word): void {
    this.count++;
  }

  defined(): boolean {
    return true;
  }

  result(): Word {
    return this.values.ofInteger(this.count);
  }
}

/** Partial sums stay out of the pool of wide words: they are a double while that is exact, and a
 * bigint for the rest. Signed and unsigned sums are the same pattern. */
class IntegerSum implements Accumulator {
  private readonly values: Values;
  private near = 0;
  private far = 0n;

  constructor(values: Values) {
    this.values = values;
  }

  reset(): void {
    this.near = 0;
    this.far = 0n;
  }

  add(word: Word): void {
    if (this.values.domain === 32 || inline(word)) this.near += word;
    else this.far += this.values.wide.signed(word);
    if (this.near > nearMax || this.near < -nearMax) this.carry();
  }

  defined(): boolean {
    return true;
  }

  result(): Word {
    if (this.far === 0n) return this.values.ofInteger(this.near);
    this.carry();
    return this.values.ofBigint(this.far);
  }

  private carry(): void {
    this.far += BigInt(this.near);
    this.near = 0;
  }
}

const nearMax = 2 ** 52;

/** Keeps all words, as floats are added in value order. */
class FloatTotal implements Accumulator {
  private readonly name: "sum" | "mean";
  private readonly toFloat: (word: Word) => Word;
  private readonly operations: Operations;
  private words = new Int32Array(16);
  private count = 0;

  constructor(name: "sum" | "mean", of: Numeric, operations: Operations) {
    this.name = name;
    this.toFloat = (word) => operations[`to_float_${of}`](word);
    this.operations = operations;
  }

  reset(): void {
    this.count = 0;
  }

  add(word: Word): void {
    if (this.count === this.words.length) {
      const words = new Int32Array(2 * this.count);
      words.set(this.words);
      this.words = words;
    }
    this.words[this.count++] = this.toFloat(word);
  }

  defined(): boolean {
    return this.name === "sum" || this.count > 0;
  }

  result(): Word {
    const { operations, words, count } = this;
    return this.name === "sum"
      ? operations.sumOfFloats(words, count)
      : operations.meanOfFloats(words, count);
  }
}

class Extreme implements Accumulator {
  private readonly better: (a: Word, b: Word) => Word;
  private best = 0;
  private found = false;

  constructor(name: "min" | "max", of: Numeric, operations: Operations) {
    this.better = (a, b) => operations[`${name}_${of}`](a, b);
  }

  reset(): void {
    this.found = false;
  }

  add(word: Word): void {
    this.best = this.found ? this.better(this.best, word) : word;
    this.found = true;
  }

  defined(): boolean {
    return this.found;
  }

  result(): Word {
    return this.best;
  }
}
