// WebAssembly that works on the tuples of a relation: looking one up, inserting one. Does what
// `emit-tuples.ts` has JavaScript do, on the same arrays.
import type { RelationText } from "../emit-set.ts";
import type { SetForm } from "../store.ts";
import { bitsCode } from "./bits.ts";
import { blocksCode } from "./blocks.ts";
import type { Body } from "./body.ts";
import type { Field, StoreField } from "./field.ts";
import { add, element, plain, shifted, store } from "./instruction.ts";
import type { Instruction, Local, Operand } from "./instruction.ts";
import { setField, type SetCode } from "./set.ts";
import { tableCode } from "./table.ts";

const setCodes: Readonly<Record<SetForm, SetCode>> = {
  table: tableCode,
  blocks: blocksCode,
  bits: bitsCode,
};

/** Whether a row is dropped. */
export function droppedAt(body: Body, { at }: RelationText, row: Operand): Instruction {
  const word = element(body.field({ kind: "dropped", relation: at }), plain("i32.shr_u", row, 5));
  return plain("i32.and", plain("i32.shr_u", word, row), 1);
}

/** Whether code inserts into a relation by itself; another has a say in what comes in. */
export function insertsInto({ guarded, equivalence }: RelationText): boolean {
  return !guarded && !equivalence;
}

/** Writes the insertion of a tuple. `saved` saves in the frame what was derived so far, in other
 * relations, too: what is called may find that there is no memory left. */
export function writeInsert(
  body: Body,
  relation: RelationText,
  tuple: readonly Operand[],
  saved: () => readonly Instruction[],
): void {
  if (!insertsInto(relation)) {
    for (const one of saved()) body.write(one);
    body.write(body.call(`insert${relation.at}`, tuple, false));
    return;
  }
  const size = setField(body, relation, "size");
  if (relation.arity === 0) {
    body.set(size, 1);
    return;
  }
  const refetch = (): void => {
    for (const one of body.fetched((field) => changing(field, relation))) body.write(one);
  };
  body.block("known", (known) => {
    body.block("noPlace", (noPlace) => {
      // Where the machine has no room left in the memory, the store works by itself.
      body.branchIf(noPlace, plain("i32.eqz", setField(body, relation, "set")));
      setCodes[relation.form].insert(body, relation, tuple, { known, noPlace });
      for (const [column, word] of tuple.entries()) {
        const array = body.field({ kind: "column", relation: relation.at, column });
        body.write(store(add(array, shifted(size, 2)), word));
      }
      body.set(size, add(size, 1));
      body.branchIf(known, plain("i32.lt_s", size, setField(body, relation, "limit")));
      for (const one of saved()) body.write(one);
      body.write(body.call(`grow${relation.at}`, [], false));
      refetch();
      body.branch(known);
    });
    for (const one of saved()) body.write(one);
    body.write(body.call(`add${relation.at}`, tuple, false));
    refetch();
  });
}

/** What insertions change beside arrays, by the form of the set. */
const savedFields: Readonly<Record<SetForm, readonly StoreField[]>> = {
  table: ["size", "zero"],
  blocks: ["size", "free"],
  bits: ["size"],
};

/** The instructions that save in the frame what was derived so far. */
export function savedRows(body: Body, { at, form }: RelationText): readonly Instruction[] {
  return savedFields[form].map((kind) => body.saved({ kind, relation: at }));
}

/** Writes the look-up of a tuple among all rows; returns the variable that tells the answer. */
export function writeHas(
  body: Body,
  relation: RelationText,
  tuple: readonly Operand[],
  alone = false,
): Local {
  const found = body.keep("found", 0);
  setCodes[relation.form].has(body, relation, tuple, found, alone);
  return found;
}

/** Writes that a tuple is gathered which is not known to be in. */
export function writeGather(body: Body, relation: RelationText, tuple: readonly Operand[]): void {
  const size = body.field({ kind: "gatheredSize" });
  const room = body.field({ kind: "gatheredRoom" });
  const derived = body.field({ kind: "gatheredFrom" });
  const columns = tuple.map((_, place) => body.field({ kind: "gathered", place }));
  body.set(derived, add(derived, 1));
  body.block("known", (known) => {
    body.branchIf(known, writeHas(body, relation, tuple, true));
    for (const [place, word] of tuple.entries())
      body.write(store(add(columns[place]!, shifted(size, 2)), word));
    body.set(size, add(size, 1));
    body.branchIf(known, plain("i32.lt_s", size, room));
    body.write(body.saved({ kind: "gatheredSize" }));
    body.write(body.call(fullName, [], false));
    for (const one of body.fetched(ofGathered)) body.write(one);
  });
}

/** Writes that the rows [from, to) of what was gathered come in. */
export function writeGathered(body: Body, relation: RelationText): void {
  const columns = Array.from({ length: relation.arity }, (_, place) =>
    body.field({ kind: "gathered", place }),
  );
  const row = body.keep("row", body.from);
  body.block("rows", (left) => {
    body.loop("gathered", (again) => {
      body.branchIf(left, plain("i32.ge_s", row, body.to));
      const tuple = columns.map((column) => body.keep("word", element(column, row)));
      writeInsert(body, relation, tuple, () => savedRows(body, relation));
      body.set(row, add(row, 1));
      body.branch(again);
    });
  });
}

/** What is called where there is no more room for what is gathered; there is afterwards. */
export const fullName = "full";

function ofGathered({ kind }: Field): boolean {
  return kind === "gathered" || kind === "gatheredSize" || kind === "gatheredRoom";
}

/** Whether a word of the frame may change when a tuple comes into a relation. */
function changing(field: Field, { at }: RelationText): boolean {
  return "relation" in field && field.relation === at && !field.kind.startsWith("window");
}
