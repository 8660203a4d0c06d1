import type { Condition, Expression, JoinPlan } from "../plan/plan.ts";
import { methodName } from "../value/operator.ts";
import type { Operations } from "../value/operations.ts";
import type { Word } from "../value/word.ts";
import type { Environment } from "./code.ts";

/** The words that a rule has bound. */
export type Slots = Int32Array;

/** Computes an expression from the slots as they are. */
export type ValueOf = () => Word;

type Context = Pick<Environment, "values" | "constant" | "operations" | "counters" | "functor"> & {
  readonly slots: Slots;
};
type Method = (...words: Word[]) => Word;

/** Returns a closure that computes an expression. */
export function value(context: Context, expression: Expression): ValueOf {
  const { slots, values, counters } = context;
  switch (expression.kind) {
    case "slot": {
      const { slot } = expression;
      return () => slots[slot]!;
    }
    case "constant": {
      const word = context.constant(expression.of, expression.value);
      return () => word;
    }
    case "pack": {
      const fields = expression.fields.map((field) => value(context, field));
      const table = values.records.table(fields.length);
      return () => table.packed(fields.map((field) => field()));
    }
    case "counter":
      return () => counters.counter();
    case "iteration":
      return () => counters.iteration();
    case "call": {
      const operands = expression.arguments.map((operand) => value(context, operand));
      if (expression.functor === "user") {
        const user = context.functor(expression.user);
        return () => user(...operands.map((operand) => operand()));
      }
      const { functor, of } = expression;
      const method = methodOf(context.operations, methodName(functor, of)) as Method;
      if (functor === "min" || functor === "max" || functor === "cat")
        return operands.reduce((folded, operand) => () => method(folded(), operand()));
      const [first, second] = operands;
      if (operands.length === 1 && first !== undefined) return () => method(first());
      if (operands.length === 2 && first !== undefined && second !== undefined)
        return () => method(first(), second());
      return () => method(...operands.map((operand) => operand()));
    }
  }
}

/** Returns the join of a lattice. Maps are joined key by key. */
export function joinOf(
  environment: Omit<Context, "slots">,
  { lub, maps: deep }: JoinPlan,
): (a: Word, b: Word) => Word {
  const { maps } = environment.values;
  let join = binary(environment, lub);
  for (let at = 0; at < deep; at++) {
    const values = join;
    join = (a, b) => maps.union(a, b, values);
  }
  return join;
}

/** Returns a function that computes an expression of the slots 0 and 1. */
function binary(
  environment: Omit<Context, "slots">,
  expression: Expression,
): (a: Word, b: Word) => Word {
  const slots = new Int32Array(2);
  const result = value({ ...environment, slots }, expression);
  return (a, b) => {
    slots[0] = a;
    slots[1] = b;
    return result();
  };
}

/** Returns a closure that says whether a condition holds. */
export function condition(context: Context, one: Condition): () => boolean {
  if (one.kind === "boolean") return () => one.value;
  const left = value(context, one.left);
  const right = value(context, one.right);
  if (one.kind === "test") {
    const { operations } = context;
    const test = one.negated ? (`not_${one.word}` as const) : one.word;
    return () => operations[test](left(), right());
  }
  const { operator } = one;
  if (operator === "=") return () => left() === right();
  if (operator === "!=") return () => left() !== right();
  const name = `${methods[operator]}_${one.of}`;
  const holds = methodOf(context.operations, name) as (a: Word, b: Word) => boolean;
  return () => holds(left(), right());
}

const methods = { "<": "lt", "<=": "le", ">": "gt", ">=": "ge" } as const;

function methodOf(operations: Operations, name: string): unknown {
  const method = (operations as unknown as Record<string, (...words: Word[]) => unknown>)[name]!;
  return method.bind(operations);
}
