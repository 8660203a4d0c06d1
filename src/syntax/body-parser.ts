// The parser's layer of bodies: atoms, comparisons, and what joins them.
import type { TokenType } from "chevrotain";

import type { Span } from "../base/source.ts";
import { functorWords, type Rule, TermParser } from "./term-parser.ts";
import {
  BinaryOperator,
  Comma,
  Comparison,
  Dot,
  Exclamation,
  LeftBrace,
  LeftParen,
  RightBrace,
  RightParen,
  Semicolon,
  Test,
  Truth,
} from "./tokens.ts";
import type { AtomNode, BodyNode, ComparisonOperator } from "./tree.ts";

/** Reads what stands after `:-`, and in an aggregate. */
export abstract class BodyParser extends TermParser {
  // body: conjunction (";" conjunction)*
  protected readonly body: Rule<BodyNode> = this.RULE("body", (): BodyNode => {
    const start = this.here();
    const first = this.SUBRULE(this.conjunction);
    const members = [first];
    this.MANY(() => {
      this.CONSUME(Semicolon);
      members.push(this.SUBRULE1(this.conjunction));
    });
    return joined("disjunction", members, first, this.since(start));
  });

  // conjunction: literal ("," literal)*
  private readonly conjunction: Rule<BodyNode> = this.RULE("conjunction", (): BodyNode => {
    const start = this.here();
    const first = this.SUBRULE(this.literal);
    const members = [first];
    this.MANY(() => {
      this.CONSUME(Comma);
      members.push(this.SUBRULE1(this.literal));
    });
    return joined("conjunction", members, first, this.since(start));
  });

  // literal: "!"* (group | atom | test | truth | comparison)
  private readonly literal: Rule<BodyNode> = this.RULE("literal", (): BodyNode => {
    const starts: number[] = [];
    this.MANY(() => {
      starts.push(this.CONSUME(Exclamation).startOffset);
      this.deepen();
    });
    let node = this.OR({ DEF: this.literals, ERR_MSG: "a literal" });
    for (const start of starts.reverse())
      node = { kind: "negation", of: node, span: this.since(start) };
    this.surface(starts.length);
    return node;
  });

  private readonly literals = [
    {
      GATE: () => (this.nextIs(LeftParen, 2) && !this.functorFollows()) || this.nextIs(Dot, 2),
      ALT: (): BodyNode => this.SUBRULE(this.atom),
      IGNORE_AMBIGUITIES: true,
    },
    {
      GATE: () => this.groupFollows(),
      ALT: (): BodyNode => this.SUBRULE(this.group),
      IGNORE_AMBIGUITIES: true,
    },
    { ALT: () => this.SUBRULE(this.test) },
    { ALT: () => this.SUBRULE(this.truth) },
    { ALT: () => this.SUBRULE(this.comparison), IGNORE_AMBIGUITIES: true },
  ];

  // group: "(" body ")"
  private readonly group: Rule<BodyNode> = this.RULE("group", (): BodyNode => {
    this.deepen();
    this.CONSUME(LeftParen);
    const body = this.SUBRULE(this.body);
    this.close(0, RightParen);
    this.surface();
    return body;
  });

  // test: ("match" | "contains") "(" term "," term ")"
  private readonly test: Rule<BodyNode> = this.RULE("test", (): BodyNode => {
    const word = this.CONSUME(Test);
    this.CONSUME(LeftParen);
    const left = this.SUBRULE(this.term);
    this.CONSUME(Comma);
    const right = this.SUBRULE1(this.term);
    this.close(0, RightParen);
    const span = this.since(word.startOffset);
    return { kind: "test", word: word.image as "match" | "contains", left, right, span };
  });

  // truth: "true" | "false"
  private readonly truth: Rule<BodyNode> = this.RULE("truth", (): BodyNode => {
    const token = this.CONSUME(Truth);
    return { kind: "boolean", value: token.image === "true", span: this.spanOf(token) };
  });

  // comparison: term ("=" | "!=" | "<" | "<=" | ">" | ">=") term
  private readonly comparison: Rule<BodyNode> = this.RULE("comparison", (): BodyNode => {
    const start = this.here();
    const left = this.SUBRULE(this.term);
    const operator = this.CONSUME(Comparison).image as ComparisonOperator;
    const right = this.SUBRULE1(this.term);
    return { kind: "comparison", operator, left, right, span: this.since(start) };
  });

  // atom: qualifiedName "(" [term ("," term)*] ")"
  protected readonly atom: Rule<AtomNode> = this.RULE("atom", (): AtomNode => {
    const start = this.here();
    const relation = this.SUBRULE(this.qualifiedName);
    const terms = this.SUBRULE(this.list);
    return { kind: "atom", relation, terms, span: this.since(start) };
  });

  // aggregateBody: "{" body "}" | atom
  protected readonly aggregateBody: Rule<BodyNode> = this.RULE("aggregateBody", (): BodyNode =>
    this.OR({
      DEF: [
        {
          ALT: () => {
            this.CONSUME(LeftBrace);
            const body = this.SUBRULE(this.body);
            this.close(0, RightBrace);
            return body;
          },
        },
        { ALT: (): BodyNode => this.SUBRULE(this.atom) },
      ],
      ERR_MSG: "a body in braces or an atom",
    }),
  );

  /** Whether one of calmdb's functors comes next: after its `)` an operator goes on. Otherwise it
   * is an atom of a relation of this name. */
  private functorFollows(): boolean {
    return functorWords.has(this.LA(1).image) && isOperator(this.LA(this.pastParens(2)).tokenType);
  }

  /** Whether the next `(` opens a group of literals: after its `)` no operator goes on. In
   * `(x + 1) * 2 < y` it opens a term. */
  private groupFollows(): boolean {
    const after = this.LA(this.pastParens()).tokenType;
    return !isOperator(after);
  }
}

function isOperator(type: TokenType): boolean {
  return type.CATEGORIES?.some((kind) => kind === BinaryOperator || kind === Comparison) ?? false;
}

/** Joins members of one kind of body; a single one stands for itself, and one that is of the same
 * kind, as it was in parentheses, is flattened. */
function joined(
  kind: "conjunction" | "disjunction",
  members: readonly BodyNode[],
  first: BodyNode,
  span: Span,
): BodyNode {
  if (members.length === 1) return first;
  const flat = members.flatMap((member) => (member.kind === kind ? member.members : [member]));
  return { kind, members: flat, span };
}
