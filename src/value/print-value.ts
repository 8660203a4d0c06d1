// Constants as a program writes them.
import type { Value } from "./schema.ts";

/** Returns a record's fields in brackets, or behind the branch that they are of. */
export function bracketed(branch: string | undefined, fields: readonly string[]): string {
  const text = fields.join(", ");
  return branch === undefined ? `[${text}]` : `$${branch}(${text})`;
}

/** Returns a constant in source notation. Floats tell themselves from integers, which are
 * bigints. */
export function printValue(value: Value): string {
  if (value === null) return "nil";
  if (typeof value === "bigint") return String(value);
  if (typeof value === "string") return quoted(value);
  if (typeof value === "object") {
    if ("branch" in value) return bracketed(value.branch, value.fields.map(printValue));
    if ("elements" in value) return `{${value.elements.map(printValue).join(", ")}}`;
    if ("pairs" in value)
      return `{${value.pairs.map((entry) => entry.map(printValue).join(" -> ")).join(", ")}}`;
    return bracketed(undefined, value.map(printValue));
  }
  const text = Object.is(value, -0) ? "-0" : String(value);
  if (/^-?\d+$/.test(text)) return `${text}.0`;
  if (!text.includes("e")) return text;
  // Literals have no exponent.
  return Number.isInteger(value) ? `${BigInt(value)}.0` : value.toFixed(100).replace(/0+$/, "");
}

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/** Returns a text in double quotes, with escapes. */
export function quoted(text: string): string {
  return `"${text.replace(/["\\\n\r\t]/g, (character) => escapes[character] ?? character)}"`;
}
