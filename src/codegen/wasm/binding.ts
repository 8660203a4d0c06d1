// A rule's WebAssembly, bound to the relations that it works on: what its frame holds, and what it
// calls.
import { assert } from "../../base/assert.ts";
import type { Word } from "../../value/word.ts";
import type { Environment, RuleCode } from "../code.ts";
import type { Heap, Index, Store } from "../store.ts";
import { fieldName, type Field, type IndexField, type StoreField } from "./field.ts";
import { memoryName } from "./module.ts";
import type { WasmRule } from "./rule.ts";

/** What a rule's function is given: the rows of its first scan, and where its frame is. */
export type WasmFunction = (from: number, to: number, frame: number) => void;

/** So many rows are given to a function at a time: the machine optimises a function while it
 * runs, and takes the better code from its next call on. */
const rowsPerCall = 1 << 12;

/** Returns a rule as code; nothing where there is no memory to share, or no WebAssembly. A block
 * for which some array lies elsewhere is `elsewhere`'s. `linked` makes a function of imports. */
export function bound(
  rule: WasmRule,
  environment: Environment,
  linked: (imports: Readonly<Record<string, unknown>>) => WasmFunction | undefined,
  elsewhere: RuleCode,
): RuleCode | undefined {
  const { heap } = environment;
  if (heap?.shared === undefined) return undefined;
  for (const one of used(rule, environment)) one.share();
  const words = rule.constants.map(({ of, value }) => environment.constant(of, value));
  const readers = rule.fields.map((field) => reader(field, environment, heap, words));
  const store = environment.stores[rule.head]!;
  const head = environment.classes[rule.head] ?? store;
  const names = rule.fields.map(fieldName);
  const placeOf = (kind: StoreField): number =>
    names.indexOf(fieldName({ kind, relation: rule.head }));
  const [size, set] = [placeOf("size"), placeOf("set")];
  const [zero, free] = [placeOf("zero"), placeOf("free")];
  const ofHead = [...rule.fields.entries()].flatMap(([at, field]) =>
    "relation" in field && field.relation === rule.head ? [at] : [],
  );
  let frame = heap.frame(rule.fields.length);
  const filled = (places: Iterable<number>): boolean => {
    let complete = true;
    for (const at of places) {
      const word = readers[at]!();
      if (word === undefined) complete = false;
      else frame[at] = word;
    }
    return complete;
  };
  const takeOver = (): void => {
    if (size >= 0) store.size = frame[size]!;
    const { set: parts } = store;
    if (zero >= 0 && parts.form === "table") parts.zero = frame[zero] !== 0;
    if (free >= 0 && parts.form === "blocks") parts.free = frame[free]!;
  };
  /** Has the store do what replaces its arrays. What the function knows of them is still there. */
  const replacing = (change: () => void): void => {
    takeOver();
    try {
      change();
    } finally {
      // An array that came to lie elsewhere is the store's to work on.
      if (!filled(ofHead)) frame[set] = 0;
    }
  };
  const run = linked({
    ...calls(rule, environment),
    [memoryName]: heap.shared,
    insert: (...tuple: readonly Word[]) => void head.insert(tuple),
    add: (...tuple: readonly Word[]) => replacing(() => store.add(tuple)),
    grow: () => replacing(() => store.grow()),
  });
  if (run === undefined) return undefined;
  return (from, to) => {
    let start = from;
    do {
      const end = Math.min(start + rowsPerCall, to);
      frame = heap.frame(rule.fields.length);
      const address = heap.addressOf(frame);
      if (address === undefined || !filled(readers.keys())) {
        elsewhere(start, to);
        return;
      }
      try {
        run(start, end, address);
      } finally {
        takeOver();
      }
      start = end;
    } while (start < to);
  };
}

/** The relations and indexes that a rule works on. */
function* used({ fields }: WasmRule, { stores, indexes }: Environment): Generator<Store | Index> {
  for (const field of fields) {
    if ("relation" in field) yield stores[field.relation]!;
    else if ("index" in field) yield groups(indexes[field.index]!);
  }
}

/** What tells the word of a field, or nothing where an array is not in the memory. */
function reader(
  field: Field,
  { stores, indexes }: Environment,
  heap: Heap,
  constants: readonly Word[],
): () => number | undefined {
  const addressOf = (array: Int32Array): number | undefined =>
    array.length === 0 ? 0 : heap.addressOf(array);
  if (field.kind === "constant") return () => constants[field.constant];
  if ("index" in field) {
    const index = groups(indexes[field.index]!);
    const read = indexFields[field.kind];
    return () => read(index, addressOf);
  }
  const store = stores[field.relation]!;
  if ("column" in field) {
    const read = columnFields[field.kind];
    return () => read(store, field.column, addressOf);
  }
  const read = storeFields[field.kind];
  return () => read(store, addressOf);
}

function groups(index: Environment["indexes"][number]): Index {
  assert("directory" in index, "rows of whole tuples are looked for where some were removed");
  return index;
}

type Address = (array: Int32Array) => number | undefined;

const storeFields: Record<StoreField, (store: Store, of: Address) => number | undefined> = {
  size: ({ size }) => size,
  limit: ({ limit }) => limit,
  windowFrom: ({ from }) => from,
  windowTo: ({ to }) => to,
  dropped: ({ dropped }, addressOf) => addressOf(dropped),
  set: ({ set }, addressOf) => addressOf(set.form === "bits" ? set.bits : set.table),
  setShift: ({ set }) => ("shift" in set ? set.shift : undefined),
  setMask: ({ set }) => ("mask" in set ? (set.mask << 2) | 3 : undefined),
  zero: ({ set }) => ("zero" in set ? Number(set.zero) : undefined),
  free: ({ set }) => ("free" in set ? set.free : undefined),
  spilled: ({ set }) => ("spilled" in set ? Number(set.spilled) : undefined),
};

const columnFields = {
  column: ({ columns }: Store, at: number, addressOf: Address) => addressOf(columns[at]!),
  low: ({ set }: Store, at: number) => ("lows" in set ? set.lows[at] : undefined),
  extent: ({ set }: Store, at: number) => ("extents" in set ? set.extents[at] : undefined),
} as const;

const indexFields: Record<IndexField, (index: Index, of: Address) => number | undefined> = {
  directory: ({ directory }, addressOf) => addressOf(directory),
  items: ({ items }, addressOf) => addressOf(items),
  multiplier: ({ multiplier }) => multiplier,
  shift: ({ shift }) => shift,
  mask: ({ mask }) => mask,
  step: ({ step }) => step << 2,
  jump: ({ jump }) => jump << 2,
};

/** What a rule calls beside what changes its head: the methods of `Operations` by their names, and
 * `has` with the place of a relation. */
function calls({ module }: WasmRule, { stores, operations }: Environment): Record<string, unknown> {
  const methods = operations as unknown as Record<string, (...words: readonly Word[]) => unknown>;
  return Object.fromEntries(
    module.imports.map(({ name }) => {
      const relation = /^has(\d+)$/.exec(name)?.[1];
      const call =
        relation === undefined
          ? (...words: readonly Word[]) => methods[name]!(...words)
          : (...tuple: readonly Word[]) => stores[Number(relation)]!.has(tuple);
      return [name, call];
    }),
  );
}
