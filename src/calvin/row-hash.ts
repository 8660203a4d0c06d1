import { keyHash } from "../transducer/owners.ts";
import type { Value } from "../value/schema.ts";
import type { Position } from "./storage.ts";
import type { Row } from "./transaction.ts";

/** Returns a 32-bit hash of a change: a row that was inserted or removed at a place. The same on
 * every machine; whole numbers, of which most rows are made, are hashed by their halves, anything
 * else by its bytes (`keyHash`). */
export function changeHash(sign: "-" | "+", at: Position, { relation, values }: Row): number {
  let hash = changeBegun(sign, at, relation);
  for (const value of values) hash = valueHashed(hash, value);
  return hash >>> 0;
}

/** Returns what the hash of a change begins with: what follows are the values of its row. */
export function changeBegun(sign: "-" | "+", at: Position, relation: number): number {
  let hash = mixed(sign === "-" ? 0x9e3779b1 : 0x7f4a7c15, at | 0);
  hash = mixed(hash, Math.floor(at / 2 ** 32));
  return mixed(hash, relation);
}

/** Adds a value. */
export function valueHashed(hash: number, value: Value): number {
  if (typeof value !== "bigint") return mixed(mixed(hash, 1), keyHash([value]));
  const number = Number(value);
  if (!Number.isSafeInteger(number)) return mixed(mixed(hash, 2), keyHash([value]));
  return integerHashed(hash, number);
}

/** Adds a whole number that is exact as a double. */
export function integerHashed(hash: number, number: number): number {
  return mixed(mixed(mixed(hash, 3), number | 0), Math.floor(number / 2 ** 32));
}

/** A step of MurmurHash3, with its end: what follows is to depend on every bit. */
function mixed(hash: number, word: number): number {
  let next = Math.imul(word, 0xcc9e2d51);
  next = Math.imul((next << 15) | (next >>> 17), 0x1b873593) ^ hash;
  next = Math.imul((next << 13) | (next >>> 19), 5) + 0xe6546b64;
  return next ^ (next >>> 16);
}
