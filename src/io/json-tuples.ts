import { structured, type Attribute, type StructureKind } from "../value/schema.ts";
import type { Structure } from "../value/structure.ts";
import type { Values } from "../value/values.ts";
import type { Word } from "../value/word.ts";
import type { DataErrorCode } from "./data-error.ts";
import { FieldReader } from "./field.ts";
import type { JsonForm } from "./json.ts";
import { json, type JsonPlace, type JsonScanner } from "./json-scanner.ts";
import { shown } from "./refusal.ts";
import { keyTwice } from "./structure-field.ts";
import type { RowBuffer } from "./row-buffer.ts";

/** A tuple or a structure whose values are being read. */
type Open = {
  /** Undefined of a tuple. */
  readonly kind: StructureKind | undefined;
  /** Of a set or a map, whose only field is its element; or of a key and its value in a map. */
  readonly members?: "set" | "map" | "entry";
  readonly branchAt: number | undefined;
  readonly fields: readonly Attribute[];
  readonly words: (Word | undefined)[];
  /** Whether it is an object. */
  readonly named: boolean;
  /** The field whose value is being read. */
  fieldAt: number;
  /** How many elements or members were begun. */
  count: number;
};

const forms: Readonly<Record<JsonForm, string>> = { list: "an array", object: "an object" };

const hints = {
  tuple: "a tuple is an array of its values, or an object with a member for each",
  members: "a set is an array of its elements, a map one of the arrays [key, value]",
  record: "a record is an array of its values, an object with a member for each, or null for nil",
  branch: 'it is written {"Branch": [fields]}, or "Branch" where it has no fields',
  number: "it is a JSON number, or a string where JSON has no such number",
  symbol: "it is a JSON string",
};

/** Reads tuples, one by one. They nest as deep as memory allows, so this does not recurse. A
 * mistake in a value is reported, and reading goes on after the value; after one in JSON itself it
 * ends. */
export class JsonTuples {
  private readonly scanner: JsonScanner;
  private readonly rows: RowBuffer;
  private readonly values: Values;
  private readonly fields: FieldReader;
  private readonly form: JsonForm | undefined;
  private readonly open: Open[] = [];

  constructor(scanner: JsonScanner, rows: RowBuffer, values: Values, form: JsonForm | undefined) {
    this.scanner = scanner;
    this.rows = rows;
    this.values = values;
    this.fields = new FieldReader(values);
    this.form = form;
  }

  /** Reads a tuple to the next row; returns whether the text goes on. */
  read(): boolean {
    const { scanner, rows, form } = this;
    const first = scanner.next();
    const { place } = scanner;
    const found = first === json.openBracket ? "list" : first === json.openBrace ? "object" : first;
    if (typeof found === "number") return this.unfit(place, "this is no tuple", hints.tuple);
    if (form !== undefined && found !== form) {
      const message = `the tuple is ${forms[found]}`;
      return this.unfit(place, message, `format=${form} is for tuples that are ${forms[form]}`);
    }
    const words = this.tuple(rows.schema.attributes);
    if (words === undefined) return false;
    // A value that was wrong is none, but then no row is handed on anyway.
    for (const [at, word] of words.entries()) rows.columns[at]![rows.count] = word ?? 0;
    rows.push();
    return true;
  }

  /** Reads what the next bracket encloses; undefined if the text does not go on. */
  private tuple(attributes: readonly Attribute[]): Open["words"] | undefined {
    const { scanner, open } = this;
    open.length = 0;
    this.enter(attributes, undefined, undefined);
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      const field = top.named ? this.nextMember(top) : this.nextElement(top);
      if (scanner.failure !== undefined) return undefined;
      if (field !== undefined) {
        if (top.members === "map") this.enterMembers("entry", top.kind!, top.fields);
        else top.words[top.fieldAt] = this.begun(field);
        continue;
      }
      if (top.members !== undefined) {
        this.close(top);
        continue;
      }
      if (top.kind === undefined) return top.words;
      open.pop();
      if (top.branchAt !== undefined && !scanner.pass(json.closeBrace)) return undefined;
      const around = open.at(-1)!;
      const words = top.words.map((word) => word ?? 0);
      around.words[around.fieldAt] = this.values.structures.pack(top.kind, top.branchAt, words);
    }
    return undefined;
  }

  /** Ends a set, a map, or an entry of one. */
  private close({ members, kind, words: found }: Open): void {
    this.open.pop();
    const around = this.open.at(-1)!;
    const words = found.map((word) => word ?? 0);
    if (members === "entry") {
      around.words.push(...words);
      return;
    }
    const wrong = members === "map" && keyTwice(words);
    if (wrong) {
      const message = "a key of the map is given twice";
      this.error(this.scanner.place, "bad-value", message, hints.members);
    }
    const packed = wrong ? 0 : this.values.structures.pack(kind!, undefined, words);
    around.words[around.fieldAt] = packed;
  }

  /** Begins a set, a map, or an entry of one; what is no array is reported. */
  private enterMembers(
    members: NonNullable<Open["members"]>,
    kind: StructureKind,
    fields: readonly Attribute[],
  ): Word | undefined {
    const { scanner } = this;
    if (scanner.passed(json.openBracket)) {
      const words: Word[] = [];
      const none = { branchAt: undefined, named: false, fieldAt: 0, count: 0 };
      this.open.push({ kind, members, fields, words, ...none });
      return undefined;
    }
    const what = { set: "set", map: "map", entry: "entry of a map" }[members];
    this.unfit(scanner.place, `this is no ${what}`, hints.members, "bad-value");
    return 0;
  }

  private enter(
    fields: readonly Attribute[],
    kind: StructureKind | undefined,
    branchAt: number | undefined,
  ): void {
    const named = this.scanner.passed(json.openBrace);
    if (!named && !this.scanner.pass(json.openBracket)) return;
    const words = fields.map(() => undefined);
    this.open.push({ kind, branchAt, fields, words, named, fieldAt: 0, count: 0 });
  }

  /** The field of the next element of an array; undefined at its end. */
  private nextElement(top: Open): Attribute | undefined {
    const { scanner } = this;
    for (;;) {
      const { fields, count } = top;
      const repeats = top.members === "set" || top.members === "map";
      if (scanner.next() === json.closeBracket) {
        const missing = repeats ? undefined : fields[count];
        if (missing !== undefined) this.missing(missing);
        scanner.pass(json.closeBracket);
        return undefined;
      }
      if (count > 0 && !scanner.pass(json.comma)) return undefined;
      top.count++;
      top.fieldAt = count;
      const field = repeats ? fields[0] : fields[count];
      if (field !== undefined) return field;
      scanner.next();
      const message = `this is value ${count + 1} where there are ${fields.length}`;
      if (!this.unfit(scanner.place, message, "is this the file of another relation?"))
        return undefined;
    }
  }

  /** The field of the next member of an object; undefined at its end. */
  private nextMember(top: Open): Attribute | undefined {
    const { scanner } = this;
    for (;;) {
      if (scanner.next() === json.closeBrace) {
        for (const [at, field] of top.fields.entries())
          if (top.words[at] === undefined) this.missing(field);
        scanner.pass(json.closeBrace);
        return undefined;
      }
      if (top.count++ > 0 && !scanner.pass(json.comma)) return undefined;
      scanner.next();
      const { place } = scanner;
      if (!scanner.key()) return undefined;
      const name = scanner.shortText;
      top.fieldAt = top.fields.findIndex((field) => field.name === name);
      const field = top.fields[top.fieldAt];
      if (field !== undefined && top.words[top.fieldAt] === undefined) return field;
      if (field !== undefined)
        this.error(place, "wrong-form", `"${name}" is given twice`, "give it once");
      if (!scanner.skip()) return undefined;
    }
  }

  /** Reads a value that ends where it begins; one with values inside is opened, and undefined. */
  private begun(field: Attribute): Word | undefined {
    const { kind } = field;
    if (!structured(kind)) return this.primitive(field);
    const { scanner } = this;
    const structure = this.values.structures.structure(kind);
    const first = scanner.next();
    const { place } = scanner;
    if (structure.kind === "adt") return this.branch(field, kind, structure.branches);
    if (structure.kind === "set") return this.enterMembers("set", kind, [structure.element]);
    if (structure.kind === "map")
      return this.enterMembers("map", kind, [structure.key, structure.value]);
    if (first === json.openBracket || first === json.openBrace) {
      this.enter(structure.fields, kind, undefined);
      return undefined;
    }
    if (first === json.null) return scanner.scalar() < 0 ? undefined : 0;
    this.unfit(place, `column "${field.name}" is no record`, hints.record, "bad-value");
    return 0;
  }

  private branch(
    field: Attribute,
    kind: StructureKind,
    branches: Extract<Structure, { kind: "adt" }>["branches"],
  ): Word | undefined {
    const { scanner } = this;
    const { place } = scanner;
    if (scanner.next() === json.quote) {
      if (!scanner.string()) return undefined;
      const name = scanner.shortText;
      const branchAt = branches.findIndex((branch) => branch.name === name);
      if (branches[branchAt]?.fields.length === 0)
        return this.values.structures.pack(kind, branchAt, []);
      this.error(place, "bad-value", `${shown(name)} is no branch without fields`, hints.branch);
      return 0;
    }
    if (!scanner.passed(json.openBrace)) {
      this.unfit(place, `column "${field.name}" is no branch`, hints.branch, "bad-value");
      return 0;
    }
    if (!scanner.key()) return undefined;
    const name = scanner.shortText;
    const branchAt = branches.findIndex((branch) => branch.name === name);
    const next = scanner.next();
    const branch = branches[branchAt];
    if (branch !== undefined && (next === json.openBracket || next === json.openBrace)) {
      this.enter(branch.fields, kind, branchAt);
      return undefined;
    }
    const why = branch === undefined ? "is no branch of its type" : "has no list of its fields";
    const message = `column "${field.name}": ${shown(name)} ${why}`;
    this.unfit(place, message, hints.branch, "bad-value");
    return scanner.pass(json.closeBrace) ? 0 : undefined;
  }

  private primitive(field: Attribute): Word | undefined {
    const { scanner } = this;
    const symbol = field.kind === "symbol";
    const first = scanner.next();
    const { place } = scanner;
    if (first === json.quote) {
      if (!scanner.string()) return undefined;
      return this.word(field, scanner.text, 0, scanner.length, place);
    }
    if (symbol || first === json.openBracket || first === json.openBrace) {
      const message = `column "${field.name}" is no ${symbol ? "string" : field.kind}`;
      this.unfit(place, message, hints[symbol ? "symbol" : "number"], "bad-value");
      return 0;
    }
    if (scanner.scalar() < 0) return undefined;
    return this.word(field, scanner.bytes, scanner.from, scanner.to, place);
  }

  private word(
    field: Attribute,
    bytes: Uint8Array,
    from: number,
    to: number,
    place: JsonPlace,
  ): Word {
    const word = this.fields.word(field, bytes, from, to);
    const { refusal } = this.fields;
    if (refusal !== undefined) this.error(place, refusal.code, refusal.message, refusal.hint);
    return word;
  }

  private missing({ name }: Attribute): void {
    this.error(this.scanner.place, "missing-columns", `"${name}" is missing`, hints.tuple);
  }

  /** Reports a value that is not of the right form and passes it; returns whether the text goes
   * on. */
  private unfit(
    place: JsonPlace,
    message: string,
    hint: string,
    code: DataErrorCode = "wrong-form",
  ): boolean {
    const passed = this.scanner.skip();
    // Where the text breaks off there, that is all that is said.
    if (passed) this.error(place, code, message, hint);
    return passed;
  }

  private error(place: JsonPlace, code: DataErrorCode, message: string, hint: string): void {
    this.rows.fail({ ...place, code, message, hint });
  }
}
