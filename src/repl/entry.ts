// From what is typed to entries: commands, goals, facts to take back, and clauses. A line may hold
// several, and one may take several lines.
import type { Source } from "../base/source.ts";
import { goalName } from "../goal.ts";
import { parse, type ParseOptions, type ParseResult } from "../syntax/parse.ts";
import { relocated } from "../syntax/relocated.ts";
import { directiveWords, endOf, lex } from "../syntax/tokens.ts";

type Token = ReturnType<typeof lex>["tokens"][number];

/** A part of the program: what was typed at once, or what a file holds. */
export type Text = {
  readonly source: Source;
  readonly parsed: ParseResult;
  /** The path of a file that it was read from. */
  readonly file?: string;
};

/** What is to be done. */
export type Entry =
  | { readonly kind: "command"; readonly word: string; readonly argument: string }
  /** `shown` is the goal as it was typed, on one line. The text is a rule for `goalName`. */
  | { readonly kind: "goal"; readonly text: Text; readonly shown: string }
  | { readonly kind: "removal"; readonly text: Text }
  | { readonly kind: "clauses"; readonly text: Text };

/** The name of what is typed, where files have their paths. */
export const typedPath = "<repl>";

/** Whether a text is complete: nothing that follows could belong to what it ends with. */
export function completed(text: string): boolean {
  const trimmed = text.trim();
  if (trimmed === "" || trimmed.startsWith("#") || isCommand(trimmed)) return true;
  const { tokens, comments, openTexts } = lex(text);
  if (openTexts.length > 0 || comments.some(({ image }) => isOpen(image))) return false;
  const last = segments(tokens).at(-1);
  if (last === undefined || last.ended) return true;
  const tail = last.tokens.slice(last.clauseAt);
  const [first, end] = [tail[0], tail.at(-1)];
  if (first === undefined || end === undefined) return true;
  const depth = depthOf(tail);
  if (depth !== 0) return depth < 0;
  if (end.image.endsWith("?")) return true;
  return directiveWords.includes(first.image) && first.image !== ".seal" && !continues(end);
}

/** Whether a line is a command by itself, also where the entry before it goes on. */
export function isCommandLine(line: string): boolean {
  return isCommand(line.trim());
}

/** Returns the entries of a complete text, whose first line has the number `line`. `relations` are
 * the names that are known, which tell `.output path` from a file. */
export function entriesOf(
  text: string,
  line: number,
  relations: readonly string[],
  options: ParseOptions,
): Entry[] {
  const trimmed = text.trim();
  if (isCommand(trimmed, relations)) {
    const [, word = "", argument = ""] = /^\.(\S*)\s*([^]*)$/.exec(trimmed) ?? [];
    return [{ kind: "command", word, argument }];
  }
  const source = { path: typedPath, text: "\n".repeat(Math.max(0, line - 1)) + text };
  const before = source.text.length - text.length;
  // A macro is for all that is typed later, not for its own text alone.
  const macro = /^#\s*define\s+([A-Za-z_]\w*\s+\S.*)$/.exec(trimmed);
  if (macro !== null) return [{ kind: "command", word: "set", argument: macro[1] ?? "" }];
  if (trimmed.startsWith("#"))
    return [{ kind: "clauses", text: parsedText(source, source.text, "", options) }];
  const found = segments(lex(text).tokens);
  return found.map(({ kind, tokens }): Entry => {
    const [first, end] = [tokens[0], tokens.at(-1)];
    const from = first?.startOffset ?? 0;
    const to = end === undefined ? text.length : endOf(end);
    const own = text.slice(from, to);
    const lead = blank(source.text.slice(0, before + from));
    if (kind === "clauses") return { kind, text: parsedText(source, lead + own, "", options) };
    if (kind === "removal")
      return { kind, text: parsedText(source, lead + own.replace("-", " "), "", options) };
    const body = own.startsWith("?-")
      ? `  ${own.slice(2).replace(/\.$/, "")}`
      : own.replace(/\?$/, "");
    return {
      kind,
      shown: body.trim().replace(/\s+/g, " "),
      text: parsedText(source, `${lead}${body} .`, `${goalName}() :- `, options),
    };
  });
}

/** Returns a text that stands in `source` behind `prefix`, which its author did not write. */
function parsedText(source: Source, text: string, prefix: string, options: ParseOptions): Text {
  const read = { path: source.path, text: prefix + text };
  const parsed = relocated(parse(read, options), read, source, prefix.length);
  return { source, parsed };
}

/** A text of this many parts that end by themselves: clauses, a goal, or a fact to take back. */
type Segment = {
  readonly kind: "clauses" | "goal" | "removal";
  readonly tokens: readonly Token[];
  /** Where its last clause begins. */
  readonly clauseAt: number;
  readonly ended: boolean;
};

function segments(tokens: readonly Token[]): Segment[] {
  const found: Segment[] = [];
  let own: Token[] = [];
  const end = (ended: boolean, asks: boolean): void => {
    const first = own[0];
    if (first === undefined) return;
    const second = own[1];
    const asked = first.image === "?" && second?.image === "-";
    const kind = asks || asked ? "goal" : first.image === "-" ? "removal" : "clauses";
    const last = found.at(-1);
    if (kind === "clauses" && last?.kind === "clauses") {
      const all = [...last.tokens, ...own];
      found[found.length - 1] = { kind, tokens: all, clauseAt: last.tokens.length, ended };
    } else found.push({ kind, tokens: own, clauseAt: 0, ended });
    own = [];
  };
  let depth = 0;
  for (const [at, token] of tokens.entries()) {
    own.push(token);
    depth += depthOf([token]);
    if (depth > 0) continue;
    const next = tokens[at + 1];
    const adjacent = next !== undefined && next.startOffset === endOf(token);
    if (token.image === "." && !adjacent) end(true, false);
    else if (token.image === "?" && !(own.length === 1 && next?.image === "-")) end(true, true);
    else if (token.image.endsWith("?") && next === undefined) end(true, true);
  }
  end(false, false);
  return found;
}

function depthOf(tokens: readonly Token[]): number {
  const open = tokens.filter(({ image }) => /^[([{]$/.test(image)).length;
  return open - tokens.filter(({ image }) => /^[)\]}]$/.test(image)).length;
}

/** Whether a line that ends with this token goes on. */
function continues({ image }: Token): boolean {
  return [",", "|", "=", "<:", ":", "->", ":-"].includes(image);
}

function isOpen(comment: string): boolean {
  return comment.startsWith("/*") && (comment.length < 4 || !comment.endsWith("*/"));
}

/** Whether a text is a command, and not a directive of the language. `.calm` and `.output` are
 * both: with what the language has behind them they are directives. */
function isCommand(text: string, relations?: readonly string[]): boolean {
  const [, word, argument = ""] = /^(\.[A-Za-z]*)(?:\s+([^]*))?$/.exec(text) ?? [];
  if (word === undefined) return false;
  if (word === ".calm") return !/^(monotone|ordered|coordinating|level)\s+\S/.test(argument);
  if (word === ".output") {
    const [, name = "", more] = /^([\w?.]+)\s*(\()?/.exec(argument) ?? [];
    if (relations === undefined) return !argument.includes("(");
    return more === undefined && !relations.includes(name);
  }
  return word === ".plan" || !directiveWords.includes(word);
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, " ");
}
