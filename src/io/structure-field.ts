import type { Attribute, StructureKind } from "../value/schema.ts";
import { structured } from "../value/schema.ts";
import { structureName } from "../value/structure.ts";
import type { Values } from "../value/values.ts";
import type { Word } from "../value/word.ts";
import { latin, shown, type Refusal } from "./refusal.ts";

const space = 0x20;
const quote = 0x22;
const dollar = 0x24;
const openParenthesis = 0x28;
const closeParenthesis = 0x29;
const comma = 0x2c;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const minus = 0x2d;
const greater = 0x3e;
const openBrace = 0x7b;
const closeBrace = 0x7d;
/** What ends a key: no byte, but `->`. */
const arrow = -1;

const escapes: Readonly<Record<number, number>> = { 0x6e: 0x0a, 0x72: 0x0d, 0x74: 0x09 };

/** Reads what is inside of structures. */
type PrimitiveReader = {
  refusal: Refusal | undefined;
  word(attribute: Attribute, buffer: Uint8Array, start: number, end: number): Word;
};

/** A structure whose fields are being read. */
type Open = {
  readonly kind: StructureKind;
  readonly branchAt: number | undefined;
  /** Of a set or a map what its members have in turns. */
  readonly fields: readonly Attribute[];
  readonly collection?: "set" | "map";
  readonly words: Word[];
  readonly close: number;
};

/** Reads values of structures as fact files have them: `[1, [a, nil]]`, `$B(3)`, `$A`,
 * `{"a", "b"}`, `{1 -> 2, 3 -> 4}`. A symbol in them is every byte up to the next comma or the
 * closing bracket, or, if it begins with a quote, up to the next one, with `\"` and `\\` for a
 * quote and a backslash in it; a key ends at `->`, too. They nest as deep as memory allows, so this
 * does not recurse. */
export class StructureReader {
  private readonly values: Values;
  private readonly fields: PrimitiveReader;
  private buffer: Uint8Array = new Uint8Array(0);
  private at = 0;
  private end = 0;
  private open: Open[] = [];
  private failure: string | undefined;

  /** `fields` reads what is inside of structures. */
  constructor(values: Values, fields: PrimitiveReader) {
    this.values = values;
    this.fields = fields;
  }

  /** The word of the field [start, end) of `buffer`; where it has none, `fields` gets a refusal. */
  word(
    attribute: Attribute,
    kind: StructureKind,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): Word {
    this.buffer = buffer;
    this.at = start;
    this.end = end;
    this.open = [];
    this.failure = undefined;
    let word = this.begun(attribute, kind);
    for (;;) {
      if (this.failed()) break;
      const top = this.open.at(-1);
      if (word !== undefined) {
        if (top === undefined) break;
        top.words.push(word);
      }
      if (top === undefined) break;
      word = this.goOn(attribute, top);
    }
    if (!this.failed() && this.next() !== undefined) this.failure = "nothing more is expected";
    if (this.failure !== undefined) {
      const type = structureName(kind);
      const text = shown(latin(buffer, start, end));
      this.fields.refusal = {
        code: "bad-value",
        message: `column "${attribute.name}": ${text} is no value of type "${type}"`,
        hint: `${this.failure} at byte ${this.at - start + 1}`,
      };
    }
    return this.failed() ? 0 : (word ?? 0);
  }

  private failed(): boolean {
    return this.failure !== undefined || this.fields.refusal !== undefined;
  }

  /** Reads the next field of `top`, or its end: then the word of all of it. */
  private goOn(attribute: Attribute, top: Open): Word | undefined {
    const { kind, branchAt, fields, words, close } = top;
    const at = top.collection === undefined ? words.length : words.length % fields.length;
    const field = fields[at];
    const ends = top.collection !== undefined && at === 0 && this.next() === close;
    if (field === undefined || ends) {
      if (!this.passed(close)) return this.fail(close);
      this.open.pop();
      if (top.collection === "map" && keyTwice(words)) this.failure = "a key was given twice";
      return this.values.structures.pack(kind, branchAt, words);
    }
    if (top.collection !== undefined && at === 1) {
      if (!this.passed(minus) || !this.passed(greater)) return this.fail(arrow);
    } else if (words.length > 0 && !this.passed(comma)) return this.fail(comma);
    if (structured(field.kind)) return this.begun(attribute, field.kind);
    return this.primitive(attribute, field, top.collection === "map" && at === 0 ? arrow : close);
  }

  /** The word of a structure that ends where it begins; otherwise its fields come next. */
  private begun(attribute: Attribute, kind: StructureKind): Word | undefined {
    const structure = this.values.structures.structure(kind);
    if (structure.kind === "record") {
      if (this.passed(openBracket)) {
        const { fields } = structure;
        this.open.push({ kind, branchAt: undefined, fields, words: [], close: closeBracket });
        return undefined;
      }
      const start = this.at;
      if (this.name() === "nil") return 0;
      this.at = start;
      return this.fail(openBracket);
    }
    if (structure.kind !== "adt") {
      if (!this.passed(openBrace)) return this.fail(openBrace);
      const { kind: collection } = structure;
      const fields = collection === "set" ? [structure.element] : [structure.key, structure.value];
      const none = { branchAt: undefined, words: [], close: closeBrace };
      this.open.push({ kind, collection, fields, ...none });
      return undefined;
    }
    if (!this.passed(dollar)) return this.fail(dollar);
    const start = this.at;
    const name = this.name();
    const branchAt = structure.branches.findIndex((branch) => branch.name === name);
    const branch = structure.branches[branchAt];
    if (branch === undefined) {
      this.at = start;
      this.failure = `a branch of "${structure.name}" is expected`;
      return undefined;
    }
    const { fields } = branch;
    if (fields.length === 0 && this.next() !== openParenthesis)
      return this.values.structures.pack(kind, branchAt, []);
    if (!this.passed(openParenthesis)) return this.fail(openParenthesis);
    this.open.push({ kind, branchAt, fields, words: [], close: closeParenthesis });
    return undefined;
  }

  private primitive(attribute: Attribute, field: Attribute, close: number): Word {
    const { buffer, fields, end } = this;
    if (this.next() === quote && field.kind === "symbol") return this.quoted();
    const start = this.at;
    let at = start;
    if (close === arrow)
      while (at < end && (buffer[at] !== minus || buffer[at + 1] !== greater)) at++;
    else while (at < end && buffer[at] !== comma && buffer[at] !== close) at++;
    this.at = at;
    if (field.kind !== "symbol" || close === arrow)
      while (at > start && buffer[at - 1] === space) at--;
    const word = fields.word(field, buffer, start, at);
    if (fields.refusal !== undefined)
      fields.word({ ...field, name: `${attribute.name}: ${field.name}` }, buffer, start, at);
    return word;
  }

  private quoted(): Word {
    const { buffer, end } = this;
    const bytes: number[] = [];
    for (let at = this.at + 1; at < end; at++) {
      const byte = buffer[at]!;
      if (byte === quote) {
        this.at = at + 1;
        return this.values.symbols.internBytes(Uint8Array.from(bytes), 0, bytes.length);
      }
      const escaped = byte === backslash && at + 1 < end ? buffer[++at]! : undefined;
      bytes.push(escaped === undefined ? byte : (escapes[escaped] ?? escaped));
    }
    this.failure = "the quote is not closed that begins";
    return 0;
  }

  private fail(byte: number): Word | undefined {
    this.failure = `${byte === arrow ? "->" : String.fromCharCode(byte)} is expected`;
    return undefined;
  }

  private passed(byte: number): boolean {
    if (this.next() !== byte) return false;
    this.at++;
    return true;
  }

  /** The next byte that is no space; undefined at the end. */
  private next(): number | undefined {
    while (this.at < this.end && this.buffer[this.at] === space) this.at++;
    return this.at < this.end ? this.buffer[this.at] : undefined;
  }

  private name(): string {
    this.next();
    const start = this.at;
    while (this.at < this.end && /[\w?.]/.test(String.fromCharCode(this.buffer[this.at]!)))
      this.at++;
    return latin(this.buffer, start, this.at);
  }
}

/** Whether two of the keys in the words of a map, keys and values in turns, are one. */
export function keyTwice(words: readonly Word[]): boolean {
  const keys = words.filter((_, at) => at % 2 === 0);
  return new Set(keys).size < keys.length;
}
