// What a pass that reclaims values goes by: which words somebody holds, and what these are made of.
import { assert } from "../base/assert.ts";
import { NumberSet } from "./number-set.ts";
import { structured, type StructureKind, type ValueKind } from "./schema.ts";
import { enumeration } from "./structure.ts";
import type { Values } from "./values.ts";
import { inline, placeOfWord, type Word } from "./word.ts";

/** The words that somebody holds, with those that their values are made of. It is filled while
 * nothing is interned. Who does not show here what he holds has words without a meaning, or with
 * another one, once `Values.keep` is through. */
export class LiveWords {
  /** By word. */
  readonly symbols: NumberSet;
  /** By place. */
  readonly wide: NumberSet;
  /** By word, for each number of fields. */
  readonly records: readonly (NumberSet | undefined)[];
  /** By word. */
  readonly maps: NumberSet;
  private readonly values: Values;
  /** The structures that were gone into, by word. The same words may be those of two kinds, and
   * other parts of them live. */
  private readonly entered = new Map<StructureKind, NumberSet>();
  /** Structures that are to be gone into, and their kinds. */
  private readonly kinds: StructureKind[] = [];
  private readonly words: Word[] = [];

  constructor(values: Values) {
    const { symbols, wide, records, maps } = values;
    this.values = values;
    this.symbols = new NumberSet(symbols.size);
    this.wide = new NumberSet(wide.size);
    this.records = records.sizes.map((size) =>
      size === undefined ? undefined : new NumberSet(size + 1),
    );
    this.maps = new NumberSet(maps.nodeCount + 1);
  }

  /** Whether words of a kind stand for what a table holds; of others nothing has to be shown. */
  concerns(kind: ValueKind): boolean {
    if (!structured(kind)) return kind === "symbol" || this.values.domain === 64;
    return !enumeration(this.values.structures.structure(kind));
  }

  /** Shows a word that is held. */
  add(kind: ValueKind, word: Word): void {
    if (kind === "symbol") this.symbols.add(word);
    else if (!structured(kind)) this.addPattern(word);
    else {
      this.enter(kind, word);
      this.enterParts();
    }
  }

  /** Shows the words of a tuple. */
  addTuple(attributes: readonly { readonly kind: ValueKind }[], words: readonly Word[]): void {
    for (const [at, { kind }] of attributes.entries()) this.add(kind, words[at]!);
  }

  /** Shows the first `size` words of a column, but for the rows whose bits are set in `gone`. */
  addColumn(kind: ValueKind, column: Int32Array, size: number, gone?: Int32Array): void {
    if (!this.concerns(kind)) return;
    const covered = 32 * (gone?.length ?? 0);
    for (let row = 0; row < size; row++)
      if (row >= covered || ((gone![row >> 5]! >>> (row & 31)) & 1) === 0)
        this.add(kind, column[row]!);
  }

  private addPattern(word: Word): void {
    if (this.values.domain === 64 && !inline(word)) this.wide.add(placeOfWord(word));
  }

  private enter(kind: StructureKind, word: Word): void {
    if (!this.concerns(kind) || word === 0) return;
    let entered = this.entered.get(kind);
    if (entered === undefined) {
      entered = new NumberSet(this.boundOf(kind));
      this.entered.set(kind, entered);
    }
    if (!entered.add(word)) return;
    this.kinds.push(kind);
    this.words.push(word);
  }

  /** Structures nest as deep as memory allows, so this is a loop. */
  private enterParts(): void {
    for (let kind = this.kinds.pop(); kind !== undefined; kind = this.kinds.pop()) {
      const word = this.words.pop()!;
      const structure = this.values.structures.structure(kind);
      switch (structure.kind) {
        case "record":
          this.addRecord(structure.fields, word);
          break;
        case "adt": {
          const pair = this.values.records.table(2);
          this.tableOf(2).add(word);
          const branch = structure.branches[pair.field(word, 0)];
          assert(branch !== undefined, `a value of ${structure.name} has a branch`);
          const { fields } = branch;
          const payload = pair.field(word, 1);
          if (fields.length === 1) this.addPart(fields[0]!.kind, payload);
          else if (fields.length > 1) this.addRecord(fields, payload);
          break;
        }
        case "set":
        case "map": {
          this.maps.add(word);
          const [key, value] =
            structure.kind === "set" ? [structure.element] : [structure.key, structure.value];
          const node = this.values.maps.nodeOf(word);
          if (node.kind === "leaf") {
            this.addPart(key.kind, node.key);
            if (value !== undefined) this.addPart(value.kind, node.value);
          } else {
            this.enter(kind, node.left);
            this.enter(kind, node.right);
          }
        }
      }
    }
  }

  private addRecord(fields: readonly { readonly kind: ValueKind }[], record: Word): void {
    const table = this.values.records.table(fields.length);
    this.tableOf(fields.length).add(record);
    for (const [at, { kind }] of fields.entries()) this.addPart(kind, table.field(record, at));
  }

  private addPart(kind: ValueKind, word: Word): void {
    if (structured(kind)) this.enter(kind, word);
    else this.add(kind, word);
  }

  private tableOf(arity: number): NumberSet {
    const live = this.records[arity];
    assert(live !== undefined, "a record that is held is in a table");
    return live;
  }

  private boundOf(kind: StructureKind): number {
    const structure = this.values.structures.structure(kind);
    const { records, maps } = this.values;
    if (structure.kind === "set" || structure.kind === "map") return maps.nodeCount + 1;
    const arity = structure.kind === "record" ? structure.fields.length : 2;
    return records.table(arity).size + 1;
  }
}
