// The parser's layer of annotations: `@[…]`, `@![…]` and documentation comments.
import type { TokenType } from "chevrotain";

import { BodyParser } from "./body-parser.ts";
import type { ParserInput } from "./recovering-parser.ts";
import { closing, type Rule } from "./term-parser.ts";
import {
  At,
  AtBang,
  Comma,
  endOf,
  Equals,
  Identifier,
  Ipv4,
  isEnd,
  isWord,
  LeftBrace,
  LeftBracket,
  LeftParen,
  RightBrace,
  RightBracket,
  RightParen,
  Text,
  Underscore,
} from "./tokens.ts";
import type { AnnotationNode, AttributeNode } from "./tree.ts";

type AnnotationInput = Pick<AnnotationNode, "key" | "value">;

const closers: ReadonlyMap<TokenType, TokenType> = new Map([
  [LeftParen, RightParen],
  [LeftBracket, RightBracket],
  [LeftBrace, RightBrace],
]);

/** Reads annotations. */
export abstract class AnnotationParser extends BodyParser {
  private commentAt = 0;

  // annotations: ("@" "[" key … "]")*
  // A `///` comment before an item is an annotation too.
  protected readonly annotations: Rule<AnnotationNode[]> = this.RULE(
    "annotations",
    (): AnnotationNode[] => {
      const annotations = this.documentation();
      this.MANY(() => {
        const start = this.CONSUME(At).startOffset;
        annotations.push(this.annotationFrom(start, false, this.SUBRULE(this.annotationBody)));
        annotations.push(...this.documentation());
      });
      return annotations;
    },
  );

  // innerAnnotations: ("@!" "[" key … "]")*
  protected readonly innerAnnotations: Rule<AnnotationNode[]> = this.RULE(
    "innerAnnotations",
    (): AnnotationNode[] => {
      const annotations: AnnotationNode[] = [];
      this.MANY(() => {
        const start = this.CONSUME(AtBang).startOffset;
        annotations.push(this.annotationFrom(start, true, this.SUBRULE(this.annotationBody)));
      });
      return annotations;
    },
  );

  // annotationBody: "[" word ("=" token+ | bracketed tokens)? "]", brackets balanced
  private readonly annotationBody: Rule<AnnotationInput> = this.RULE(
    "annotationBody",
    (): AnnotationInput => {
      this.CONSUME(LeftBracket);
      const input = this.ACTION(() => this.annotationInput());
      this.CONSUME(RightBracket);
      return input;
    },
  );

  /** Reads `attribute` with what may stand before it; annotations of attributes mean nothing. */
  protected readonly annotatedAttribute: Rule<AttributeNode> = this.RULE(
    "annotatedAttribute",
    (): AttributeNode => {
      this.SUBRULE(this.annotations);
      return this.SUBRULE(this.attribute);
    },
  );

  // attributes: "(" [attribute ("," attribute)*] ")"
  protected readonly attributes: Rule<AttributeNode[]> = this.RULE(
    "attributes",
    (): AttributeNode[] => {
      const attributes: AttributeNode[] = [];
      this.CONSUME(LeftParen);
      this.MANY_SEP({
        SEP: Comma,
        DEF: () => attributes.push(this.SUBRULE(this.annotatedAttribute)),
      });
      this.close(0, RightParen);
      return attributes;
    },
  );

  private annotationFrom(start: number, inner: boolean, input: AnnotationInput): AnnotationNode {
    return { ...input, inner, span: this.since(start) };
  }

  /** Reads an annotation's key and the text of its value, up to the `]` that ends it. */
  private annotationInput(): AnnotationInput {
    const key = this.LA(1);
    if (!isWord(key) || key.tokenType === Underscore) this.CONSUME(Identifier);
    this.SKIP_TOKEN();
    const assigned = this.nextIs(Equals);
    if (assigned) this.SKIP_TOKEN();
    else if (!closers.has(this.LA(1).tokenType)) return { key: key.image, value: "" };
    const start = this.here();
    // After `=` any tokens, otherwise one group in brackets.
    const awaited: TokenType[] = [];
    for (let count = 0; !isEnd(this.LA(1)); count += 1) {
      const token = this.LA(1);
      const type = token.tokenType;
      if (awaited.length === 0 && !assigned && count > 0) break;
      if (closing.has(type)) {
        if (type !== awaited.at(-1)) break;
        awaited.pop();
      }
      const closer = closers.get(type);
      if (closer !== undefined) awaited.push(closer);
      // Kept as text, but a wrong literal is wrong here too.
      if (type === Text) this.stringOf(token);
      else if (type === Ipv4) this.address(token);
      this.SKIP_TOKEN();
    }
    const missing = awaited.at(-1);
    if (missing !== undefined) this.CONSUME1(missing);
    if (Number.isNaN(start) || start === this.here()) this.CONSUME2(Identifier);
    return { key: key.image, value: this.text.slice(start, endOf(this.LA(0))) };
  }

  protected override restart(input: ParserInput): void {
    super.restart(input);
    this.commentAt = 0;
  }

  /** Returns the documentation comments before the next token that no item has taken yet. */
  private documentation(): AnnotationNode[] {
    if (this.commentAt === this.comments.length) return [];
    const found: AnnotationNode[] = [];
    const next = this.LA(1);
    for (;;) {
      const comment = this.comments[this.commentAt];
      if (comment === undefined) return found;
      if (!isEnd(next) && comment.startOffset > next.startOffset) return found;
      this.commentAt += 1;
      if (!/^\/\/\/(?!\/)/.test(comment.image)) continue;
      const value = comment.image.slice(3).trim();
      found.push({ key: "doc", value, inner: false, span: this.spanOf(comment) });
    }
  }
}
