// Types of records and algebraic data types for tests, and any values of them.
import fc from "fast-check";

import type { Attribute, Domain, StructureKind, Value, ValueKind } from "../../src/value/schema.ts";
import { structured } from "../../src/value/schema.ts";
import { structureKind, type Structure, type Structures } from "../../src/value/structure.ts";
import { floats } from "./arbitrary.ts";

const pair = structureKind("Pair");
const list = structureKind("List");
const tree = structureKind("Tree");

/** `Pair = [n: number, s: symbol]`, `List = [head: Pair, tail: List]`, `Unit = []`,
 * `Tree = Empty {} | Fork {l: Tree, f: float, r: Tree} | Leaf {u: unsigned}`,
 * `Colour = Blue {} | Green {} | Red {}`. */
export const structures: Structures = new Map(
  [
    record("Pair", { n: "number", s: "symbol" }),
    record("List", { head: pair, tail: list }),
    record("Unit", {}),
    adt("Tree", { Empty: {}, Fork: { l: tree, f: "float", r: tree }, Leaf: { u: "unsigned" } }),
    adt("Colour", { Blue: {}, Green: {}, Red: {} }),
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
  if (structure.kind !== "adt") return fc.constant(null);
  const branches = structure.branches.filter(({ fields }) => depth > 0 || fields.length === 0);
  return fc.oneof(
    ...branches.map(({ name, fields }) =>
      any(fields).map((values) => ({ branch: name, fields: values })),
    ),
  );
}
