// Where a space stands between two tokens of one line.
import { type IToken, tokenMatcher, type TokenType } from "chevrotain";

import {
  As,
  At,
  AtBang,
  BuiltIn,
  Colon,
  Comma,
  Counter,
  DebugDelta,
  Dollar,
  Dot,
  Equals,
  Exclamation,
  Extremum,
  Float,
  Greater,
  Identifier,
  Integer,
  Ipv4,
  LeftBracket,
  LeftParen,
  Less,
  Minus,
  Nil,
  Place,
  Plus,
  RightBrace,
  RightBracket,
  RightParen,
  Test,
  Text,
  Truth,
  Underscore,
  Unsigned,
} from "./tokens.ts";

/** What a run of tokens belongs to: the kind of an item, or the `.plan` of a clause. */
export type Setting = "declaration" | "component" | "directive" | "expectation" | "clause" | "plan";

const callers = [Identifier, BuiltIn, Counter, Test, As, Extremum, DebugDelta];
const operandEnds = [
  ...[Identifier, Underscore, Ipv4, Float, Unsigned, Integer, Text, RightParen, RightBracket],
  ...[RightBrace, Nil, Place, Truth, Dollar],
];
const openers = [LeftParen, LeftBracket, Exclamation, AtBang, At];

/** Whether a space stands between the tokens at `at - 1` and `at`. In a `cast`, and in whatever
 * declares, `<` and `>` are brackets. */
export function spaced(
  tokens: readonly IToken[],
  at: number,
  setting: Setting,
  cast: boolean,
): boolean {
  const before = tokens[at - 1];
  const next = tokens[at];
  if (before === undefined || next === undefined) return false;
  if (is(before, [Dot, ...openers]) || is(next, [Dot, Comma, RightParen, RightBracket]))
    return false;
  if (is(before, [Dollar])) return !is(next, [Identifier]);
  if (is(next, [At])) return !is(before, [RightParen]);
  if (is(next, [LeftParen])) return !is(before, callers) && setting !== "plan";
  if (is(next, [Less, Greater]) || is(before, [Less]))
    return !cast && setting !== "declaration" && setting !== "component";
  if (is(next, [Colon]))
    return setting === "clause" || setting === "expectation" || setting === "component";
  if (is(before, [Colon])) return setting !== "plan";
  if (setting === "directive" && (is(before, [Equals]) || is(next, [Equals]))) return false;
  if (is(before, [Minus, Plus])) {
    const operand = tokens[at - 2];
    return operand !== undefined && is(operand, operandEnds);
  }
  return true;
}

/** Whether a parenthesis after `before` holds the arguments of a call or a list of attributes. */
export function calls(before: IToken | undefined): boolean {
  return before !== undefined && is(before, callers);
}

/** Whether a token is of one of these types or categories. */
export function is(token: IToken, types: readonly TokenType[]): boolean {
  return types.some((type) => tokenMatcher(token, type));
}
