// From a literal's text to what it stands for: numbers in canonical form, strings without escapes.
import { type Diagnostic } from "../base/diagnostic.ts";
import { positionAt, type Span } from "../base/source.ts";
import type { NumberNode, TermNode } from "./tree.ts";

const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  "\\": "\\",
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** Returns a numeric literal as a node. Decimals lose leading zeros, the suffix `u` is a flag. */
export function numberOf(image: string, form: NumberNode["form"], span: Span): NumberNode {
  const unsigned = form === "integer" && image.endsWith("u");
  const digits = unsigned ? image.slice(0, -1) : image;
  const text = /^0+\d/.test(digits) && form !== "ipv4" ? digits.replace(/^0+(?=\d)/, "") : digits;
  return { kind: "number", text, form, unsigned, span };
}

/** Returns why an address is none: a part above 255. */
export function addressProblem(image: string, span: Span): Diagnostic | undefined {
  const part = image.split(".").find((digits) => Number(digits) > 255);
  if (part === undefined) return undefined;
  return {
    severity: "error",
    code: "address-out-of-range",
    message: `address ${image} has a part above 255`,
    span,
    label: `${part} does not fit into a byte`,
  };
}

/** Returns the value of a quoted text, whose last quote may be missing, and a finding for each
 * unknown escape. `locate` takes offsets from the start of the image. */
export function stringValue(
  image: string,
  locate: (start: number, end: number) => Span,
): { value: string; diagnostics: Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const closed = image.length > 1 && image.endsWith('"');
  const inner = image.slice(1, closed ? -1 : undefined);
  if (!inner.includes("\\")) return { value: inner, diagnostics };
  const value = inner.replace(/\\([^])/g, (whole, letter: string, at: number) => {
    const meant = escapes[letter];
    if (meant !== undefined) return meant;
    diagnostics.push({
      severity: "error",
      code: "unknown-escape",
      message: `unknown escape "${whole}" in a string`,
      span: locate(at + 1, at + 1 + whole.length),
      label: "not an escape",
      hint: String.raw`the escapes are \" \' \\ \a \b \f \n \r \t \v; a backslash is written \\`,
    });
    return whole;
  });
  return { value, diagnostics };
}

/** Returns a string as it is written in a program, with its quotes. */
export function quoted(value: string): string {
  const inner = value.replace(/["\\\x07\b\f\n\r\t\v]/g, (letter) => `\\${letterFor(letter)}`);
  return `"${inner}"`;
}

function letterFor(char: string): string {
  return Object.keys(escapes).find((letter) => escapes[letter] === char) ?? char;
}

/** Returns what `__FILE__`, `__LINE__` and `__INCL__` stand for at `span`. The chain of including
 * places is empty in a file that is not included. */
export function placeOf(word: string, span: Span, includedFrom: string): TermNode {
  if (word === "__FILE__") return { kind: "string", value: span.source.path, span };
  if (word === "__INCL__") return { kind: "string", value: includedFrom, span };
  const line = positionAt(span.source, span.start).line;
  return { kind: "number", text: String(line), form: "integer", unsigned: false, span };
}
