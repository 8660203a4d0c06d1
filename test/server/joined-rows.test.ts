import { expect } from "chai";

import { understand } from "../../src/understand.ts";
import { JoinedRows } from "../../src/server/joined-rows.ts";

describe("rows of several nodes", () => {
  const { program } = understand(`
    .decl near(x: number, y: number, d: Min<>)
    .decl edge(x: number, y: number)
    .input edge
    near(x, y, 1) :- edge(x, y).
    .output near`);

  it("are one for each key: the least that is above all", () => {
    if (program === undefined) throw new Error("the program has no mistakes");
    const rows = new JoinedRows(program, {});
    const near = program.relations.findIndex(({ name }) => name === "near");
    expect(
      rows.of(near, [
        [1n, 2n, 5n],
        [1n, 3n, 4n],
        [1n, 2n, 3n],
        [1n, 2n, 9n],
      ]),
    ).to.deep.equal([
      [1n, 2n, 3n],
      [1n, 3n, 4n],
    ]);
    const edge = program.relations.findIndex(({ name }) => name === "edge");
    const pair = [1n, 2n];
    expect(rows.of(edge, [pair, [2n, 1n], [1n, 2n]])).to.deep.equal([pair, [2n, 1n]]);
  });
});
