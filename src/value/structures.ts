// Values of records and algebraic data types as words and back. They nest as deep as memory allows,
// so nothing here recurses.
import { assert } from "../base/assert.ts";
import { structured, type Attribute, type StructureKind } from "./schema.ts";
import type { BranchValue, RecordValue, Value, ValueKind } from "./schema.ts";
import { enumeration, type Branch, type Structure, type Structures } from "./structure.ts";
import type { Records } from "./records.ts";
import type { Word } from "./word.ts";

/** What a structure's word is made of. */
export type Parts = {
  /** Of an algebraic data type. */
  readonly branch?: Branch;
  readonly fields: readonly Attribute[];
  /** The words of the fields. */
  readonly words: readonly Word[];
};

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
  private readonly primitives: Primitives;

  constructor(structures: Structures, records: Records, primitives: Primitives) {
    this.structures = structures;
    this.records = records;
    this.primitives = primitives;
  }

  /** The structure of a kind. */
  structure(kind: StructureKind): Structure {
    const structure = this.structures.get(kind);
    assert(structure !== undefined, `there is no structure of kind ${kind}`);
    return structure;
  }

  /** The word of a record, or of a value of the branch that has this number. */
  pack(kind: StructureKind, branchAt: number | undefined, words: readonly Word[]): Word {
    if (branchAt === undefined) return this.records.table(words.length).packed(words);
    if (enumeration(this.structure(kind))) return branchAt;
    const payload =
      words.length < 2 ? (words[0] ?? 0) : this.records.table(words.length).packed(words);
    return this.records.table(2).packed([branchAt, payload]);
  }

  /** What a word is made of; undefined for `nil`. */
  parts(kind: StructureKind, word: Word): Parts | undefined {
    const structure = this.structure(kind);
    if (structure.kind === "record")
      return word === 0 ? undefined : this.fieldsOf(structure.fields, word);
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
      if (parts === undefined) into[at] = null;
      else into[at] = parts.branch === undefined ? fields : { branch: parts.branch.name, fields };
      for (const [place, part] of partsOf(parts).entries())
        open.push({ ...part, into: fields, at: place });
    }
    return root[0] ?? null;
  }

  /** The order of values: `nil` first, branches by their names, then field by field. */
  compare(kind: StructureKind, a: Word, b: Word): number {
    const open: { kind: ValueKind; a: Word; b: Word }[] = [{ kind, a, b }];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (next.a === next.b) continue;
      if (!structured(next.kind)) return this.primitives.compare(next.kind, next.a, next.b);
      const [left, right] = [this.parts(next.kind, next.a), this.parts(next.kind, next.b)];
      if (left === undefined || right === undefined) return left === undefined ? -1 : 1;
      if (left.branch !== right.branch)
        return (left.branch?.name ?? "") < (right.branch?.name ?? "") ? -1 : 1;
      for (let at = left.fields.length - 1; at >= 0; at--)
        open.push({ kind: left.fields[at]!.kind, a: left.words[at]!, b: right.words[at]! });
    }
    return 0;
  }

  /** The text of a value: `[1, [2, nil]]`, `$B(3)`, `$A`; symbols in it are as `symbol` says. */
  print(kind: StructureKind, word: Word, symbol: (word: Word) => string): string {
    let text = "";
    const open: (string | Part)[] = [{ kind, word }];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (typeof next === "string") text += next;
      else if (next.kind === "symbol") text += symbol(next.word);
      else if (!structured(next.kind)) text += this.primitives.print(next.kind, next.word);
      else open.push(...printed(this.parts(next.kind, next.word)).reverse());
    }
    return text;
  }

  private fieldsOf(fields: readonly Attribute[], record: Word): Parts {
    const table = this.records.table(fields.length);
    return { fields, words: fields.map((_, at) => table.field(record, at)) };
  }

  private fieldsAt({ kind, value }: Node): readonly Attribute[] {
    const structure = this.structure(kind);
    if (structure.kind === "record") return value === null ? [] : structure.fields;
    return structure.branches[this.branchAt(kind, value) ?? -1]?.fields ?? [];
  }

  private branchAt(kind: StructureKind, value: Value): number | undefined {
    const structure = this.structure(kind);
    if (structure.kind === "record") return undefined;
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

type Part = { readonly kind: ValueKind; readonly word: Word };

function partsOf(parts: Parts | undefined): Part[] {
  return (parts?.fields ?? []).map(({ kind }, at) => ({ kind, word: parts!.words[at]! }));
}

function printed(parts: Parts | undefined): (string | Part)[] {
  if (parts === undefined) return ["nil"];
  const { branch } = parts;
  if (branch?.fields.length === 0) return [`$${branch.name}`];
  const fields = partsOf(parts).flatMap((part, at) => (at === 0 ? [part] : [", ", part]));
  return branch === undefined ? ["[", ...fields, "]"] : [`$${branch.name}(`, ...fields, ")"];
}

/** Whether a value is of an algebraic data type. */
export function isBranch(value: Value): value is BranchValue {
  return typeof value === "object" && value !== null && !isRecord(value);
}

function isRecord(value: RecordValue | BranchValue): value is RecordValue {
  return Array.isArray(value);
}

function fieldValues(value: Value): readonly Value[] {
  if (typeof value !== "object" || value === null) return [];
  return isRecord(value) ? value : value.fields;
}
