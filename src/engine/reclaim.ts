import { LiveWords } from "../value/live-words.ts";
import type { Values } from "../value/values.ts";

/** When values that nobody holds any more are given up. A pass costs what is live, and the tables
 * of values; so it waits until it may well give back as much. */
export type ReclaimRules = {
  /** Values that take fewer bytes are left alone. */
  readonly bytesMin: number;
  /** A pass is due when they take so many bytes more than the last one left, and this many times
   * as many more, */
  readonly growth: number;
  /** or when since then so many tuples went for each that there is. */
  readonly gone: number;
};

/** The rules for those who have no reason for others. */
export const reclaimRules: ReclaimRules = { bytesMin: 16 << 20, growth: 1, gone: 1 };

/** Shows the words that somebody holds. */
export type ShowWords = (live: LiveWords) => void;

/** Passes that give up values, between evaluations that follow each other. Words stay what they
 * are: rows, indexes and code have not to be changed for it. What is copied are the bytes of
 * symbols that lie among those of others which are gone. */
export class Reclaiming {
  private readonly values: Values;
  private readonly rules: ReclaimRules;
  /** The bytes of values that the last pass left. */
  private left: number;
  /** How many tuples went since. */
  private gone = 0;

  constructor(values: Values, rules: ReclaimRules) {
    this.values = values;
    this.rules = rules;
    this.left = values.heldBytes;
  }

  /** Takes note that tuples went. */
  note(gone: number): void {
    this.gone += gone;
  }

  /** Whether a pass may give back enough, where there are so many tuples. */
  due(tuples: () => number): boolean {
    const { bytesMin, growth, gone } = this.rules;
    const held = this.values.heldBytes;
    if (held < bytesMin) return false;
    if (held - this.left >= Math.max(bytesMin, growth * this.left)) return true;
    return this.gone > 0 && this.gone >= gone * tuples();
  }

  /** Gives up the values that nobody shows. */
  pass(shown: Iterable<ShowWords>): void {
    const live = new LiveWords(this.values);
    for (const show of shown) show(live);
    this.values.keep(live);
    this.left = this.values.heldBytes;
    this.gone = 0;
  }
}
