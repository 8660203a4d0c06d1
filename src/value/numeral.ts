// Texts that are read as numbers by `to_number` and its sisters: as C's strtoll and strtod do, the
// longest beginning counts and what follows it does not. Data files are read more strictly, by
// `io`.
import type { Domain } from "./schema.ts";

const digitsMax = 400;

/** The signed integer that `text` begins with, decimal or after `0x` or `0b`; undefined where there
 * is none or it is out of the domain's range. */
export function signedNumeral(text: string, domain: Domain): bigint | undefined {
  const value = integerNumeral(text);
  if (value === undefined) return undefined;
  return BigInt.asIntN(domain, value) === value ? value : undefined;
}

/** The unsigned integer that `text` begins with, in the same forms; undefined where there is none,
 * it is negative or out of the domain's range. */
export function unsignedNumeral(text: string, domain: Domain): bigint | undefined {
  const value = integerNumeral(text);
  if (value === undefined || /^\s*-/.test(text)) return undefined;
  return BigInt.asUintN(domain, value) === value ? value : undefined;
}

/** The float that `text` begins with, `inf` and `nan` included; undefined where there is none or it
 * is too great for the domain. */
export function floatNumeral(text: string, domain: Domain): number | undefined {
  const [, sign = "", body = ""] =
    /^[ \t-\r]*([+-]?)((?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf|nan)/i.exec(text) ?? [];
  if (body === "") return undefined;
  const absolute = /^nan/i.test(body) ? NaN : /^inf/i.test(body) ? Infinity : Number(body);
  const value = sign === "-" ? -absolute : absolute;
  const rounded = domain === 32 ? Math.fround(value) : value;
  return Math.abs(rounded) === Infinity && !/^inf/i.test(body) ? undefined : rounded;
}

function integerNumeral(text: string): bigint | undefined {
  const prefixed = /^(-?)(0x[0-9a-fA-F]+|0b[01]+)/.exec(text);
  const [, sign, digits] = prefixed ?? /^[ \t-\r]*([+-]?)0*(\d+)/.exec(text) ?? [];
  if (digits === undefined || digits.length > digitsMax) return undefined;
  const value = BigInt(digits);
  return sign === "-" ? -value : value;
}
