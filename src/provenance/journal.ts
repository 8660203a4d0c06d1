import type { Database } from "../engine/database.ts";
import type { LiveWords } from "../value/live-words.ts";
import type { Word } from "../value/word.ts";

/** A tuple was put in before the step, or taken out. */
type Entry = { readonly step: number; readonly words: readonly Word[]; readonly present: boolean };

const noEntries: ReadonlyMap<string, readonly Entry[]> = new Map();

/** What came and went between the steps of a node, beside its input. */
export class Journal {
  /** The number of the last step. */
  last = 0;
  private readonly input: Database;
  /** By relation and words, each in the order of the steps. */
  private readonly entries = new Map<number, Map<string, Entry[]>>();
  private readonly messages = new Map<number, number>();

  constructor(input: Database) {
    this.input = input;
  }

  /** Begins a step. The message that it receives, if there is one, was sent in step `sentIn`. */
  begin(step: number, sentIn: number | undefined): void {
    this.last = step;
    if (sentIn !== undefined) this.messages.set(step, sentIn);
  }

  /** A tuple is put in before the step that was begun, or taken out. */
  note(relation: number, words: readonly Word[], present: boolean): void {
    const of = this.entries.get(relation) ?? new Map<string, Entry[]>();
    this.entries.set(relation, of);
    const entry = { step: this.last, words, present };
    const key = words.join();
    const before = of.get(key);
    if (before === undefined) of.set(key, [entry]);
    else before.push(entry);
  }

  /** The step before which a tuple was put in that is there in `step`; undefined where that is
   * input. */
  arrival(relation: number, words: readonly Word[], step: number): number | undefined {
    const found = this.lastOf(relation, words, step);
    return found?.present === true ? found.step : undefined;
  }

  /** The step before which a tuple was taken out that is not there in the end. */
  removal(relation: number, words: readonly Word[]): number | undefined {
    const found = this.lastOf(relation, words, this.last);
    return found?.present === false ? found.step : undefined;
  }

  /** The step in which the message was sent that a step has received. */
  sentIn(step: number): number | undefined {
    return this.messages.get(step);
  }

  /** What was put into relations up to a step, and not taken out before it. */
  givenIn(step: number) {
    return (
      relation: number,
    ): { readonly columns: readonly Int32Array[]; readonly size: number } => {
      const stored = this.input.relations[relation]!;
      const columns = stored.schema.attributes.map((_, at) => stored.column(at));
      const own = this.entries.get(relation) ?? noEntries;
      if (own.size === 0) return { columns, size: stored.size };
      const rows: (readonly Word[])[] = [];
      for (let row = 0; row < stored.size; row++) {
        const words = columns.map((column) => column[row]!);
        if (!own.has(words.join())) rows.push(words);
      }
      for (const entries of own.values()) {
        const [{ words, present: first }] = entries as [Entry];
        // What is taken out first was there from the beginning.
        const present = entries.findLast((entry) => entry.step <= step)?.present ?? !first;
        if (present) rows.push(words);
      }
      return {
        columns: columns.map((_, at) => Int32Array.from(rows, (words) => words[at]!)),
        size: rows.length,
      };
    };
  }

  /** Shows the words of what came and went. */
  showWords(live: LiveWords): void {
    for (const [relation, of] of this.entries)
      for (const entries of of.values())
        for (const { words } of entries)
          live.addTuple(this.input.relations[relation]!.schema.attributes, words);
  }

  private lastOf(relation: number, words: readonly Word[], step: number): Entry | undefined {
    const entries = this.entries.get(relation)?.get(words.join());
    return entries?.findLast((entry) => entry.step <= step);
  }
}
