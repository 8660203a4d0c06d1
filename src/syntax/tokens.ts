// From text to tokens, for the parser. The lexer knows a few classes of words only; a table turns
// reserved words and directives into token types of their own. calmdb's words are not among them.
import { createToken, EOF, type IToken, Lexer, type TokenType } from "chevrotain";

import { errorsMax } from "./limits.ts";

const all: TokenType[] = [];

// The characters that a token can begin with. Chevrotain could find them in the patterns, which
// takes it longer than all the rest of building the lexer.
const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const digits = "0123456789";
const spaces = " \t\n\v\f\r\u00a0\u1680\u2000\u2028\u202f\u205f\u3000\ufeff";

type Extras = { readonly label?: string; readonly group?: string };

function token(name: string, starts: string, pattern: RegExp, extras: Extras): TokenType {
  const type = createToken({ name, pattern, start_chars_hint: starts.split(""), ...extras });
  all.push(type);
  return type;
}

function punctuation(name: string, text: string): TokenType {
  const type = createToken({ name, pattern: text, label: `"${text}"` });
  all.push(type);
  return type;
}

/** A word that takes its type from a table, after the lexer has seen it as an identifier. */
function word(text: string, categories: TokenType[] = []): TokenType {
  const type = createToken({
    name: text.toUpperCase(),
    pattern: Lexer.NA,
    label: `"${text}"`,
    categories,
  });
  wordTypes.set(text, type);
  return type;
}

function directive(text: string): TokenType {
  const type = createToken({ name: text, pattern: Lexer.NA, label: `"${text}"` });
  directiveTypes.set(text, type);
  return type;
}

function category(name: string, label: string): TokenType {
  return createToken({ name, pattern: Lexer.NA, label });
}

const wordTypes = new Map<string, TokenType>();
const directiveTypes = new Map<string, TokenType>();

// ---- trivia ----

const comments = { group: "comments" };
token("Space", spaces, /\s+/, { group: Lexer.SKIPPED });
token("LineComment", "/", /\/\/[^\n]*/, comments);
token("BlockComment", "/", /\/\*[^]*?\*\//, comments);
token("OpenComment", "/", /\/\*[^]*/, comments);

// ---- names, numbers, strings ----

/** `choice-domain`: one word, which the lexer tries before the identifier `choice`. */
export const ChoiceDomain = punctuation("ChoiceDomain", "choice-domain");
/** A name: of a relation, type, attribute, variable. */
export const Identifier = token("Identifier", `${letters}?_`, /[?a-zA-Z][\w?]*|_[\w?]+/, {
  label: "a name",
});
/** `_`, the anonymous variable. */
export const Underscore = punctuation("Underscore", "_");
/** `127.0.0.1`, a number. */
export const Ipv4 = token("Ipv4", digits, /\d+\.\d+\.\d+\.\d+/, { label: "an address" });
/** `1.5` */
export const Float = token("Float", digits, /\d+\.\d+/, { label: "a float" });
/** `10u`, `0x1Fu`, `0b1u` */
export const Unsigned = token("Unsigned", digits, /(?:0b[01]+|0x[\da-fA-F]+|\d+)u/, {
  label: "an unsigned number",
});
/** `10`, `0x1F`, `0b1` */
export const Integer = token("Integer", digits, /0b[01]+|0x[\da-fA-F]+|\d+/, {
  label: "a number",
});
/** `"text"` */
export const Text = token("Text", '"', /"[^"\\]*(?:\\[^][^"\\]*)*"/, { label: "a string" });

/** A string whose end is missing; it ends with its line and is handed on as a `Text`. */
const OpenText = token("OpenText", '"', /"[^"\\\n]*(?:\\.[^"\\\n]*)*/, { label: "a string" });

// ---- operators and punctuation, the longer before the shorter ----

/** `+`, `band`, …: all that `binaryOperators` lists. */
export const BinaryOperator = category("BinaryOperator", "an operator");
/** `=`, `<`, … */
export const Comparison = category("Comparison", "a comparison");

function operator(name: string, text: string, kind: TokenType): TokenType {
  const type = createToken({ name, pattern: text, label: `"${text}"`, categories: [kind] });
  all.push(type);
  return type;
}

/** `:-` */
export const If = punctuation("If", ":-");
/** `:+` */
export const Next = punctuation("Next", ":+");
/** `:~` */
export const Later = punctuation("Later", ":~");
/** `<:` */
export const Subtype = punctuation("Subtype", "<:");
/** `<=` */
export const LessEqual = operator("LessEqual", "<=", Comparison);
operator("GreaterEqual", ">=", Comparison);
operator("NotEqual", "!=", Comparison);
/** `<` */
export const Less = operator("Less", "<", Comparison);
/** `>` */
export const Greater = operator("Greater", ">", Comparison);
/** `=` */
export const Equals = operator("Equals", "=", Comparison);
/** `->` */
export const MapsTo = punctuation("MapsTo", "->");
/** `+` */
export const Plus = operator("Plus", "+", BinaryOperator);
/** `-` */
export const Minus = operator("Minus", "-", BinaryOperator);
operator("Star", "*", BinaryOperator);
operator("Slash", "/", BinaryOperator);
operator("Percent", "%", BinaryOperator);
operator("Caret", "^", BinaryOperator);
/** `!` */
export const Exclamation = punctuation("Exclamation", "!");
/** `@!` */
export const AtBang = punctuation("AtBang", "@!");
/** `@` */
export const At = punctuation("At", "@");
/** `$` */
export const Dollar = punctuation("Dollar", "$");
/** `|` */
export const Pipe = punctuation("Pipe", "|");
/** `:` */
export const Colon = punctuation("Colon", ":");
/** `;` */
export const Semicolon = punctuation("Semicolon", ";");
/** `,` */
export const Comma = punctuation("Comma", ",");
/** `(` */
export const LeftParen = punctuation("LeftParen", "(");
/** `)` */
export const RightParen = punctuation("RightParen", ")");
/** `[` */
export const LeftBracket = punctuation("LeftBracket", "[");
/** `]` */
export const RightBracket = punctuation("RightBracket", "]");
/** `{` */
export const LeftBrace = punctuation("LeftBrace", "{");
/** `}` */
export const RightBrace = punctuation("RightBrace", "}");

// ---- directives ----

// Soufflé's are directives where white space follows on the same line. calmdb's also want no name
// before them and a name after, on that line: `a.seal (x)` and `.output a.seal` are Soufflé's.
const souffleDirectives = [
  ...[".decl", ".functor", ".input", ".output", ".printsize", ".limitsize", ".type", ".comp"],
  ...[".init", ".number_type", ".symbol_type", ".override", ".pragma", ".plan", ".lattice"],
];
const ownDirectives = [".seal", ".transaction", ".calm", ".expect"];
const blank = String.raw`[ \t\r\v\f]`;
const blockComment = String.raw`/\*(?:[^*\n]|\*(?!/))*\*/`;
const directivePattern = new RegExp(
  `(?:${alternatives(souffleDirectives)})(?=${blank})|` +
    `(?<![\\w?])(?:${alternatives(ownDirectives)})` +
    `(?=${blank}(?:${blank}|${blockComment})*[?a-zA-Z_])`,
  "y",
);

function alternatives(words: readonly string[]): string {
  return words.map((text) => text.replace(".", "\\.")).join("|");
}

const Directive = createToken({
  name: "Directive",
  label: "a directive",
  line_breaks: false,
  start_chars_hint: ["."],
  pattern: (text: string, offset: number) => {
    directivePattern.lastIndex = offset;
    return directivePattern.exec(text);
  },
});
all.push(Directive);
/** `.` */
export const Dot = punctuation("Dot", ".");

/** `.decl` */
export const Decl = directive(".decl");
/** `.functor` */
export const FunctorDecl = directive(".functor");
/** `.input` */
export const InputDirective = directive(".input");
/** `.output` */
export const OutputDirective = directive(".output");
/** `.printsize` */
export const PrintsizeDirective = directive(".printsize");
/** `.limitsize` */
export const LimitsizeDirective = directive(".limitsize");
/** `.type` */
export const TypeDecl = directive(".type");
/** `.number_type` */
export const NumberType = directive(".number_type");
/** `.symbol_type` */
export const SymbolType = directive(".symbol_type");
/** `.comp` */
export const Comp = directive(".comp");
/** `.init` */
export const Init = directive(".init");
/** `.override` */
export const Override = directive(".override");
/** `.pragma` */
export const Pragma = directive(".pragma");
/** `.plan` */
export const Plan = directive(".plan");
/** `.lattice` */
export const LatticeDecl = directive(".lattice");
/** `.seal` */
export const Seal = directive(".seal");
/** `.transaction` */
export const Transaction = directive(".transaction");
/** `.calm` */
export const Calm = directive(".calm");
/** `.expect` */
export const Expect = directive(".expect");

// ---- Soufflé's reserved words ----

for (const text of ["band", "bor", "bxor", "bshl", "bshr", "bshru", "land", "lor", "lxor"])
  word(text, [BinaryOperator]);
/** `bnot` */
export const BitNot = word("bnot");
/** `lnot` */
export const LogicalNot = word("lnot");

/** `cat`, `ord`, …: functors called with a list of terms. */
export const BuiltIn = category("BuiltIn", "a functor");
for (const text of "cat ord range strlen substr to_float to_number to_string to_unsigned".split(
  " ",
))
  word(text, [BuiltIn]);

/** `autoinc`, `recursive_iteration_cnt`: functors without arguments. */
export const Counter = category("Counter", "a functor");
for (const text of ["autoinc", "recursive_iteration_cnt"]) word(text, [Counter]);

/** `sum`, `mean`: aggregates that are nothing else. */
export const Aggregate = category("Aggregate", "an aggregate");
for (const text of ["sum", "mean"]) word(text, [Aggregate]);

/** `min`, `max`: aggregates that are functors too. */
export const Extremum = category("Extremum", "an aggregate");
for (const text of ["min", "max"]) word(text, [Extremum]);
/** `count` */
export const Count = word("count");

/** `match`, `contains` */
export const Test = category("Test", "a test");
for (const text of ["match", "contains"]) word(text, [Test]);

/** `true`, `false` */
export const Truth = category("Truth", "a truth value");
for (const text of ["true", "false"]) word(text, [Truth]);

/** Soufflé's qualifiers of relations. */
export const Qualifier = category("Qualifier", "a qualifier");
for (const text of (
  "input output printsize overridable inline no_inline magic no_magic brie btree btree_delete " +
  "eqrel"
).split(" "))
  word(text, [Qualifier]);

/** `__FILE__`, `__LINE__`, `__INCL__`: literals by their place. */
export const Place = category("Place", "a place");
for (const text of ["__FILE__", "__LINE__", "__INCL__"]) word(text, [Place]);

/** `as` */
export const As = word("as");
/** `nil` */
export const Nil = word("nil");
/** `debug_delta` */
export const DebugDelta = word("debug_delta");
/** `stateful` */
export const Stateful = word("stateful");

/** Soufflé's reserved words: none of them can be a name. */
export const reservedWords: ReadonlySet<string> = new Set([...wordTypes.keys(), "choice-domain"]);

/** The directives, with their dots. */
export const directiveWords: readonly string[] = [...directiveTypes.keys()];

/** The directives' token types. */
export const directives: readonly TokenType[] = [...directiveTypes.values()];

/** Whether a token begins a directive. */
export function isDirective(token: IToken): boolean {
  return directiveTypes.has(token.image);
}

/** Every token type, for the parser. */
export const vocabulary: TokenType[] = [
  ...all,
  ...wordTypes.values(),
  ...directiveTypes.values(),
  BinaryOperator,
  Comparison,
  BuiltIn,
  Counter,
  Aggregate,
  Extremum,
  Test,
  Truth,
  Qualifier,
  Place,
];

const lexer = new Lexer(all, {
  positionTracking: "onlyOffset",
  ensureOptimizations: false,
  skipValidations: true,
});

/** What the lexer made of a text: tokens in order, comments in order, and what it could not read,
 * as ranges of offsets. */
export type Lexed = {
  readonly tokens: IToken[];
  readonly comments: readonly IToken[];
  readonly openTexts: readonly IToken[];
  readonly unread: readonly { readonly start: number; readonly end: number }[];
};

/** Returns the tokens of `text`. Every text has some; nothing is thrown. */
export function lex(text: string): Lexed {
  const { tokens, groups, errors } = lexer.tokenize(text);
  const openTexts: IToken[] = [];
  for (const token of tokens) {
    if (token.tokenType === Identifier) retype(token, wordTypes.get(token.image));
    else if (token.tokenType === Directive) retype(token, directiveTypes.get(token.image));
    else if (token.tokenType === OpenText) {
      openTexts.push(token);
      retype(token, Text);
    }
  }
  const unread = errors
    .slice(0, errorsMax)
    .map(({ offset, length }) => ({ start: offset, end: offset + length }));
  return { tokens, comments: groups["comments"] ?? [], openTexts, unread };
}

function retype(token: IToken, type: TokenType | undefined): void {
  if (type === undefined) return;
  token.tokenType = type;
  token.tokenTypeIdx = type.tokenTypeIdx ?? token.tokenTypeIdx;
}

/** The offset just after a token; the end of the text has none. */
export function endOf(token: IToken): number {
  return token.startOffset + token.image.length;
}

/** Whether a token is a name or a reserved word. */
export function isWord(token: IToken): boolean {
  return /^[\w?]/.test(token.image) && !/^\d/.test(token.image);
}

/** Whether a token is the end of the text. */
export function isEnd(token: IToken): boolean {
  return token.tokenType === EOF;
}
