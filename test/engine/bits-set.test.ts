import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { least } from "../../src/codegen/store.ts";
import { BitsOfTuples, bytesOfBits } from "../../src/engine/bits-set.ts";
import { Memory } from "../../src/engine/memory.ts";
import type { Ranges } from "../../src/engine/ranges.ts";

const seed = Number(process.env["SEED"] ?? 20261121);

/** Ranges from `[low, high]` of each column. */
function ranges(...ends: readonly (readonly [number, number])[]): Ranges {
  return { lows: ends.map(([low]) => low), highs: ends.map(([, high]) => high) };
}

describe(`a set of tuples as bits (SEED=${seed})`, () => {
  const narrows: readonly (readonly (readonly [number, number])[])[] = [
    [[-5, 40]],
    [
      [-5, 9],
      [90, 140],
    ],
    [
      [-5, 4],
      [-1, 6],
      [least, least + 70],
    ],
  ];
  for (const narrow of narrows) {
    const arity = narrow.length;
    it(`knows which are in while they come and go, and its ranges widen: arity ${arity}`, () => {
      const next = random(seed + arity);
      const memory = new Memory();
      const columns = Array.from({ length: arity }, () => new Int32Array(4000));
      const bytesMax = 1 << 14;
      const set = new BitsOfTuples(columns, memory, ranges(...narrow), () => bytesMax);
      const model = new Map<string, number>();
      const seen = new Set<string>();
      let size = 0;
      for (let step = 0; step < 2500; step++) {
        // At first within the ranges, then around them, then anywhere.
        const more = [0, 20, 2 ** 31][Math.floor((step % 1250) / 420)]!;
        const tuple = Int32Array.from(narrow, ([low, high]) =>
          Math.max(next.between(low - more, high + more), least),
        );
        const key = tuple.join();
        expect(set.has(tuple), key).to.equal(model.has(key));
        for (const [at, word] of tuple.entries()) columns[at]![size] = word;
        if (next.chance(0.3) && model.size > 0) {
          const [other, row] = next.pick([...model]);
          const gone = Int32Array.from(other.split(",").map(Number));
          set.remove(gone, row);
          model.delete(other);
          expect(set.has(gone), other).to.equal(false);
        } else {
          expect(set.add(tuple, size), key).to.equal(!model.has(key));
          if (!model.has(key)) model.set(key, size++);
        }
        seen.add(`${set.spilled}`);
        expect(set.bits.byteLength).to.be.at.most(bytesMax);
        expect(set.memoryBytes).to.equal(memory.bytes);
        if (step % 50 === 0)
          for (const other of model.keys())
            expect(set.has(Int32Array.from(other.split(",").map(Number))), other).to.equal(true);
        if (step % 1250 !== 1249) continue;
        set.clear(size);
        expect(set.bits.every((word) => word === 0)).to.equal(true);
        expect([set.spilled, set.memoryBytes]).to.deep.equal([false, set.bits.byteLength]);
        for (const other of model.keys())
          expect(set.has(Int32Array.from(other.split(",").map(Number)))).to.equal(false);
        model.clear();
        size = 0;
      }
      expect([...seen]).to.deep.equal(["false", "true"]);
      set.share();
      expect(memory.addressOf(set.bits)).to.be.a("number");
      set.release();
      expect(memory.bytes).to.equal(0);
    });
  }

  it("is cleared by its rows where they are few, and spilled ones are among them", () => {
    const columns = [0, 1].map(() => new Int32Array(10));
    const set = new BitsOfTuples(columns, new Memory(), ranges([0, 99], [0, 999]), () => 0);
    for (const [row, pair] of [
      [0, 0],
      [99, 999],
      [100, 5],
      [50, 500],
    ].entries()) {
      columns[0]![row] = pair[0]!;
      columns[1]![row] = pair[1]!;
      expect(set.add(Int32Array.from(pair), row)).to.equal(true);
    }
    expect(set.spilled).to.equal(true);
    set.clear(4);
    expect(set.bits.every((word) => word === 0)).to.equal(true);
    expect(set.has(Int32Array.of(100, 5))).to.equal(false);
    // Where none is in, there is nothing to forget.
    set.clear(0);
    expect(set.add(Int32Array.of(0, 0), 0)).to.equal(true);
    set.clear(1);
    expect(set.has(Int32Array.of(0, 0))).to.equal(false);
  });

  it("widens its ranges by half of what they were, or less where that takes too much", () => {
    // One column from 0 to 1023; what is widened begins and ends at a multiple of 32.
    const widened = (bytesMax: number, word: number): readonly number[] => {
      const columns = [new Int32Array(10)];
      const set = new BitsOfTuples(columns, new Memory(), ranges([0, 1023]), () => bytesMax);
      set.add(Int32Array.of(5), 0);
      set.add(Int32Array.of(word), 1);
      expect([5, word, 6].map((of) => set.has(Int32Array.of(of)))).to.deep.equal([
        ...[true, true, false],
      ]);
      return set.spilled ? [] : [set.lows[0]!, set.lows[0]! + set.extents[0]!];
    };
    expect(widened(1e6, 1024)).to.deep.equal([0, 1024 + 512 + 32]);
    expect(widened(1e6, -1)).to.deep.equal([-544, 1024]);
    expect(widened(1568 / 8, 1024)).to.deep.equal([0, 1568]);
    expect(widened(1568 / 8 - 1, 1024)).to.deep.equal([0, 1024 + 128 + 32]);
    expect(widened(1184 / 8 - 1, 1024)).to.deep.equal([0, 1024 + 32 + 32]);
    expect(widened(1088 / 8 - 1, 1024)).to.deep.equal([]);
  });

  it("asks what bits may take for the rows that there are, and widens no more once one spilled", () => {
    const asked: number[] = [];
    const set = new BitsOfTuples([new Int32Array(10)], new Memory(), ranges([0, 31]), (rows) => {
      asked.push(rows);
      return 100;
    });
    expect(set.add(Int32Array.of(5), 0)).to.equal(true);
    expect(set.add(Int32Array.of(100_000), 7)).to.equal(true);
    expect(asked).to.deep.equal([7]);
    expect(set.add(Int32Array.of(33), 8)).to.equal(true);
    expect(asked).to.deep.equal([7]);
    expect(set.extents[0]).to.equal(32);
  });

  it("does not widen where there is no memory, as the old bits are there as well", () => {
    const memory = new Memory();
    const set = new BitsOfTuples([new Int32Array(10)], memory, ranges([0, 1023]), () => 1e6);
    memory.bytesMax = memory.bytes + 1064 / 8;
    set.add(Int32Array.of(1023 + 1), 0);
    expect(set.spilled).to.equal(true);
    const other = new Memory();
    const wider = new BitsOfTuples([new Int32Array(10)], other, ranges([0, 1023]), () => 1e6);
    other.bytesMax = other.bytes + 1088 / 8;
    wider.add(Int32Array.of(1024), 0);
    expect([wider.spilled, wider.extents[0]]).to.deep.equal([false, 1088]);
  });

  it("widens up to the ends of what words there are, and not beyond", () => {
    for (const [low, word] of [
      [0x7ffffe00, 0x7fffffe0],
      [least + 500, least + 10],
    ] as const) {
      const high = low + 400;
      const memory = new Memory();
      const set = new BitsOfTuples([new Int32Array(10)], memory, ranges([low, high]), () => 1e6);
      set.add(Int32Array.of(low), 0);
      set.add(Int32Array.of(word), 1);
      expect(set.spilled).to.equal(false);
      expect(set.lows[0]).to.be.at.least(least);
      expect(set.lows[0]! + set.extents[0]!).to.be.at.most(2 ** 31);
      expect([low, word, low + 1].map((of) => set.has(Int32Array.of(of)))).to.deep.equal([
        ...[true, true, false],
      ]);
    }
  });

  it("moves its bits with all columns of its prefixes", () => {
    const columns = [0, 1, 2].map(() => new Int32Array(1000));
    const set = new BitsOfTuples(columns, new Memory(), ranges([0, 3], [5, 7], [0, 63]), () => 1e6);
    const all: Int32Array[] = [];
    for (let a = 0; a < 4; a++)
      for (let b = 5; b < 8; b++)
        for (const c of [0, 31, 32, 63]) if ((a + b + c) % 3 > 0) all.push(Int32Array.of(a, b, c));
    for (const [row, tuple] of all.entries()) set.add(tuple, row);
    const held = (): number => set.bits.reduce((sum, word) => sum + bitsIn(word), 0);
    expect(held()).to.equal(all.length);
    for (const [row, far] of [
      [4, 5, 0],
      [-1, 5, 0],
      [0, 4, 0],
      [0, 20, 0],
      [0, 5, 64],
      [0, 5, -1],
    ].entries()) {
      all.push(Int32Array.from(far));
      expect(set.add(all.at(-1)!, 900 + row)).to.equal(true);
      expect(set.spilled).to.equal(false);
      for (const tuple of all) expect(set.has(tuple), tuple.join()).to.equal(true);
      expect(held()).to.equal(all.length);
    }
  });
});

describe("the bytes that bits take", () => {
  it("are an eighth of the tuples that there can be, the last column's words in groups of 32", () => {
    expect(bytesOfBits(ranges([7, 7]))).to.equal(4);
    expect(bytesOfBits(ranges([31, 32]))).to.equal(8);
    expect(bytesOfBits(ranges([-1, 31]))).to.equal(8);
    expect(bytesOfBits(ranges([0, 2], [-32, 63]))).to.equal(36);
    expect(bytesOfBits(ranges([0, 2], [5, 9], [0, 31]))).to.equal(60);
  });

  it("are infinite where there is no array for them", () => {
    expect(bytesOfBits(ranges([1, 2 ** 29], [0, 31]))).to.equal(2 ** 31);
    expect(bytesOfBits(ranges([0, 2 ** 29], [0, 31]))).to.equal(Infinity);
  });
});

function bitsIn(word: number): number {
  let bits = 0;
  for (let left = word; left !== 0; left &= left - 1) bits++;
  return bits;
}
