// The lattices of sets and of maps: `Union<T>` and `Map<K, L>`.
import type { TypeNode } from "../syntax/tree.ts";
import { structured, type Attribute, type StructureKind } from "../value/schema.ts";
import { structureKind, structureName, type Structure } from "../value/structure.ts";
import type { Findings } from "./findings.ts";
import type { DeclaredLattice } from "./declared-lattice.ts";
import type { TypeNames } from "./type-declarations.ts";
import type { DeclaredType } from "./type-system.ts";

/** What a set or a map is made of. */
export type DeclaredCollection = {
  readonly name: string;
  /** Of the elements or the keys. */
  readonly key: DeclaredType;
  /** Of what a map has for its keys; a set has none. */
  readonly value?: DeclaredType;
  /** The values are truth values, as those of `Or<>` are: what is not 0 is 1. */
  readonly truth: boolean;
};

/** The lattices of sets and maps that a text names. Those whose members are represented and joined
 * alike share a kind. */
export class CollectionLattices {
  private readonly byKind = new Map<StructureKind, DeclaredCollection>();
  private readonly types = new Map<string, DeclaredType>();
  private readonly names: TypeNames;
  private readonly findings: Findings;

  constructor(names: TypeNames, findings: Findings) {
    this.names = names;
    this.findings = findings;
  }

  /** Returns what values of this kind are made of, if they are sets or maps. */
  collection(kind: StructureKind): DeclaredCollection | undefined {
    return this.byKind.get(kind);
  }

  /** Returns the sets and maps as values know them. */
  structures(): [StructureKind, Structure][] {
    return [...this.byKind].map(([kind, collection]) => [kind, structure(kind, collection)]);
  }

  /** Returns the lattice `Union<T>`; undefined, and reported, where it is none. */
  union({ span, arguments: given = [] }: TypeNode): DeclaredLattice | undefined {
    const [of] = given;
    if (of === undefined || given.length > 1) {
      const hint = "write `Union<T>`, where T is the type of the elements";
      this.findings.error("wrong-lattice", 'lattice "Union" is of one type', span, { hint });
      return undefined;
    }
    const element = this.member(of, "the elements of a set are");
    if (element === undefined) return undefined;
    const type = this.unionOf(element);
    const { kind } = type;
    if (kind === undefined) return undefined;
    const operation = (name: "union" | "intersection") => ({ term: { ...both, name, of: kind } });
    const name = `Union<${element.name}>`;
    return { name, type, lub: operation("union"), glb: operation("intersection"), maps: 0 };
  }

  /** Returns the lattice `Map<K, L>`; undefined, and reported, where it is none. `lattice` says
   * what L is. */
  map(
    { span, arguments: given = [] }: TypeNode,
    lattice: (node: TypeNode) => DeclaredLattice | undefined,
  ): DeclaredLattice | undefined {
    const [of, value] = given;
    const hint = "write `Map<K, L<>>`, where K is the type of the keys and L the lattice of values";
    if (of === undefined || value === undefined || given.length > 2) {
      const message = 'lattice "Map" is of a type and a lattice';
      this.findings.error("wrong-lattice", message, span, { hint });
      return undefined;
    }
    const key = this.member(of, "the keys of a map are");
    if (value.arguments === undefined) {
      const message = "the values of a map are of a lattice";
      this.findings.error("wrong-lattice", message, value.span, { hint });
      return undefined;
    }
    const values = lattice(value);
    if (key?.kind === undefined || values === undefined) return undefined;
    const name = `Map<${key.name}, ${values.name}>`;
    const represented = `Map<${kindName(key)}, ${latticeKey(values)}>`;
    const truth = values.maps === 0 && /^(?:Or|And)</.test(values.name);
    const parts = { key, value: values.type };
    const type = this.typeOf(name, represented, { ...parts, truth });
    return { name, type, lub: values.lub, glb: undefined, maps: values.maps + 1 };
  }

  /** The type of elements or keys; undefined, and reported, where it is none. */
  private member(node: TypeNode, what: string): DeclaredType | undefined {
    if (node.arguments !== undefined) {
      const message = `${what} of a type, not of a lattice`;
      const hint = "what belongs to a key is kept by `Map<K, Union<T>>`";
      this.findings.error("wrong-lattice", message, node.span, { hint });
      return undefined;
    }
    const type = this.names.type(node);
    return type.kind === undefined ? undefined : type;
  }

  /** A set of a subtype's values is one of the type's. */
  private unionOf(element: DeclaredType): DeclaredType {
    const name = `Union<${element.name}>`;
    const base = element.base === undefined ? undefined : this.unionOf(element.base);
    const parts = { key: element, truth: false };
    return this.typeOf(name, `Union<${kindName(element)}>`, parts, base);
  }

  private typeOf(
    name: string,
    represented: string,
    parts: Omit<DeclaredCollection, "name">,
    base?: DeclaredType,
  ): DeclaredType {
    const known = this.types.get(name);
    if (known !== undefined) return known;
    const kind = structureKind(represented);
    if (!this.byKind.has(kind)) this.byKind.set(kind, { name: represented, ...parts });
    const { key, value } = parts;
    const members = value === undefined ? [key] : [key, value];
    const type = { name, kind, parts: members, ...(base === undefined ? {} : { base }) };
    this.types.set(name, type);
    return type;
  }
}

/** What lattices share that are represented and joined alike. */
function latticeKey({ name, type }: DeclaredLattice): string {
  if (type.kind !== undefined && structured(type.kind) && type.parts !== undefined)
    return structureName(type.kind);
  return `${name.slice(0, name.indexOf("<"))}<${kindName(type)}>`;
}

function kindName({ kind = "number" }: DeclaredType): string {
  return structured(kind) ? structureName(kind) : kind;
}

function structure(
  kind: StructureKind,
  { name, key, value, truth }: DeclaredCollection,
): Structure {
  if (value === undefined) return { kind: "set", name, element: attribute("element", key) };
  const members = { key: attribute("key", key), value: attribute("value", value) };
  return { kind: "map", name: structureName(kind), ...members, ...(truth && { truth }) };
}

function attribute(name: string, { name: type, kind = "number" }: DeclaredType): Attribute {
  return { name, type, kind };
}

const nowhere = { source: { path: "lattices", text: "" }, start: 0, end: 0 };

const both = {
  kind: "functor",
  arguments: [0, 1].map((variable) => ({ kind: "variable", variable }) as const),
  span: nowhere,
} as const;
