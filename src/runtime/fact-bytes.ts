// Facts as bytes: runs of one relation, column by column. A symbol goes over in full the first time
// and by its number from then on.
import type { Fact } from "../transducer/fact.ts";
import type { Domain, Schema, Value, ValueKind } from "../value/schema.ts";
import { structured } from "../value/schema.ts";
import type { Structure, Structures } from "../value/structure.ts";
import { type ByteSink, type ByteSource, WireError } from "./bytes.ts";

/** What both sides know of the facts: the program's relations. */
export type FactSchema = {
  readonly domain: Domain;
  readonly structures: Structures;
  readonly relations: readonly Schema[];
  /** The relations that may come from outside, by their places. */
  readonly accepted: ReadonlySet<number>;
};

/** The limits of what is read. */
export type FactLimits = {
  readonly factsMax: number;
  readonly symbolBytesMax: number;
  /** Symbols that one connection remembers, before it forgets them all and begins anew. */
  readonly symbolsMax: number;
  /** Longer symbols go over in full each time. */
  readonly symbolLengthKept: number;
  /** How deep records are in records. */
  readonly depthMax: number;
};

/** The limits unless others are given. */
export const factLimits: FactLimits = {
  factsMax: 1 << 16,
  symbolBytesMax: 16 << 20,
  symbolsMax: 1 << 16,
  symbolLengthKept: 128,
  depthMax: 64,
};

/** So many symbols, no longer than that, are remembered by who writes: fewer than the other side
 * does, as a table that is larger takes more time than what comes again saves. Which of those that
 * the other side knows are told by their numbers is the writer's choice. */
const remembered = { symbolsMax: 1 << 13, lengthMax: 64 } as const;

/** Writes facts; remembers which symbols the other side knows. */
export class FactWriter {
  private readonly schema: FactSchema;
  private readonly limits: FactLimits;
  private readonly known = new Map<string, number>();
  /** How many symbols the other side knows. */
  private told = 0;

  constructor(schema: FactSchema, limits: FactLimits = factLimits) {
    this.schema = schema;
    this.limits = limits;
  }

  write(facts: readonly Fact[], sink: ByteSink): void {
    sink.count(facts.length);
    for (let at = 0; at < facts.length;) {
      const { relation } = facts[at] ?? { relation: 0 };
      let end = at;
      while (facts[end]?.relation === relation) end++;
      sink.count(relation);
      sink.count(end - at);
      const { attributes } = this.schema.relations[relation] ?? { attributes: [] };
      for (const [column, { kind }] of attributes.entries())
        for (let row = at; row < end; row++)
          this.value(kind, facts[row]?.values[column] ?? null, sink);
      at = end;
    }
  }

  private value(kind: ValueKind, value: Value, sink: ByteSink): void {
    if (kind === "number") sink.signed(value as bigint);
    else if (kind === "unsigned") sink.unsigned(value as bigint);
    else if (kind === "float") sink.float(value as number);
    else if (kind === "symbol") this.symbol(value as string, sink);
    else this.structure(this.schema.structures.get(kind), value, sink);
  }

  private symbol(text: string, sink: ByteSink): void {
    const { known } = this;
    const short = text.length <= remembered.lengthMax;
    const number = short ? known.get(text) : undefined;
    if (number !== undefined) {
      sink.count(number);
      return;
    }
    // Both sides forget at the same symbol.
    if (text.length <= this.limits.symbolLengthKept) {
      const anew = this.told >= this.limits.symbolsMax;
      if (anew) this.told = 0;
      this.told++;
      if (anew || known.size >= remembered.symbolsMax) known.clear();
      if (short) known.set(text, this.told);
    }
    sink.count(0);
    sink.text(text);
  }

  private structure(structure: Structure | undefined, value: Value, sink: ByteSink): void {
    switch (structure?.kind) {
      case undefined:
        return;
      case "record": {
        sink.byte(value === null ? 0 : 1);
        const fields = value as readonly Value[] | null;
        for (const [at, { kind }] of structure.fields.entries())
          if (fields !== null) this.value(kind, fields[at] ?? null, sink);
        return;
      }
      case "adt": {
        const { branch, fields } = value as { branch: string; fields: readonly Value[] };
        const number = structure.branches.findIndex(({ name }) => name === branch);
        sink.count(number);
        for (const [at, { kind }] of (structure.branches[number]?.fields ?? []).entries())
          this.value(kind, fields[at] ?? null, sink);
        return;
      }
      case "set": {
        const { elements } = value as { elements: readonly Value[] };
        sink.count(elements.length);
        for (const element of elements) this.value(structure.element.kind, element, sink);
        return;
      }
      case "map": {
        const { pairs } = value as { pairs: readonly (readonly [Value, Value])[] };
        sink.count(pairs.length);
        for (const [key, one] of pairs) {
          this.value(structure.key.kind, key, sink);
          this.value(structure.value.kind, one, sink);
        }
      }
    }
  }
}

/** Reads what a `FactWriter` wrote, in the same order. What does not fit the program is a
 * `WireError`. */
export class FactReader {
  private readonly schema: FactSchema;
  private readonly limits: FactLimits;
  private known: string[] = [];

  constructor(schema: FactSchema, limits: FactLimits = factLimits) {
    this.schema = schema;
    this.limits = limits;
  }

  read(source: ByteSource): Fact[] {
    const { relations, accepted } = this.schema;
    const count = source.count(this.limits.factsMax, "facts");
    const facts: Fact[] = [];
    while (facts.length < count) {
      const relation = source.count(relations.length - 1, "relation");
      const schema = relations[relation];
      if (schema === undefined || !accepted.has(relation))
        throw new WireError("malformed", `relation ${relation} does not travel`);
      const run = source.count(count - facts.length, "facts of a relation");
      if (run === 0) throw new WireError("malformed", "a run of no facts");
      const rows = Array.from({ length: run }, (): Value[] => []);
      for (const { kind } of schema.attributes)
        for (const row of rows) row.push(this.value(kind, source, 0));
      for (const values of rows) facts.push({ relation, values });
    }
    return facts;
  }

  private value(kind: ValueKind, source: ByteSource, depth: number): Value {
    const narrow = this.schema.domain === 32;
    if (structured(kind)) return this.structure(this.schema.structures.get(kind), source, depth);
    switch (kind) {
      case "number": {
        const value = source.signed();
        const bound = narrow ? 1n << 31n : 1n << 63n;
        if (value < -bound || value >= bound) throw outside("number");
        return value;
      }
      case "unsigned": {
        const value = source.unsigned();
        if (narrow && value >= 1n << 32n) throw outside("unsigned");
        return value;
      }
      case "float":
        return source.float();
      case "symbol":
        return this.symbol(source);
    }
  }

  private symbol(source: ByteSource): string {
    const number = source.count(this.known.length, "a symbol's number");
    if (number > 0) return this.known[number - 1] ?? "";
    const text = source.text(this.limits.symbolBytesMax, "a symbol");
    if (text.length <= this.limits.symbolLengthKept) {
      if (this.known.length >= this.limits.symbolsMax) this.known = [];
      this.known.push(text);
    }
    return text;
  }

  private structure(structure: Structure | undefined, source: ByteSource, above: number): Value {
    const depth = above + 1;
    if (depth > this.limits.depthMax)
      throw new WireError("too-large", `records in records: at most ${this.limits.depthMax}`);
    switch (structure?.kind) {
      case undefined:
        throw new WireError("malformed", "a value of no type");
      case "record": {
        const present = source.byte();
        if (present > 1) throw new WireError("malformed", "neither nil nor a record");
        if (present === 0) return null;
        return structure.fields.map(({ kind }) => this.value(kind, source, depth));
      }
      case "adt": {
        const number = source.count(structure.branches.length - 1, "a branch");
        const { name = "", fields = [] } = structure.branches[number] ?? {};
        return { branch: name, fields: fields.map(({ kind }) => this.value(kind, source, depth)) };
      }
      case "set": {
        const count = source.count(source.left, "elements");
        const { kind } = structure.element;
        return { elements: Array.from({ length: count }, () => this.value(kind, source, depth)) };
      }
      case "map": {
        const count = source.count(source.left, "entries");
        const pairs = Array.from({ length: count }, (): [Value, Value] => [
          this.value(structure.key.kind, source, depth),
          this.value(structure.value.kind, source, depth),
        ]);
        return { pairs };
      }
    }
  }
}

function outside(kind: string): WireError {
  return new WireError("malformed", `a ${kind} is outside of its domain`);
}
