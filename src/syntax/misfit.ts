// From a token that did not fit to a finding in plain words: what was expected, what is there, and
// what the author may have meant.
import type { IToken } from "chevrotain";

import type { Diagnostic } from "../base/diagnostic.ts";
import type { Span } from "../base/source.ts";
import { suggest } from "../base/suggest.ts";
import type { Code } from "./codes.ts";
import type { Locate, Misfit } from "./recovering-parser.ts";
import { closing, opening } from "./term-parser.ts";
import {
  Colon,
  Comma,
  directiveWords,
  Dot,
  endOf,
  Equals,
  isDirective,
  isEnd,
  LeftParen,
  Less,
  Pipe,
  Plan,
  reservedWords,
} from "./tokens.ts";

/** What the wording of a finding needs of the text that was parsed. */
export type Context = {
  readonly text: string;
  readonly tokens: readonly IToken[];
  readonly locate: Locate;
  /** A span for what is missing in a text without tokens. */
  readonly nowhere: Span;
};

/** Returns the finding that `misfit` is. */
export function explained(misfit: Misfit, context: Context): Diagnostic {
  return (
    unknownDirective(misfit, context) ??
    reservedWord(misfit, context) ??
    unclosedBracket(misfit, context) ??
    missingEnd(misfit, context) ??
    unexpected(misfit, context)
  );
}

const item = "a declaration or a clause";

type Details = Pick<Diagnostic, "label" | "related" | "hint">;

function error(code: Code, message: string, span: Span, details: Details): Diagnostic {
  return { severity: "error", code, message, span, ...details };
}

/** `.delc edge(x: number)`, `.decl(x)`: a dot in front of an item that is no known directive. */
function unknownDirective({ found, itemStart }: Misfit, context: Context): Diagnostic | undefined {
  if (found.tokenType !== Dot || found.startOffset !== itemStart) return undefined;
  const word = /^\.[a-zA-Z_]\w*/.exec(context.text.slice(itemStart, itemStart + 40))?.[0];
  if (word === undefined) return undefined;
  const span = context.locate(itemStart, itemStart + word.length);
  if (directiveWords.includes(word))
    return error("unknown-directive", `directive "${word}" is not followed by a space`, span, {
      label: "a space and its operand follow on the same line",
    });
  const meant = suggest(word, directiveWords);
  return error("unknown-directive", `unknown directive "${word}"`, span, {
    label: "not a directive",
    ...(meant === undefined ? {} : { hint: `did you mean "${meant}"?` }),
  });
}

/** `.decl count(x: number)`: a word of the language where a name is wanted. */
function reservedWord({ expected, found }: Misfit, context: Context): Diagnostic | undefined {
  if (!reservedWords.has(found.image)) return undefined;
  // In `.decl r(max: number)` anything may follow the parenthesis, so a name is not what is missed.
  const next = context.tokens[context.tokens.indexOf(found) + 1];
  const attribute = expected === '")"' && next?.tokenType === Colon;
  if (!attribute && expected !== "a name" && expected !== item) return undefined;
  return error("reserved-word", `"${found.image}" is a reserved word`, spanOf(found, context), {
    label: "expected a name",
    hint: `choose another name, such as "${found.image}_"`,
  });
}

/** `edge(a, b.`: a bracket that is still open where the item ends or another bracket closes. */
function unclosedBracket(misfit: Misfit, context: Context): Diagnostic | undefined {
  const { expected, found, previous } = misfit;
  if (previous.tokenType === Comma && found.tokenType === Dot) return undefined;
  if (!endsOrCloses(found)) return undefined;
  const opener = openBracket(misfit, context);
  if (opener === undefined) return undefined;
  const wanted = closerOf[opener.image] ?? expected;
  if (found.image === wanted) return undefined;
  return error(
    "unclosed-bracket",
    `expected "${wanted}", found ${nameOf(found)}`,
    placeOf(misfit, context),
    {
      label: `expected "${wanted}"`,
      related: [{ span: spanOf(opener, context), text: `this "${opener.image}" is never closed` }],
    },
  );
}

const closerOf: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

function endsOrCloses(token: IToken): boolean {
  return (
    isEnd(token) ||
    token.tokenType === Dot ||
    isDirective(token) ||
    closing.has(token.tokenType) ||
    token.image.startsWith(":")
  );
}

/** The innermost bracket that the item opens and does not close before the token found. */
function openBracket({ found, itemStart }: Misfit, { tokens }: Context): IToken | undefined {
  const open: IToken[] = [];
  for (const token of tokens) {
    if (token.startOffset < itemStart) continue;
    if (token === found) break;
    if (opening.has(token.tokenType)) open.push(token);
    else if (closing.has(token.tokenType)) open.pop();
  }
  return open.at(-1);
}

/** `a(x) :- b(x)` and another clause on the next line. */
function missingEnd(misfit: Misfit, context: Context): Diagnostic | undefined {
  const { expected, found, previous } = misfit;
  if (!expected.includes('"."')) return undefined;
  const between = context.text.slice(endOf(previous), isEnd(found) ? undefined : found.startOffset);
  if (!isEnd(found) && !between.includes("\n")) return undefined;
  return error("missing-clause-end", `clause without "." at its end`, behind(previous, context), {
    label: `expected ${expected}`,
    hint: 'a clause ends with "."',
  });
}

function unexpected(misfit: Misfit, context: Context): Diagnostic {
  const { expected, found } = misfit;
  const hint = hintFor(misfit);
  const message = `expected ${expected}, found ${nameOf(found)}`;
  return error("unexpected-token", message, placeOf(misfit, context), {
    label: `expected ${expected}`,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** What those mean who come from another language, or who forgot something. */
function hintFor({ expected, found, previous }: Misfit): string | undefined {
  const clauseEnd = expected.includes('"."');
  if (previous.image === "not") return `negation is written "!": !${found.image}(…)`;
  if (previous.tokenType === Comma && endsOrCloses(found)) return 'leave out the last ","';
  if (found.tokenType === Equals && previous.tokenType === Equals) return 'equality is written "="';
  if (found.tokenType === Plan) return "a plan stands right after the rule that it is for";
  if (clauseEnd && (found.tokenType === Less || found.tokenType === Colon))
    return 'head and body are separated by ":-"';
  if (clauseEnd && found.tokenType === Pipe) return 'alternatives are separated by ";"';
  if (clauseEnd && found.tokenType === LeftParen) return "only a name can stand before parentheses";
  if (expected === '":"' && endsOrCloses(found)) return "an attribute has a type: x: number";
  if (expected === '":"' && found.tokenType === Comma) return "an attribute has a type: x: number";
  if (expected === "a comparison" && endsOrCloses(found))
    return `an atom has parentheses, also an empty pair: ${previous.image}()`;
  return undefined;
}

function nameOf(token: IToken): string {
  return isEnd(token) ? "the end of the text" : `"${token.image}"`;
}

/** Where the finding points: at the token, or behind the last one at the end of the text. */
function placeOf({ found, previous }: Misfit, context: Context): Span {
  return isEnd(found) ? behind(previous, context) : spanOf(found, context);
}

function spanOf(token: IToken, { locate }: Context): Span {
  return locate(token.startOffset, endOf(token));
}

function behind(token: IToken, context: Context): Span {
  if (isEnd(token)) return context.nowhere;
  const { source, end } = spanOf(token, context);
  return { source, start: end, end };
}
