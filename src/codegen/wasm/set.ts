// What WebAssembly that works on the set of a relation's tuples is made of, whatever its form; see
// `emit-set.ts` for JavaScript.
import { factor, finish } from "../hash.ts";
import type { RelationText } from "../emit-set.ts";
import type { Body } from "./body.ts";
import type { StoreField } from "./field.ts";
import {
  add,
  element,
  plain,
  valueOf,
  type Instruction,
  type Label,
  type Local,
  type Operand,
} from "./instruction.ts";

/** WebAssembly for one form of sets. */
export type SetCode = {
  /** Writes how a tuple is put into the set. */
  readonly insert: (
    body: Body,
    relation: RelationText,
    tuple: readonly Operand[],
    otherwise: Otherwise,
  ) => void;
  /** Writes how a tuple is looked up; where it is in, `found` becomes something else than 0. Where
   * the look-up is `alone`, the store is not called, and another thread may be adding tuples: one
   * that is being added, or that only the store finds, may not be found. */
  readonly has: (
    body: Body,
    relation: RelationText,
    tuple: readonly Operand[],
    found: Local,
    alone: boolean,
  ) => void;
};

/** Where an insertion goes on: where the tuple is in already; where the set has no place for it. */
export type Otherwise = { readonly known: Label; readonly noPlace: Label };

/** The variable of a field of a relation. */
export function setField(body: Body, { at }: RelationText, kind: StoreField): Local {
  return body.field({ kind, relation: at });
}

/** The word of a column in a row. */
export function columnAt(
  body: Body,
  { at }: RelationText,
  column: number,
  row: Operand,
): Instruction {
  return element(body.field({ kind: "column", relation: at, column }), row);
}

/** Writes the hash of words. */
export function writeHash(body: Body, words: readonly Operand[]): Local {
  const terms = words.map((word, at) => plain("i32.mul", word, factor(at)));
  const sum = body.keep(
    "sum",
    terms.reduce((all, term) => add(all, term)),
  );
  const mixed = plain("i32.xor", sum, plain("i32.shr_u", sum, 15));
  return body.keep("hash", plain("i32.mul", mixed, finish));
}

/** Two words as they lie in memory. */
export function pair(first: Operand, second: Operand): Instruction {
  const high = plain("i64.shl", plain("i64.extend_i32_u", second), { op: "i64.const", value: 32 });
  return plain("i64.or", plain("i64.extend_i32_u", first), high);
}

/** The two words at an address. */
export function loadPair(address: Local): Instruction {
  return { op: "i64.load", offset: 0, operands: [valueOf(address)] };
}

/** Puts two words at an address. */
export function storePair(address: Local, words: Local): Instruction {
  return { op: "i64.store", offset: 0, operands: [valueOf(address), valueOf(words)] };
}
