/** A source of numbers that looks random and is a function of its seed alone: the same seed gives
 * the same numbers on every machine. Not for secrets. */
export type Random = {
  /** A number in [0, 1) with 32 random bits. */
  readonly next: () => number;
  /** An integer in [0, bound); `bound` is in [1, 2^32]. */
  readonly below: (bound: number) => number;
  /** An integer in [low, high], both included. */
  readonly between: (low: number, high: number) => number;
  /** True with the given probability. */
  readonly chance: (probability: number) => boolean;
  /** One of `items`, which is not empty. */
  readonly pick: <T>(items: readonly T[]) => T;
  /** A copy of `items` in random order. */
  readonly shuffled: <T>(items: readonly T[]) => T[];
};

/** Returns a generator (sfc32, started by splitmix32) for a seed: the low 32 bits of an integer. */
export function random(seed: number): Random {
  let state = seed | 0;
  const start = (): number => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return mixed ^ (mixed >>> 15);
  };
  let [a, b, c, counter] = [start(), start(), start(), 1];

  const bits = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return sum >>> 0;
  };
  // The first numbers of seeds that are near each other are still alike.
  for (let at = 0; at < 12; at++) bits();

  const next = (): number => bits() / 0x100000000;
  const below = (bound: number): number => Math.floor(next() * bound);
  const pick = <T>(items: readonly T[]): T => items[below(items.length)] as T;
  return {
    next,
    below,
    between: (low, high) => low + below(high - low + 1),
    chance: (probability) => next() < probability,
    pick,
    shuffled: (items) => {
      const copy = [...items];
      for (let at = copy.length - 1; at > 0; at--) {
        const other = below(at + 1);
        [copy[at], copy[other]] = [copy[other] as (typeof copy)[0], copy[at] as (typeof copy)[0]];
      }
      return copy;
    },
  };
}
