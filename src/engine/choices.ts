import type { Word } from "../value/word.ts";
import type { Memory } from "./memory.ts";
import { Tuples } from "./tuples.ts";

/** The choice domains of a relation: for each the keys that are taken. */
export class Choices {
  private readonly keys: readonly {
    readonly columns: readonly number[];
    readonly taken: Tuples;
  }[];

  constructor(choices: readonly (readonly number[])[], memory: Memory) {
    this.keys = choices.map((columns) => ({ columns, taken: new Tuples(columns.length, memory) }));
  }

  get memoryBytes(): number {
    return this.keys.reduce((sum, { taken }) => sum + taken.memoryBytes, 0);
  }

  /** Takes the keys of a tuple and returns true; takes none and returns false where one is taken
   * already. */
  take(tuple: ArrayLike<Word>): boolean {
    const keyed = this.keys.map(({ columns, taken }) => ({
      key: columns.map((column) => tuple[column]!),
      taken,
    }));
    if (keyed.some(({ key, taken }) => taken.has(key))) return false;
    for (const { key, taken } of keyed) taken.insert(key);
    return true;
  }

  /** Has no key taken. */
  clear(): void {
    for (const { taken } of this.keys) taken.clear();
  }
}
