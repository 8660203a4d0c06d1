import type { functors, Functor, SymbolTest } from "./operator.ts";
import { Operations32 } from "./operations-32.ts";
import { Operations64 } from "./operations-64.ts";
import type { PrimitiveKind } from "./schema.ts";
import type { Warning } from "./text.ts";
import type { Values } from "./values.ts";
import type { Word } from "./word.ts";

/** What rules compute with, on words: a method `add_number(a, b)` for each functor and kind of its
 * operands (`min`, `max`, `cat` take two), and `lt_number(a, b)`, `le_…`, `gt_…`, `ge_…` for each
 * kind; `=` and `!=` are equality of words. A method throws an `EvaluationFault` where there is no
 * result.
 *
 * Integers wrap; `/` and `%` truncate; shifts mask their count. `pow` is computed on doubles; it
 * and a float that becomes an integer are cast as x86 does (see `float.ts`). `<` and its sisters
 * are false for NaN; `min` and `max` go by the order of values, in which NaN is the greatest, so
 * that they do not depend on the order of their operands. `to_number` of a symbol reads as much
 * of its beginning as is a number (`0x`, `0b` too); where that is nothing, or out of range, it
 * is a fault. */
export type Operations = FunctorMethods &
  Readonly<Record<`${Order}_${PrimitiveKind}`, Test>> &
  Readonly<Record<SymbolTest | `not_${SymbolTest}`, Test>> & {
    /** What was odd so far: patterns that are none, positions outside of symbols. */
    readonly warnings: readonly Warning[];
    /** The sum of floats, added up in value order: it does not depend on the order of `words`. */
    sumOfFloats(words: ArrayLike<Word>, count: number): Word;
    /** The mean of one or more floats, by the same sum. */
    meanOfFloats(words: ArrayLike<Word>, count: number): Word;
  };

/** Returns the operations of the domain of `values`. */
export function operations(values: Values): Operations {
  return values.domain === 32 ? new Operations32(values) : new Operations64(values);
}

type Order = "lt" | "le" | "gt" | "ge";
type Test = (a: Word, b: Word) => boolean;

type Method<Arity> = Arity extends 1
  ? (a: Word) => Word
  : Arity extends 2
    ? (a: Word, b: Word) => Word
    : (a: Word, b: Word, c: Word) => Word;

type FunctorMethods = {
  readonly [F in Functor as `${F}_${(typeof functors)[F]["of"][number]}`]: Method<
    (typeof functors)[F]["arity"][0]
  >;
};
