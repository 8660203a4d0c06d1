import { assert } from "../base/assert.ts";
import { compareFloats, floatText, singleOfWord, wordOfSingle } from "./float.ts";
import { Maps } from "./maps.ts";
import type { NumberSet } from "./number-set.ts";
import { Records } from "./records.ts";
import { Room } from "./room.ts";
import { structured, type Domain, type Value, type ValueKind } from "./schema.ts";
import type { Structures } from "./structure.ts";
import { StructureValues } from "./structures.ts";
import { Symbols } from "./symbols.ts";
import { WidePool } from "./wide.ts";
import type { Word } from "./word.ts";

/** What is live of each table, as `LiveWords` finds it: the words of symbols and maps, and those of
 * records by number of fields; of wide patterns the places. */
type Live = {
  readonly symbols: NumberSet;
  readonly wide: NumberSet;
  readonly records: readonly (NumberSet | undefined)[];
  readonly maps: NumberSet;
};

/** What words mean in one database: the domain and the tables of what does not fit into a word. */
export class Values {
  readonly domain: Domain;
  /** Where the tables have their memory from. */
  readonly room = new Room();
  readonly symbols = new Symbols(this.room);
  readonly wide = new WidePool(this.room);
  readonly records = new Records(this.room);
  readonly maps = new Maps(this.room);
  readonly structures: StructureValues;

  /** `structures` are the types of the program's records, algebraic data types, sets and maps. */
  constructor(domain: Domain, structures: Structures = new Map()) {
    this.domain = domain;
    this.structures = new StructureValues(structures, this, this);
  }

  /** The bytes that the tables hold in memory. */
  get memoryBytes(): number {
    const { symbols, wide, records, maps } = this;
    return symbols.memoryBytes + wide.memoryBytes + records.memoryBytes + maps.memoryBytes;
  }

  /** The bytes of `memoryBytes` that values take, about: it grows with each that is interned. */
  get heldBytes(): number {
    const { symbols, wide, records, maps } = this;
    return symbols.heldBytes + wide.heldBytes + records.heldBytes + maps.heldBytes;
  }

  /** Forgets the values whose words are not live, and gives back the memory that they took. The
   * words of the others stay the same; those that are free are given to what is interned next. */
  keep(live: Live): void {
    this.symbols.keep(live.symbols);
    this.wide.keep(live.wide);
    this.records.keep(live.records);
    this.maps.keep(live.maps);
  }

  /** The word of a value. Integers wrap to the domain, floats are rounded to it; -0 becomes 0. */
  encode(kind: ValueKind, value: Value): Word {
    // Most are texts, and to tell structures from others is a search in the name of the kind.
    if (kind === "symbol" && typeof value === "string") return this.symbols.intern(value);
    if (structured(kind)) return this.structures.encode(kind, value);
    switch (kind) {
      case "number":
      case "unsigned":
        assert(typeof value === "bigint", `a ${kind} is a bigint`);
        return this.ofBigint(value);
      case "float":
        assert(typeof value === "number", "a float is a number");
        return this.ofFloat(value);
      case "symbol":
        assert(typeof value === "string", "a symbol is a string");
        return this.symbols.intern(value);
    }
  }

  /** The value of a word: what `encode` would make this word of. */
  decode(kind: ValueKind, word: Word): Value {
    if (kind === "symbol") return this.symbols.text(word);
    if (structured(kind)) return this.structures.decode(kind, word);
    switch (kind) {
      case "number":
      case "unsigned":
        return this.integer(kind, word);
      case "float":
        return this.float(word);
    }
  }

  /** Negative, zero or positive by the order of values: numeric (NaN last), symbols by bytes,
   * structures as `structures.compare` says. */
  compare(kind: ValueKind, a: Word, b: Word): number {
    if (a === b) return 0;
    if (structured(kind)) return this.structures.compare(kind, a, b);
    switch (kind) {
      case "number":
        return this.compareHigh(a, b, 0) || this.compareLow(a, b);
      case "unsigned":
        return this.compareHigh(a, b, -0x80000000) || this.compareLow(a, b);
      case "float":
        return compareFloats(this.float(a), this.float(b));
      case "symbol":
        return this.symbols.compare(a, b);
    }
  }

  /** The text of a value as a column of a file. Symbols are as they are, without quotes. */
  print(kind: ValueKind, word: Word): string {
    if (structured(kind))
      return this.structures.print(kind, word, (symbol) => this.symbols.text(symbol));
    switch (kind) {
      case "number":
      case "unsigned":
        return this.integer(kind, word).toString();
      case "float":
        return floatText(this.float(word), this.domain);
      case "symbol":
        return this.symbols.text(word);
    }
  }

  /** The word of an integer in [-2^53, 2^53], wrapped to the domain. */
  ofInteger(value: number): Word {
    return this.domain === 64 ? this.wide.ofInteger(value) : value | 0;
  }

  /** The word of an integer, wrapped to the domain. */
  ofBigint(value: bigint): Word {
    return this.domain === 64 ? this.wide.ofBigint(value) : Number(BigInt.asIntN(32, value));
  }

  /** The word of a float, rounded to the domain. */
  ofFloat(value: number): Word {
    return this.domain === 64 ? this.wide.ofDouble(value) : wordOfSingle(value);
  }

  /** The float of a word. */
  float(word: Word): number {
    return this.domain === 64 ? this.wide.double(word) : singleOfWord(word);
  }

  private integer(kind: "number" | "unsigned", word: Word): bigint {
    if (kind === "number") return this.domain === 64 ? this.wide.signed(word) : BigInt(word);
    return this.domain === 64 ? this.wide.unsigned(word) : BigInt(word >>> 0);
  }

  /** The order of the upper halves (of 32-bit words themselves) after `flip` was applied to
   * them. */
  private compareHigh(a: Word, b: Word, flip: number): number {
    if (this.domain === 32) return (a ^ flip) - (b ^ flip);
    return (this.wide.high(a) ^ flip) - (this.wide.high(b) ^ flip);
  }

  private compareLow(a: Word, b: Word): number {
    return this.domain === 32 ? 0 : (this.wide.low(a) >>> 0) - (this.wide.low(b) >>> 0);
  }
}
