// WebAssembly that looks a pair up in a `BlockSet`, or puts it in.
import type { RelationText } from "../emit-set.ts";
import type { Body } from "./body.ts";
import { add, load, plain, shifted, store, type Local, type Operand } from "./instruction.ts";
import { loadPair, pair, setField, storePair, writeHash, type SetCode } from "./set.ts";

/** WebAssembly for blocks. */
export const blocksCode: SetCode = {
  insert(body, relation, tuple, { known }) {
    const bit = body.keep("bit", plain("i32.shl", 1, tuple[1] ?? 0));
    body.block("new", (isNew) => {
      writeSearch(body, relation, tuple, {
        same: (bits) => {
          const before = body.keep("bits", load(bits));
          body.branchIf(known, plain("i32.and", before, bit));
          body.write(store(bits, plain("i32.or", before, bit)));
          body.branch(isNew);
        },
        free: (slot, key, bits) => {
          body.write(storePair(slot, key));
          body.write(store(bits, bit));
          const free = setField(body, relation, "free");
          body.set(free, add(free, -1));
          body.branchIf(isNew, free);
          // The row that is added next asks for room.
          body.set(setField(body, relation, "limit"), 0);
          body.branch(isNew);
        },
      });
    });
  },

  has(body, relation, tuple, found) {
    body.block("looked", (looked) => {
      writeSearch(body, relation, tuple, {
        same: (bits) => {
          const bit = plain("i32.shr_u", load(bits), tuple[1] ?? 0);
          body.set(found, plain("i32.and", bit, 1));
          body.branch(looked);
        },
        free: () => body.branch(looked),
      });
    });
  },
};

/** What happens where a search for a block ends; both leave it by a branch. `bits` is the address
 * of the pair's bit. */
type Found = {
  readonly same: (bits: Local) => void;
  readonly free: (slot: Local, key: Local, bits: Local) => void;
};

function writeSearch(
  body: Body,
  relation: RelationText,
  [a = 0, b = 0]: readonly Operand[],
  { same, free }: Found,
): void {
  const block = body.keep("block", add(plain("i32.shr_u", b, 6), 1));
  const hash = writeHash(body, [a, block]);
  const start = plain("i32.shr_u", hash, setField(body, relation, "setShift"));
  const offset = body.keep("offset", shifted(start, 4));
  const half = body.keep("half", add(shifted(plain("i32.and", plain("i32.shr_u", b, 5), 1), 2), 8));
  const key = body.keep("key", pair(a, block));
  const slot = body.local("slot");
  body.loop("search", (search) => {
    body.set(slot, add(setField(body, relation, "set"), offset));
    const found = body.keep("found", loadPair(slot));
    const bits = body.keep("bits", add(slot, half));
    body.when(plain("i64.eq", found, key), () => same(bits));
    body.when(plain("i64.eqz", found), () => free(slot, key, bits));
    const mask = setField(body, relation, "setMask");
    body.set(offset, plain("i32.and", add(offset, 16), mask));
    body.branch(search);
  });
}
