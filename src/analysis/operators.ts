// What the operators of the text stand for.
import type { BinaryOperator, ComparisonOperator } from "../syntax/tree.ts";
import type { Functor } from "../value/operator.ts";

/** Each comparison's negation. As in Soufflé that holds for floats too, whatever NaN is. */
export const opposite: Readonly<Record<ComparisonOperator, ComparisonOperator>> = {
  "=": "!=",
  "!=": "=",
  "<": ">=",
  "<=": ">",
  ">": "<=",
  ">=": "<",
};

/** The functor of each binary operator. `plus` is `add`, or `cat` where operands are symbols. */
export const functorOf: Readonly<Record<BinaryOperator, Functor | "plus">> = {
  lor: "lor",
  lxor: "lxor",
  land: "land",
  bor: "bor",
  bxor: "bxor",
  band: "band",
  bshl: "bshl",
  bshr: "bshr",
  bshru: "bshru",
  "+": "plus",
  "-": "sub",
  "*": "mul",
  "/": "div",
  "%": "mod",
  "^": "pow",
};

/** The shape of `plus`, as `functors` has it of the others. */
export const plus = { of: ["number", "unsigned", "float", "symbol"], result: "same" } as const;
