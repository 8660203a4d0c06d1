// A rule's WebAssembly, bound to the relations that it works on: what its frame holds, and what it
// calls.
import { assert } from "../../base/assert.ts";
import type { Word } from "../../value/word.ts";
import type { Environment, RuleCode, RuleHalves } from "../code.ts";
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
  linked: Linked,
  elsewhere: RuleCode,
  gathered: Gathered = { columns: [], room: 0 },
): RuleCode | undefined {
  const { heap } = environment;
  if (heap?.shared === undefined) return undefined;
  for (const one of used(rule, environment)) one.share();
  const words = rule.constants.map(({ of, value }) => environment.constant(of, value));
  const readers = rule.fields.map((field) => reader(field, environment, heap, words, gathered));
  const heads = rule.heads.map((at) => headOf(rule, at, environment));
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
    for (const { store, size, zero, free } of heads) {
      if (size >= 0) store.size = frame[size]!;
      const { set: parts } = store;
      if (zero >= 0 && parts.form === "table") parts.zero = frame[zero] !== 0;
      if (free >= 0 && parts.form === "blocks") parts.free = frame[free]!;
    }
  };
  /** Has a store do what replaces its arrays. What the function knows of them is still there. */
  const replacing = ({ fields, set }: Head, change: () => void): void => {
    takeOver();
    try {
      change();
    } finally {
      // An array that came to lie elsewhere is the store's to work on.
      if (!filled(fields)) frame[set] = 0;
    }
  };
  const changes = heads.flatMap((head) => {
    const { relation, store, inserting } = head;
    return [
      [`insert${relation}`, (...tuple: readonly Word[]) => void inserting.insert(tuple)],
      [`add${relation}`, (...tuple: readonly Word[]) => replacing(head, () => store.add(tuple))],
      [`grow${relation}`, () => replacing(head, () => store.grow())],
    ] as const;
  });
  const run = linked({
    ...calls(rule, environment),
    [memoryName]: heap.shared,
    ...Object.fromEntries(changes),
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

/** A relation that a function puts tuples into, and where in the frame is what it knows of it; -1
 * where it does not ask. */
type Head = {
  readonly relation: number;
  readonly store: Store;
  /** What takes the tuples of one that code does not insert into by itself. */
  readonly inserting: Pick<Store, "insert">;
  readonly fields: readonly number[];
  readonly size: number;
  readonly set: number;
  readonly zero: number;
  readonly free: number;
};

function headOf({ fields }: WasmRule, relation: number, environment: Environment): Head {
  const store = environment.stores[relation]!;
  const names = fields.map(fieldName);
  const placeOf = (kind: StoreField): number => names.indexOf(fieldName({ kind, relation }));
  return {
    ...{ relation, store, inserting: environment.classes[relation] ?? store },
    fields: [...fields.entries()].flatMap(([at, field]) =>
      "relation" in field && field.relation === relation ? [at] : [],
    ),
    ...{ size: placeOf("size"), set: placeOf("set") },
    ...{ zero: placeOf("zero"), free: placeOf("free") },
  };
}

/** Returns the halves of a rule that is in WebAssembly, for `bytes` of the first. */
export function boundHalves(
  { gathering, putting }: { readonly gathering: WasmRule; readonly putting: WasmRule },
  bytes: Uint8Array,
  environment: Environment,
  linked: Linked,
): RuleHalves | undefined {
  const { heap, stores } = environment;
  if (heap === undefined) return undefined;
  const { heads, fields } = gathering;
  const [head = -1] = heads;
  const gathered: Gathered = { columns: [], room: 0 };
  const words = gathering.constants.map(({ of, value }) => environment.constant(of, value));
  const readers = fields.map((field) => reader(field, environment, heap, words, gathered));
  const store = stores[head]!;
  const asked = fields.flatMap((field) =>
    field.kind === "extent" && field.relation !== head ? [stores[field.relation]!] : [],
  );
  const one = (from: number, to: number): void => {
    for (let row = from; row < to; row++) store.add(gathered.columns.map((words) => words[row]!));
  };
  const putRows = bound(putting, environment, linked, one, gathered);
  if (putRows === undefined) return undefined;
  return {
    gathering: bytes,
    frameWords: fields.length,
    sizeAt: fields.findIndex(({ kind }) => kind === "gatheredSize"),
    derivedAt: fields.findIndex(({ kind }) => kind === "gatheredFrom"),
    arity: store.arity,
    fill(frame, columns, room) {
      if (asked.some(({ set }) => set.form === "bits" && set.spilled)) return false;
      gathered.columns = columns;
      gathered.room = room;
      return readers.every((read, at) => {
        const word = read();
        if (word !== undefined) frame[at] = word;
        return word !== undefined;
      });
    },
    put(columns, count) {
      gathered.columns = columns;
      putRows(0, count);
    },
  };
}

/** Makes a function of imports; nothing where the platform allows no WebAssembly. */
type Linked = (imports: Readonly<Record<string, unknown>>) => WasmFunction | undefined;

/** Where tuples are gathered. */
type Gathered = { columns: readonly Int32Array[]; room: number };

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
  gathered: Gathered,
): () => number | undefined {
  const addressOf = (array: Int32Array): number | undefined =>
    array.length === 0 ? 0 : heap.addressOf(array);
  if ("constant" in field) return () => constants[field.constant];
  if ("place" in field) return () => addressOf(gathered.columns[field.place]!);
  if ("index" in field) {
    const index = groups(indexes[field.index]!);
    const read = indexFields[field.kind];
    return () => read(index, addressOf);
  }
  if (!("relation" in field)) return field.kind === "gatheredRoom" ? () => gathered.room : () => 0;
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
