import { type Pair, pairText } from "./pair.ts";

/** Pairs that have changed, one after the other, and up to which change they are all that there
 * was. */
export type ChangeWindow = {
  /** Each pair once, with the number of the last change of it, in the order of these. */
  readonly changes: readonly { readonly number: number; readonly pair: Pair }[];
  readonly upTo: number;
};

/** The latest changes of a store, numbered from 1 in a life of its node. Only the keys of what
 * changed are kept: who comes back, or lags behind, is told what is there by then. */
export class ChangeLog {
  private readonly kept: number;
  private readonly latest: Pair[] = [];
  private count = 0;

  /** At least the last `kept` changes are kept. */
  constructor(kept: number) {
    this.kept = kept;
  }

  /** The number of the last change. */
  get last(): number {
    return this.count;
  }

  /** Whether all changes after the one with a number are kept. */
  has(number: number): boolean {
    return number <= this.count && number >= this.count - this.latest.length;
  }

  add(pairs: Iterable<Pair>): void {
    for (const pair of pairs) {
      this.latest.push(pair);
      this.count++;
    }
    if (this.latest.length > 2 * this.kept) this.latest.splice(0, this.latest.length - this.kept);
  }

  /** The changes after the one with a number, which are kept, of pairs that are asked for: of as
   * many of these as `most`. */
  after(number: number, most: number, asked: (pair: Pair) => boolean): ChangeWindow {
    const found = new Map<string, ChangeWindow["changes"][number]>();
    const first = this.count - this.latest.length + 1;
    let upTo = number;
    for (; upTo < this.count; upTo++) {
      const pair = this.latest[upTo + 1 - first];
      if (pair === undefined || !asked(pair)) continue;
      const text = pairText(pair);
      // What changed again goes to the end.
      if (!found.delete(text) && found.size >= most) break;
      found.set(text, { number: upTo + 1, pair });
    }
    return { changes: [...found.values()], upTo };
  }
}
