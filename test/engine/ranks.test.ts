import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { Memory } from "../../src/engine/memory.ts";
import { Ranks } from "../../src/engine/ranks.ts";

const seed = Number(process.env["SEED"] ?? 20261121);

describe(`the ranks of rows (SEED=${seed})`, () => {
  it("ascend as rows come and are raised, however many there were, and when rows go", () => {
    const next = random(seed);
    const ranks = new Ranks(new Memory(), 60);
    let model: number[] = [];
    for (let step = 0; step < 2000; step++) {
      const choice = next.below(20);
      if (choice === 0 || model.length > 40) {
        const kept = [...model].sort((a, b) => a - b).filter(() => next.chance(0.4));
        for (const [to, row] of kept.entries()) ranks.move(row, to);
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
      expect(new Set(model.map((row) => ranks.array[row]!)).size).to.equal(model.length);
    }
  });
});
