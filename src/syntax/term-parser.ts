// The parser's layer of names, types and terms. The production stands above each rule. The file is
// longer than most because its rules are one recursion: a term contains terms.
import type { IToken, ParserMethod, TokenType } from "chevrotain";

import { addressProblem, numberOf, placeOf, stringValue } from "./literals.ts";
import { Operands } from "./operands.ts";
import { RecoveringParser } from "./recovering-parser.ts";
import {
  Aggregate,
  As,
  At,
  BinaryOperator,
  BitNot,
  BuiltIn,
  Colon,
  Comma,
  Count,
  Counter,
  Dollar,
  Dot,
  endOf,
  Extremum,
  Float,
  Greater,
  Identifier,
  If,
  Integer,
  Ipv4,
  isDirective,
  isEnd,
  LeftBrace,
  LeftBracket,
  LeftParen,
  Less,
  LogicalNot,
  Minus,
  Nil,
  Place,
  RightBrace,
  RightBracket,
  RightParen,
  Text,
  Underscore,
  Unsigned,
} from "./tokens.ts";
import type {
  AggregateName,
  AttributeNode,
  BinaryOperator as BinaryWord,
  BodyNode,
  FunctorName,
  NameNode,
  NumberNode,
  QualifiedNameNode,
  TermNode,
  TypeNode,
  UnaryOperator,
} from "./tree.ts";

/** A rule of the grammar without arguments. */
export type Rule<T> = ParserMethod<[], T>;

/** Reads names, types and terms. */
export abstract class TermParser extends RecoveringParser {
  // ---- names and types ----

  /** name: IDENT */
  protected readonly name: Rule<NameNode> = this.RULE("name", (): NameNode => {
    const token = this.CONSUME(Identifier);
    return { text: token.image, span: this.spanOf(token) };
  });

  // qualifiedName: name ("." name)*
  protected readonly qualifiedName: Rule<QualifiedNameNode> = this.RULE(
    "qualifiedName",
    (): QualifiedNameNode => {
      const start = this.here();
      const parts = [this.SUBRULE(this.name)];
      this.MANY(() => {
        this.CONSUME(Dot);
        parts.push(this.SUBRULE1(this.name));
      });
      return { parts, span: this.since(start) };
    },
  );

  // type: qualifiedName ("<" [type ("," type)*] ">")?
  protected readonly type: Rule<TypeNode> = this.RULE("type", (): TypeNode => {
    const start = this.here();
    const name = this.SUBRULE(this.qualifiedName);
    const parameters = this.OPTION(() => {
      const types: TypeNode[] = [];
      this.CONSUME(Less);
      this.deepen();
      this.MANY_SEP({ SEP: Comma, DEF: () => types.push(this.SUBRULE(this.type)) });
      this.surface();
      this.CONSUME(Greater);
      return types;
    });
    const span = this.since(start);
    return parameters === undefined ? { name, span } : { name, arguments: parameters, span };
  });

  // attribute: name ":" type
  protected readonly attribute: Rule<AttributeNode> = this.RULE("attribute", (): AttributeNode => {
    const start = this.here();
    const name = this.SUBRULE(this.name);
    this.CONSUME(Colon);
    const type = this.SUBRULE(this.type);
    return { name, type, span: this.since(start) };
  });

  // ---- terms ----

  // list: "(" [term ("," term)*] ")"
  protected readonly list: Rule<TermNode[]> = this.RULE("list", (): TermNode[] => {
    const terms: TermNode[] = [];
    this.deepen();
    this.CONSUME(LeftParen);
    this.MANY_SEP({ SEP: Comma, DEF: () => terms.push(this.SUBRULE(this.term)) });
    this.close(0, RightParen);
    this.surface();
    return terms;
  });

  // term: prefix* operand (operator prefix* operand)*
  // The operators bind as `binaryOperators` says, with prefixes between `*` and `^`.
  protected readonly term: Rule<TermNode> = this.RULE("term", (): TermNode => {
    const operands = new Operands(this.locating);
    let levels = 0;
    const prefix = (at: number): void => {
      levels += 1;
      this.deepen();
      const { image, startOffset } = this.subrule(at, this.prefix);
      operands.prefix(image as UnaryOperator, startOffset);
    };
    const operand = (at: number): void => {
      const start = this.here();
      operands.operand(this.subrule(at, this.operand), start, endOf(this.LA(0)));
    };
    this.MANY(() => prefix(0));
    operand(0);
    this.MANY1(() => {
      const token = this.CONSUME(BinaryOperator);
      operands.operator(token.image as BinaryWord);
      if (token.image === "^") {
        levels += 1;
        this.deepen();
      }
      this.MANY2(() => prefix(1));
      operand(1);
    });
    this.surface(levels);
    return operands.finish() ?? this.nothing();
  });

  // prefix: "-" | "bnot" | "lnot"
  private readonly prefix: Rule<IToken> = this.RULE("prefix", (): IToken =>
    this.OR([
      { ALT: () => this.CONSUME(Minus) },
      { ALT: () => this.CONSUME(BitNot) },
      { ALT: () => this.CONSUME(LogicalNot) },
    ]),
  );

  // operand: literal | variable | "_" | "nil" | record | branch | cast | call | aggregate
  //        | "(" term ")"
  private readonly operand: Rule<TermNode> = this.RULE("operand", (): TermNode =>
    this.OR({ DEF: this.operands, ERR_MSG: "a term" }),
  );

  private readonly operands = [
    { ALT: () => this.SUBRULE(this.named) },
    { ALT: () => this.string(this.CONSUME(Text)) },
    { ALT: () => this.number(this.CONSUME(Integer), "integer") },
    { ALT: () => this.number(this.CONSUME(Unsigned), "integer") },
    { ALT: () => this.number(this.CONSUME(Float), "float") },
    { ALT: () => this.address(this.CONSUME(Ipv4)) },
    { ALT: () => this.placeLiteral(this.CONSUME(Place)) },
    { ALT: () => this.marker("anonymous", this.CONSUME(Underscore)) },
    { ALT: () => this.marker("nil", this.CONSUME(Nil)) },
    { ALT: () => this.SUBRULE(this.parenthesized) },
    { ALT: () => this.SUBRULE(this.record) },
    { ALT: () => this.SUBRULE(this.branch) },
    { ALT: () => this.SUBRULE(this.cast) },
    { ALT: () => this.SUBRULE(this.call) },
    { ALT: () => this.SUBRULE(this.counter) },
    { ALT: () => this.SUBRULE(this.custom) },
    { ALT: () => this.SUBRULE(this.extremum) },
    { ALT: () => this.SUBRULE(this.aggregate) },
    { ALT: () => this.SUBRULE(this.count) },
  ];

  // named: name | ("singleton" | "size" | "at") list
  private readonly named: Rule<TermNode> = this.RULE("named", (): TermNode => {
    const token = this.CONSUME(Identifier);
    const terms = this.OPTION({
      GATE: () => functorWords.has(token.image),
      DEF: () => this.SUBRULE(this.list),
    });
    return terms === undefined ? this.variable(token) : this.functor(token, terms);
  });

  // parenthesized: "(" term ")"
  private readonly parenthesized: Rule<TermNode> = this.RULE("parenthesized", (): TermNode => {
    this.deepen();
    this.CONSUME(LeftParen);
    const term = this.SUBRULE(this.term);
    this.close(0, RightParen);
    this.surface();
    return term;
  });

  // record: "[" [term ("," term)*] "]"
  private readonly record: Rule<TermNode> = this.RULE("record", (): TermNode => {
    const start = this.here();
    const fields: TermNode[] = [];
    this.deepen();
    this.CONSUME(LeftBracket);
    this.MANY_SEP({ SEP: Comma, DEF: () => fields.push(this.SUBRULE(this.term)) });
    this.close(0, RightBracket);
    this.surface();
    return { kind: "record", fields, span: this.since(start) };
  });

  // branch: "$" [qualifiedName list]
  // A lone `$` is the old form of `autoinc()`.
  private readonly branch: Rule<TermNode> = this.RULE("branch", (): TermNode => {
    const start = this.CONSUME(Dollar).startOffset;
    const branch = this.OPTION(() => {
      const name = this.SUBRULE(this.qualifiedName);
      return { name, fields: this.SUBRULE(this.list) };
    });
    if (branch === undefined)
      return { kind: "functor", name: "autoinc", arguments: [], span: this.since(start) };
    return { kind: "branch", ...branch, span: this.since(start) };
  });

  // cast: "as" "(" term "," type ")"
  private readonly cast: Rule<TermNode> = this.RULE("cast", (): TermNode => {
    const start = this.CONSUME(As).startOffset;
    this.deepen();
    this.CONSUME(LeftParen);
    const of = this.SUBRULE(this.term);
    this.CONSUME(Comma);
    const type = this.SUBRULE(this.type);
    this.close(0, RightParen);
    this.surface();
    return { kind: "cast", of, type, span: this.since(start) };
  });

  // call: ("cat" | "ord" | "range" | …) list
  private readonly call: Rule<TermNode> = this.RULE("call", (): TermNode => {
    const word = this.CONSUME(BuiltIn);
    const terms = this.SUBRULE(this.list);
    return this.functor(word, terms);
  });

  // counter: ("autoinc" | "recursive_iteration_cnt") "(" ")"
  private readonly counter: Rule<TermNode> = this.RULE("counter", (): TermNode => {
    const word = this.CONSUME(Counter);
    this.CONSUME(LeftParen);
    this.close(0, RightParen);
    return this.functor(word, []);
  });

  // custom: "@" name list | "@" "@" name term ":" term "," aggregateBody
  private readonly custom: Rule<TermNode> = this.RULE("custom", (): TermNode => {
    const start = this.CONSUME(At).startOffset;
    return this.OR([
      {
        ALT: (): TermNode => {
          const name = this.SUBRULE(this.name);
          const terms = this.SUBRULE(this.list);
          return { kind: "user-functor", name, arguments: terms, span: this.since(start) };
        },
      },
      {
        ALT: (): TermNode => {
          this.CONSUME1(At);
          const name = this.SUBRULE1(this.name);
          this.deepen();
          const value = this.SUBRULE(this.term);
          this.CONSUME(Colon);
          const initial = this.SUBRULE1(this.term);
          this.CONSUME(Comma);
          const body = this.SUBRULE(this.aggregateBody);
          this.surface();
          const span = this.since(start);
          return { kind: "user-aggregate", name, value, start: initial, body, span };
        },
      },
    ]);
  });

  // extremum: ("min" | "max") "(" term "," term ("," term)* ")" | ("min" | "max") term aggregation
  private readonly extremum: Rule<TermNode> = this.RULE("extremum", (): TermNode => {
    const word = this.CONSUME(Extremum);
    return this.OR([
      {
        GATE: () => this.nextIs(LeftParen) && this.commaInParens(),
        ALT: () => this.functor(word, this.SUBRULE(this.list)),
        IGNORE_AMBIGUITIES: true,
      },
      { ALT: () => this.SUBRULE(this.aggregation, { ARGS: [word] }), IGNORE_AMBIGUITIES: true },
    ]);
  });

  // aggregate: ("sum" | "mean") aggregation
  private readonly aggregate: Rule<TermNode> = this.RULE("aggregate", (): TermNode => {
    const word = this.CONSUME(Aggregate);
    return this.SUBRULE(this.aggregation, { ARGS: [word] });
  });

  // aggregation: term ":" aggregateBody
  private readonly aggregation: ParserMethod<[word?: IToken], TermNode> = this.RULE(
    "aggregation",
    (word: IToken = this.LA(0)): TermNode => {
      this.deepen();
      const value = this.SUBRULE(this.term);
      this.CONSUME(Colon);
      const body = this.SUBRULE(this.aggregateBody);
      this.surface();
      const span = this.since(word.startOffset);
      return { kind: "aggregate", name: word.image as AggregateName, value, body, span };
    },
  );

  // count: "count" ":" aggregateBody
  private readonly count: Rule<TermNode> = this.RULE("count", (): TermNode => {
    const start = this.CONSUME(Count).startOffset;
    this.deepen();
    this.CONSUME(Colon);
    const body = this.SUBRULE(this.aggregateBody);
    this.surface();
    return { kind: "aggregate", name: "count", body, span: this.since(start) };
  });

  /** What an aggregate ranges over: a layer above reads it. */
  protected abstract readonly aggregateBody: Rule<BodyNode>;

  // ---- nodes of single tokens ----

  private variable(token: IToken): TermNode {
    return { kind: "variable", name: token.image, span: this.spanOf(token) };
  }

  private marker(kind: "anonymous" | "nil", token: IToken): TermNode {
    return { kind, span: this.spanOf(token) };
  }

  private number(token: IToken, form: NumberNode["form"]): TermNode {
    return numberOf(token.image, form, this.spanOf(token));
  }

  /** Returns an address as a number, and reports a part that is too large. */
  protected address(token: IToken): TermNode {
    const problem = addressProblem(token.image, this.spanOf(token));
    if (problem !== undefined) this.found.push(problem);
    return this.number(token, "ipv4");
  }

  private string(token: IToken): TermNode {
    return { kind: "string", value: this.stringOf(token), span: this.spanOf(token) };
  }

  /** Returns what a string token stands for, and reports its unknown escapes. */
  protected stringOf(token: IToken): string {
    const { startOffset } = token;
    const { value, diagnostics } = stringValue(token.image, (start, end) =>
      this.locating(startOffset + start, startOffset + end),
    );
    this.found.push(...diagnostics);
    return value;
  }

  private placeLiteral(token: IToken): TermNode {
    const span = this.spanOf(token);
    return placeOf(token.image, span, this.includedFrom(span));
  }

  private functor(word: IToken, terms: readonly TermNode[]): TermNode {
    const span = this.since(word.startOffset);
    return { kind: "functor", name: word.image as FunctorName, arguments: terms, span };
  }

  /** What a term without operands is: it cannot be, `operand` has read one or thrown. */
  private nothing(): TermNode {
    return { kind: "nil", span: this.since(this.here()) };
  }

  // ---- what one token of lookahead cannot tell ----

  /** Whether the parentheses that open next hold several terms: `min(x, y)`, not `min (x) : …`.
   * The comma of `@@f x : 0, { … }` is none that separates terms. */
  private commaInParens(): boolean {
    let depth = 0;
    let starts = 0;
    for (let ahead = 1; ; ahead += 1) {
      const type = this.LA(ahead).tokenType;
      if (opening.has(type)) depth += 1;
      else if (closing.has(type)) depth -= 1;
      else if (type === At && this.nextIs(At, ahead + 1) && depth === 1) starts += 1;
      else if (type === Comma && depth === 1 && starts-- === 0) return true;
      if (depth === 0 || endsItem(this.LA(ahead))) return false;
    }
  }

  /** How far ahead the token after the closing bracket of the next opening one is. */
  protected pastParens(from = 1): number {
    let depth = 0;
    for (let ahead = from; ; ahead += 1) {
      const token = this.LA(ahead);
      if (opening.has(token.tokenType)) depth += 1;
      else if (closing.has(token.tokenType)) depth -= 1;
      if (depth === 0 || endsItem(token)) return ahead + 1;
    }
  }
}

/** calmdb's functors. */
export const functorWords: ReadonlySet<string> = new Set(["singleton", "size", "at"]);

/** The brackets that open. */
export const opening: ReadonlySet<TokenType> = new Set([LeftParen, LeftBracket, LeftBrace]);
/** The brackets that close. */
export const closing: ReadonlySet<TokenType> = new Set([RightParen, RightBracket, RightBrace]);

/** Whether no bracket of an item is still open here, whatever was forgotten. */
function endsItem(token: IToken): boolean {
  return isEnd(token) || isDirective(token) || token.tokenType === If;
}
