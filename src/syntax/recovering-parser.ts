// What all layers of the parser share: spans, saved errors, and going on after an error.
import {
  EOF,
  type IParserErrorMessageProvider,
  type IToken,
  isRecognitionException,
  type TokenType,
} from "chevrotain";

import type { Diagnostic } from "../base/diagnostic.ts";
import type { Source, Span } from "../base/source.ts";
import { errorsMax, nestingMax } from "./limits.ts";
import { PreparedParser } from "./prepared-parser.ts";
import {
  Colon,
  Comma,
  Comp,
  directives,
  Dot,
  endOf,
  Equals,
  Exclamation,
  Identifier,
  If,
  Integer,
  isDirective,
  isEnd,
  isWord,
  Later,
  LeftBrace,
  LeftBracket,
  LeftParen,
  LessEqual,
  MapsTo,
  Next,
  Pipe,
  Plan,
  RightBrace,
  RightBracket,
  RightParen,
  Semicolon,
  Subtype,
  Transaction,
  vocabulary,
} from "./tokens.ts";

/** From a range of offsets of the lexed text to the author's text. */
export type Locate = (start: number, end: number) => Span;

/** A lexed text as the parser takes it. */
export type ParserInput = {
  readonly text: string;
  readonly tokens: IToken[];
  readonly comments: readonly IToken[];
  readonly locate: Locate;
  /** The value of `__INCL__` at a place. */
  readonly includedFrom: (span: Span) => string;
};

/** A token that did not fit. `expected` is a noun phrase, or a token's text in quotes. */
export type Misfit = {
  readonly expected: string;
  readonly found: IToken;
  readonly previous: IToken;
  /** Where the item (a clause, a declaration) starts that is being read. */
  readonly itemStart: number;
};

/** What the parser says where Chevrotain has its own texts: only what was expected. */
const expectations: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected }) => expected.LABEL ?? expected.name,
  buildNotAllInputParsedMessage: () => "a declaration or a clause",
  buildNoViableAltMessage: ({ customUserDescription }) => customUserDescription ?? "something else",
  buildEarlyExitMessage: ({ customUserDescription }) => customUserDescription ?? "something else",
};

/** Stops an item that nests too deep; caught where items are read. */
class TooDeep extends Error {}

/** The base of the parser. It does its own recovery: a missing closing bracket is supplied, any
 * other error skips to the item's end. Chevrotain's general recovery guesses at every level of the
 * grammar, which gives errors that follow from errors, and its tables cost start-up time. */
export abstract class RecoveringParser extends PreparedParser {
  /** Findings about tokens that fit the grammar: an unknown escape, a nesting too deep. */
  protected found: Diagnostic[] = [];
  /** Warnings. */
  protected remarks: Diagnostic[] = [];
  protected misfits: Misfit[] = [];
  protected locating: Locate = (start, end) => ({ source: nowhere, start, end });
  private tokens: readonly IToken[] = [];
  protected text = "";
  protected comments: readonly IToken[] = [];
  protected includedFrom: (span: Span) => string = () => "";
  private itemStart = 0;
  private depth = 0;
  /** Braces that were opened by an item whose head was broken, and not closed yet. */
  private orphanedBraces = 0;

  constructor(validated: boolean) {
    super(vocabulary, {
      recoveryEnabled: false,
      maxLookahead: 1,
      nodeLocationTracking: "none",
      skipValidations: !validated,
      errorMessageProvider: expectations,
    });
  }

  protected restart(input: ParserInput): void {
    this.input = input.tokens;
    this.tokens = input.tokens;
    this.text = input.text;
    this.comments = input.comments;
    this.locating = input.locate;
    this.includedFrom = input.includedFrom;
    this.found = [];
    this.remarks = [];
    this.misfits = [];
    this.itemStart = 0;
    this.depth = 0;
    this.orphanedBraces = 0;
  }

  /** The offset at which the next token starts: the mark that `since` takes. */
  protected here(): number {
    return this.LA(1).startOffset;
  }

  /** The span from a mark up to the last token read. */
  protected since(start: number): Span {
    return this.locating(start, endOf(this.LA(0)));
  }

  protected spanOf(token: IToken): Span {
    return this.locating(token.startOffset, endOf(token));
  }

  protected nextIs(type: TokenType, ahead = 1): boolean {
    return this.LA(ahead).tokenType === type;
  }

  /** Counts one level of nesting; `surface` takes levels back. */
  protected deepen(): void {
    this.depth += 1;
    if (this.depth > nestingMax && !this.RECORDING_PHASE) throw new TooDeep();
  }

  protected surface(levels = 1): void {
    this.depth -= levels;
  }

  /** Reads a closing bracket. Where it is missing but the item can go on, says so and goes on. */
  protected close(at: number, type: TokenType): void {
    const next = this.LA(1);
    if (this.RECORDING_PHASE || next.tokenType === type || !afterMissing.has(next.tokenType))
      this.consume(at, type);
    else this.misfit(type.LABEL ?? type.name, next);
  }

  /** Reads items with `read` up to the end, or up to `}` where `braced`. An error ends one item,
   * not the reading. */
  protected recovering(braced: boolean, read: () => void): void {
    if (this.RECORDING_PHASE) {
      this.MANY(read);
      return;
    }
    const outer = { itemStart: this.itemStart, depth: this.depth };
    for (;;) {
      const next = this.LA(1);
      if (isEnd(next)) break;
      if (next.tokenType === RightBrace) {
        if (this.orphanedBraces > 0) {
          this.orphanedBraces -= 1;
          this.SKIP_TOKEN();
          continue;
        }
        if (braced) break;
      }
      this.itemStart = next.startOffset;
      try {
        read();
      } catch (error) {
        const tooDeep = error instanceof TooDeep;
        if (tooDeep) this.reportDepth();
        else if (isRecognitionException(error as Error)) this.takeErrors();
        else throw error;
        // What is nested too deep is one mistake, so its inner items are no place to go on.
        this.skipItem(braced, !tooDeep);
        if (this.misfits.length + this.found.length > errorsMax) this.skipAll();
      }
      this.depth = outer.depth;
    }
    this.itemStart = outer.itemStart;
  }

  private misfit(expected: string, found: IToken): void {
    // Several brackets can be missing at one place: that is one mistake.
    if (this.misfits.at(-1)?.found === found) return;
    this.misfits.push({ expected, found, previous: this.LA(0), itemStart: this.itemStart });
  }

  /** Moves Chevrotain's saved errors into `misfits`. */
  private takeErrors(): void {
    for (const error of this.errors) this.misfit(error.message, error.token);
    this.errors = [];
  }

  private reportDepth(): void {
    this.found.push({
      severity: "error",
      code: "nesting-too-deep",
      message: `more than ${nestingMax} levels of nesting`,
      span: this.spanOf(this.LA(1)),
      label: "this is one level too deep",
      hint: "give parts of it names of their own",
    });
  }

  /** Skips the rest of a broken item: past its `.`, or up to what surely begins another. */
  private skipItem(braced: boolean, stopAtItems: boolean): void {
    const itemAt = tokenAtOffset(this.tokens, this.itemStart);
    const brokenAt = isEnd(this.LA(1))
      ? this.tokens.length
      : tokenAtOffset(this.tokens, this.here());
    const bracesOwned = [Comp, Transaction].includes(this.tokens[itemAt]?.tokenType ?? Dot);
    let braces = 0;
    for (const token of this.tokens.slice(itemAt, brokenAt)) braces += braceStep(token);
    for (let at = brokenAt; !isEnd(this.LA(1)); at += 1) {
      const token = this.LA(1);
      if (at > itemAt && stopAtItems && this.startsItem(token)) break;
      if (token.tokenType === RightBrace && braces === 0 && braced) break;
      braces = Math.max(0, braces + braceStep(token));
      this.SKIP_TOKEN();
      if (token.tokenType === RightBrace && braces === 0 && bracesOwned) break;
      const inName = at === itemAt || this.tokens[at - 1]?.tokenType === Identifier;
      if (token.tokenType === Dot && !(inName && touches(token, this.LA(1)))) {
        this.skipPlan();
        break;
      }
    }
    if (bracesOwned) this.orphanedBraces += braces;
  }

  /** Whether `next` begins an item by all appearance: it is not indented, what is before it can end
   * an item, and it is a word or the dot of an unknown directive. */
  protected startsItem(next: IToken): boolean {
    if (isEnd(next) || startsDirective(next)) return true;
    const unindented = next.startOffset === 0 || this.text[next.startOffset - 1] === "\n";
    if (!unindented || unfinished.has(this.LA(0).tokenType)) return false;
    return isWord(next) || (next.tokenType === Dot && touches(next, this.LA(2)));
  }

  /** Reads a clause's dot. Where it is missing and another item begins, says so and goes on. */
  protected end(at: number): void {
    const next = this.LA(1);
    if (this.RECORDING_PHASE || next.tokenType === Dot || !this.startsItem(next))
      this.consume(at, Dot);
    else this.misfit('"."', next);
  }

  private skipAll(): void {
    while (!isEnd(this.LA(1))) this.SKIP_TOKEN();
  }

  private skipPlan(): void {
    if (!this.nextIs(Plan)) return;
    while (inPlan.has(this.LA(1).tokenType)) this.SKIP_TOKEN();
  }
}

const nowhere: Source = { path: "", text: "" };

/** What may stand where a closing bracket is missing, so that reading goes on. */
const afterMissing: ReadonlySet<TokenType> = new Set([
  Dot,
  If,
  Next,
  Later,
  Semicolon,
  RightParen,
  RightBracket,
  RightBrace,
  EOF,
  ...directives,
]);

const inPlan: ReadonlySet<TokenType> = new Set([
  Plan,
  Integer,
  Colon,
  Comma,
  LeftParen,
  RightParen,
]);

/** What cannot end an item, so that a line after it is its continuation. */
const unfinished: ReadonlySet<TokenType> = new Set([
  Comma,
  Semicolon,
  If,
  Next,
  Later,
  Exclamation,
  Colon,
  Equals,
  Pipe,
  LeftParen,
  LeftBracket,
  LeftBrace,
  Subtype,
  LessEqual,
  MapsTo,
  Dot,
]);

function braceStep(token: IToken): number {
  if (token.tokenType === LeftBrace) return 1;
  return token.tokenType === RightBrace ? -1 : 0;
}

function startsDirective(token: IToken): boolean {
  return token.tokenType !== Plan && isDirective(token);
}

/** Whether a name follows the dot without white space: `.delc` or `a.b`. */
function touches(dot: IToken, next: IToken): boolean {
  return next.tokenType === Identifier && next.startOffset === endOf(dot);
}

function tokenAtOffset(tokens: readonly IToken[], offset: number): number {
  let low = 0;
  let high = tokens.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tokens[middle]?.startOffset ?? offset) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
