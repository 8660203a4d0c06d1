import { structured, type PrimitiveKind, type ValueKind } from "../value/schema.ts";
import type { Symbols } from "../value/symbols.ts";
import type { Values } from "../value/values.ts";
import { inline } from "../value/word.ts";
import { sortSymbols } from "./symbol-order.ts";
import type { Tuples } from "./tuples.ts";

const digitBits = 11;
const buckets = 1 << digitBits;
const digitMask = buckets - 1;
const sign = -0x80000000;

/** Returns the rows of a relation in the order of their values, first column first: the order in
 * which everything is written. The rows are sorted by keys, digit by digit, from the last on, so
 * that no value is decoded. */
export function rowOrder(tuples: Tuples, values: Values): Uint32Array {
  const { size, schema } = tuples;
  let from = { rows: new Uint32Array(size), keys: new Uint32Array(size) };
  let to = { rows: new Uint32Array(size), keys: new Uint32Array(size) };
  for (let row = 0; row < size; row++) from.rows[row] = row;
  for (let at = schema.attributes.length - 1; at >= 0; at--) {
    const { kind } = schema.attributes[at]!;
    for (const keys of keysOf(kind, tuples.column(at).subarray(0, size), values)) {
      const { least, bits } = spread(keys);
      if (bits > 0) gather(keys, least, from);
      for (let shift = 0; shift < bits; shift += digitBits) {
        sortByDigit(shift, from, to);
        [from, to] = [to, from];
      }
    }
  }
  return from.rows;
}

/** Rows in an order, each with its key. They move together: a key is not looked for by its row. */
type Keyed = { readonly rows: Uint32Array; readonly keys: Uint32Array };

/** For each row an unsigned number, so that values are ordered as the numbers are; or two, of which
 * the first decides where the second are equal. */
function keysOf(kind: ValueKind, words: Int32Array, values: Values): readonly Uint32Array[] {
  if (kind === "symbol") return [symbolRanks(words, values.symbols)];
  if (structured(kind)) return [structureRanks(kind, words, values)];
  if (values.domain === 32 || words.every(inline)) return [upperKeys(kind, words)];
  const { wide } = values;
  const highs = words.map((word) => wide.high(word));
  const lows = words.map((word) => wide.low(word));
  if (kind === "float") for (let row = 0; row < lows.length; row++) lows[row]! ^= highs[row]! >> 31;
  return [new Uint32Array(lows.buffer), upperKeys(kind, highs)];
}

/** The keys of words that are patterns, or of the upper halves of patterns. */
function upperKeys(kind: Exclude<PrimitiveKind, "symbol">, words: Int32Array): Uint32Array {
  const keys = new Uint32Array(words.length);
  for (let row = 0; row < words.length; row++) {
    const word = words[row]!;
    // The patterns of negative floats grow towards -inf.
    if (kind === "unsigned") keys[row] = word;
    else keys[row] = kind === "float" && word < 0 ? ~word : word ^ sign;
  }
  return keys;
}

/** The place of each row's symbol among the symbols that occur. */
function symbolRanks(words: Int32Array, symbols: Symbols): Uint32Array {
  const ranks = new Uint32Array(symbols.size);
  for (const word of words) ranks[word] = 1;
  let count = 0;
  const occurring = new Uint32Array(ranks.reduce((sum, one) => sum + one, 0));
  for (let word = 0; word < ranks.length; word++) if (ranks[word] === 1) occurring[count++] = word;
  sortSymbols(occurring, symbols);
  for (let rank = 0; rank < count; rank++) ranks[occurring[rank]!] = rank;
  const keys = new Uint32Array(words.length);
  for (let row = 0; row < words.length; row++) keys[row] = ranks[words[row]!]!;
  return keys;
}

/** The place of each row's value among those that occur. */
function structureRanks(kind: ValueKind, words: Int32Array, values: Values): Uint32Array {
  const occurring = [...new Set(words)].sort((a, b) => values.compare(kind, a, b));
  const ranks = new Map(occurring.map((word, rank) => [word, rank]));
  return Uint32Array.from(words, (word) => ranks.get(word)!);
}

function spread(keys: Uint32Array): { readonly least: number; readonly bits: number } {
  let least = 0xffffffff;
  let greatest = 0;
  for (const key of keys) {
    if (key < least) least = key;
    if (key > greatest) greatest = key;
  }
  return { least, bits: greatest > least ? 32 - Math.clz32(greatest - least) : 0 };
}

function gather(keys: Uint32Array, least: number, { rows, keys: gathered }: Keyed): void {
  for (let at = 0; at < rows.length; at++) gathered[at] = keys[rows[at]!]! - least;
}

/** Moves `from` to `to`, ordered by one digit of the keys; rows with the same digit keep theirs. */
function sortByDigit(shift: number, from: Keyed, to: Keyed): void {
  const { rows, keys } = from;
  const { rows: rowsTo, keys: keysTo } = to;
  const starts = new Uint32Array(buckets + 1);
  for (const key of keys) starts[((key >>> shift) & digitMask) + 1]!++;
  for (let digit = 0; digit < buckets; digit++) starts[digit + 1]! += starts[digit]!;
  for (let at = 0; at < rows.length; at++) {
    const key = keys[at]!;
    const place = starts[(key >>> shift) & digitMask]!++;
    rowsTo[place] = rows[at]!;
    keysTo[place] = key;
  }
}
