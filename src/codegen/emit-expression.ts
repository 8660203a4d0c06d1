// JavaScript for expressions and conditions. Where both words of a 64-bit operation are inline and
// so is the result, it is computed in place; everything else is a method of `Operations`.
import type { Condition, Expression } from "../plan/plan.ts";
import { methodName, type Comparison, type Functor } from "../value/operator.ts";
import type { Domain, Value, ValueKind } from "../value/schema.ts";
import { inlineMin } from "../value/word.ts";
import { identifier, type Writer } from "./writer.ts";

/** What expressions refer to. */
export type Scope = {
  readonly domain: Domain;
  readonly slots: readonly { readonly name: string; readonly kind: ValueKind }[];
};

/** The variable of a slot. */
export function slotText({ slots }: Scope, slot: number): string {
  return `${identifier(slots[slot]?.name ?? "")}_${slot}`;
}

/** Writes what has to be computed first; returns a variable or a literal. */
export function emitValue(writer: Writer, scope: Scope, expression: Expression): string {
  switch (expression.kind) {
    case "slot":
      return slotText(scope, expression.slot);
    case "constant":
      return (
        literal(scope.domain, expression.of, expression.value) ??
        writer.constant(expression.of, expression.value)
      );
    case "pack": {
      const fields = expression.fields.map((field) => emitValue(writer, scope, field));
      const table = recordsText(writer, fields.length);
      for (const [at, field] of fields.entries()) writer.line(`${table}.next[${at}] = ${field};`);
      return writer.keep(`${table}.pack()`);
    }
    case "counter":
      return writer.keep("counters.counter()");
    case "iteration":
      return writer.keep("counters.iteration()");
    case "call": {
      const operands = expression.arguments.map((operand) => emitValue(writer, scope, operand));
      if (expression.functor === "user")
        return writer.keep(`${writer.functor(expression.user)}(${operands.join(", ")})`);
      return emitCall(writer, scope.domain, expression.functor, expression.of, operands);
    }
  }
}

/** The table of records with so many fields. */
export function recordsText(writer: Writer, arity: number): string {
  writer.records.add(arity);
  return `records${arity}`;
}

/** Writes what has to be computed first; returns a JavaScript condition. */
export function emitCondition(writer: Writer, scope: Scope, condition: Condition): string {
  switch (condition.kind) {
    case "boolean":
      return String(condition.value);
    case "test": {
      const left = emitValue(writer, scope, condition.left);
      const right = emitValue(writer, scope, condition.right);
      const test = `${condition.negated ? "not_" : ""}${condition.word}`;
      return `operations.${test}(${left}, ${right})`;
    }
    case "comparison": {
      const left = emitValue(writer, scope, condition.left);
      const right = emitValue(writer, scope, condition.right);
      return comparisonText(scope.domain, condition.operator, condition.of, left, right);
    }
  }
}

/** `=` and `!=` are equality of words for every kind. */
const methods = { "<": "lt", "<=": "le", ">": "gt", ">=": "ge" } as const;

/** JavaScript for a comparison of two words. */
export function comparisonText(
  domain: Domain,
  operator: Comparison,
  of: ValueKind,
  left: string,
  right: string,
): string {
  if (operator === "=") return `${left} === ${right}`;
  if (operator === "!=") return `${left} !== ${right}`;
  const call = `operations.${methods[operator]}_${of}(${left}, ${right})`;
  const plain = `${left} ${operator} ${right}`;
  if (of === "number") return domain === 32 ? plain : inPlace([left, right], plain, call);
  if (of !== "unsigned") return call;
  if (domain === 32) return `${left} >>> 0 ${operator} ${right} >>> 0`;
  // Words that are inline and not negative are the integers themselves.
  return `(${left} | ${right}) >= 0 && ${bothInline([left, right])} ? ${plain} : ${call}`;
}

function emitCall(
  writer: Writer,
  domain: Domain,
  functor: Functor,
  of: ValueKind,
  operands: readonly string[],
): string {
  const call = (words: readonly string[]): string =>
    `operations.${methodName(functor, of)}(${words.join(", ")})`;
  if (functor === "min" || functor === "max" || functor === "cat")
    return operands.reduce((folded, operand) => writer.keep(call([folded, operand])));
  const [a = "", b = ""] = operands;
  const integer = of === "number" || of === "unsigned";
  const operator = plainOperators[functor];
  if (domain === 32 && functor === "mul" && integer) return writer.keep(`Math.imul(${a}, ${b})`);
  if (operator === undefined || !integer) return writer.keep(call(operands));
  const plain = `${a} ${operator} ${b}`;
  if (domain === 32) return writer.keep(`${plain} | 0`);
  if (functor !== "add" && functor !== "sub")
    return writer.keep(inPlace(operands, plain, call(operands)));
  // A sum of two inline words needs 32 bits at most, so this tells whether it is inline too.
  const fits = [...operands.filter((word) => !isLiteral(word)), plain].map(shifted).join(" | ");
  return writer.keep(`(${fits} | 0) >= 0 ? ${plain} : ${call(operands)}`);
}

/** What is computed alike on words that are integers themselves. */
const plainOperators: Partial<Record<Functor, string>> = {
  ...{ add: "+", sub: "-", band: "&", bor: "|", bxor: "^" },
};

function inPlace(words: readonly string[], plain: string, call: string): string {
  return `${bothInline(words)} ? ${plain} : ${call}`;
}

function bothInline(words: readonly string[]): string {
  const open = words.filter((word) => !isLiteral(word));
  if (open.length === 0) return "true";
  return `(${open.map(shifted).join(" | ")} | 0) >= 0`;
}

function shifted(word: string): string {
  return `${word} + ${-inlineMin}`;
}

function isLiteral(word: string): boolean {
  return /^-?\d+$/.test(word);
}

/** The word of a constant, where it does not depend on what was interned. */
export function literal(domain: Domain, of: ValueKind, value: Value): string | undefined {
  if (typeof value !== "bigint" || (of !== "number" && of !== "unsigned")) return undefined;
  const pattern = BigInt.asIntN(domain, value);
  if (domain === 32) return String(pattern);
  const least = BigInt(inlineMin);
  return pattern >= least && pattern < -least ? String(pattern) : undefined;
}
