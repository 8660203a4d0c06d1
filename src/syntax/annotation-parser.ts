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
import type { Annotated, AnnotationNode, AttributeNode } from "./tree.ts";

type AnnotationInput = Pick<AnnotationNode, "key" | "value">;

const closers: ReadonlyMap<TokenType, TokenType> = new Map([
  [LeftParen, RightParen],
  [LeftBracket, RightBracket],
  [LeftBrace, RightBrace],
]);

/** Returns a node with annotations before those that it has. */
export function annotated<T extends object>(
  annotations: readonly AnnotationNode[],
  node: T & Annotated,
): T & Annotated {
  if (annotations.length === 0) return node;
  return { ...node, annotations: [...annotations, ...(node.annotations ?? [])] };
}

/** Reads annotations. */
export abstract class AnnotationParser extends BodyParser {
  private commentAt = 0;

  // annotations: ("@" "[" key … "]")*
  // A `///` comment before an item is an annotation too.
  protected readonly annotations: Rule<AnnotationNode[]> = this.RULE(
    "annotations",
    (): AnnotationNode[] => {
      const annotations = this.documentation(false);
      this.MANY(() => {
        const start = this.CONSUME(At).startOffset;
        annotations.push(this.annotationFrom(start, false, this.SUBRULE(this.annotationBody)));
        annotations.push(...this.documentation(false));
      });
      return annotations;
    },
  );

  // innerAnnotations: ("@!" "[" key … "]")*
  // A `//!` comment is one too.
  protected readonly innerAnnotations: Rule<AnnotationNode[]> = this.RULE(
    "innerAnnotations",
    (): AnnotationNode[] => {
      const annotations = this.documentation(true);
      this.MANY(() => {
        const start = this.CONSUME(AtBang).startOffset;
        annotations.push(this.annotationFrom(start, true, this.SUBRULE(this.annotationBody)));
        annotations.push(...this.documentation(true));
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

  // annotatedAttribute: annotations attribute
  protected readonly annotatedAttribute: Rule<AttributeNode> = this.RULE(
    "annotatedAttribute",
    (): AttributeNode => {
      const annotations = this.SUBRULE(this.annotations);
      const attribute = this.SUBRULE(this.attribute);
      return this.ACTION(() => annotated(annotations, attribute));
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

  /** Returns the documentation comments between the last token and the next. */
  private documentation(inner: boolean): AnnotationNode[] {
    if (this.commentAt === this.comments.length) return [];
    const found: AnnotationNode[] = [];
    const next = this.LA(1);
    const last = this.LA(0);
    for (;;) {
      const comment = this.comments[this.commentAt];
      if (comment === undefined) return found;
      if (!isEnd(next) && comment.startOffset > next.startOffset) return found;
      const outer = /^\/\/\/(?!\/)/.test(comment.image);
      const after = isEnd(last) || comment.startOffset > last.startOffset;
      // It documents what stands inside, and is read when that is.
      if (inner && outer && after) return found;
      this.commentAt += 1;
      if (!after || !(inner ? comment.image.startsWith("//!") : outer)) continue;
      const value = comment.image.slice(3).trim();
      found.push({ key: "doc", value, inner, span: this.spanOf(comment) });
    }
  }

  /** Warns of annotations after which nothing comes that they could belong to: of the first of
   * those that stand together. */
  protected dangle(annotations: readonly AnnotationNode[], where: string): void {
    for (const [at, { key, span }] of annotations.entries()) {
      const before = annotations[at - 1];
      const together = before?.span.source === span.source;
      if (together && (before.key === "doc") === (key === "doc")) continue;
      this.remarks.push(
        key === "doc"
          ? {
              ...{ severity: "warning", code: "useless-doc-comment", span },
              message: `documentation comment ${where} documents nothing`,
              hint: "write `//` for a comment that documents nothing",
            }
          : {
              ...{ severity: "warning", code: "useless-annotation", span },
              message: `annotation ${where} belongs to nothing`,
              hint: "put it before a declaration or a clause",
            },
      );
    }
  }

  /** Warns of the documentation comments between the last token and the next. */
  protected dangleComments(where: string): void {
    if (!this.RECORDING_PHASE) this.dangle(this.documentation(false), where);
  }
}
