import { expect } from "chai";

import { doneEnding, endingOf } from "../../src/calvin/ending.ts";
import type { Row } from "../../src/calvin/transaction.ts";

describe("how a request ended", () => {
  it("is how many rows were changed, and those of relations that are told", () => {
    for (const [removed, inserted] of [
      [0, 0],
      [0, 1],
      [1, 0],
      [15, 15],
      [3, 15],
      [3, 16],
      [15, 16],
      [16, 3],
      [2, 17],
      [40, 500],
    ] as const) {
      const ended = { kind: "done", removed, inserted, told: [] };
      expect(doneEnding(removed, inserted)).to.deep.equal(ended);
      const rows = (count: number, relation: number): Row[] =>
        Array.from({ length: count }, (_, at) => ({ relation, values: [BigInt(at)] }));
      const all = { removed: rows(removed, 1), inserted: rows(inserted, 0) };
      const result = { kind: "done", ...all } as const;
      expect(endingOf(result, (relation) => relation === 1)).to.deep.equal(ended);
      expect(endingOf(result, (relation) => relation === 0)).to.deep.equal({
        ...ended,
        told: all.inserted,
      });
    }
  });

  it("is why it changed nothing", () => {
    for (const result of [
      { kind: "restart" },
      { kind: "failed", reason: "x" },
      { kind: "aborted", reason: "y" },
    ] as const)
      expect(endingOf(result, () => true)).to.deep.equal(result);
  });
});
