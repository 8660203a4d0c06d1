// Sets of numbers as ranges: what is gone of an origin.

/** Numbers of facts as ranges that neither touch nor overlap, in order: the first and the last
 * number of each, one after the other. */
export type Ranges = readonly number[];

/** By origins, the numbers of facts that are gone. Where a tombstone is among them, all that it
 * names is, too: a set of these can be joined with any other. */
export type Gone = ReadonlyMap<string, Ranges>;

/** Returns the ranges of all numbers that are in one of two sets. */
export function union(a: Ranges, b: Ranges): Ranges {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  // As long as it can be: one that grows is copied several times.
  const all = new Array<number>(a.length + b.length);
  let [atA, atB, length, last] = [0, 0, 0, -Infinity];
  while (atA < a.length || atB < b.length) {
    const first = atB >= b.length || (a[atA] ?? Infinity) <= (b[atB] ?? Infinity);
    const from = (first ? a[atA] : b[atB]) ?? 0;
    const to = (first ? a[atA + 1] : b[atB + 1]) ?? 0;
    if (first) atA += 2;
    else atB += 2;
    if (from > last + 1) {
      all[length] = from;
      length += 2;
      last = to;
    } else last = Math.max(last, to);
    all[length - 1] = last;
  }
  all.length = length;
  return all;
}

/** Returns the ranges of the numbers of `a` that are not in `b`. */
export function difference(a: Ranges, b: Ranges): Ranges {
  const left: number[] = [];
  let at = 0;
  for (let place = 0; place < a.length; place += 2) {
    let from = a[place] ?? 0;
    const to = a[place + 1] ?? 0;
    while ((b[at + 1] ?? Infinity) < from) at += 2;
    for (let other = at; from <= to; other += 2) {
      const begin = b[other] ?? Infinity;
      if (begin > to) {
        left.push(from, to);
        break;
      }
      if (begin > from) left.push(from, begin - 1);
      from = (b[other + 1] ?? to) + 1;
    }
  }
  return left;
}

/** The last number of the range that a number is in; undefined where it is in none. */
export function endOf(ranges: Ranges, number: number): number | undefined {
  let [low, high] = [0, ranges.length >> 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranges[2 * middle + 1] ?? 0) < number) low = middle + 1;
    else high = middle;
  }
  const [from, to] = [ranges[2 * low], ranges[2 * low + 1]];
  return from !== undefined && from <= number ? to : undefined;
}

/** Returns the ranges of numbers that are given as ranges in any order, mostly in theirs. */
export function rangesOf(given: readonly number[]): Ranges {
  const all: number[] = [];
  let last = -Infinity;
  for (let at = 0; at < given.length; at += 2) {
    const [from, to] = [given[at] ?? 0, given[at + 1] ?? 0];
    if (from < (all.at(-2) ?? from)) return rangesOf(sorted(given));
    if (from > last + 1) {
      all.push(from, to);
      last = to;
    } else all[all.length - 1] = last = Math.max(last, to);
  }
  return all;
}

function sorted(ranges: Ranges): Ranges {
  const pairs = Array.from({ length: ranges.length / 2 }, (_, at) =>
    ranges.slice(2 * at, 2 * at + 2),
  );
  return pairs.toSorted(([a = 0], [b = 0]) => a - b).flat();
}

/** Returns how many numbers are in ranges. */
export function countOf(ranges: Ranges): number {
  let sum = 0;
  for (let at = 0; at < ranges.length; at += 2)
    sum += (ranges[at + 1] ?? 0) - (ranges[at] ?? 0) + 1;
  return sum;
}

/** Returns all that is gone by one of two accounts. */
export function joinedGone(a: Gone, b: Gone): Gone {
  const all = new Map(a);
  for (const [origin, ranges] of b) all.set(origin, union(all.get(origin) ?? [], ranges));
  return all;
}
