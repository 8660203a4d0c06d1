// WebAssembly that finds a group of rows in an index and goes through it; see `emit-index.ts`,
// whose JavaScript does the same.
import type { Window } from "../../plan/plan.ts";
import type { IndexText } from "../emit-index.ts";
import type { RelationText } from "../emit-set.ts";
import type { Body } from "./body.ts";
import type { IndexField } from "./field.ts";
import {
  add,
  load,
  plain,
  shifted,
  valueOf,
  type Instruction,
  type Local,
  type Operand,
} from "./instruction.ts";
import { columnAt, setField, writeHash } from "./set.ts";

/** Writes the loop over the rows of a group that a window shows. `write` is given the variable of
 * the item: a row number, or a word where the index holds values. */
export function writeGroup(
  body: Body,
  relation: RelationText,
  index: IndexText,
  key: readonly Operand[],
  window: Window,
  write: (item: Local) => void,
): void {
  const group = writeFind(body, relation, index, key);
  const item = body.local("item");
  const first = body.keep("start", startOf(body, index, group));
  const values = index.need.form === "values";
  const stable = (): Local => body.keep("stable", add(first, shifted(load(group, 4), 2)));
  const start = values && window === "delta" ? stable() : first;
  const end =
    values && window === "stable"
      ? stable()
      : body.keep("end", add(first, shifted(load(group, 12), 2)));
  const at = window === "delta" ? end : start;
  const last = window === "delta" ? start : end;
  // Rows ascend: stable ones come first, those of the delta last.
  body.block("group", (left) => {
    body.loop("items", (again) => {
      body.branchIf(left, plain("i32.eq", at, last));
      if (window === "delta") body.set(at, add(at, -4));
      body.set(item, load(at));
      if (window !== "full" && !values) {
        const from = setField(body, relation, "windowFrom");
        body.branchIf(left, plain(window === "delta" ? "i32.lt_s" : "i32.ge_s", item, from));
      }
      if (window !== "delta") body.set(at, add(at, 4));
      body.row(() => write(item));
      body.branch(again);
    });
  });
}

/** Writes the search for a group; returns the condition that a window shows a row of it. */
export function writeAny(
  body: Body,
  relation: RelationText,
  index: IndexText,
  key: readonly Operand[],
  window: Window,
): Instruction {
  const group = writeFind(body, relation, index, key);
  const length = load(group, 12);
  if (window === "full") return plain("i32.ne", length, 0);
  if (index.need.form === "values") {
    // A slot that is empty has no stable rows either.
    const stable = load(group, 4);
    return window === "stable" ? plain("i32.ne", stable, 0) : plain("i32.lt_s", stable, length);
  }
  const start = startOf(body, index, group);
  const from = setField(body, relation, "windowFrom");
  const shown =
    window === "stable"
      ? plain("i32.lt_s", load(start), from)
      : plain("i32.ge_s", load(add(start, shifted(add(length, -1), 2))), from);
  // Nothing is read of a group that is not there.
  return { op: "if", type: "i32", condition: length, body: [shown], otherwise: [valueOf(0)] };
}

/** Writes the search for the slot of a key; returns its address. The slot is an empty one where
 * there is no such group. */
function writeFind(
  body: Body,
  relation: RelationText,
  { at, need }: IndexText,
  key: readonly Operand[],
): Local {
  const indexField = (kind: IndexField): Local => body.field({ kind, index: at });
  const directory = indexField("directory");
  const [first = 0, second = 0] = key;
  const single = key.length === 1;
  const hash = single ? plain("i32.mul", first, indexField("multiplier")) : writeHash(body, key);
  const place = plain("i32.shr_u", hash, indexField("shift"));
  const slotAt = single ? plain("i32.and", place, indexField("mask")) : place;
  const offset = body.keep("offset", shifted(slotAt, 4));
  const slot = body.local("slot");
  body.block("found", (found) => {
    body.loop("search", (search) => {
      body.set(slot, add(directory, offset));
      body.branchIf(found, plain("i32.eqz", load(slot, 12)));
      if (single) {
        body.branchIf(found, plain("i32.eq", load(slot), first));
      } else if (key.length === 2) {
        const same = plain("i32.eq", load(slot), first);
        body.branchIf(found, plain("i32.and", same, plain("i32.eq", load(slot, 4), second)));
      } else {
        body.block("other", (other) => {
          body.branchIf(other, plain("i32.ne", load(slot), hash));
          const row = body.keep("row", load(slot, 4));
          for (const [which, column] of need.columns.entries()) {
            const there = columnAt(body, relation, column, row);
            body.branchIf(other, plain("i32.ne", there, key[which] ?? 0));
          }
          body.branch(found);
        });
      }
      const next = plain("i32.and", add(offset, 16), indexField("step"));
      body.set(offset, single ? plain("i32.or", next, indexField("jump")) : next);
      body.branch(search);
    });
  });
  return slot;
}

/** The address of a group's first item. */
function startOf(body: Body, { at }: IndexText, group: Local): Instruction {
  return add(body.field({ kind: "items", index: at }), shifted(load(group, 8), 2));
}
