// From a parsed text to its lines in canonical layout: items, annotations and comments in their
// order, one blank line where the author left any.
import type { IToken, TokenType } from "chevrotain";

import { columnsMax, Lines } from "./format-layout.ts";
import { type List, ListReader } from "./format-list.ts";
import { is, type Setting } from "./format-spacing.ts";
import {
  endOf,
  Equals,
  If,
  Later,
  LeftBrace,
  LeftBracket,
  Next,
  Plan,
  RightBracket,
  Text,
} from "./tokens.ts";
import type { ItemNode } from "./tree.ts";

/** A text with its tokens, comments and items, all in order. */
export type Formattable = {
  readonly text: string;
  readonly tokens: readonly IToken[];
  readonly comments: readonly IToken[];
  readonly items: readonly ItemNode[];
};

/** Returns the lines of a text that has no errors. */
export function itemLines(input: Formattable): string[] {
  return new Block(input).lines(input.items, input.text.length, 0);
}

/** Reads a text from its start to its end. */
class Block {
  private readonly input: Formattable;
  private tokenAt = 0;
  private commentAt = 0;

  constructor(input: Formattable) {
    this.input = input;
  }

  /** The lines of the items before the offset `to`, and of what stands between them. */
  lines(items: readonly ItemNode[], to: number, indent: number): string[] {
    const { text } = this.input;
    const margin = " ".repeat(indent);
    const lines: string[] = [];
    let itemAt = 0;
    let end = this.start();
    let wasFact = false;
    for (;;) {
      const token = before(this.input.tokens[this.tokenAt], to);
      const comment = before(this.input.comments[this.commentAt], to);
      const next = first(token, comment);
      if (next === undefined) return lines;
      const between = text.slice(end, next.startOffset);
      const sameLine = !between.includes("\n") && lines.length > 0;
      const blank = between.split("\n").length > 2 && lines.length > 0;
      if (blank) lines.push("");
      if (next === comment) {
        this.commentAt += 1;
        end = endOf(comment);
        const image = comment.image.trimEnd();
        if (sameLine) lines.push(`${lines.pop() ?? ""} ${image}`);
        else lines.push(margin + image);
        wasFact = false;
        continue;
      }
      const item = items[itemAt];
      if (item === undefined || next.startOffset < item.span.start) {
        const start = next.startOffset;
        end = this.annotationEnd();
        lines.push(margin + text.slice(start, end));
        wasFact = false;
        continue;
      }
      itemAt += 1;
      end = item.span.end;
      const own = this.item(item, indent);
      const fact = item.kind === "clause" && item.body === undefined && own.length === 1;
      const last = lines.at(-1) ?? "";
      const joined = `${last} ${own[0]?.trimStart() ?? ""}`;
      if (fact && wasFact && sameLine && joined.length <= columnsMax) lines.splice(-1, 1, joined);
      else for (const line of own) lines.push(line);
      wasFact = fact;
    }
  }

  private item(item: ItemNode, indent: number): string[] {
    switch (item.kind) {
      case "component":
        return this.braced(item.items, item.span.end, "component", indent);
      case "transaction":
        return this.braced(item.clauses, item.span.end, "declaration", indent);
      case "relation":
      case "debug-delta":
      case "functor":
        return this.plain(item.span.end, "declaration", indent);
      case "type":
        return this.plain(item.span.end, "declaration", indent, Equals);
      case "lattice":
      case "instance":
      case "override":
        return this.plain(item.span.end, "component", indent);
      case "directive":
        return this.plain(item.span.end, "directive", indent);
      case "expectation":
        return this.plain(item.span.end, "expectation", indent);
      case "pragma":
      case "contract":
        return this.plain(item.span.end, "clause", indent);
      case "clause":
      case "subsumption":
      case "seal":
        return this.clause(item.span.end, indent);
    }
  }

  /** A declaration. What follows `opening` may stand on lines below it. */
  private plain(end: number, setting: Setting, indent: number, opening?: TokenType): string[] {
    const reader = this.reader(end, setting);
    const lines = new Lines(indent);
    const head = reader.list((token) => opening !== undefined && is(token, [opening]));
    introduced(lines, head);
    const sign = reader.taken();
    if (sign === undefined) return lines.finished();
    lines.add(` ${sign.image}`);
    const rest = reader.list();
    const [part] = rest.parts;
    const single = rest.parts.length === 1 && part?.nodes[0]?.kind === "group";
    if (single && part.above.length === 0) {
      lines.add(" ");
      lines.filled(rest);
    } else lines.hung(rest);
    return lines.finished();
  }

  private clause(end: number, indent: number): string[] {
    const { tokens } = this.input;
    let planAt = this.tokenAt;
    while (before(tokens[planAt], end) !== undefined && !isType(tokens[planAt], Plan)) planAt += 1;
    const plan = tokens[planAt];
    const planned = plan !== undefined && plan.startOffset < end;
    const reader = this.reader(planned ? plan.startOffset : end, "clause");
    const lines = new Lines(indent);
    introduced(
      lines,
      reader.list((token) => is(token, [If, Next, Later])),
    );
    const operator = reader.taken();
    if (operator !== undefined) {
      lines.add(` ${operator.image}`);
      lines.hung(reader.list());
    }
    if (!planned) return lines.finished();
    return [...lines.finished(), ...this.plain(end, "plan", indent)];
  }

  private braced(
    items: readonly ItemNode[],
    end: number,
    setting: Setting,
    indent: number,
  ): string[] {
    const { tokens } = this.input;
    let braceAt = this.tokenAt;
    while (braceAt < tokens.length && !isType(tokens[braceAt], LeftBrace)) braceAt += 1;
    const reader = this.reader(tokens[braceAt]?.startOffset ?? end, setting);
    const head = new Lines(indent);
    introduced(head, reader.list());
    head.add(" {");
    this.tokenAt += 1;
    const inner = this.lines(items, end - 1, indent + 2);
    this.tokenAt += 1;
    if (inner.length === 0) {
      head.add("}");
      return head.finished();
    }
    return [...head.finished(), ...inner, `${" ".repeat(indent)}}`];
  }

  /** A reader of the tokens and comments up to an offset, which are taken. */
  private reader(end: number, setting: Setting): ListReader {
    const { text, tokens, comments } = this.input;
    const tokenFrom = this.tokenAt;
    const commentFrom = this.commentAt;
    while (before(tokens[this.tokenAt], end) !== undefined) this.tokenAt += 1;
    while (before(comments[this.commentAt], end) !== undefined) this.commentAt += 1;
    return new ListReader(
      text,
      tokens.slice(tokenFrom, this.tokenAt),
      comments.slice(commentFrom, this.commentAt),
      setting,
    );
  }

  /** Takes the tokens of an annotation, and comments in it, and returns where it ends. */
  private annotationEnd(): number {
    const { tokens, comments } = this.input;
    let depth = 0;
    let end = 0;
    for (let token = tokens[this.tokenAt]; token !== undefined; token = tokens[this.tokenAt]) {
      this.tokenAt += 1;
      end = endOf(token);
      if (is(token, [Text])) continue;
      if (is(token, [LeftBracket])) depth += 1;
      if (is(token, [RightBracket])) depth -= 1;
      if (is(token, [RightBracket]) && depth === 0) break;
    }
    while (before(comments[this.commentAt], end) !== undefined) this.commentAt += 1;
    return end;
  }

  /** Where what stands before the next token or comment ends. */
  private start(): number {
    const { tokens, comments } = this.input;
    const token = tokens[this.tokenAt - 1];
    const comment = comments[this.commentAt - 1];
    return Math.max(
      token === undefined ? 0 : endOf(token),
      comment === undefined ? 0 : endOf(comment),
    );
  }
}

/** Appends the list that an item begins with; comments at its very start go above it. */
function introduced(lines: Lines, list: List): void {
  for (const text of list.parts[0]?.above.splice(0) ?? []) {
    lines.add(text);
    lines.newline(0);
  }
  lines.filled(list);
}

function before(token: IToken | undefined, end: number): IToken | undefined {
  return token !== undefined && token.startOffset < end ? token : undefined;
}

function first(a: IToken | undefined, b: IToken | undefined): IToken | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a.startOffset < b.startOffset ? a : b;
}

function isType(token: IToken | undefined, type: TokenType): boolean {
  return token !== undefined && is(token, [type]);
}
