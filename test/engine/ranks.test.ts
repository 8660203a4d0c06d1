import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { Memory } from "../../src/engine/memory.ts";
import { Ranks } from "../../src/engine/ranks.ts";
import { relationOfNumbers } from "../support/relations.ts";

const seed = Number(process.env["SEED"] ?? 20261121);

describe(`the ranks of rows (SEED=${seed})`, () => {
  it("ascend as rows come and are raised, and are the places of rows once some have gone", () => {
    const next = random(seed);
    const memory = new Memory();
    const relation = relationOfNumbers(2, memory);
    const { tuples } = relation;
    const rowOf = (word: number): number => relation.rowOf([word, -word]);
    const rankOf = (word: number): number => tuples.rankOf.of(rowOf(word));
    let model: number[] = [];
    let words = 0;
    for (let step = 0; step < 3000; step++) {
      const choice = next.below(20);
      if (choice === 0 || model.length > 1500) {
        const share = next.pick([0.1, 0.7]);
        for (const word of model) if (next.chance(share)) relation.remove(rowOf(word));
        model = model.filter((word) => relation.has([word, -word]));
        relation.mark();
      } else if (choice < 8) {
        for (let count = next.below(90); count > 0; count--) {
          model.push(++words);
          relation.insert([words, -words]);
        }
        relation.show(true);
        relation.mark();
      } else if (model.length > 0) {
        tuples.rank();
        const rows = [next.pick(model)];
        const { size } = tuples;
        tuples.raise(rows.map(rowOf));
        expect(tuples.from, "what was shown is").to.equal(tuples.size);
        expect(rankOf(rows[0]!)).to.equal(size);
        model = [...model.filter((one) => one !== rows[0]), ...rows];
      }
      if (step % 10 > 0) continue;
      const ranks = model.map(rankOf);
      expect(ranks, `step ${step}`).to.deep.equal([...new Set(ranks)].toSorted((a, b) => a - b));
      for (const word of model) expect(rankOf(word)).to.be.at.least(rowOf(word));
      expect(relation.size).to.equal(model.length);
      expect(relation.memoryBytes).to.equal(memory.bytes);
    }
    expect(words).to.be.greaterThan(20_000);
  });

  it("may be the same of rows that are raised together, which are in any order then", () => {
    const ranks = new Ranks(new Memory());
    ranks.cover(7);
    for (const row of [0, 2]) ranks.raise(row, 6);
    ranks.raise(1, 4);
    expect([...ranks.ordered(7)].filter((row) => row < 4)).to.deep.equal([3, 1, 0, 2]);
    ranks.clear();
    expect(ranks.some).to.equal(false);
    expect([...ranks.ordered(3)]).to.deep.equal([0, 1, 2]);
  });

  it("take memory while rows can be raised, and begin anew when they are forgotten", () => {
    const memory = new Memory();
    const ranks = new Ranks(memory);
    ranks.cover(96);
    expect(ranks.memoryBytes, "a word for each row, and a bit").to.equal(4 * (96 + 3));
    ranks.cover(97);
    expect(ranks.memoryBytes, "it doubles").to.equal(8 * (96 + 3));
    expect(memory.bytes).to.equal(ranks.memoryBytes);
    ranks.raise(96, 120);
    expect([95, 96].map((row) => ranks.of(row))).to.deep.equal([95, 120]);
    ranks.release();
    expect([ranks.of(96), ranks.some, ranks.memoryBytes, memory.bytes]).to.deep.equal([
      ...[96, false, 0, 0],
    ]);
  });
});
