import { structureKind, type Structure, type Structures } from "../../src/value/structure.ts";
import type { Attribute, StructureKind, ValueKind } from "../../src/value/schema.ts";

const field = (name: string, kind: ValueKind): Attribute => ({ name, type: kind, kind });

/** The kind of lists of symbols with numbers: `.type List = [size: number, first: symbol, rest: List]`. */
export const list = structureKind("List");

/** The kind of trees: `.type Tree = Empty {} | Leaf { of: float } | Two { left: Tree, right: Tree }`. */
export const tree = structureKind("Tree");

/** The kind of sets of numbers. */
export const numbers = structureKind("Union<number>");

/** The kind of maps of symbols to sets of numbers. */
export const table = structureKind("Map<symbol, Union<number>>");

/** The structures of the tests of files. */
export const structures: Structures = new Map<StructureKind, Structure>([
  [numbers, { kind: "set", name: "Union<number>", element: field("element", "number") }],
  [
    table,
    { kind: "map", name: "Map", key: field("key", "symbol"), value: field("value", numbers) },
  ],
  [
    list,
    {
      kind: "record",
      name: "List",
      fields: [field("size", "number"), field("first", "symbol"), field("rest", list)],
    },
  ],
  [
    tree,
    {
      kind: "adt",
      name: "Tree",
      branches: [
        { name: "Empty", fields: [] },
        { name: "Leaf", fields: [field("of", "float")] },
        { name: "Two", fields: [field("left", tree), field("right", tree)] },
      ],
    },
  ],
]);
