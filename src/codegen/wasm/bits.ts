// WebAssembly that looks a tuple up in a `BitSet`, or puts it in.
import type { RelationText } from "../emit-set.ts";
import type { Body } from "./body.ts";
import {
  add,
  load,
  plain,
  shifted,
  store,
  type Instruction,
  type Local,
  type Operand,
} from "./instruction.ts";
import { setField, type SetCode } from "./set.ts";

/** WebAssembly for bits. */
export const bitsCode: SetCode = {
  insert(body, relation, tuple, { known, noPlace }) {
    const places = writePlaces(body, relation, tuple);
    body.branchIf(noPlace, outside(body, relation, places));
    const address = body.keep("address", addressOf(body, relation, places));
    const bits = body.keep("bits", load(address));
    const bit = body.keep("bit", plain("i32.shl", 1, tuple.at(-1) ?? 0));
    body.branchIf(known, plain("i32.and", bits, bit));
    body.write(store(address, plain("i32.or", bits, bit)));
  },

  has(body, relation, tuple, found, alone) {
    const places = writePlaces(body, relation, tuple);
    body.when(
      outside(body, relation, places),
      () => {
        if (alone) return;
        body.when(plain("i32.ne", setField(body, relation, "spilled"), 0), () =>
          body.set(found, body.call(`has${relation.at}`, tuple, true)),
        );
      },
      () => {
        const bits = load(addressOf(body, relation, places));
        const bit = plain("i32.shr_u", bits, tuple.at(-1) ?? 0);
        body.set(found, plain("i32.and", bit, 1));
      },
    );
  },
};

/** Writes where words are in the ranges of their columns. */
function writePlaces(
  body: Body,
  { at }: RelationText,
  tuple: readonly Operand[],
): readonly Local[] {
  return tuple.map((word, column) =>
    body.keep("place", plain("i32.sub", word, body.field({ kind: "low", relation: at, column }))),
  );
}

function outside(body: Body, relation: RelationText, places: readonly Local[]): Instruction {
  return places
    .map((place, column) => plain("i32.ge_u", place, extent(body, relation, column)))
    .reduce((some, one) => plain("i32.or", some, one));
}

/** Where the word is that has the bit of a tuple within the ranges. */
function addressOf(body: Body, relation: RelationText, places: readonly Local[]): Instruction {
  const last = places.length - 1;
  const word = plain("i32.shr_u", places[last]!, 5);
  const prefix = places
    .slice(0, last)
    .map((place): Operand => place)
    .reduce<Operand | undefined>(
      (sum, place, column) =>
        sum === undefined
          ? place
          : add(plain("i32.mul", sum, extent(body, relation, column)), place),
      undefined,
    );
  const words = plain("i32.shr_u", extent(body, relation, last), 5);
  const at = prefix === undefined ? word : add(plain("i32.mul", prefix, words), word);
  return add(setField(body, relation, "set"), shifted(at, 2));
}

function extent(body: Body, { at }: RelationText, column: number): Local {
  return body.field({ kind: "extent", relation: at, column });
}
