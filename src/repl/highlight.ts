import { styleText } from "node:util";
import { directiveWords, endOf, lex, reservedWords } from "../syntax/tokens.ts";

type Style = Parameters<typeof styleText>[0];

/** Returns a program's text with colours for a terminal: comments, directives, words, strings and
 * numbers. */
export function highlighted(text: string): string {
  const { tokens, comments } = lex(text);
  const found = [
    ...comments.map((token) => ({ token, style: "gray" as const })),
    ...tokens.map((token) => ({ token, style: styleOf(token.image) })),
  ].toSorted((a, b) => a.token.startOffset - b.token.startOffset);
  let shown = "";
  let at = 0;
  for (const { token, style } of found) {
    if (style === undefined) continue;
    shown += text.slice(at, token.startOffset) + paint(style, token.image);
    at = endOf(token);
  }
  return shown + text.slice(at);
}

function styleOf(image: string): Style | undefined {
  if (image.startsWith('"')) return "green";
  if (/^\d/.test(image)) return "cyan";
  if (directiveWords.includes(image)) return "magenta";
  if (image === ":-" || image === "!") return "blue";
  return reservedWords.has(image) ? "yellow" : undefined;
}

/** Whether there are colours is decided by whoever asks for them. */
function paint(style: Style, text: string): string {
  return styleText(style, text, { validateStream: false });
}
