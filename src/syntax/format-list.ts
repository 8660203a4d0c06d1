// From the tokens and comments of one item to lists of parts, which is what a layout is made for.
import type { IToken } from "chevrotain";

import { calls, is, type Setting, spaced } from "./format-spacing.ts";
import {
  As,
  At,
  AtBang,
  Comma,
  endOf,
  LeftBrace,
  LeftBracket,
  LeftParen,
  Pipe,
  RightBrace,
  RightBracket,
  RightParen,
  Semicolon,
} from "./tokens.ts";

/** Parts up to a closing bracket or the end of an item, and comments before it. */
export type List = { readonly parts: Part[]; readonly below: string[] };

/** What stands between two separators. */
export type Part = {
  /** Comments that stand on lines of their own before it. */
  readonly above: string[];
  /** Whether its author began a line with it. */
  readonly broken: boolean;
  readonly nodes: Node[];
  /** The separator after it, with the space before it. */
  separator: string;
  /** A comment that ends its line. */
  trailing: string;
};

/** A token, a comment amid a line, or brackets with what is in them. */
export type Node =
  | { readonly kind: "leaf"; readonly text: string; readonly space: boolean }
  | {
      readonly kind: "group";
      readonly open: string;
      readonly close: string;
      readonly space: boolean;
      /** What stands between the brackets and their content on one line. */
      readonly padding: string;
      /** Whether each part of a long list gets a line: of a body, not of arguments. */
      readonly lines: boolean;
      readonly list: List;
    };

const closers = new Map([
  [LeftParen, RightParen],
  [LeftBracket, RightBracket],
  [LeftBrace, RightBrace],
]);

/** A comment in the text, or a token. */
type Entry = { readonly start: number; readonly end: number; readonly token?: IToken };

/** Reads the tokens of one item. */
export class ListReader {
  private readonly text: string;
  private readonly tokens: readonly IToken[];
  private readonly entries: readonly Entry[];
  private readonly setting: Setting;
  private at = 0;
  private tokenAt = 0;

  /** `comments` are those within the tokens' range. */
  constructor(
    text: string,
    tokens: readonly IToken[],
    comments: readonly IToken[],
    setting: Setting,
  ) {
    this.text = text;
    this.tokens = tokens;
    this.setting = setting;
    const entry = (token: IToken): Entry => ({ start: token.startOffset, end: endOf(token) });
    this.entries = [...tokens.map((token) => ({ ...entry(token), token })), ...comments.map(entry)]
      .toSorted((a, b) => a.start - b.start)
      .filter(({ end }) => end > 0);
  }

  /** Reads up to a token at this level for which `ends` holds, or a closing bracket. */
  list(ends: (token: IToken) => boolean = () => false, cast = false): List {
    const parts: Part[] = [];
    let part: Part | undefined;
    let pending: { text: string; own: boolean }[] = [];
    let argument = 0;
    const hoist = (): void => {
      part?.above.push(...pending.map(({ text }) => text));
      pending = [];
    };
    for (;;) {
      const entry = this.entries[this.at];
      const token = entry?.token;
      const closing = token !== undefined && is(token, [...closers.values()]);
      if (entry === undefined || closing || (token !== undefined && ends(token))) break;
      if (token === undefined) {
        this.at += 1;
        const text = this.text.slice(entry.start, entry.end).trimEnd();
        const own = this.newline(this.at - 1);
        const last = this.newline(this.at) || this.entries[this.at] === undefined;
        const previous = parts.at(-1);
        if (!own && !last && !text.includes("\n") && !text.startsWith("//")) {
          part ??= this.started(parts, pending, this.at - 1);
          pending = [];
          part.nodes.push({ kind: "leaf", text, space: part.nodes.length > 0 });
        } else if (part === undefined && !own && pending.length === 0 && previous?.trailing === "")
          previous.trailing = text;
        else pending.push({ text, own });
        continue;
      }
      if (is(token, [Comma, Semicolon, Pipe])) {
        part ??= this.started(parts, [], this.at);
        if (pending.length === 1 && pending[0]?.own === false) {
          part.trailing = pending[0].text;
          pending = [];
        }
        hoist();
        part.separator = `${is(token, [Comma]) ? "" : " "}${token.image}`;
        part = undefined;
        argument += 1;
        this.next();
        continue;
      }
      if (part === undefined) {
        part = this.started(parts, pending, this.at);
        pending = [];
      }
      hoist();
      part.nodes.push(this.node(token, part.nodes.length > 0, cast && argument > 0));
    }
    if (part?.trailing === "" && pending[0]?.own === false)
      part.trailing = pending.shift()?.text ?? "";
    return { parts, below: pending.map(({ text }) => text) };
  }

  /** Takes the token that comes next, which ended a list. */
  taken(): IToken | undefined {
    const token = this.entries[this.at]?.token;
    if (token !== undefined) this.next();
    return token;
  }

  private started(parts: Part[], pending: readonly { text: string }[], at: number): Part {
    const above = pending.map(({ text }) => text);
    const broken = this.newline(at);
    const part: Part = { above, broken, nodes: [], separator: "", trailing: "" };
    parts.push(part);
    return part;
  }

  private node(token: IToken, inner: boolean, cast: boolean): Node {
    const space = inner && spaced(this.tokens, this.tokenAt, this.setting, cast);
    const before = this.tokens[this.tokenAt - 1];
    const follower = this.tokens[this.tokenAt + 1];
    const annotates =
      is(token, [AtBang]) ||
      (is(token, [At]) && (before === undefined || !is(before, [RightParen])));
    if (annotates && follower !== undefined && is(follower, [LeftBracket]))
      return { kind: "leaf", text: this.annotation(), space: inner };
    this.next();
    const closer = closers.get(token.tokenType);
    if (closer === undefined) return { kind: "leaf", text: token.image, space };
    const braces = is(token, [LeftBrace]);
    const grouping = braces || (is(token, [LeftParen]) && !calls(before) && before !== undefined);
    const list = this.list(undefined, before !== undefined && is(before, [As]));
    const close = this.taken()?.image ?? "";
    const padding = braces && this.setting !== "declaration" ? " " : "";
    const lines = grouping && this.setting === "clause";
    return { kind: "group", open: token.image, close, space, padding, lines, list };
  }

  /** An annotation's text counts as its author wrote it. */
  private annotation(): string {
    const start = this.entries[this.at]?.start ?? 0;
    let depth = 0;
    let end = start;
    do {
      const token = this.entries[this.at]?.token;
      if (token === undefined) this.at += 1;
      else {
        if (is(token, [...closers.keys()])) depth += 1;
        else if (is(token, [...closers.values()])) depth -= 1;
        end = endOf(token);
        this.next();
        if (depth === 0 && is(token, [RightBracket])) break;
      }
    } while (this.at < this.entries.length);
    return this.text.slice(start, end);
  }

  private next(): void {
    this.at += 1;
    this.tokenAt += 1;
  }

  /** Whether a line ends before the entry at `at`. */
  private newline(at: number): boolean {
    const before = this.entries[at - 1];
    const entry = this.entries[at];
    if (before === undefined || entry === undefined) return false;
    return this.text.slice(before.end, entry.start).includes("\n");
  }
}
