// From a text with preprocessor directives to regions: the directives, and the text between them.
import { logicalLine } from "./preprocess.ts";

/** A range of a text. A `kept` one is a directive, and stays as it is written. */
export type Region = { readonly start: number; readonly end: number; readonly kept: boolean };

const comment = String.raw`//[^\n]*|/\*[^]*?(?:\*/|$(?![^]))`;
const string = String.raw`"[^"\\]*(?:\\[^][^"\\]*)*"?`;
const include = String.raw`(?<![\w?])\.include[ \t]*"[^"\n]*"?|(?<![\w?])\.once\b(?![ \t]*[(,])`;
const directive = new RegExp(String.raw`^[ \t]*#|${string}|${comment}|${include}`, "gm");

/** Returns the regions of a text in order, without those that are nothing but white space. */
export function regions(text: string): Region[] {
  const found: Region[] = [];
  const pattern = new RegExp(directive);
  let from = 0;
  const add = (start: number, end: number, kept: boolean): void => {
    if (text.slice(start, end).trim() !== "") found.push({ start, end, kept });
  };
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const [image] = match;
    const hash = image.endsWith("#") && !/^["/]/.test(image);
    if (!hash && !image.startsWith(".")) continue;
    const end = hash ? logicalLine(text, pattern.lastIndex).end : pattern.lastIndex;
    add(from, match.index, false);
    add(match.index, end, true);
    from = end;
    pattern.lastIndex = end;
  }
  add(from, text.length, false);
  return found;
}

/** Returns the names of macros that take arguments if any of them asks for the text of one (`#x`):
 * white space in their arguments counts. */
export function quotingMacros(text: string): ReadonlySet<string> {
  const directives = regions(text).filter(({ kept }) => kept);
  const definitions = directives.flatMap(({ start, end }) => {
    const found = /^\s*#\s*define\s+([A-Za-z_]\w*)\(([^]*)$/.exec(text.slice(start, end));
    return found === null ? [] : [{ name: found[1] ?? "", rest: found[2] ?? "" }];
  });
  const quotes = definitions.some(({ rest }) => /(?<!#)#(?!#)/.test(rest));
  return new Set(quotes ? definitions.map(({ name }) => name) : []);
}
