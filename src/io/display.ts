// How text takes up room on a terminal, as far as a table has to know it.

const wideRanges = [
  ...["\\u1100-\\u115f", "\\u2e80-\\u303e", "\\u3041-\\ua4cf", "\\uac00-\\ud7a3"],
  ...["\\uf900-\\ufaff", "\\ufe30-\\ufe6f", "\\uff00-\\uff60", "\\uffe0-\\uffe6"],
  ...["\\u{1f300}-\\u{1f64f}", "\\u{1f680}-\\u{1f6ff}", "\\u{1f900}-\\u{1f9ff}"],
  "\\u{20000}-\\u{3fffd}",
];
const wide = new RegExp(`[${wideRanges.join("")}]`, "u");
const nothing = /[\p{Mn}\p{Me}\p{Cf}]/u;
const names: Readonly<Record<string, string>> = { "\t": "\\t", "\n": "\\n", "\r": "\\r" };

/** Returns `text` on one line: control characters, with which a terminal could be steered, are
 * written as escapes. */
export function visible(text: string): string {
  return text.replace(
    /[\p{Cc}\u2028\u2029]/gu,
    (found) => names[found] ?? `\\x${found.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}

/** Returns how many cells of a terminal a text fills: wide characters two, combining ones none. */
export function cells(text: string): number {
  let sum = 0;
  for (const character of text) sum += cellsOf(character);
  return sum;
}

/** Returns the beginning of `text` that fits into `cellsMax`, with … where something is left
 * out. */
export function fitted(text: string, cellsMax: number): string {
  if (cells(text) <= cellsMax) return text;
  let begin = "";
  let sum = 1;
  for (const character of text) {
    sum += cellsOf(character);
    if (sum > cellsMax) break;
    begin += character;
  }
  return `${begin}…`;
}

function cellsOf(character: string): number {
  if (character <= "~") return 1;
  return wide.test(character) ? 2 : nothing.test(character) ? 0 : 1;
}
