// The functors and comparisons that rules compute with, after overloads are resolved: an operator
// and the kind of its operands say exactly what is computed.
import { kindClass, type KindClass, type PrimitiveKind, type ValueKind } from "./schema.ts";

const integers = ["number", "unsigned"] as const satisfies readonly KindClass[];
const numeric = ["number", "unsigned", "float"] as const satisfies readonly KindClass[];
const every = ["number", "unsigned", "float", "symbol"] as const satisfies readonly KindClass[];

type Shape = {
  /** The kinds that an operand may have; all operands have one kind, but for `substr`. */
  readonly of: readonly KindClass[];
  /** The kind of the result; `same` is the operands'. */
  readonly result: PrimitiveKind | "same";
  /** The least and the greatest number of operands. */
  readonly arity: readonly [number, number];
};

/** Every functor with its operands and result. Division and remainder truncate and fail on zero
 * (integers); `sat_…` stop at the ends of the domain; shifts mask their count to the width; `bshr`
 * keeps the sign, `bshru` does not;
 * `l…` give 0 or 1; `pow` is computed on doubles and cast back; `cat`, `min`, `max` take two or
 * more; `strlen` and `substr` count bytes of UTF-8; `ord` is the number of a symbol or a record, or
 * another value's pattern; `as_…` take the pattern of a value for one of another kind: that of a
 * symbol is its number, and a number that no symbol has is a fault. `singleton(x)` is the set of
 * one element and `entry(k, v)` the map of one key, both of the kind of their result; `size` takes
 * either; `at(m, k)`, of the kind of its result, is what a map that has k has there; `union` and
 * `intersection` take two sets. */
export const functors = {
  neg: { of: ["number", "float"], result: "same", arity: [1, 1] },
  add: { of: numeric, result: "same", arity: [2, 2] },
  sub: { of: numeric, result: "same", arity: [2, 2] },
  mul: { of: numeric, result: "same", arity: [2, 2] },
  sat_add: { of: integers, result: "same", arity: [2, 2] },
  sat_sub: { of: integers, result: "same", arity: [2, 2] },
  sat_mul: { of: integers, result: "same", arity: [2, 2] },
  div: { of: numeric, result: "same", arity: [2, 2] },
  mod: { of: integers, result: "same", arity: [2, 2] },
  pow: { of: numeric, result: "same", arity: [2, 2] },
  bnot: { of: integers, result: "same", arity: [1, 1] },
  band: { of: integers, result: "same", arity: [2, 2] },
  bor: { of: integers, result: "same", arity: [2, 2] },
  bxor: { of: integers, result: "same", arity: [2, 2] },
  bshl: { of: integers, result: "same", arity: [2, 2] },
  bshr: { of: integers, result: "same", arity: [2, 2] },
  bshru: { of: integers, result: "same", arity: [2, 2] },
  lnot: { of: integers, result: "same", arity: [1, 1] },
  land: { of: integers, result: "same", arity: [2, 2] },
  lor: { of: integers, result: "same", arity: [2, 2] },
  lxor: { of: integers, result: "same", arity: [2, 2] },
  min: { of: every, result: "same", arity: [2, Infinity] },
  max: { of: every, result: "same", arity: [2, Infinity] },
  cat: { of: ["symbol"], result: "symbol", arity: [2, Infinity] },
  strlen: { of: ["symbol"], result: "number", arity: [1, 1] },
  substr: { of: ["symbol"], result: "symbol", arity: [3, 3] },
  ord: { of: [...every, "record"], result: "number", arity: [1, 1] },
  to_number: { of: every, result: "number", arity: [1, 1] },
  to_unsigned: { of: every, result: "unsigned", arity: [1, 1] },
  to_float: { of: every, result: "float", arity: [1, 1] },
  to_string: { of: every, result: "symbol", arity: [1, 1] },
  as_number: { of: [...every, "record"], result: "number", arity: [1, 1] },
  as_unsigned: { of: [...every, "record"], result: "unsigned", arity: [1, 1] },
  as_float: { of: [...every, "record"], result: "float", arity: [1, 1] },
  as_symbol: { of: every, result: "symbol", arity: [1, 1] },
  singleton: { of: ["record"], result: "same", arity: [1, 1] },
  entry: { of: ["record"], result: "same", arity: [2, 2] },
  size: { of: ["record"], result: "number", arity: [1, 1] },
  at: { of: ["record"], result: "same", arity: [2, 2] },
  union: { of: ["record"], result: "same", arity: [2, 2] },
  intersection: { of: ["record"], result: "same", arity: [2, 2] },
} as const satisfies Record<string, Shape>;

/** The name of a functor. */
export type Functor = keyof typeof functors;

/** The name of the method of `Operations` that computes a functor on operands of a kind. */
export function methodName(functor: Functor, of: ValueKind): string {
  // What a map has is of any kind.
  return functor === "at" ? "at_record" : `${functor}_${kindClass(of)}`;
}

/** The comparisons. Symbols compare by their bytes. */
export const comparisons = ["=", "!=", "<", "<=", ">", ">="] as const;

/** One of `comparisons`. */
export type Comparison = (typeof comparisons)[number];

/** Tests. On symbols: `match(pattern, text)` holds where the whole of `text` matches the ECMAScript
 * pattern, `contains(part, text)` where `part` occurs in `text`. `has(s, x)` holds where the set
 * `s` has the element `x`, or the map `s` the key `x`; a program calls it `contains`, too. */
export type SymbolTest = "match" | "contains" | "has";

/** The aggregates. `count` and `sum` of nothing are 0; `min`, `max`, `mean` of nothing fail. `fold`
 * is one that a program defines by a functor. */
export type Aggregate = "count" | "sum" | "min" | "max" | "mean" | "fold";
