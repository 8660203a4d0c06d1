/** What the names of POSIX character classes stand for inside of brackets. */
const characterClasses: Readonly<Record<string, string>> = {
  alnum: "0-9A-Za-z",
  alpha: "A-Za-z",
  blank: " \\t",
  cntrl: "\\x00-\\x1f\\x7f",
  digit: "0-9",
  d: "0-9",
  graph: "\\x21-\\x7e",
  lower: "a-z",
  print: "\\x20-\\x7e",
  punct: "!-\\/:-@\\[-`{-~",
  s: "\\s",
  space: "\\s",
  upper: "A-Z",
  w: "\\w",
  xdigit: "0-9A-Fa-f",
};

/** Returns the regular expression for the whole of a text that `pattern` describes, in C++'s form
 * of ECMAScript's syntax: `[[:digit:]]` and its sisters are classes, and a brace that begins no
 * repetition is a mistake. Undefined for what is no pattern. */
export function wholeMatch(pattern: string): RegExp | undefined {
  const translated = translation(pattern);
  if (translated === undefined) return undefined;
  try {
    // Alone first: `a)(b` is no pattern, but `(?:a)(b)` would be.
    new RegExp(translated);
    return new RegExp(`^(?:${translated})$`);
  } catch {
    return undefined;
  }
}

/** An escape, a class name, or any character. */
const piece = /\\[^]|\[:([a-z]+):\]|[^]/y;
const repetition = /\{\d+(?:,\d*)?\}/y;

function translation(pattern: string): string | undefined {
  let translated = "";
  let inBrackets = false;
  for (piece.lastIndex = 0; piece.lastIndex < pattern.length;) {
    const at = piece.lastIndex;
    const [text, name] = piece.exec(pattern) ?? [""];
    if (inBrackets && name !== undefined) {
      const members = characterClasses[name];
      if (members === undefined) return undefined;
      translated += members;
      continue;
    }
    const [character = ""] = text;
    // Outside of brackets `[:` begins them, like any `[`.
    piece.lastIndex = at + (name === undefined ? text.length : 1);
    if (!inBrackets && character === "{") {
      repetition.lastIndex = at;
      const [whole] = repetition.exec(pattern) ?? [];
      if (whole === undefined) return undefined;
      translated += whole;
      piece.lastIndex = at + whole.length;
      continue;
    }
    if (character === "[") inBrackets = true;
    else if (character === "]") inBrackets = false;
    translated += name === undefined ? text : character;
  }
  return translated;
}
