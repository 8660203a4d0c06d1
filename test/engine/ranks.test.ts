import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { Memory } from "../../src/engine/memory.ts";
import { Ranks } from "../../src/engine/ranks.ts";

const seed = Number(process.env["SEED"] ?? 20261121);

describe(`the ranks of rows (SEED=${seed})`, () => {
  it("ascend as rows come and are raised, however many there were, and when rows go", () => {
    const next = random(seed);
    const ranksMax = 60;
    const ranks = new Ranks(new Memory(), ranksMax);
    let model: number[] = [];
    for (let step = 0; step < 2000; step++) {
      const choice = next.below(20);
      if (choice === 0 || model.length > 40) {
        const kept = [...model].sort((a, b) => a - b).filter(() => next.chance(0.4));
        for (const [to, row] of kept.entries()) ranks.move(row, to);
        // What is not ranked yet takes nothing along.
        ranks.move(model.length, kept.length);
        ranks.ranked = kept.length;
        model = model.filter((row) => kept.includes(row)).map((row) => kept.indexOf(row));
      } else if (choice < 5) {
        const size = model.length + next.below(5);
        ranks.cover(size);
        while (model.length < size) model.push(model.length);
      } else if (model.length > 0) {
        const row = next.pick(model);
        ranks.raise(row);
        model = [...model.filter((one) => one !== row), row];
      }
      const byRank = [...model].sort((a, b) => ranks.array[a]! - ranks.array[b]!);
      expect(byRank, `step ${step}`).to.deep.equal(model);
      const taken = model.map((row) => ranks.array[row]!);
      expect(new Set(taken).size).to.equal(model.length);
      expect(Math.max(-1, ...taken), `step ${step}`).to.be.below(ranksMax);
      expect(ranks.ranked).to.equal(model.length);
    }
  });

  it("stay as they are while there is room, down to the last one", () => {
    const ranks = new Ranks(new Memory(), 6);
    const ranked = (): number[] => [...ranks.array.subarray(0, ranks.ranked)];
    ranks.cover(3);
    ranks.cover(2);
    expect(ranked()).to.deep.equal([0, 1, 2]);
    ranks.raise(0);
    ranks.cover(5);
    expect(ranked()).to.deep.equal([3, 1, 2, 4, 5]);
    ranks.raise(1);
    expect(ranked(), "numbered without gaps").to.deep.equal([2, 5, 1, 3, 4]);
  });

  it("take memory while there are any, and begin anew when they are forgotten", () => {
    const memory = new Memory();
    const ranks = new Ranks(memory);
    ranks.cover(100);
    expect(ranks.memoryBytes).to.equal(400);
    ranks.cover(101);
    expect(ranks.memoryBytes, "it doubles").to.equal(800);
    expect(memory.bytes).to.equal(800);
    ranks.clear();
    expect([ranks.ranked, ranks.memoryBytes, memory.bytes]).to.deep.equal([0, 0, 0]);
    ranks.cover(2);
    expect([...ranks.array]).to.deep.equal([0, 1]);
    ranks.release();
    expect(memory.bytes).to.equal(0);
  });
});
