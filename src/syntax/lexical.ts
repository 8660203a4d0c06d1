// What the lexer could not read, in plain words.
import type { Diagnostic } from "../base/diagnostic.ts";
import type { Expansion } from "./expansion.ts";
import { endOf, type Lexed } from "./tokens.ts";

/** What was probably meant by characters that the language does not have. */
const meanings: Readonly<Record<string, string>> = {
  "&": 'literals are joined by ","',
  "&&": 'literals are joined by ",", logical "and" of numbers is "land"',
  "'": 'a string stands in double quotes: "text"',
  "`": 'a string stands in double quotes: "text"',
  "“": 'a string stands in double quotes: "text"',
  "”": 'a string stands in double quotes: "text"',
  "#": "a preprocessor directive begins its line",
  "\\": 'inequality is written "!=", negation "!"',
  "~": 'negation is written "!"',
  "≠": 'inequality is written "!="',
  "≤": '"at most" is written "<="',
  "≥": '"at least" is written ">="',
};

/** Returns the findings of lexing: characters that begin no token, strings and comments that do
 * not end. */
export function lexicalDiagnostics(lexed: Lexed, { text, locate }: Expansion): Diagnostic[] {
  // Several on one line are one mistake, as the quotes in 'text' are.
  const first = lexed.unread.filter(({ start }, at) => {
    const before = lexed.unread[at - 1];
    return before === undefined || text.slice(before.end, start).includes("\n");
  });
  const characters = first.map(({ start, end }): Diagnostic => {
    const image = text.slice(start, end);
    const meaning = meanings[image] ?? meanings[image.slice(0, 1)];
    return {
      severity: "error",
      code: "unexpected-character",
      message: `unexpected ${image.length === 1 ? "character" : "characters"} "${shown(image)}"`,
      span: locate(start, end),
      label: "not part of the language",
      ...(meaning === undefined ? {} : { hint: meaning }),
    };
  });
  const texts = lexed.openTexts.map((token): Diagnostic => {
    const { startOffset } = token;
    return {
      severity: "error",
      code: "unterminated-string",
      message: "string without an end",
      span: locate(startOffset, endOf(token)),
      label: "this string is never closed",
      hint: 'close it with "; a quote inside is written \\"',
    };
  });
  const open = lexed.comments.filter(({ image }) => image.startsWith("/*") && !closed(image));
  const comments = open.map(({ startOffset }): Diagnostic => {
    return {
      severity: "error",
      code: "unterminated-comment",
      message: "comment without an end",
      span: locate(startOffset, startOffset + 2),
      label: "this comment is never closed",
      hint: 'close it with "*/"',
    };
  });
  return [...characters, ...texts, ...comments];
}

function closed(comment: string): boolean {
  return comment.length >= 4 && comment.endsWith("*/");
}

/** At most a few characters, in a form that can be printed. */
function shown(image: string): string {
  const start = image.length > 10 ? `${image.slice(0, 10)}…` : image;
  return start.replace(/[\x00-\x1f\x7f]/g, (char) => {
    return `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
}
