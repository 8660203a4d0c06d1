import type { Relation } from "../analysis/program.ts";
import type { Change } from "../transducer/protocol.ts";
import { printValue } from "../value/print-value.ts";
import type { Value } from "../value/schema.ts";

type Tuple = readonly Value[];

/** The tuples of an output, to be found by the values of some of its columns. */
export class Replies {
  /** How many columns come before those of lattices: they tell tuples apart. */
  private readonly keyColumns: number;
  private tuples = new Map<string, Tuple>();
  /** By the places of columns: by their values, the keys of the tuples that have them. */
  private readonly indexes = new Map<string, Index>();

  constructor({ attributes, lattices = [] }: Relation, tuples: readonly Tuple[]) {
    this.keyColumns = attributes.length - lattices.length;
    for (const tuple of tuples) this.put(tuple);
  }

  /** Whether a column tells tuples apart. */
  tells(column: number): boolean {
    return column < this.keyColumns;
  }

  /** Takes in what became of the output. */
  take({ tuples, replaced }: Change): void {
    if (replaced) {
      this.tuples = new Map();
      this.indexes.clear();
    }
    for (const tuple of tuples) this.put(tuple);
  }

  /** Returns the tuples that have these values in these columns, which tell tuples apart. */
  find(columns: readonly number[], values: readonly Value[]): Tuple[] {
    const name = columns.join(" ");
    let index = this.indexes.get(name);
    if (index === undefined) {
      index = { columns, keys: new Map() };
      for (const [key, tuple] of this.tuples) add(index, key, tuple);
      this.indexes.set(name, index);
    }
    const keys = index.keys.get(textOf(values)) ?? [];
    return keys.map((key) => this.tuples.get(key) ?? []);
  }

  private put(tuple: Tuple): void {
    const key = textOf(tuple.slice(0, this.keyColumns));
    if (!this.tuples.has(key)) for (const index of this.indexes.values()) add(index, key, tuple);
    this.tuples.set(key, tuple);
  }
}

type Index = { readonly columns: readonly number[]; readonly keys: Map<string, string[]> };

function add({ columns, keys }: Index, key: string, tuple: Tuple): void {
  const text = textOf(columns.map((column) => tuple[column] ?? null));
  const before = keys.get(text);
  if (before === undefined) keys.set(text, [key]);
  else before.push(key);
}

function textOf(values: readonly Value[]): string {
  return values.map(printValue).join(", ");
}
