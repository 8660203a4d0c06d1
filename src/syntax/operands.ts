// From operands and operators in the order of reading to one term, by precedence. No recursion: a
// chain of operators may be as long as memory allows.
import type { Span } from "../base/source.ts";
import {
  type BinaryNode,
  type BinaryOperator,
  binaryOperators,
  type TermNode,
  type UnaryOperator,
} from "./tree.ts";

/** The precedence of prefixes: tighter than `*`, looser than `^`. */
export const prefixPrecedence = 10;

/** Returns how tight a binary operator binds: more is tighter. */
export function precedenceOf(operator: BinaryOperator): number {
  return precedences.get(operator) ?? 0;
}

const precedences = new Map<BinaryOperator, number>(
  binaryOperators.flatMap((row, level) =>
    row.map((operator): [BinaryOperator, number] => [operator, precedence(level)]),
  ),
);

/** Levels from 1; the tightest, `^`, stands above the prefixes. */
function precedence(level: number): number {
  return level === binaryOperators.length - 1 ? prefixPrecedence + 1 : level + 1;
}

/** A term, with the range of offsets that it and its parentheses take. */
type Operand = { readonly node: TermNode; readonly start: number; readonly end: number };

type Pending =
  | { readonly arity: 1; readonly operator: UnaryOperator; readonly start: number }
  | { readonly arity: 2; readonly operator: BinaryOperator };

/** A term under construction: two stacks, as in Dijkstra's shunting-yard algorithm. */
export class Operands {
  private readonly operands: Operand[] = [];
  private readonly pending: Pending[] = [];
  private readonly locate: (start: number, end: number) => Span;

  constructor(locate: (start: number, end: number) => Span) {
    this.locate = locate;
  }

  operand(node: TermNode, start: number, end: number): void {
    this.operands.push({ node, start, end });
  }

  prefix(operator: UnaryOperator, start: number): void {
    this.pending.push({ arity: 1, operator, start });
  }

  operator(operator: BinaryOperator): void {
    const own = precedenceOf(operator);
    // `^` binds to the right: an equal one on the stack waits for it.
    this.reduceAbove(operator === "^" ? own + 1 : own);
    this.pending.push({ arity: 2, operator });
  }

  /** Returns the term. */
  finish(): TermNode | undefined {
    this.reduceAbove(0);
    return this.operands.pop()?.node;
  }

  private reduceAbove(limit: number): void {
    for (;;) {
      const top = this.pending.at(-1);
      if (top === undefined) return;
      const own = top.arity === 1 ? prefixPrecedence : precedenceOf(top.operator);
      if (own < limit) return;
      this.pending.pop();
      this.reduce(top);
    }
  }

  private reduce(top: Pending): void {
    const right = this.operands.pop();
    if (right === undefined) return;
    if (top.arity === 1) {
      const span = this.locate(top.start, right.end);
      const node = prefixed(top.operator, right.node, span);
      this.operands.push({ node, start: top.start, end: right.end });
      return;
    }
    const left = this.operands.pop();
    if (left === undefined) return;
    const node: BinaryNode = {
      kind: "binary",
      operator: top.operator,
      left: left.node,
      right: right.node,
      span: this.locate(left.start, right.end),
    };
    this.operands.push({ node, start: left.start, end: right.end });
  }
}

/** A `-` folds into a numeric literal that has none yet, as Soufflé does. */
function prefixed(operator: UnaryOperator, of: TermNode, span: Span): TermNode {
  if (operator === "-" && of.kind === "number" && !of.text.startsWith("-"))
    return { ...of, text: `-${of.text}`, span };
  return { kind: "unary", operator, of, span };
}
