import { expect } from "chai";

import { Partitions } from "../../src/calvin/partitions.ts";

describe("sets of partitions", () => {
  for (const count of [3, 12, 13, 40])
    it(`have each once and in ascending order, of ${count}`, () => {
      const partitions = new Partitions(count, []);
      const last = count - 1;
      expect(partitions.setOf([])).to.deep.equal([]);
      expect(partitions.setOf([last, 1, last, 0, 1])).to.deep.equal([0, 1, last]);
      expect(partitions.setOf([1, 0, last])).to.deep.equal([0, 1, last]);
      expect(partitions.setOf([last])).to.deep.equal([last]);
    });
});
