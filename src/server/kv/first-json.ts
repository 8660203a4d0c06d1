/** Returns the first JSON value in a text, without what follows it, or the whole text where it does
 * not end. What is in it is not looked at. */
export function firstJson(text: string): string {
  const opening = /^[\s\ufeff]*[[{]/.exec(text);
  if (opening === null) return (/^\s*("(?:[^"\\]|\\.)*"|[^\s,:[\]{}"]+)/.exec(text) ?? [text])[0];
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '"') at = endOfString(text, at);
    else if (char === "{" || char === "[") depth++;
    else if ((char === "}" || char === "]") && --depth === 0) return text.slice(0, at + 1);
  }
  return text;
}

/** The place of the quote that ends a string, from the one that begins it. */
function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === '"') return at;
  }
  return text.length;
}
