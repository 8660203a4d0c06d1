import { comparePairs, type Pair, pairText } from "./pair.ts";

/** So many pairs that came in are kept beside a listing before it is given up. */
const freshMin = 10_000;

/** The pairs that there may be, in their order, for who lists them page by page: made for the first
 * page, and kept up from then on. It has no values, and may have pairs at which nothing is: those
 * who list read what is there. Where more comes in than there was, it is made anew. */
export class PairListing {
  private readonly all: () => Iterable<Pair>;
  private sorted: Pair[] | undefined;
  /** How many there were when it was made. */
  private count = 0;
  /** What has come in since, by the texts of pairs. */
  private fresh = new Map<string, Pair>();

  /** `all` gives the pairs that there may be now, in any order. */
  constructor(all: () => Iterable<Pair>) {
    this.all = all;
  }

  /** Whether there is one, which is to be told of changes. */
  get made(): boolean {
    return this.sorted !== undefined;
  }

  /** Something has changed at a pair. */
  changed(pair: Pair): void {
    if (this.sorted === undefined) return;
    this.fresh.set(pairText(pair), pair);
    if (this.fresh.size <= Math.max(freshMin, this.sorted.length)) return;
    this.sorted = undefined;
    this.fresh.clear();
  }

  /** Yields the pairs after one of them, or from the beginning; with a first key those alone that
   * have it. What comes in after the first was asked for is not among them. */
  *after(pair: Pair | undefined, k1: string | undefined): Generator<Pair> {
    const sorted = this.listed();
    const begin = k1 === undefined ? undefined : { k1, k2: "" };
    const last = later(pair, begin);
    for (let at = last === undefined ? 0 : placeAfter(sorted, last); at < sorted.length; at++) {
      const next = sorted[at];
      if (next === undefined || (k1 !== undefined && next.k1 !== k1)) return;
      yield next;
    }
  }

  private listed(): readonly Pair[] {
    const { sorted = [] } = this;
    const came = [...this.fresh.values()].filter((pair) => !isIn(sorted, pair));
    this.fresh.clear();
    const grown = sorted.length + came.length > 2 * Math.max(freshMin, this.count);
    if (this.sorted === undefined || grown) {
      this.sorted = inOrder([...this.all()]);
      this.count = this.sorted.length;
    } else if (came.length > 0) this.sorted = inOrder([...sorted, ...came]);
    return this.sorted;
  }
}

/** Returns pairs in their order, each once. What is in order already costs a look at each. */
function inOrder(pairs: Pair[]): Pair[] {
  return pairs.sort(comparePairs).filter((pair, at) => {
    const before = pairs[at - 1];
    return before === undefined || comparePairs(before, pair) !== 0;
  });
}

/** The later of two pairs, where there are any. */
function later(one: Pair | undefined, other: Pair | undefined): Pair | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return comparePairs(one, other) < 0 ? other : one;
}

/** The place of the first pair after another one. */
function placeAfter(sorted: readonly Pair[], pair: Pair): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const found = sorted[middle];
    if (found !== undefined && comparePairs(found, pair) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isIn(sorted: readonly Pair[], pair: Pair): boolean {
  const found = sorted[placeAfter(sorted, pair) - 1];
  return found !== undefined && comparePairs(found, pair) === 0;
}
