// The operations of the 32-bit domain, where a word is the bit pattern of its value. The file is
// long for one reason: it holds one short method for each functor and kind.
import { dividedByZero, noSymbol, notANumber } from "./fault.ts";
import {
  compareFloats,
  fixedText,
  power,
  singleOfWord,
  truncated32,
  truncatedUnsigned32,
  wordOfSingle,
} from "./float.ts";
import { floatNumeral, signedNumeral, unsignedNumeral } from "./numeral.ts";
import { first, type Maps } from "./maps.ts";
import { sumInOrder } from "./sum.ts";
import type { Symbols } from "./symbols.ts";
import { TextOperations, type Warning } from "./text.ts";
import type { Values } from "./values.ts";
import type { Word } from "./word.ts";

/** The operations on words of the 32-bit domain; `operations.ts` says what they are. */
export class Operations32 {
  private readonly symbols: Symbols;
  private readonly text: TextOperations;
  private readonly maps: Maps;

  constructor(values: Values) {
    this.symbols = values.symbols;
    this.text = new TextOperations(values.symbols);
    this.maps = values.maps;
  }

  get warnings(): readonly Warning[] {
    return this.text.warnings;
  }

  neg_number(a: Word): Word {
    return -a | 0;
  }

  neg_float(a: Word): Word {
    return wordOfSingle(-singleOfWord(a));
  }

  add_number(a: Word, b: Word): Word {
    return (a + b) | 0;
  }

  add_unsigned(a: Word, b: Word): Word {
    return (a + b) | 0;
  }

  add_float(a: Word, b: Word): Word {
    return wordOfSingle(singleOfWord(a) + singleOfWord(b));
  }

  sub_number(a: Word, b: Word): Word {
    return (a - b) | 0;
  }

  sub_unsigned(a: Word, b: Word): Word {
    return (a - b) | 0;
  }

  sub_float(a: Word, b: Word): Word {
    return wordOfSingle(singleOfWord(a) - singleOfWord(b));
  }

  mul_number(a: Word, b: Word): Word {
    return Math.imul(a, b);
  }

  mul_unsigned(a: Word, b: Word): Word {
    return Math.imul(a, b);
  }

  mul_float(a: Word, b: Word): Word {
    return wordOfSingle(singleOfWord(a) * singleOfWord(b));
  }

  sat_add_number(a: Word, b: Word): Word {
    return bounded(a + b);
  }

  sat_add_unsigned(a: Word, b: Word): Word {
    return boundedUnsigned((a >>> 0) + (b >>> 0));
  }

  sat_sub_number(a: Word, b: Word): Word {
    return bounded(a - b);
  }

  sat_sub_unsigned(a: Word, b: Word): Word {
    return boundedUnsigned((a >>> 0) - (b >>> 0));
  }

  // A double rounds a product beyond 2^53, which is out of bounds all the same.
  sat_mul_number(a: Word, b: Word): Word {
    return bounded(a * b);
  }

  sat_mul_unsigned(a: Word, b: Word): Word {
    return boundedUnsigned((a >>> 0) * (b >>> 0));
  }

  div_number(a: Word, b: Word): Word {
    if (b === 0) throw dividedByZero("/");
    return (a / b) | 0;
  }

  div_unsigned(a: Word, b: Word): Word {
    if (b === 0) throw dividedByZero("/");
    return ((a >>> 0) / (b >>> 0)) | 0;
  }

  mod_number(a: Word, b: Word): Word {
    if (b === 0) throw dividedByZero("%");
    return (a % b) | 0;
  }

  mod_unsigned(a: Word, b: Word): Word {
    if (b === 0) throw dividedByZero("%");
    return ((a >>> 0) % (b >>> 0)) | 0;
  }

  div_float(a: Word, b: Word): Word {
    return wordOfSingle(singleOfWord(a) / singleOfWord(b));
  }

  pow_number(a: Word, b: Word): Word {
    return truncated32(power(a, b));
  }

  pow_unsigned(a: Word, b: Word): Word {
    return truncatedUnsigned32(power(a >>> 0, b >>> 0));
  }

  pow_float(a: Word, b: Word): Word {
    return wordOfSingle(power(singleOfWord(a), singleOfWord(b)));
  }

  bnot_number(a: Word): Word {
    return ~a;
  }

  band_number(a: Word, b: Word): Word {
    return a & b;
  }

  bor_number(a: Word, b: Word): Word {
    return a | b;
  }

  bxor_number(a: Word, b: Word): Word {
    return a ^ b;
  }

  bshl_number(a: Word, b: Word): Word {
    return a << b;
  }

  bshr_number(a: Word, b: Word): Word {
    return a >> b;
  }

  bshru_number(a: Word, b: Word): Word {
    return (a >>> b) | 0;
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

  bnot_unsigned(a: Word): Word {
    return ~a;
  }

  band_unsigned(a: Word, b: Word): Word {
    return a & b;
  }

  bor_unsigned(a: Word, b: Word): Word {
    return a | b;
  }

  bxor_unsigned(a: Word, b: Word): Word {
    return a ^ b;
  }

  bshl_unsigned(a: Word, b: Word): Word {
    return a << b;
  }

  bshr_unsigned(a: Word, b: Word): Word {
    return (a >>> b) | 0;
  }

  bshru_unsigned(a: Word, b: Word): Word {
    return (a >>> b) | 0;
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
    return a <= b ? a : b;
  }

  max_number(a: Word, b: Word): Word {
    return a >= b ? a : b;
  }

  min_unsigned(a: Word, b: Word): Word {
    return a >>> 0 <= b >>> 0 ? a : b;
  }

  max_unsigned(a: Word, b: Word): Word {
    return a >>> 0 >= b >>> 0 ? a : b;
  }

  min_float(a: Word, b: Word): Word {
    return compareFloats(singleOfWord(a), singleOfWord(b)) <= 0 ? a : b;
  }

  max_float(a: Word, b: Word): Word {
    return compareFloats(singleOfWord(a), singleOfWord(b)) >= 0 ? a : b;
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
    return this.symbols.byteLength(a);
  }

  substr_symbol(a: Word, at: Word, length: Word): Word {
    return this.text.substr(a, at, length);
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
    return a;
  }

  ord_record(a: Word): Word {
    return a;
  }

  to_number_number(a: Word): Word {
    return a;
  }

  to_number_unsigned(a: Word): Word {
    return a;
  }

  to_number_float(a: Word): Word {
    return truncated32(singleOfWord(a));
  }

  to_number_symbol(a: Word): Word {
    const value = signedNumeral(this.symbols.text(a), 32);
    if (value === undefined) throw notANumber("to_number", this.symbols.text(a));
    return Number(value);
  }

  to_unsigned_number(a: Word): Word {
    return a;
  }

  to_unsigned_unsigned(a: Word): Word {
    return a;
  }

  to_unsigned_float(a: Word): Word {
    return truncatedUnsigned32(singleOfWord(a));
  }

  to_unsigned_symbol(a: Word): Word {
    const value = unsignedNumeral(this.symbols.text(a), 32);
    if (value === undefined) throw notANumber("to_unsigned", this.symbols.text(a));
    return Number(value) | 0;
  }

  to_float_number(a: Word): Word {
    return wordOfSingle(a);
  }

  to_float_unsigned(a: Word): Word {
    return wordOfSingle(a >>> 0);
  }

  to_float_float(a: Word): Word {
    return a;
  }

  to_float_symbol(a: Word): Word {
    const value = floatNumeral(this.symbols.text(a), 32);
    if (value === undefined) throw notANumber("to_float", this.symbols.text(a));
    return wordOfSingle(value);
  }

  to_string_number(a: Word): Word {
    return this.symbols.intern(String(a));
  }

  to_string_unsigned(a: Word): Word {
    return this.symbols.intern(String(a >>> 0));
  }

  to_string_float(a: Word): Word {
    return this.symbols.intern(fixedText(singleOfWord(a)));
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
    return a;
  }

  as_number_record(a: Word): Word {
    return a;
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
    return a;
  }

  as_unsigned_record(a: Word): Word {
    return a;
  }

  as_float_number(a: Word): Word {
    return wordOfSingle(singleOfWord(a));
  }

  as_float_unsigned(a: Word): Word {
    return wordOfSingle(singleOfWord(a));
  }

  as_float_float(a: Word): Word {
    return a;
  }

  as_float_symbol(a: Word): Word {
    return wordOfSingle(singleOfWord(a));
  }

  as_float_record(a: Word): Word {
    return wordOfSingle(singleOfWord(a));
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
    return a < b;
  }

  lt_unsigned(a: Word, b: Word): boolean {
    return a >>> 0 < b >>> 0;
  }

  lt_float(a: Word, b: Word): boolean {
    return singleOfWord(a) < singleOfWord(b);
  }

  lt_symbol(a: Word, b: Word): boolean {
    return this.symbols.compare(a, b) < 0;
  }

  le_number(a: Word, b: Word): boolean {
    return a <= b;
  }

  le_unsigned(a: Word, b: Word): boolean {
    return a >>> 0 <= b >>> 0;
  }

  le_float(a: Word, b: Word): boolean {
    return singleOfWord(a) <= singleOfWord(b);
  }

  le_symbol(a: Word, b: Word): boolean {
    return this.symbols.compare(a, b) <= 0;
  }

  gt_number(a: Word, b: Word): boolean {
    return a > b;
  }

  gt_unsigned(a: Word, b: Word): boolean {
    return a >>> 0 > b >>> 0;
  }

  gt_float(a: Word, b: Word): boolean {
    return singleOfWord(a) > singleOfWord(b);
  }

  gt_symbol(a: Word, b: Word): boolean {
    return this.symbols.compare(a, b) > 0;
  }

  ge_number(a: Word, b: Word): boolean {
    return a >= b;
  }

  ge_unsigned(a: Word, b: Word): boolean {
    return a >>> 0 >= b >>> 0;
  }

  ge_float(a: Word, b: Word): boolean {
    return singleOfWord(a) >= singleOfWord(b);
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
    return wordOfSingle(sumInOrder(singles(words, count), Math.fround));
  }

  meanOfFloats(words: ArrayLike<Word>, count: number): Word {
    return wordOfSingle(sumInOrder(singles(words, count), Math.fround) / count);
  }

  private symbolOf(number: Word): Word {
    if (number < 0 || number >= this.symbols.size) throw noSymbol(number);
    return number;
  }
}

function bounded(value: number): Word {
  return Math.max(-0x80000000, Math.min(0x7fffffff, value));
}

function boundedUnsigned(value: number): Word {
  return Math.max(0, Math.min(0xffffffff, value)) | 0;
}

function singles(words: ArrayLike<Word>, count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, at) => singleOfWord(words[at]!));
}
