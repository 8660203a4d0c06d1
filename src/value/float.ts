// Floats as Soufflé's C++ treats them where JavaScript differs: single precision patterns, casts to
// integers, powers, and decimal text.
import type { Domain } from "./schema.ts";
import type { Word } from "./word.ts";

const float32 = new Float32Array(1);
const pattern32 = new Int32Array(float32.buffer);
const nan32 = 0x7fc00000;

/** The word of a float in the 32-bit domain, rounded to single precision. There is one NaN and one
 * zero, so that equal floats are equal words. */
export function wordOfSingle(value: number): Word {
  float32[0] = value + 0;
  // A negative number that is too small rounds to -0.
  return value !== value ? nan32 : pattern32[0] === -0x80000000 ? 0 : pattern32[0]!;
}

/** The float that a word of the 32-bit domain stands for. */
export function singleOfWord(word: Word): number {
  pattern32[0] = word;
  return float32[0]!;
}

/** A float as a 32-bit signed integer: truncated, and -2^31 where that is out of range or NaN, as
 * x86 converts. */
export function truncated32(value: number): number {
  return value > -0x80000001 && value < 0x80000000 ? Math.trunc(value) | 0 : -0x80000000;
}

/** A float as the pattern of a 32-bit unsigned integer: truncated, wrapped where it has 64 bits, 0
 * beyond and for NaN, as x86 converts. */
export function truncatedUnsigned32(value: number): number {
  return value >= -(2 ** 63) && value < 2 ** 63 ? value | 0 : 0;
}

/** A float as a 64-bit signed integer: truncated, and -2^63 where that is out of range or NaN. */
export function truncated64(value: number): bigint {
  return value >= -(2 ** 63) && value < 2 ** 63 ? BigInt(Math.trunc(value)) : -(2n ** 63n);
}

/** A float as the pattern of a 64-bit unsigned integer: truncated; negative ones wrap; 0 from 2^64
 * on, 2^63 below -2^63 and for NaN, as x86 converts. */
export function truncatedUnsigned64(value: number): bigint {
  if (!(value >= 2 ** 63)) return truncated64(value);
  return value < 2 ** 64 ? BigInt(value) : 0n;
}

/** `pow` of C, which knows an answer for `1^NaN`, `1^inf` and `(-1)^inf`. */
export function power(base: number, exponent: number): number {
  if (base === 1) return 1;
  if (base === -1 && (exponent === Infinity || exponent === -Infinity)) return 1;
  return Math.pow(base, exponent);
}

/** Integers raised as doubles. Where the result has more than 53 bits it is the double nearest to
 * the exact one. */
export function integerPower(base: bigint, exponent: bigint): number {
  const rough = power(Number(base), Number(exponent));
  const exact = Math.abs(rough) <= 2 ** 53 || Math.abs(rough) > 2 ** 65 || rough !== rough;
  return exact ? rough : Number(base ** exponent);
}

/** Negative, zero or positive as `a` is before, equal to or after `b` in the order of floats, in
 * which NaN is the greatest. */
export function compareFloats(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return a === b ? 0 : Number(a !== a) - Number(b !== b);
}

/** The text of a float as a column: `%.17g` in the 64-bit domain, `%.9g` in the other; `inf`,
 * `-inf`, `nan`. */
export function floatText(value: number, domain: Domain): string {
  const digits = domain === 64 ? 17 : 9;
  if (!Number.isFinite(value)) return notFinite(value);
  if (Number.isInteger(value) && Math.abs(value) < 10 ** (digits - 1)) return String(value);
  let text = value.toExponential(digits - 1);
  // JavaScript rounds a tie up, C to even. Only a number with few binary places can be a tie.
  if (Number.isInteger(value * 2 ** 25) && tied(value, digits)) text = withEvenDigit(text);
  const [mantissa = "", power = "0"] = text.split("e");
  const exponent = Number(power);
  const sign = value < 0 ? "-" : "";
  const significant = mantissa.replace(/[-.]/g, "").replace(/0+$/, "");
  if (exponent < -4 || exponent >= digits) {
    const places = significant.length > 1 ? "." + significant.slice(1) : "";
    const size = String(Math.abs(exponent)).padStart(2, "0");
    return `${sign}${significant.charAt(0)}${places}e${exponent < 0 ? "-" : "+"}${size}`;
  }
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${significant}`;
  const whole = significant.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  const rest = significant.slice(exponent + 1);
  return sign + whole + (rest === "" ? "" : "." + rest);
}

/** The text of a float as `to_string` gives it: six decimals, never an exponent. */
export function fixedText(value: number): string {
  if (!Number.isFinite(value)) return notFinite(value);
  if (Math.abs(value) >= 1e21) return `${BigInt(value)}.000000`;
  const text = value.toFixed(6);
  // The ties between two texts of six decimals are the odd multiples of 1/128.
  const tie = Number.isInteger(value * 128) && !Number.isInteger(value * 64);
  const even = tie ? withEvenDigit(text + "e").slice(0, -1) : text;
  return value < 0 && !even.startsWith("-") ? "-" + even : even;
}

function notFinite(value: number): string {
  return value !== value ? "nan" : value > 0 ? "inf" : "-inf";
}

/** Whether a number lies in the middle between two texts of so many significant digits. */
function tied(value: number, digits: number): boolean {
  // A double that is this near to a decimal of 18 digits is that decimal.
  return /^-?\d\.\d*50{50}e/.test(value.toExponential(digits + 50));
}

/** The text of a mantissa that a tie rounded up: with the even one of the two last digits. */
function withEvenDigit(text: string): string {
  return text.replace(/\de/, (found) => `${Number(found[0]) & ~1}e`);
}
