// WebAssembly for expressions and conditions: what is computed on words alone. In the 64-bit domain
// that is where all words are inline; for others a method of `Operations` is called.
import { assert } from "../../base/assert.ts";
import type { Condition, Expression } from "../../plan/plan.ts";
import { methodName, type Comparison, type Functor } from "../../value/operator.ts";
import type { Domain, ValueKind } from "../../value/schema.ts";
import { inlineMin } from "../../value/word.ts";
import { literal } from "../emit-expression.ts";
import type { Constant } from "../writer.ts";
import type { Body } from "./body.ts";
import {
  add,
  plain,
  valueOf,
  type Instruction,
  type Operand,
  type PlainOp,
} from "./instruction.ts";

/** What expressions of a rule refer to; the rule's constants are collected. */
export type ExpressionScope = {
  readonly domain: Domain;
  /** The variables of slots that are bound. */
  readonly slots: Map<number, Operand>;
  readonly constants: Constant[];
  /** The instructions before a call that may fail: they save what was derived. */
  readonly saved: () => readonly Instruction[];
};

/** Returns why an expression is not computed in WebAssembly; nothing where it is. */
export function expressionObstacle(domain: Domain, expression: Expression): string | undefined {
  switch (expression.kind) {
    case "slot":
    case "constant":
      return undefined;
    case "call": {
      if (expression.functor === "user") return `calls @${expression.user.name}`;
      const { functor, of } = expression;
      const op = operators[functor];
      const computed = isInteger(of) && op !== undefined && (functor !== "mul" || domain === 32);
      if (!computed) return `computes ${functor} of ${of}`;
      return firstOf(expression.arguments, (one) => expressionObstacle(domain, one));
    }
    case "pack":
    case "counter":
    case "iteration":
      return `computes a ${expression.kind}`;
  }
}

/** Returns why a condition is not tested in WebAssembly; nothing where it is. */
export function conditionObstacle(domain: Domain, condition: Condition): string | undefined {
  switch (condition.kind) {
    case "boolean":
      return undefined;
    case "comparison": {
      const { operator, of } = condition;
      if (operator !== "=" && operator !== "!=" && !isInteger(of)) return `compares ${of}`;
      const sides = [condition.left, condition.right];
      return firstOf(sides, (side) => expressionObstacle(domain, side));
    }
    case "test":
      return `tests ${condition.word}`;
  }
}

/** The first obstacle of several things. */
export function firstOf<One>(
  all: readonly One[],
  obstacle: (one: One) => string | undefined,
): string | undefined {
  for (const one of all) {
    const found = obstacle(one);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Writes what has to be computed first; returns a variable or a constant. */
export function writeValue(body: Body, scope: ExpressionScope, expression: Expression): Operand {
  switch (expression.kind) {
    case "slot": {
      const slot = scope.slots.get(expression.slot);
      assert(slot !== undefined, "a slot is bound before it is read");
      return slot;
    }
    case "constant": {
      const { of, value } = expression;
      const known = literal(scope.domain, of, value);
      return known === undefined
        ? body.field({ kind: "constant", constant: constantOf(scope, { of, value }) })
        : Number(known);
    }
    case "call": {
      assert(expression.functor !== "user", "functors of programs are obstacles");
      const operands = expression.arguments.map((one) => writeValue(body, scope, one));
      return body.keep("word", writeCall(body, scope, expression.functor, expression.of, operands));
    }
    case "pack":
    case "counter":
    case "iteration":
      assert(false, "other expressions are obstacles");
  }
}

/** Writes what has to be computed first; returns the condition. */
export function writeCondition(
  body: Body,
  scope: ExpressionScope,
  condition: Condition,
): Instruction {
  switch (condition.kind) {
    case "boolean":
      return valueOf(condition.value ? 1 : 0);
    case "comparison": {
      const left = writeValue(body, scope, condition.left);
      const right = writeValue(body, scope, condition.right);
      return comparison(body, scope, condition, [left, right]);
    }
    case "test":
      assert(false, "tests are obstacles");
  }
}

/** What is computed alike on words that are integers themselves. */
const operators: Partial<Record<Functor, PlainOp>> = {
  ...{ add: "i32.add", sub: "i32.sub", mul: "i32.mul" },
  ...{ band: "i32.and", bor: "i32.or", bxor: "i32.xor" },
};

const orders = { "<": "lt", "<=": "le", ">": "gt", ">=": "ge" } as const;

function comparison(
  body: Body,
  { domain }: ExpressionScope,
  { operator, of }: { readonly operator: Comparison; readonly of: ValueKind },
  [left, right]: readonly [Operand, Operand],
): Instruction {
  if (operator === "=") return plain("i32.eq", left, right);
  if (operator === "!=") return plain("i32.ne", left, right);
  const order = orders[operator];
  const signed = plain(`i32.${order}_s`, left, right);
  if (domain === 32) return of === "number" ? signed : plain(`i32.${order}_u`, left, right);
  const call = body.call(`${order}_${of}`, [left, right], true);
  // Words that are inline and not negative are the integers themselves.
  const direct =
    of === "number"
      ? inlineAll([left, right])
      : plain(
          "i32.and",
          inlineAll([left, right]),
          plain("i32.ge_s", plain("i32.or", left, right), 0),
        );
  return { op: "if", type: "i32", condition: direct, body: [signed], otherwise: [call] };
}

function writeCall(
  body: Body,
  { domain, saved }: ExpressionScope,
  functor: Functor,
  of: ValueKind,
  operands: readonly Operand[],
): Instruction {
  const op = operators[functor];
  assert(op !== undefined, "other functors are obstacles");
  const direct = plain(op, ...operands);
  if (domain === 32) return direct;
  const call = body.call(methodName(functor, of), operands, true);
  // A sum of two inline words needs 32 bits at most, so this tells whether it is inline too.
  const sum = functor === "add" || functor === "sub";
  const condition = inlineAll(sum ? [...operands, direct] : operands);
  return { op: "if", type: "i32", condition, body: [direct], otherwise: [...saved(), call] };
}

/** Whether words are inline, all of them. */
function inlineAll(words: readonly Operand[]): Instruction {
  const open = words.filter((word) => typeof word !== "number");
  const moved = open.map((word) => add(word, -inlineMin));
  if (moved.length === 0) return valueOf(1);
  return plain(
    "i32.ge_s",
    moved.reduce((all, one) => plain("i32.or", all, one)),
    0,
  );
}

function constantOf({ constants }: ExpressionScope, { of, value }: Constant): number {
  const at = constants.findIndex((one) => one.of === of && Object.is(one.value, value));
  return at < 0 ? constants.push({ of, value }) - 1 : at;
}

function isInteger(of: ValueKind): boolean {
  return of === "number" || of === "unsigned";
}
