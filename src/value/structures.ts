// Values of records, algebraic data types, sets and maps as words and back. Records nest as deep as
// memory allows, so nothing here recurses over them.
import { assert } from "../base/assert.ts";
import { structured, type Attribute, type StructureKind } from "./schema.ts";
import type { BranchValue, Value, ValueKind } from "./schema.ts";
import { quoted } from "./print-value.ts";
import { enumeration, type Branch, type Structure, type Structures } from "./structure.ts";
import { first, type Maps } from "./maps.ts";
import type { Records } from "./records.ts";
import type { Word } from "./word.ts";

/** What a structure's word is made of. */
export type Parts = {
  /** Of an algebraic data type. */
  readonly branch?: Branch;
  /** It is a set, whose fields are its elements, or a map: a key, its value, the next key, … */
  readonly collection?: "set" | "map";
  readonly fields: readonly Attribute[];
  /** The words of the fields. */
  readonly words: readonly Word[];
};

/** The structures that hold any number of values. */
export type Collection = Extract<Structure, { kind: "set" | "map" }>;

/** What is needed of other values. */
type Primitives = {
  encode(kind: ValueKind, value: Value): Word;
  decode(kind: ValueKind, word: Word): Value;
  compare(kind: ValueKind, a: Word, b: Word): number;
  print(kind: ValueKind, word: Word): string;
};

/** The values of the structures of one database. */
export class StructureValues {
  private readonly structures: Structures;
  private readonly records: Records;
  private readonly maps: Maps;
  private readonly primitives: Primitives;

  constructor(
    structures: Structures,
    { records, maps }: { readonly records: Records; readonly maps: Maps },
    primitives: Primitives,
  ) {
    this.structures = structures;
    this.records = records;
    this.maps = maps;
    this.primitives = primitives;
  }

  /** The structure of a kind. */
  structure(kind: StructureKind): Structure {
    const structure = this.structures.get(kind);
    assert(structure !== undefined, `there is no structure of kind ${kind}`);
    return structure;
  }

  /** The word of a record, of a value of the branch that has this number, of the set of these
   * elements, or of the map of these keys and values in turns, in which no key is twice. */
  pack(kind: StructureKind, branchAt: number | undefined, words: readonly Word[]): Word {
    const structure = this.structure(kind);
    if (structure.kind === "set" || structure.kind === "map") return this.packed(structure, words);
    if (branchAt === undefined) return this.records.table(words.length).packed(words);
    if (enumeration(structure)) return branchAt;
    const payload =
      words.length < 2 ? (words[0] ?? 0) : this.records.table(words.length).packed(words);
    return this.records.table(2).packed([branchAt, payload]);
  }

  /** What a word is made of; undefined for `nil`. */
  parts(kind: StructureKind, word: Word): Parts | undefined {
    const structure = this.structure(kind);
    if (structure.kind === "record")
      return word === 0 ? undefined : this.fieldsOf(structure.fields, word);
    if (structure.kind !== "adt") return this.membersOf(structure, word);
    const branched = enumeration(structure) ? word : this.records.table(2).field(word, 0);
    const branch = structure.branches[branched];
    assert(branch !== undefined, `a value of ${structure.name} has a branch`);
    const { fields } = branch;
    if (fields.length === 0) return { branch, fields, words: [] };
    const payload = this.records.table(2).field(word, 1);
    if (fields.length === 1) return { branch, fields, words: [payload] };
    return { branch, ...this.fieldsOf(fields, payload) };
  }

  /** The word of a value. */
  encode(kind: StructureKind, value: Value): Word {
    const root: Node = { kind, value, into: [], at: 0, words: [] };
    // Parts follow what they are parts of, so the words of all parts are known from the end on.
    const nodes = [root];
    for (const node of nodes) {
      for (const [at, { kind: of }] of this.fieldsAt(node).entries()) {
        const part = fieldValues(node.value)[at];
        assert(part !== undefined, `a value of ${node.kind} has all its fields`);
        if (structured(of)) nodes.push({ kind: of, value: part, into: node.words, at, words: [] });
        else node.words[at] = this.primitives.encode(of, part);
      }
    }
    for (const { kind: of, value: whole, into, at, words } of nodes.reverse())
      into[at] = whole === null ? 0 : this.pack(of, this.branchAt(of, whole), words);
    return root.into[0] ?? 0;
  }

  /** The value of a word. */
  decode(kind: StructureKind, word: Word): Value {
    const root: Value[] = [];
    const open: { kind: ValueKind; word: Word; into: Value[]; at: number }[] = [];
    open.push({ kind, word, into: root, at: 0 });
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { into, at } = next;
      if (!structured(next.kind)) {
        into[at] = this.primitives.decode(next.kind, next.word);
        continue;
      }
      const parts = this.parts(next.kind, next.word);
      const fields: Value[] = [];
      const pairs: [Value, Value][] = [];
      if (parts === undefined) into[at] = null;
      else if (parts.collection === "set") into[at] = { elements: fields };
      else if (parts.collection === "map") into[at] = { pairs };
      else into[at] = parts.branch === undefined ? fields : { branch: parts.branch.name, fields };
      for (const [place, part] of partsOf(parts).entries()) {
        if (parts?.collection === "map")
          open.push({ ...part, into: (pairs[place >> 1] ??= [null, null]), at: place & 1 });
        else open.push({ ...part, into: fields, at: place });
      }
    }
    return root[0] ?? null;
  }

  /** The order of values: `nil` first, branches by their names, of sets and maps the smaller ones
   * first, then field by field. */
  compare(kind: StructureKind, a: Word, b: Word): number {
    const open: { kind: ValueKind; a: Word; b: Word }[] = [{ kind, a, b }];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (next.a === next.b) continue;
      if (!structured(next.kind)) return this.primitives.compare(next.kind, next.a, next.b);
      const [left, right] = [this.parts(next.kind, next.a), this.parts(next.kind, next.b)];
      if (left === undefined || right === undefined) return left === undefined ? -1 : 1;
      if (left.branch !== right.branch)
        return (left.branch?.name ?? "") < (right.branch?.name ?? "") ? -1 : 1;
      if (left.words.length !== right.words.length) return left.words.length - right.words.length;
      for (let at = left.fields.length - 1; at >= 0; at--)
        open.push({ kind: left.fields[at]!.kind, a: left.words[at]!, b: right.words[at]! });
    }
    return 0;
  }

  /** The text of a value: `[1, [2, nil]]`, `$B(3)`, `$A`, `{1, 2}`, `{1 -> 2, 3 -> 4}`; symbols in
   * it are as `symbol` says, but quoted inside of sets and maps. */
  print(kind: StructureKind, word: Word, symbol: (word: Word) => string): string {
    let text = "";
    const open: (string | Part)[] = [{ kind, word }];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (typeof next === "string") text += next;
      else if (next.kind === "symbol" && next.member === true)
        text += quoted(this.primitives.print("symbol", next.word));
      else if (next.kind === "symbol") text += symbol(next.word);
      else if (!structured(next.kind)) text += this.primitives.print(next.kind, next.word);
      else open.push(...printed(this.parts(next.kind, next.word), next.member).reverse());
    }
    return text;
  }

  private fieldsOf(fields: readonly Attribute[], record: Word): Parts {
    const table = this.records.table(fields.length);
    return { fields, words: fields.map((_, at) => table.field(record, at)) };
  }

  private packed(structure: Collection, words: readonly Word[]): Word {
    const { maps } = this;
    const stride = structure.kind === "set" ? 1 : 2;
    const truth = structure.kind === "map" && structure.truth === true;
    let map = 0;
    for (let at = 0; at < words.length; at += stride) {
      const value = stride === 1 ? 0 : words[at + 1]!;
      const leaf = maps.leaf(words[at]!, truth && value !== 0 ? 1 : value);
      map = maps.union(map, leaf, first);
    }
    return map;
  }

  /** The members of a set or a map, in value order. */
  private membersOf(structure: Collection, word: Word): Parts {
    const [key, value] =
      structure.kind === "set" ? [structure.element] : [structure.key, structure.value];
    const entries = this.maps
      .entries(word)
      .sort(([a], [b]) => this.primitives.compare(key.kind, a, b));
    return {
      collection: structure.kind,
      fields: entries.flatMap(() => (value === undefined ? [key] : [key, value])),
      words: entries.flatMap(([a, b]) => (value === undefined ? [a] : [a, b])),
    };
  }

  private fieldsAt({ kind, value }: Node): readonly Attribute[] {
    const structure = this.structure(kind);
    if (structure.kind === "record") return value === null ? [] : structure.fields;
    if (structure.kind === "set") return fieldValues(value).map(() => structure.element);
    if (structure.kind === "map")
      return fieldValues(value).map((_, at) => (at % 2 === 0 ? structure.key : structure.value));
    return structure.branches[this.branchAt(kind, value) ?? -1]?.fields ?? [];
  }

  private branchAt(kind: StructureKind, value: Value): number | undefined {
    const structure = this.structure(kind);
    if (structure.kind !== "adt") return undefined;
    const at = structure.branches.findIndex(({ name }) => isBranch(value) && name === value.branch);
    assert(at >= 0, `a value of ${structure.name} has one of its branches`);
    return at;
  }
}

/** A value on its way to a word, which goes to place `at` of `into`; `words` are its fields'. */
type Node = {
  readonly kind: StructureKind;
  readonly value: Value;
  readonly into: Word[];
  readonly at: number;
  readonly words: Word[];
};

type Part = { readonly kind: ValueKind; readonly word: Word; readonly member?: boolean };

function partsOf(parts: Parts | undefined): Part[] {
  return (parts?.fields ?? []).map(({ kind }, at) => ({ kind, word: parts!.words[at]! }));
}

/** The text and the parts of what is a `member` of a set or a map, or is not. */
function printed(parts: Parts | undefined, member = false): (string | Part)[] {
  if (parts === undefined) return ["nil"];
  const { branch } = parts;
  if (branch?.fields.length === 0) return [`$${branch.name}`];
  if (parts.collection !== undefined) {
    const arrow = parts.collection === "map";
    const members = partsOf(parts).flatMap((part, at) => [
      at === 0 ? "" : arrow && at % 2 === 1 ? " -> " : ", ",
      { ...part, member: true },
    ]);
    return ["{", ...members, "}"];
  }
  const fields = partsOf(parts).flatMap((part, at) => [at === 0 ? "" : ", ", { ...part, member }]);
  return branch === undefined ? ["[", ...fields, "]"] : [`$${branch.name}(`, ...fields, ")"];
}

/** Whether a value is of an algebraic data type. */
export function isBranch(value: Value): value is BranchValue {
  return typeof value === "object" && value !== null && "branch" in value;
}

/** The values that a value of a structure is made of: of a map the keys and values in turns. */
export function fieldValues(value: Value): readonly Value[] {
  if (typeof value !== "object" || value === null) return [];
  if ("elements" in value) return value.elements;
  if ("pairs" in value) return value.pairs.flat();
  return "branch" in value ? value.fields : value;
}
