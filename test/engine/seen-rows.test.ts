import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { SeenRows } from "../../src/engine/seen-rows.ts";

const seed = Number(process.env["SEED"] ?? 20261121);

describe(`rows that were seen (SEED=${seed})`, () => {
  it("count once, in one call or in several", () => {
    const seen = new SeenRows();
    seen.begin(100);
    seen.add(Int32Array.of(3, 99, 3, 0, 32, 31));
    expect(seen.count).to.equal(5);
    seen.add(Int32Array.of(32, 64));
    expect(seen.count).to.equal(6);
    seen.add(new Int32Array(0));
    expect(seen.count).to.equal(6);
  });

  it("are forgotten at every beginning, whether they were few or many, of few rows or many", () => {
    const next = random(seed);
    const seen = new SeenRows();
    for (const size of [64, 64, 1000, 1000, 300, 5000, 10, 5000, 5001, 10_001, 20_000]) {
      seen.begin(size);
      expect(seen.count).to.equal(0);
      const model = new Set<number>();
      // From a few rows of many to each of them several times.
      for (let time = next.pick([1, 4, 60]); time > 0; time--) {
        const rows = Int32Array.from({ length: next.below(size / 4) + 1 }, () => next.below(size));
        seen.add(rows);
        for (const row of rows) model.add(row);
        expect(seen.count).to.equal(model.size);
      }
      seen.add(Int32Array.of(size - 1));
      expect(seen.count).to.equal(model.add(size - 1).size);
    }
  });

  it("are all forgotten where each call brought one", () => {
    const seen = new SeenRows();
    for (let time = 0; time < 3; time++) {
      seen.begin(4096);
      for (let row = 0; row < 100; row++) seen.add(Int32Array.of(40 * row));
      expect(seen.count).to.equal(100);
    }
  });
});
