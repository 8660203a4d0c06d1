// Types of records and algebraic data types for tests, and any values of them.
import fc from "fast-check";

import type { Attribute, Domain, StructureKind, Value, ValueKind } from "../../src/value/schema.ts";
import { structured } from "../../src/value/schema.ts";
import { structureKind, type Structure, type Structures } from "../../src/value/structure.ts";
import { Values } from "../../src/value/values.ts";
import { floats } from "./arbitrary.ts";

const pair = structureKind("Pair");
const list = structureKind("List");
const tree = structureKind("Tree");

const pairs = structureKind("Pairs");

/** `Pair = [n: number, s: symbol]`, `List = [head: Pair, tail: List]`, `Unit = []`,
 * `Tree = Empty {} | Fork {l: Tree, f: float, r: Tree} | Leaf {u: unsigned}`,
 * `Colour = Blue {} | Green {} | Red {}`, the sets `Pairs` of pairs and `Floats`, the maps `Table` of
 * symbols to sets of pairs. */
export const structures: Structures = new Map(
  [
    record("Pair", { n: "number", s: "symbol" }),
    record("List", { head: pair, tail: list }),
    record("Unit", {}),
    adt("Tree", { Empty: {}, Fork: { l: tree, f: "float", r: tree }, Leaf: { u: "unsigned" } }),
    adt("Colour", { Blue: {}, Green: {}, Red: {} }),
    set("Pairs", pair),
    set("Floats", "float"),
    map("Table", "symbol", pairs),
  ].map((structure) => [structureKind(structure.name), structure]),
);

type Fields = Readonly<Record<string, ValueKind>>;

function record(name: string, fields: Fields): Structure {
  return { kind: "record", name, fields: attributes(fields) };
}

function adt(name: string, branches: Readonly<Record<string, Fields>>): Structure {
  return {
    kind: "adt",
    name,
    branches: Object.entries(branches).map(([branch, fields]) => ({
      name: branch,
      fields: attributes(fields),
    })),
  };
}

function set(name: string, element: ValueKind): Structure {
  return { kind: "set", name, element: { name: "element", type: element, kind: element } };
}

function map(name: string, key: ValueKind, value: ValueKind): Structure {
  const [first, second] = attributes({ key, value });
  return { kind: "map", name, key: first!, value: second! };
}

function attributes(fields: Fields): Attribute[] {
  return Object.entries(fields).map(([name, kind]) => ({ name, type: kind, kind }));
}

/** Any value of a kind that the domain holds, with any of `symbols` in it. */
export function anyValue(
  kind: ValueKind,
  domain: Domain,
  symbols: fc.Arbitrary<string>,
  depth = 4,
): fc.Arbitrary<Value> {
  const half = 2n ** BigInt(domain - 1);
  if (structured(kind)) return anyStructure(kind, domain, symbols, depth);
  switch (kind) {
    case "number":
      return fc.bigInt({ min: -half, max: half - 1n });
    case "unsigned":
      return fc.bigInt({ min: 0n, max: 2n * half - 1n });
    case "float":
      return floats(domain).map((value) => value + 0);
    case "symbol":
      return symbols;
  }
}

function anyStructure(
  kind: StructureKind,
  domain: Domain,
  symbols: fc.Arbitrary<string>,
  depth: number,
): fc.Arbitrary<Value> {
  const structure = structures.get(kind)!;
  const any = (fields: readonly Attribute[]): fc.Arbitrary<Value[]> =>
    fc.tuple(...fields.map((field) => anyValue(field.kind, domain, symbols, depth - 1)));
  if (structure.kind === "record") {
    const nil = fc.constant(null);
    return depth === 0 ? nil : fc.oneof(nil, any(structure.fields), any(structure.fields));
  }
  // In value order, and each once.
  const inForm = (value: Value): Value => {
    const values = new Values(domain, structures);
    return values.decode(kind, values.encode(kind, value));
  };
  if (structure.kind === "set")
    return fc
      .array(anyValue(structure.element.kind, domain, symbols, depth), { maxLength: 4 })
      .map((elements) => inForm({ elements }));
  if (structure.kind === "map") {
    const key = anyValue(structure.key.kind, domain, symbols, depth);
    const value = anyValue(structure.value.kind, domain, symbols, depth);
    return fc
      .array(fc.tuple(key, value), { maxLength: 4 })
      .map((entries) => inForm({ pairs: entries }));
  }
  const branches = structure.branches.filter(({ fields }) => depth > 0 || fields.length === 0);
  return fc.oneof(
    ...branches.map(({ name, fields }) =>
      any(fields).map((values) => ({ branch: name, fields: values })),
    ),
  );
}
