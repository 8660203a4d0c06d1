import { expect } from "chai";

import { random, type Random } from "../../src/base/random.ts";
import { hash2, shiftOf } from "../../src/codegen/hash.ts";
import { least } from "../../src/codegen/store.ts";
import { blockDensity, BlocksOfPairs } from "../../src/engine/blocks-set.ts";
import { Memory } from "../../src/engine/memory.ts";

const seed = Number(process.env["SEED"] ?? 20261121);

describe(`a set of pairs in blocks (SEED=${seed})`, () => {
  /** How second words may lie: many to a block, or one; below zero, too. */
  const seconds: Record<string, (next: Random) => number> = {
    "close to each other": (next) => next.below(200) - 100,
    "far from each other": (next) => (next.below(60) << 26) + next.below(2),
    "at the ends of what there is": (next) => next.pick([least, -1, 0, 0x7fffffff, 31, 32, 63, 64]),
  };
  for (const [name, second] of Object.entries(seconds))
    it(`knows which are in while they come and go: second words ${name}`, () => {
      const next = random(seed);
      const memory = new Memory();
      const set = new BlocksOfPairs(memory);
      const model = new Set<string>();
      const blocks = new Set<string>();
      for (let step = 0; step < 3000; step++) {
        const [a, b] = [next.below(30) - 15, second(next)];
        const pair = Int32Array.of(a, b);
        const key = pair.join();
        expect(set.has(pair), key).to.equal(model.has(key));
        if (next.chance(0.3)) {
          if (model.delete(key)) set.remove(pair);
        } else {
          expect(set.add(pair), key).to.equal(!model.has(key));
          model.add(key);
          blocks.add(`${a} ${b >>> 6}`);
        }
        // A block that is empty keeps its slot.
        expect(set.blocks).to.equal(blocks.size);
        expect(set.rowsMax).to.equal(set.free > 0 ? Infinity : 0);
        if (set.free === 0) set.grow();
        expect(memory.bytes).to.equal(set.memoryBytes);
        if (step % 1000 !== 999) continue;
        expect(set.shift).to.equal(shiftOf(set.table.length / 4));
        for (const tuple of model) expect(isLaidOut(set, tuple), tuple).to.equal(true);
        set.clear();
        for (const tuple of model)
          expect(set.has(Int32Array.from(tuple.split(",").map(Number)))).to.equal(false);
        model.clear();
        blocks.clear();
        expect(set.blocks).to.equal(0);
      }
      set.release();
      expect(memory.bytes).to.equal(0);
    });

  it("has room for the blocks that it is made for, and no more than it needs", () => {
    for (const blocks of [0, 9, 10, 100, 614, 615]) {
      const set = new BlocksOfPairs(new Memory(), blocks);
      const slots = set.table.length / 4;
      expect(set.free).to.equal(Math.floor(0.6 * slots));
      expect(0.6 * slots, `${blocks} blocks`).to.be.above(blocks);
      if (slots > 16) expect(0.3 * slots).to.be.at.most(blocks);
    }
  });

  it("is the same where its memory is shared", () => {
    const memory = new Memory();
    const set = new BlocksOfPairs(memory);
    set.add(Int32Array.of(1, 2));
    set.share();
    expect(memory.addressOf(set.table)).to.be.a("number");
    expect(set.has(Int32Array.of(1, 2))).to.equal(true);
  });
});

describe("how many pairs share a block on average", () => {
  const densityOf = (size: number, pair: (row: number) => readonly [number, number]): number => {
    const pairs = Array.from({ length: size }, (_, row) => pair(row));
    return blockDensity(
      [0, 1].map((at) => Int32Array.from(pairs, (of) => of[at]!)),
      size,
    );
  };

  it("is counted where they are few", () => {
    expect(densityOf(0, () => [0, 0])).to.equal(0);
    expect(densityOf(1, () => [5, -1])).to.equal(1);
    expect(densityOf(640, (row) => [3, row])).to.equal(64);
    expect(densityOf(640, (row) => [row, 3])).to.equal(1);
    expect(densityOf(1000, (row) => [row >> 1, 32 * (row & 1)])).to.equal(2);
    expect(densityOf(1 << 14, (row) => [row >> 3, row & 7])).to.equal(8);
  });

  it("is found in a part of the blocks where they are many, and each of these as a whole", () => {
    for (const size of [(1 << 14) + 2, 1 << 15, 200_000])
      expect(densityOf(size & ~1, (row) => [row >> 1, row & 1])).to.equal(2);
    expect(densityOf(200_000, (row) => [row >> 4, 64 * (row & 15)])).to.equal(1);
  });

  it("is found where all blocks are in that part, which are then more than were expected", () => {
    const rows = 1 << 16;
    const firsts: number[] = [];
    for (let a = 0; firsts.length < rows; a++) if (((hash2(a, 1) >>> 6) & 3) === 0) firsts.push(a);
    expect(densityOf(rows, (row) => [firsts[row]!, 0])).to.equal(1);
  });
});

/** Whether a pair is where generated code looks for it. */
function isLaidOut({ table, shift, mask }: BlocksOfPairs, pair: string): boolean {
  const [a = 0, b = 0] = pair.split(",").map(Number);
  const block = (b >>> 6) + 1;
  let slot = (hash2(a, block) >>> shift) << 2;
  while (table[slot + 1] !== 0 && (table[slot] !== a || table[slot + 1] !== block))
    slot = (slot + 4) & mask;
  return ((table[slot + 2 + ((b >>> 5) & 1)]! >>> (b & 31)) & 1) === 1;
}
