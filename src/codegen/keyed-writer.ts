// JavaScript of transactions that look up rows by their keys, line by line: the expressions and the
// conditions of their plans, which leave the function where a number is not exact as a double.
import { assert } from "../base/assert.ts";
import type { Condition, Expression } from "../plan/plan.ts";
import type { Functor } from "../value/operator.ts";
import type { Domain, Value, ValueKind } from "../value/schema.ts";
import { isWhole } from "./emit-keyed-hash.ts";
import { keyedEnds } from "./keyed-code.ts";
import { type KeyedLimits, keyedLimits } from "./keyed-limits.ts";

/** The text of one transaction while it is written. The value of a slot is in the variable of its
 * number, as `s3`. */
export class KeyedWriter {
  readonly lines: string[] = [];
  /** What the text refers to by place. */
  readonly constants: Value[] = [];
  /** Whether all numbers of the text are what they are as doubles; if not it is of no use. */
  isExact = true;
  private readonly limits: KeyedLimits;
  /** How many blocks are open. */
  depth = 1;
  private fresh = 0;

  constructor(domain: Domain) {
    this.limits = keyedLimits(domain);
  }

  /** Appends a line at the present depth. */
  line(text: string): void {
    this.lines.push("  ".repeat(this.depth) + text);
  }

  /** Appends a line that opens a block. */
  open(text: string): void {
    this.line(text);
    this.depth++;
  }

  /** Closes a block; a text that goes on opens the next one. */
  close(text = "}", goesOn = false): void {
    this.depth--;
    if (goesOn) this.open(text);
    else this.line(text);
  }

  /** Writes what has to be computed first; returns a JavaScript condition. */
  condition(one: Condition): string {
    if (one.kind === "boolean") return String(one.value);
    assert(one.kind === "comparison", "what is tested otherwise is not carried out in place");
    const { operator, of } = one;
    const [left, right] = [this.value(one.left), this.value(one.right)];
    if (operator === "=") return equalText(of, left, right);
    if (operator === "!=") return `!(${equalText(of, left, right)})`;
    if (of === "symbol") return `compare(${left}, ${right}) ${operator} 0`;
    return `${left} ${operator} ${right}`;
  }

  /** Writes what has to be computed first; returns a variable or a literal. */
  value(of: Expression): string {
    if (of.kind === "slot") return `s${of.slot}`;
    if (of.kind === "constant") {
      if (isWhole(of.of)) return this.number(Number(of.value), of.of);
      return `constant${this.constants.push(of.value) - 1}`;
    }
    assert(of.kind === "call", "other values are not computed with in place");
    const operands = of.arguments.map((one) => this.value(one));
    if (of.functor === "cat") return this.kept(`"" + ${operands.join(" + ")}`);
    assert(of.functor !== "user", "other functors are not computed with in place");
    const [left = "", right = ""] = operands;
    if (of.functor === "min" || of.functor === "max")
      return this.kept(`Math.${of.functor}(${left}, ${right})`);
    const name = this.kept(callText(of.functor, left, right));
    this.exact(name, of.of);
    return name;
  }

  private number(value: number, kind: ValueKind): string {
    const { least, most } = this.limitOf(kind);
    if (!(value >= least && value <= most)) this.isExact = false;
    return `(${value})`;
  }

  private limitOf(kind: ValueKind): KeyedLimits["number"] {
    assert(
      kind === "number" || kind === "unsigned",
      "other numbers are not computed with in place",
    );
    return this.limits[kind];
  }

  private kept(text: string): string {
    const name = `x${this.fresh++}`;
    this.line(`const ${name} = ${text};`);
    return name;
  }

  /** Leaves the function where a number is not one of a kind, or not exact. */
  exact(name: string, kind: ValueKind): void {
    const { least, most } = this.limitOf(kind);
    this.line(`if (!(${name} >= ${least} && ${name} <= ${most})) return ${keyedEnds.left};`);
  }
}

/** JavaScript for whether two variables or literals are one value. */
export function equalText(kind: ValueKind, left: string, right: string): string {
  const isOne = isWhole(kind) || kind === "symbol";
  return isOne ? `${left} === ${right}` : `same(${left}, ${right})`;
}

const operators: Partial<Record<Functor, string>> = { add: "+", sub: "-", mul: "*" };

function callText(functor: Functor, left: string, right: string): string {
  if (functor === "neg") return `-${left} + 0`;
  const operator = operators[functor];
  assert(operator !== undefined, "other functors are not computed with in place");
  // There is one zero.
  return `${left} ${operator} ${right}${functor === "mul" ? " + 0" : ""}`;
}
