// WebAssembly that looks a tuple up in a `TableSet`, or puts it in.
import type { RelationText } from "../emit-set.ts";
import { least } from "../store.ts";
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
import { columnAt, loadPair, pair, setField, storePair, writeHash, type SetCode } from "./set.ts";

/** WebAssembly for tables. */
export const tableCode: SetCode = {
  insert(body, relation, tuple, { known }) {
    const size = setField(body, relation, "size");
    body.block("new", (isNew) => {
      writeSearch(body, relation, tuple, {
        same: (marked) => {
          if (marked === undefined) {
            body.branch(known);
            return;
          }
          // An empty slot looks like one tuple; that one is in when its flag is set.
          const zero = setField(body, relation, "zero");
          body.branchIf(known, plain("i32.or", marked, zero));
          body.set(zero, 1);
          body.branch(isNew);
        },
        free: (fill) => {
          for (const one of fill(size)) body.write(one);
          body.branch(isNew);
        },
      });
    });
  },

  has(body, relation, tuple, found, alone) {
    body.block("looked", (looked) => {
      writeSearch(body, relation, tuple, {
        same: (marked) => {
          const zero = (): Local => setField(body, relation, "zero");
          body.set(found, marked === undefined ? 1 : plain("i32.or", marked, zero()));
          body.branch(looked);
        },
        free: () => body.branch(looked),
        before: alone ? setField(body, relation, "size") : undefined,
      });
    });
  },
};

/** What happens where a search for a tuple ends; both leave it by a branch. */
type Found = {
  /** At a slot with the tuple's words. Those of one tuple are 0: `marked` says that they are
   * not. */
  readonly same: (marked: Instruction | undefined) => void;
  /** At an empty slot; `fill` puts the tuple there, as the row of that number. */
  readonly free: (fill: (row: Local) => readonly Instruction[]) => void;
  /** Only rows before it are looked at: the words of the others may not be there yet. A slot that
   * holds the words themselves is written in one piece. */
  readonly before?: Local | undefined;
};

function writeSearch(
  body: Body,
  relation: RelationText,
  tuple: readonly Operand[],
  { same, free, before }: Found,
): void {
  const { arity } = relation;
  const [first = 0, second = 0] = tuple;
  const slotBits = arity === 1 ? 2 : 3;
  const table = setField(body, relation, "set");
  const mask = setField(body, relation, "setMask");
  const hash = writeHash(body, tuple);
  const start = plain("i32.shr_u", hash, setField(body, relation, "setShift"));
  const offset = body.keep("offset", shifted(start, slotBits));
  const slot = body.local("slot");
  const flipped = arity <= 2 ? body.keep("flipped", plain("i32.xor", first, least)) : undefined;
  const key = arity === 2 ? body.keep("key", pair(flipped!, second)) : undefined;
  body.loop("search", (search) => {
    body.set(slot, add(table, offset));
    if (key !== undefined) {
      const found = body.keep("found", loadPair(slot));
      const marked = plain("i32.eqz", plain("i64.eqz", key));
      body.when(plain("i64.eq", found, key), () => same(marked));
      body.when(plain("i64.eqz", found), () => free(() => [storePair(slot, key)]));
    } else if (flipped !== undefined) {
      const found = body.keep("found", load(slot));
      body.when(plain("i32.eq", found, flipped), () => same(plain("i32.ne", flipped, 0)));
      body.when(plain("i32.eqz", found), () => free(() => [store(slot, flipped)]));
    } else {
      const found = body.keep("found", load(slot));
      body.when(plain("i32.eqz", found), () =>
        free((row) => [store(slot, add(row, 1)), store(slot, hash, 4)]),
      );
      body.block("other", (other) => {
        body.branchIf(other, plain("i32.ne", load(slot, 4), hash));
        if (before !== undefined) body.branchIf(other, plain("i32.gt_u", found, before));
        for (const [column, word] of tuple.entries()) {
          const there = columnAt(body, relation, column, plain("i32.sub", found, 1));
          body.branchIf(other, plain("i32.ne", there, word));
        }
        same(undefined);
      });
    }
    body.set(offset, plain("i32.and", add(offset, 1 << slotBits), mask));
    body.branch(search);
  });
}
