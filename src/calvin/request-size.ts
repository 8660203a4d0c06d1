import type { Value } from "../value/schema.ts";
import type { OrderedRequest } from "./record.ts";
import type { Pattern } from "./transaction.ts";

/** What a count, a tag or a place takes at most. */
const countBytes = 10;

/** Returns how many bytes a request takes at most, in a record or on its way. */
export function requestBytes({ id, transaction, args, footprint }: OrderedRequest): number {
  const patterns = footprint === undefined ? [] : [...footprint.reads, ...footprint.writes];
  const names = textBytes(id) + textBytes(transaction);
  return names + 5 * countBytes + valuesBytes(args) + sum(patterns.map(patternBytes));
}

/** Returns how many bytes a text takes at most, with its length. */
export function textBytes(text: string): number {
  let bytes = countBytes + text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    // Of UTF-8, one to three bytes a unit; surrogates take two of them where they are a pair.
    if (unit >= 0x80) bytes += unit < 0x800 ? 1 : 2;
  }
  return bytes;
}

function patternBytes({ columns, values }: Pattern): number {
  return countBytes * (2 + columns.length) + valuesBytes(values);
}

function valuesBytes(values: readonly Value[]): number {
  return countBytes + sum(values.map(valueBytes));
}

function valueBytes(value: Value): number {
  if (value === null) return 1;
  // A tag, and up to 64 bits, in groups of seven or as they are.
  if (typeof value === "bigint" || typeof value === "number") return 1 + countBytes;
  if (typeof value === "string") return 1 + textBytes(value);
  if ("branch" in value) return 1 + textBytes(value.branch) + valuesBytes(value.fields);
  if ("elements" in value) return 1 + valuesBytes(value.elements);
  if ("pairs" in value) return 1 + valuesBytes(value.pairs.flat());
  return 1 + valuesBytes(value);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
