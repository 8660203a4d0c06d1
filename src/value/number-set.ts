/** A set of whole numbers below a bound, a bit for each. */
export class NumberSet {
  private readonly words: Int32Array;

  constructor(bound: number) {
    this.words = new Int32Array((bound + 31) >> 5);
  }

  /** Whether a number is in; none at or above the bound is. */
  has(one: number): boolean {
    return ((this.words[one >> 5]! >>> (one & 31)) & 1) !== 0;
  }

  /** Puts a number below the bound in; returns whether it was not. */
  add(one: number): boolean {
    const before = this.words[one >> 5]!;
    const after = before | (1 << (one & 31));
    this.words[one >> 5] = after;
    return after !== before;
  }
}
