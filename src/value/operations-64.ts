// The operations of the 64-bit domain: fast where words are inline, else on the halves of patterns;
// what is rare (divisions of wide integers, powers) goes through bigint. The file is long for one
// reason: it holds one short method for each functor and kind.
import { dividedByZero, noSymbol, notANumber } from "./fault.ts";
import {
  compareFloats,
  fixedText,
  integerPower,
  power,
  truncated64,
  truncatedUnsigned64,
} from "./float.ts";
import { floatNumeral, signedNumeral, unsignedNumeral } from "./numeral.ts";
import { first, type Maps } from "./maps.ts";
import { sumInOrder } from "./sum.ts";
import type { Symbols } from "./symbols.ts";
import { TextOperations, type Warning } from "./text.ts";
import type { Values } from "./values.ts";
import type { WidePool } from "./wide.ts";
import { inline, type Word } from "./word.ts";

/** Products up to here are exact as doubles. */
const exactMax = 2 ** 53;
const least = -(2n ** 63n);
const greatest = 2n ** 63n - 1n;

/** The operations on words of the 64-bit domain; `operations.ts` says what they are. */
export class Operations64 {
  private readonly symbols: Symbols;
  private readonly wide: WidePool;
  private readonly text: TextOperations;
  private readonly maps: Maps;

  constructor(values: Values) {
    this.symbols = values.symbols;
    this.wide = values.wide;
    this.text = new TextOperations(values.symbols);
    this.maps = values.maps;
  }

  get warnings(): readonly Warning[] {
    return this.text.warnings;
  }

  neg_number(a: Word): Word {
    return this.sub_number(0, a);
  }

  neg_float(a: Word): Word {
    return this.wide.ofDouble(-this.wide.double(a));
  }

  add_number(a: Word, b: Word): Word {
    if (inline(a) && inline(b)) return this.sum(a + b);
    const { wide } = this;
    const low = (wide.low(a) >>> 0) + (wide.low(b) >>> 0);
    return wide.intern((wide.high(a) + wide.high(b) + carry(low)) | 0, low | 0);
  }

  add_unsigned(a: Word, b: Word): Word {
    return this.add_number(a, b);
  }

  add_float(a: Word, b: Word): Word {
    return this.wide.ofDouble(this.wide.double(a) + this.wide.double(b));
  }

  sub_number(a: Word, b: Word): Word {
    if (inline(a) && inline(b)) return this.sum(a - b);
    const { wide } = this;
    const low = (wide.low(a) >>> 0) - (wide.low(b) >>> 0);
    return wide.intern((wide.high(a) - wide.high(b) - (low < 0 ? 1 : 0)) | 0, low | 0);
  }

  sub_unsigned(a: Word, b: Word): Word {
    return this.sub_number(a, b);
  }

  sub_float(a: Word, b: Word): Word {
    return this.wide.ofDouble(this.wide.double(a) - this.wide.double(b));
  }

  mul_number(a: Word, b: Word): Word {
    const { wide } = this;
    if (inline(a) && inline(b)) {
      const product = a * b;
      if (product <= exactMax && product >= -exactMax) return wide.ofInteger(product);
    }
    const lowA = wide.low(a);
    const lowB = wide.low(b);
    const cross = Math.imul(wide.high(a), lowB) + Math.imul(lowA, wide.high(b));
    return wide.intern((upperProduct(lowA, lowB) + cross) | 0, Math.imul(lowA, lowB));
  }

  mul_unsigned(a: Word, b: Word): Word {
    return this.mul_number(a, b);
  }

  mul_float(a: Word, b: Word): Word {
    return this.wide.ofDouble(this.wide.double(a) * this.wide.double(b));
  }

  sat_add_number(a: Word, b: Word): Word {
    if (inline(a) && inline(b)) return this.sum(a + b);
    return this.bounded(this.wide.signed(a) + this.wide.signed(b));
  }

  sat_add_unsigned(a: Word, b: Word): Word {
    if (inline(a) && inline(b) && (a | b) >= 0) return this.sum(a + b);
    return this.boundedUnsigned(this.wide.unsigned(a) + this.wide.unsigned(b));
  }

  sat_sub_number(a: Word, b: Word): Word {
    if (inline(a) && inline(b)) return this.sum(a - b);
    return this.bounded(this.wide.signed(a) - this.wide.signed(b));
  }

  sat_sub_unsigned(a: Word, b: Word): Word {
    return this.boundedUnsigned(this.wide.unsigned(a) - this.wide.unsigned(b));
  }

  sat_mul_number(a: Word, b: Word): Word {
    return this.bounded(this.wide.signed(a) * this.wide.signed(b));
  }

  sat_mul_unsigned(a: Word, b: Word): Word {
    return this.boundedUnsigned(this.wide.unsigned(a) * this.wide.unsigned(b));
  }

  div_number(a: Word, b: Word): Word {
    if (b === 0) throw dividedByZero("/");
    if (inline(a) && inline(b)) return this.sum((a / b) | 0);
    return this.wide.ofBigint(this.wide.signed(a) / this.wide.signed(b));
  }

  div_unsigned(a: Word, b: Word): Word {
    if (b === 0) throw dividedByZero("/");
    if (small(a) && small(b)) return (a / b) | 0;
    return this.wide.ofBigint(this.wide.unsigned(a) / this.wide.unsigned(b));
  }

  mod_number(a: Word, b: Word): Word {
    if (b === 0) throw dividedByZero("%");
    if (inline(a) && inline(b)) return (a % b) | 0;
    return this.wide.ofBigint(this.wide.signed(a) % this.wide.signed(b));
  }

  mod_unsigned(a: Word, b: Word): Word {
    if (b === 0) throw dividedByZero("%");
    if (small(a) && small(b)) return (a % b) | 0;
    return this.wide.ofBigint(this.wide.unsigned(a) % this.wide.unsigned(b));
  }

  div_float(a: Word, b: Word): Word {
    return this.wide.ofDouble(this.wide.double(a) / this.wide.double(b));
  }

  pow_number(a: Word, b: Word): Word {
    const { wide } = this;
    return wide.ofBigint(truncated64(integerPower(wide.signed(a), wide.signed(b))));
  }

  pow_unsigned(a: Word, b: Word): Word {
    const { wide } = this;
    const result = integerPower(wide.unsigned(a), wide.unsigned(b));
    return wide.ofBigint(truncatedUnsigned64(result));
  }

  pow_float(a: Word, b: Word): Word {
    return this.wide.ofDouble(power(this.wide.double(a), this.wide.double(b)));
  }

  bnot_number(a: Word): Word {
    return inline(a) ? ~a : this.wide.intern(~this.wide.high(a), ~this.wide.low(a));
  }

  bnot_unsigned(a: Word): Word {
    return this.bnot_number(a);
  }

  band_number(a: Word, b: Word): Word {
    if (inline(a) && inline(b)) return a & b;
    const { wide } = this;
    return wide.intern(wide.high(a) & wide.high(b), wide.low(a) & wide.low(b));
  }

  band_unsigned(a: Word, b: Word): Word {
    return this.band_number(a, b);
  }

  bor_number(a: Word, b: Word): Word {
    if (inline(a) && inline(b)) return a | b;
    const { wide } = this;
    return wide.intern(wide.high(a) | wide.high(b), wide.low(a) | wide.low(b));
  }

  bor_unsigned(a: Word, b: Word): Word {
    return this.bor_number(a, b);
  }

  bxor_number(a: Word, b: Word): Word {
    if (inline(a) && inline(b)) return a ^ b;
    const { wide } = this;
    return wide.intern(wide.high(a) ^ wide.high(b), wide.low(a) ^ wide.low(b));
  }

  bxor_unsigned(a: Word, b: Word): Word {
    return this.bxor_number(a, b);
  }

  bshl_number(a: Word, b: Word): Word {
    const { wide } = this;
    const count = wide.low(b) & 63;
    const low = wide.low(a);
    if (count === 0) return a;
    if (count >= 32) return wide.intern(low << (count - 32), 0);
    return wide.intern((wide.high(a) << count) | (low >>> (32 - count)), low << count);
  }

  bshl_unsigned(a: Word, b: Word): Word {
    return this.bshl_number(a, b);
  }

  bshr_number(a: Word, b: Word): Word {
    const { wide } = this;
    const count = wide.low(b) & 63;
    if (inline(a)) return a >> Math.min(count, 31);
    if (count === 0) return a;
    const high = wide.high(a);
    if (count >= 32) return wide.intern(high >> 31, high >> (count - 32));
    return wide.intern(high >> count, (wide.low(a) >>> count) | (high << (32 - count)));
  }

  bshr_unsigned(a: Word, b: Word): Word {
    return this.bshru_number(a, b);
  }

  bshru_number(a: Word, b: Word): Word {
    const { wide } = this;
    const count = wide.low(b) & 63;
    if (count === 0) return a;
    const high = wide.high(a);
    if (count >= 32) return wide.intern(0, (high >>> (count - 32)) | 0);
    return wide.intern((high >>> count) | 0, (wide.low(a) >>> count) | (high << (32 - count)));
  }

  bshru_unsigned(a: Word, b: Word): Word {
    return this.bshru_number(a, b);
  }

  lnot_number(a: Word): Word {
    return a === 0 ? 1 : 0;
  }

  land_number(a: Word, b: Word): Word {
    return a !== 0 && b !== 0 ? 1 : 0;
  }

  lor_number(a: Word, b: Word): Word {
    return a !== 0 || b !== 0 ? 1 : 0;
  }

  lxor_number(a: Word, b: Word): Word {
    return (a === 0) === (b === 0) ? 0 : 1;
  }

  lnot_unsigned(a: Word): Word {
    return a === 0 ? 1 : 0;
  }

  land_unsigned(a: Word, b: Word): Word {
    return a !== 0 && b !== 0 ? 1 : 0;
  }

  lor_unsigned(a: Word, b: Word): Word {
    return a !== 0 || b !== 0 ? 1 : 0;
  }

  lxor_unsigned(a: Word, b: Word): Word {
    return (a === 0) === (b === 0) ? 0 : 1;
  }

  min_number(a: Word, b: Word): Word {
    return this.le_number(a, b) ? a : b;
  }

  max_number(a: Word, b: Word): Word {
    return this.ge_number(a, b) ? a : b;
  }

  min_unsigned(a: Word, b: Word): Word {
    return this.le_unsigned(a, b) ? a : b;
  }

  max_unsigned(a: Word, b: Word): Word {
    return this.ge_unsigned(a, b) ? a : b;
  }

  min_float(a: Word, b: Word): Word {
    return compareFloats(this.wide.double(a), this.wide.double(b)) <= 0 ? a : b;
  }

  max_float(a: Word, b: Word): Word {
    return compareFloats(this.wide.double(a), this.wide.double(b)) >= 0 ? a : b;
  }

  min_symbol(a: Word, b: Word): Word {
    return this.symbols.compare(a, b) <= 0 ? a : b;
  }

  max_symbol(a: Word, b: Word): Word {
    return this.symbols.compare(a, b) >= 0 ? a : b;
  }

  cat_symbol(a: Word, b: Word): Word {
    return this.text.cat(a, b);
  }

  strlen_symbol(a: Word): Word {
    return this.wide.ofInteger(this.symbols.byteLength(a));
  }

  substr_symbol(a: Word, at: Word, length: Word): Word {
    const { wide } = this;
    return this.text.substr(a, Number(wide.signed(at)), Number(wide.signed(length)));
  }

  ord_number(a: Word): Word {
    return a;
  }

  ord_unsigned(a: Word): Word {
    return a;
  }

  ord_float(a: Word): Word {
    return a;
  }

  ord_symbol(a: Word): Word {
    return this.wide.ofInteger(a);
  }

  ord_record(a: Word): Word {
    return this.wide.ofInteger(a);
  }

  to_number_number(a: Word): Word {
    return a;
  }

  to_number_unsigned(a: Word): Word {
    return a;
  }

  to_number_float(a: Word): Word {
    return this.wide.ofBigint(truncated64(this.wide.double(a)));
  }

  to_number_symbol(a: Word): Word {
    const value = signedNumeral(this.symbols.text(a), 64);
    if (value === undefined) throw notANumber("to_number", this.symbols.text(a));
    return this.wide.ofBigint(value);
  }

  to_unsigned_number(a: Word): Word {
    return a;
  }

  to_unsigned_unsigned(a: Word): Word {
    return a;
  }

  to_unsigned_float(a: Word): Word {
    return this.wide.ofBigint(truncatedUnsigned64(this.wide.double(a)));
  }

  to_unsigned_symbol(a: Word): Word {
    const value = unsignedNumeral(this.symbols.text(a), 64);
    if (value === undefined) throw notANumber("to_unsigned", this.symbols.text(a));
    return this.wide.ofBigint(value);
  }

  to_float_number(a: Word): Word {
    return this.wide.ofDouble(inline(a) ? a : Number(this.wide.signed(a)));
  }

  to_float_unsigned(a: Word): Word {
    return this.wide.ofDouble(Number(this.wide.unsigned(a)));
  }

  to_float_float(a: Word): Word {
    return a;
  }

  to_float_symbol(a: Word): Word {
    const value = floatNumeral(this.symbols.text(a), 64);
    if (value === undefined) throw notANumber("to_float", this.symbols.text(a));
    return this.wide.ofDouble(value);
  }

  to_string_number(a: Word): Word {
    return this.symbols.intern(String(this.wide.signed(a)));
  }

  to_string_unsigned(a: Word): Word {
    return this.symbols.intern(String(this.wide.unsigned(a)));
  }

  to_string_float(a: Word): Word {
    return this.symbols.intern(fixedText(this.wide.double(a)));
  }

  to_string_symbol(a: Word): Word {
    return a;
  }

  as_number_number(a: Word): Word {
    return a;
  }

  as_number_unsigned(a: Word): Word {
    return a;
  }

  as_number_float(a: Word): Word {
    return a;
  }

  as_number_symbol(a: Word): Word {
    return this.wide.ofInteger(a);
  }

  as_number_record(a: Word): Word {
    return this.wide.ofInteger(a);
  }

  as_unsigned_number(a: Word): Word {
    return a;
  }

  as_unsigned_unsigned(a: Word): Word {
    return a;
  }

  as_unsigned_float(a: Word): Word {
    return a;
  }

  as_unsigned_symbol(a: Word): Word {
    return this.wide.ofInteger(a);
  }

  as_unsigned_record(a: Word): Word {
    return this.wide.ofInteger(a);
  }

  as_float_number(a: Word): Word {
    return this.wide.ofDouble(this.wide.double(a));
  }

  as_float_unsigned(a: Word): Word {
    return this.wide.ofDouble(this.wide.double(a));
  }

  as_float_float(a: Word): Word {
    return a;
  }

  as_float_symbol(a: Word): Word {
    return this.wide.ofDouble(this.wide.double(this.wide.ofInteger(a)));
  }

  as_float_record(a: Word): Word {
    return this.wide.ofDouble(this.wide.double(this.wide.ofInteger(a)));
  }

  as_symbol_number(a: Word): Word {
    return this.symbolOf(a);
  }

  as_symbol_unsigned(a: Word): Word {
    return this.symbolOf(a);
  }

  as_symbol_float(a: Word): Word {
    return this.symbolOf(a);
  }

  as_symbol_symbol(a: Word): Word {
    return a;
  }

  lt_number(a: Word, b: Word): boolean {
    if (inline(a) && inline(b)) return a < b;
    const { wide } = this;
    const high = wide.high(a);
    const other = wide.high(b);
    return high < other || (high === other && wide.low(a) >>> 0 < wide.low(b) >>> 0);
  }

  le_number(a: Word, b: Word): boolean {
    return !this.lt_number(b, a);
  }

  gt_number(a: Word, b: Word): boolean {
    return this.lt_number(b, a);
  }

  ge_number(a: Word, b: Word): boolean {
    return !this.lt_number(a, b);
  }

  lt_unsigned(a: Word, b: Word): boolean {
    if (inline(a) && inline(b)) return a >>> 0 < b >>> 0;
    const { wide } = this;
    const high = wide.high(a) >>> 0;
    const other = wide.high(b) >>> 0;
    return high < other || (high === other && wide.low(a) >>> 0 < wide.low(b) >>> 0);
  }

  le_unsigned(a: Word, b: Word): boolean {
    return !this.lt_unsigned(b, a);
  }

  gt_unsigned(a: Word, b: Word): boolean {
    return this.lt_unsigned(b, a);
  }

  ge_unsigned(a: Word, b: Word): boolean {
    return !this.lt_unsigned(a, b);
  }

  lt_float(a: Word, b: Word): boolean {
    return this.wide.double(a) < this.wide.double(b);
  }

  lt_symbol(a: Word, b: Word): boolean {
    return this.symbols.compare(a, b) < 0;
  }

  le_float(a: Word, b: Word): boolean {
    return this.wide.double(a) <= this.wide.double(b);
  }

  le_symbol(a: Word, b: Word): boolean {
    return this.symbols.compare(a, b) <= 0;
  }

  gt_float(a: Word, b: Word): boolean {
    return this.wide.double(a) > this.wide.double(b);
  }

  gt_symbol(a: Word, b: Word): boolean {
    return this.symbols.compare(a, b) > 0;
  }

  ge_float(a: Word, b: Word): boolean {
    return this.wide.double(a) >= this.wide.double(b);
  }

  ge_symbol(a: Word, b: Word): boolean {
    return this.symbols.compare(a, b) >= 0;
  }

  match(pattern: Word, text: Word): boolean {
    return this.text.match(pattern, text, true);
  }

  not_match(pattern: Word, text: Word): boolean {
    return this.text.match(pattern, text, false);
  }

  contains(part: Word, text: Word): boolean {
    return this.text.contains(part, text);
  }

  not_contains(part: Word, text: Word): boolean {
    return !this.contains(part, text);
  }

  has(map: Word, key: Word): boolean {
    return this.maps.has(map, key);
  }

  not_has(map: Word, key: Word): boolean {
    return !this.maps.has(map, key);
  }

  singleton_record(element: Word): Word {
    return this.maps.leaf(element, 0);
  }

  entry_record(key: Word, value: Word): Word {
    return this.maps.leaf(key, value);
  }

  size_record(map: Word): Word {
    return this.maps.size(map);
  }

  at_record(map: Word, key: Word): Word {
    return this.maps.at(map, key);
  }

  union_record(a: Word, b: Word): Word {
    return this.maps.union(a, b, first);
  }

  intersection_record(a: Word, b: Word): Word {
    return this.maps.intersection(a, b);
  }

  sumOfFloats(words: ArrayLike<Word>, count: number): Word {
    return this.wide.ofDouble(sumInOrder(this.doubles(words, count), exactly));
  }

  meanOfFloats(words: ArrayLike<Word>, count: number): Word {
    return this.wide.ofDouble(sumInOrder(this.doubles(words, count), exactly) / count);
  }

  private doubles(words: ArrayLike<Word>, count: number): Float64Array {
    return Float64Array.from({ length: count }, (_, at) => this.wide.double(words[at]!));
  }

  /** The word of an integer in [-2^31, 2^31). */
  private sum(value: number): Word {
    return inline(value) ? value : this.wide.intern(value >> 31, value);
  }

  private bounded(value: bigint): Word {
    return this.wide.ofBigint(value < least ? least : value > greatest ? greatest : value);
  }

  private boundedUnsigned(value: bigint): Word {
    const most = 2n * greatest + 1n;
    return this.wide.ofBigint(value < 0n ? 0n : value > most ? most : value);
  }

  private symbolOf(number: Word): Word {
    if (number < 0 || number >= this.symbols.size) throw noSymbol(this.wide.signed(number));
    return number;
  }
}

/** Whether a word is an integer in [0, 2^30), signed and unsigned alike. */
function small(word: Word): boolean {
  return word >>> 0 < 0x40000000;
}

function carry(low: number): number {
  return low >= 2 ** 32 ? 1 : 0;
}

/** The upper half of the product of two unsigned 32-bit integers. */
function upperProduct(a: number, b: number): number {
  const lowA = a & 0xffff;
  const highA = a >>> 16;
  const lowB = b & 0xffff;
  const highB = b >>> 16;
  const middle = highA * lowB + ((Math.imul(lowA, lowB) >>> 0) >>> 16);
  const other = lowA * highB + (middle % 0x10000);
  return highA * highB + Math.floor(middle / 0x10000) + Math.floor(other / 0x10000);
}

function exactly(value: number): number {
  return value;
}
