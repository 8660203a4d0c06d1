import { expect } from "chai";

import { random, type Random } from "../../src/base/random.ts";
import { least } from "../../src/codegen/store.ts";
import { Memory } from "../../src/engine/memory.ts";
import { TableOfTuples } from "../../src/engine/table-set.ts";

const seed = Number(process.env["SEED"] ?? 20261121);
const rowsMost = 4000;

/** A table of tuples with their rows, as `Tuples` has them, and what is in by a `Map`. */
class Rows {
  readonly memory = new Memory();
  readonly columns: Int32Array[];
  readonly table: TableOfTuples;
  readonly model = new Map<string, number>();
  size = 0;

  constructor(arity: number, rows = 0) {
    this.columns = Array.from({ length: arity }, () => new Int32Array(rowsMost));
    this.table = new TableOfTuples(this.columns, this.memory, rows);
  }

  /** Adds a tuple as the next row, once there is room for it. */
  add(tuple: Int32Array): void {
    const { table, size, model, columns } = this;
    if (size + 1 >= table.rowsMax) table.grow();
    for (const [at, word] of tuple.entries()) columns[at]![size] = word;
    expect(table.add(tuple, size), tuple.join()).to.equal(!model.has(tuple.join()));
    if (model.has(tuple.join())) return;
    model.set(tuple.join(), size);
    this.size++;
  }

  remove(tuple: Int32Array): void {
    const row = this.model.get(tuple.join());
    if (row === undefined) return;
    this.table.remove(tuple, row);
    this.model.delete(tuple.join());
  }

  /** Of some tuples the table knows which are in. */
  check(tuples: Iterable<Int32Array>): void {
    for (const tuple of tuples)
      if (this.table.has(tuple) !== this.model.has(tuple.join()))
        expect.fail(`${tuple.join()} is ${this.model.has(tuple.join()) ? "" : "not "}in`);
  }
}

describe(`a table of tuples (SEED=${seed})`, () => {
  for (let arity = 1; arity <= 4; arity++) {
    // Few words, so that tuples come again, and the one among them that looks like an empty slot.
    const words = [0, 1, -1, least, least + 1, 0x7fffffff, 5, 6, 7].slice(
      0,
      [0, 9, 9, 5, 4][arity],
    );
    const all = tuplesOf(words, arity);
    const far = (next: Random): Int32Array =>
      Int32Array.from({ length: arity }, () => next.below(2 ** 32) | 0);

    it(`knows which are in while they come and go: arity ${arity}`, () => {
      const next = random(seed + arity);
      for (const rows of [0, 500]) {
        const of = new Rows(arity, rows);
        for (let step = 0; step < 1500; step++) {
          const tuple = next.chance(0.9) ? next.pick(all) : far(next);
          if (next.chance(step % 500 < 250 ? 0.2 : 0.6)) of.remove(tuple);
          else of.add(tuple);
          if (step % 50 === 0) of.check(all);
        }
        of.check(all);
        for (const key of [...of.model.keys()]) {
          of.remove(Int32Array.from(key.split(",").map(Number)));
          of.check(all);
        }
        expect([...of.table.table].every((word) => word === 0)).to.equal(true);
        expect(of.memory.bytes).to.equal(of.table.memoryBytes);
      }
    });

    it(`forgets all when it is cleared, and keeps all when it is shared: arity ${arity}`, () => {
      const of = new Rows(arity);
      for (const tuple of all.slice(0, 15)) of.add(tuple);
      of.add(Int32Array.from({ length: arity }, (_, at) => (at === 0 ? least : 0)));
      of.table.share();
      expect(of.memory.addressOf(of.table.table)).to.be.a("number");
      of.check(all);
      of.table.clear();
      of.model.clear();
      of.check(all);
      of.table.release();
      expect(of.memory.bytes).to.equal(0);
    });

    it(`makes room for all that is to come at once, and keeps what is in: arity ${arity}`, () => {
      const next = random(seed - arity);
      for (const rows of [0, 22, 23, 24, 47, 48, 100, 3000]) {
        const of = new Rows(arity);
        for (const tuple of all.slice(0, 9)) of.add(tuple);
        of.table.reserve(rows);
        of.check(all);
        const slots = of.table.table.length / (arity === 1 ? 1 : 2);
        expect(of.table.rowsMax).to.equal(0.75 * slots);
        expect(of.table.rowsMax, `${rows} rows`).to.be.above(rows);
        if (slots > 32) expect(0.75 * (slots / 2)).to.be.below(rows + 1);
        // What it is made for, if it is made so.
        const made = new TableOfTuples(of.columns, of.memory, rows);
        expect(made.table.length).to.equal(of.table.table.length);
        expect([made.mask, made.shift]).to.deep.equal([of.table.mask, of.table.shift]);
        while (of.size + 1 < of.table.rowsMax) of.add(far(next));
        of.check(all);
        of.table.grow();
        of.check(all);
        expect(of.table.rowsMax).to.equal(1.5 * slots);
        expect(of.memory.bytes).to.equal(of.table.memoryBytes + made.memoryBytes);
      }
    });
  }

  it("reads ahead where searches for rows will start, once it is large, and no other slots", () => {
    for (let arity = 1; arity <= 3; arity++) {
      const [small, large] = [new Rows(arity), new Rows(arity, 200_000)];
      const columns = Array.from({ length: arity }, () => Int32Array.of(7, 8, 9, 10));
      const first = arity < 3 ? 9 ^ least : 1;
      for (const of of [small, large]) of.add(new Int32Array(arity).fill(9));
      const fetched = ({ table }: Rows, from: number, to: number): number => {
        table.fetch(columns, from, to);
        return table.fetched;
      };
      expect([fetched(large, 1, 4), fetched(large, 2, 3)]).to.deep.equal([first, first]);
      expect([fetched(large, 0, 2), fetched(large, 3, 4)]).to.deep.equal([0, 0]);
      expect(fetched(small, 0, 4)).to.equal(0);
    }
  });

  it("takes pairs of columns in, those that are new as rows", () => {
    const of = new Rows(2, 100);
    const [first, second] = [Int32Array.of(9, 1, 1, 2, 1, 8), Int32Array.of(9, 5, 6, 5, 5, 8)];
    of.add(Int32Array.of(2, 5));
    expect(of.table.addPairs([first, second], 1, 5, 1)).to.equal(3);
    expect([...of.columns[0]!.subarray(0, 4)]).to.deep.equal([2, 1, 1, 0]);
    expect([...of.columns[1]!.subarray(0, 4)]).to.deep.equal([5, 5, 6, 0]);
    expect(of.table.has(Int32Array.of(9, 9))).to.equal(false);
    expect(of.table.has(Int32Array.of(8, 8))).to.equal(false);
    expect(of.table.has(Int32Array.of(1, 6))).to.equal(true);
  });
});

/** All tuples of some words. */
function tuplesOf(words: readonly number[], arity: number): Int32Array[] {
  if (arity === 0) return [new Int32Array(0)];
  return tuplesOf(words, arity - 1).flatMap((rest) =>
    words.map((word) => Int32Array.of(word, ...rest)),
  );
}
