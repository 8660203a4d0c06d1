import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { compile } from "../../src/compile.ts";
import { Database } from "../../src/engine/database.ts";
import { groupRowsOf } from "../../src/engine/group-rows.ts";

const seed = Number(process.env["SEED"] ?? 20261121);

function databaseOf(text: string): Database {
  const { compiled } = compile(text, { domain: 32 });
  return new Database(compiled!.plan);
}

describe(`the mean size of groups (SEED=${seed})`, () => {
  it("is counted to within a few percent, for one column and for several", () => {
    const next = random(seed);
    const database = databaseOf(".decl r(key: number, of7: number, few: number)");
    const [relation] = database.relations;
    const rows = 70_000;
    for (let key = 0; key < rows; key++)
      relation!.insert([(key * 7919) | 0, (key / 7) | 0, next.below(10)]);
    const groups = groupRowsOf(database);
    expect(groups(0, [0])).to.be.closeTo(1, 0.05);
    expect(groups(0, [1])).to.be.closeTo(7, 0.35);
    expect(groups(0, [2])).to.be.closeTo(rows / 10, rows / 200);
    // Seven rows over ten values leave 5.2 of them, in the mean.
    expect(groups(0, [1, 2])).to.be.closeTo(7 / (10 * (1 - 0.9 ** 7)), 0.1);
  });

  it("is taken for that of one class, of an equivalence", () => {
    const database = databaseOf(".decl same(a: number, b: number) eqrel");
    const groups = groupRowsOf(database);
    expect(groups(0, [0])).to.equal(0);
    for (const b of [1, 2]) database.relations[0]!.insert([0, b]);
    expect([groups(0, [0]), groups(0, [1])]).to.deep.equal([3, 3]);
  });

  it("is counted again when the relation has grown", () => {
    const database = databaseOf(".decl r(a: number, b: number)");
    const [relation] = database.relations;
    const groups = groupRowsOf(database);
    expect(groups(0, [0])).to.equal(0);
    for (let b = 0; b < 50; b++) relation!.insert([b, b]);
    expect(groups(0, [0])).to.be.closeTo(1, 0.05);
    for (let b = 0; b < 50; b++) relation!.insert([b, b + 1]);
    expect(groups(0, [0])).to.be.closeTo(2, 0.1);
  });
});
