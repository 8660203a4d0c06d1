import type { Word } from "../value/word.ts";

/** A step of a way from an element of an equivalence to another: a row of its pairs, taken from its
 * second word to its first if `reversed`. */
export type PairStep = { readonly row: number; readonly reversed: boolean };

/** The equivalence that pairs make of their words as they come one after the other: two elements
 * are in one class from the row on that joined them. */
export class Closure {
  private readonly left: Int32Array;
  private readonly right: Int32Array;
  private readonly size: number;
  /** A tree of the joins: for each element the one that it was put under, and by which row. */
  private readonly above = new Map<Word, { readonly element: Word; readonly row: number }>();
  private readonly sizes = new Map<Word, number>();
  private readonly since = new Map<Word, number>();
  private readonly steps = new Map<Word, number[]>();

  constructor(left: Int32Array, right: Int32Array, size: number) {
    this.left = left;
    this.right = right;
    this.size = size;
    for (let row = 0; row < size; row++) this.add(row);
  }

  /** The row that made `a` and `b` equivalent; undefined where none did. */
  rowOf(a: Word, b: Word): number | undefined {
    if (a === b) return this.since.get(a);
    // Rows only grow on the way up, so the lower of two elements is the one whose row is less.
    let [one, other, latest] = [a, b, -1];
    while (one !== other) {
      const [up, across] = [this.above.get(one), this.above.get(other)];
      if (up === undefined && across === undefined) return undefined;
      if (across === undefined || (up !== undefined && up.row < across.row)) {
        latest = Math.max(latest, up!.row);
        one = up!.element;
      } else {
        latest = Math.max(latest, across.row);
        other = across.element;
      }
    }
    return latest;
  }

  /** The elements of the class of `a`, itself first; none where no pair has it. */
  classOf(a: Word): readonly Word[] {
    if (!this.since.has(a)) return [];
    const found = new Set([a]);
    for (const one of found) for (const { other } of this.next(one, this.size)) found.add(other);
    return [...found];
  }

  /** All elements. */
  get elements(): Iterable<Word> {
    return this.since.keys();
  }

  /** A shortest way from `a` to `b` over rows before `rows`; from an element to itself, a pair that
   * it is in. */
  way(a: Word, b: Word, rows: number): readonly PairStep[] {
    if (a === b) {
      const row = this.since.get(a)!;
      return [{ row, reversed: this.left[row] !== a }];
    }
    const from = new Map<Word, { readonly step: PairStep; readonly from: Word } | undefined>();
    from.set(a, undefined);
    for (const one of from.keys()) {
      if (one === b) break;
      for (const { other, step } of this.next(one, rows))
        if (!from.has(other)) from.set(other, { step, from: one });
    }
    const steps: PairStep[] = [];
    for (let back = from.get(b); back !== undefined; back = from.get(back.from))
      steps.unshift(back.step);
    return steps;
  }

  private *next(
    a: Word,
    rows: number,
  ): Generator<{ readonly other: Word; readonly step: PairStep }> {
    for (const row of this.steps.get(a) ?? []) {
      if (row >= rows) return;
      const reversed = this.left[row] !== a;
      yield { other: (reversed ? this.left : this.right)[row]!, step: { row, reversed } };
    }
  }

  private add(row: number): void {
    const [a, b] = [this.left[row]!, this.right[row]!];
    for (const one of new Set([a, b])) {
      if (!this.since.has(one)) this.since.set(one, row);
      const steps = this.steps.get(one);
      if (steps === undefined) this.steps.set(one, [row]);
      else steps.push(row);
    }
    const [one, other] = [this.root(a), this.root(b)];
    if (one === other) return;
    const [sizeOf, sizeOther] = [this.sizes.get(one) ?? 1, this.sizes.get(other) ?? 1];
    const [top, below] = sizeOf < sizeOther ? [other, one] : [one, other];
    this.above.set(below, { element: top, row });
    this.sizes.set(top, sizeOf + sizeOther);
  }

  private root(of: Word): Word {
    let at = of;
    for (let up = this.above.get(at); up !== undefined; up = this.above.get(at)) at = up.element;
    return at;
  }
}
