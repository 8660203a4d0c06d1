import { structured, type Attribute, type Domain, type PrimitiveKind } from "../value/schema.ts";
import type { Values } from "../value/values.ts";
import type { Word } from "../value/word.ts";
import { LongInteger } from "./long-integer.ts";
import { latin, shown, type Refusal } from "./refusal.ts";
import { StructureReader } from "./structure-field.ts";

const minus = 0x2d;
const dot = 0x2e;
const decimalText = /^[ \t-\r]*[+-]?\d+$/;
const unsignedText = /^(?:0b[01]+|0x[0-9a-fA-F]+|[ \t-\r]*\+?\d+)$/;
const floatText = /^[ \t-\r]*[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?|nan)$/i;
// A literal of more digits is out of range, and BigInt would take its time to say so.
const digitsMax = 1000;

/** Reads the fields of data files: bytes in, words out. */
export class FieldReader {
  /** Why the last field had no value; undefined if it had one. */
  refusal: Refusal | undefined;
  private readonly values: Values;
  private readonly structures: StructureReader;
  private readonly long = new LongInteger();

  constructor(values: Values) {
    this.values = values;
    this.structures = new StructureReader(values, this);
  }

  /** The word of the field [start, end) of `buffer`; 0 and a `refusal` if it has none. */
  word(attribute: Attribute, buffer: Uint8Array, start: number, end: number): Word {
    this.refusal = undefined;
    if (structured(attribute.kind))
      return this.structures.word(attribute, attribute.kind, buffer, start, end);
    switch (attribute.kind) {
      case "symbol":
        return this.values.symbols.internBytes(buffer, start, end);
      case "float":
        return this.float(attribute, buffer, start, end);
      case "number":
      case "unsigned":
        return this.integer(attribute, buffer, start, end);
    }
  }

  private integer(attribute: Attribute, buffer: Uint8Array, start: number, end: number): Word {
    const negative = buffer[start] === minus && attribute.kind === "number";
    const from = negative ? start + 1 : start;
    let value = 0;
    let at = from;
    for (; at < end && at - from < 16; at++) {
      const digit = buffer[at]! - 0x30;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    const signed = negative ? -value : value;
    if (at === end && at > from && at - from <= 15 && this.fits(attribute, signed)) {
      return this.values.ofInteger(signed);
    }
    const { long } = this;
    if (at - from === 16 && this.values.domain === 64) {
      const form = negative ? "negative" : attribute.kind === "unsigned" ? "unsigned" : "signed";
      if (long.read(buffer, from, end, form)) return this.values.wide.intern(long.high, long.low);
    }
    return this.anyInteger(attribute, latin(buffer, start, end));
  }

  private fits({ kind }: Attribute, value: number): boolean {
    if (this.values.domain === 64) return true;
    return kind === "number" ? (value | 0) === value : value >>> 0 === value;
  }

  private anyInteger(attribute: Attribute, text: string): Word {
    const { domain } = this.values;
    const form = attribute.kind === "number" ? decimalText : unsignedText;
    if (!form.test(text)) {
      return this.refuse(attribute, "bad-value", text, `is no ${attribute.kind}`);
    }
    const digits = text
      .trim()
      .replace(/^([+-]?)0*(?=\d)/, "$1")
      .replace(/^\+/, "");
    const value = digits.length > digitsMax ? 10n ** 40n : BigInt(digits);
    const bits = BigInt.asUintN(domain, value);
    const held = attribute.kind === "number" ? BigInt.asIntN(domain, bits) : bits;
    if (held !== value) {
      return this.refuse(
        attribute,
        "out-of-range",
        text,
        `is no ${attribute.kind} of ${domain} bits`,
      );
    }
    return this.values.ofBigint(value);
  }

  private float(attribute: Attribute, buffer: Uint8Array, start: number, end: number): Word {
    const negative = buffer[start] === minus;
    let digits = 0;
    let places = 0;
    let afterDot = false;
    let value = 0;
    let at = negative ? start + 1 : start;
    // Up to 15 digits and 22 places the quotient of two exact numbers is the nearest float.
    for (; at < end && digits <= 15; at++) {
      const byte = buffer[at]!;
      if (byte === dot && !afterDot) afterDot = true;
      else if (byte >= 0x30 && byte <= 0x39) {
        value = value * 10 + byte - 0x30;
        digits++;
        if (afterDot) places++;
      } else break;
    }
    if (at === end && digits > 0 && digits <= 15) {
      return this.values.ofFloat((negative ? -value : value) / 10 ** places);
    }
    return this.anyFloat(attribute, latin(buffer, start, end));
  }

  private anyFloat(attribute: Attribute, text: string): Word {
    if (!floatText.test(text)) return this.refuse(attribute, "bad-value", text, "is no float");
    const { domain } = this.values;
    const [name] = /inf|nan/i.exec(text) ?? [];
    if (name?.toLowerCase() === "nan") return this.values.ofFloat(NaN);
    const sign = text.trim().startsWith("-") ? -1 : 1;
    if (name !== undefined) return this.values.ofFloat(sign * Infinity);
    const value = domain === 32 ? Math.fround(Number(text)) : Number(text);
    if (!Number.isFinite(value)) {
      return this.refuse(attribute, "out-of-range", text, `is no float of ${domain} bits`);
    }
    return this.values.ofFloat(value);
  }

  private refuse(
    attribute: Attribute,
    code: "bad-value" | "out-of-range",
    text: string,
    why: string,
  ): Word {
    const hint =
      code === "out-of-range" || structured(attribute.kind)
        ? ranges(attribute, this.values.domain)
        : forms[attribute.kind];
    this.refusal = { code, message: `column "${attribute.name}": ${shown(text)} ${why}`, hint };
    return 0;
  }
}

const forms: Readonly<Record<PrimitiveKind, string>> = {
  number: "a number is written in decimal digits, with - in front where it is negative",
  unsigned: "an unsigned is written in decimal digits, or in 0x or 0b and digits",
  float: "a float is written as 1.5, -2e-3, inf or nan",
  symbol: "a symbol is any text",
};

function ranges({ kind }: Attribute, domain: Domain): string {
  if (kind === "float") return "write inf where infinity is meant";
  const bits = BigInt(domain);
  const wider = domain === 32 ? "; the 64-bit domain holds more" : "; a symbol holds any digits";
  if (kind === "unsigned") return `an unsigned lies in [0, ${2n ** bits - 1n}]${wider}`;
  return `a number lies in [${-(2n ** (bits - 1n))}, ${2n ** (bits - 1n) - 1n}]${wider}`;
}
