import { expect } from "chai";

import { Engine } from "../../src/index.ts";
import { givenDepthMax } from "../../src/library/given-rows.ts";
import { goalsKeptMax } from "../../src/library/goals.ts";
import { thrown } from "./thrown.ts";

const paths = `
  .decl edge(from: number, to: number)
  .decl path(from: number, to: number)
  edge(1, 2).
  path(x, y) :- edge(x, y).
  path(x, z) :- path(x, y), edge(y, z).
`;

describe("a database", () => {
  it("derives what follows from facts that come, and takes it back when they go", () => {
    const database = Engine.compile(paths).open();
    expect(database.insert("edge", [{ from: 2, to: 3n }, [3, 4], [2, 3]])).to.equal(2);
    expect(database.size("path")).to.equal(6);
    expect(database.has("path", [1, 4])).to.equal(true);
    expect(
      database.remove("edge", [
        [2, 3],
        [7, 8],
      ]),
    ).to.equal(1);
    expect(database.rows("path")).to.deep.equal([
      { from: 1n, to: 2n },
      { from: 3n, to: 4n },
    ]);
    expect(database.has("path", { from: 1, to: 4 })).to.equal(false);
  });

  it("keeps what the text states", () => {
    const database = Engine.compile(paths).open();
    expect(database.remove("edge", [[1, 2]])).to.equal(0);
    expect(database.size("edge")).to.equal(1);
  });

  it("holds facts that were inserted into what rules derive", () => {
    const database = Engine.compile(paths).open();
    database.insert("path", [
      [1, 2],
      [8, 9],
    ]);
    expect(database.size("path")).to.equal(2);
    database.remove("path", [[8, 9]]);
    expect(database.rows("path")).to.deep.equal([{ from: 1n, to: 2n }]);
  });

  it("gives rows in value order, whatever order they came in", () => {
    const engine = Engine.compile(".decl r(x: number, y: symbol)");
    const rows: [number, string][] = [
      [3, "a"],
      [-1, "z"],
      [3, "Z"],
      [20, ""],
    ];
    const one = engine.run({ r: rows });
    expect(one.rows("r")).to.deep.equal(engine.run({ r: rows.toReversed() }).rows("r"));
    expect(one.rows("r").map(({ x, y }) => `${x as bigint}${y as string}`)).to.deep.equal([
      ...["-1z", "3Z", "3a", "20"],
    ]);
    expect(one.query("r(x, _y), x != 20")).to.deep.equal([{ x: -1n }, { x: 3n }]);
  });

  it("answers goals with negation, aggregates and disjunction", () => {
    const database = Engine.compile(paths).run({
      edge: [
        [2, 3],
        [3, 1],
        [4, 4],
      ],
    });
    expect(database.query("edge(x, _), !path(x, 1)")).to.deep.equal([{ x: 4n }]);
    expect(database.query("n = count : { path(_, _) }")).to.deep.equal([{ n: 10n }]);
    expect(database.query("(x = 1 ; x = 5), edge(x, y)")).to.deep.equal([{ x: 1n, y: 2n }]);
    expect(database.holds("path(1, 1)")).to.equal(true);
    expect(database.holds("path(1, 4)?")).to.equal(false);
  });

  it("answers goals on relations that are inlined, and in components", () => {
    const database = Engine.compile(
      `
      .decl r(x: number)
      .decl large(x: number) inline
      large(x) :- r(x), x > 1.
      .comp C<T> { .decl has(x: T) has(x) :- r(x). }
      .init of = C<number>
      r(1). r(2).
    `,
    ).open();
    expect(database.query("large(x)")).to.deep.equal([{ x: 2n }]);
    expect(database.query("of.has(x), x < 2")).to.deep.equal([{ x: 1n }]);
    expect(thrown(() => database.rows("large")).message).to.include("is declared inline");
  });

  it("keeps no more goals than it may", () => {
    const database = Engine.compile(".decl r(x: number) r(3).").open();
    let found = 0;
    for (let at = 0; at < goalsKeptMax + 2; at++) if (database.holds(`r(${at})`)) found++;
    expect(found).to.equal(1);
  });

  it("refuses rows that are none, and takes none of those that come with them", () => {
    const database = Engine.compile(".decl r(x: number, y: unsigned, s: symbol, f: float)").open();
    const refused = (...row: readonly unknown[]): string => {
      const rows = [[1, 1, "", 1], row] as Iterable<never>;
      const error = thrown(() => database.insert("r", rows));
      expect(error.code).to.equal("bad-row");
      return error.message;
    };
    const start = 'row 1 for relation "r" ';
    expect(refused(1)).to.equal(`${start}has 1 values, and the relation has 4 columns`);
    expect(refused(2 ** 53, 1, "", 1)).to.equal(
      `${start}has the number 9007199254740992 for column "x", ` +
        "which wants an integer of 64 bits: a bigint, or a number up to 2^53",
    );
    expect(refused(2n ** 63n, 1, "", 1)).to.include("the bigint 9223372036854775808");
    expect(refused(1, -1, "", 1)).to.include('for column "y", which wants an integer of 64 bits');
    expect(refused(1, 1, null, 1)).to.include("has null for column");
    expect(refused(1, 1, "", "1")).to.include('has the string "1" for column "f"');
    const odd = { x: 1, y: 1, s: "", f: 1, g: 2 };
    const named = (row: unknown): string =>
      thrown(() => database.insert("r", [row] as Iterable<never>)).message;
    expect(named(odd)).to.include('has "g", which is no column');
    expect(named({ x: 1 })).to.include('lacks column "y"');
    expect(named(undefined)).to.include("is nothing, and no object or array");
    expect(database.size("r")).to.equal(0);
  });

  it("takes records, branches, sets and maps", () => {
    const engine = Engine.compile(`
      .type List = [head: number, tail: List]
      .type Shape = Circle { r: float } | Point {}
      .decl r(list: List, shape: Shape)
      .decl tags(of: number, all: Union<symbol>)
    `);
    const database = engine.open();
    database.insert("r", [[[1, [2, null]], { branch: "Point", fields: [] }]]);
    database.insert("tags", [
      [1, { elements: ["b", "a"] }],
      [1, { elements: ["c"] }],
    ]);
    expect(database.rows("r")).to.deep.equal([
      { list: [1n, [2n, null]], shape: { branch: "Point", fields: [] } },
    ]);
    expect(database.rows("tags")).to.deep.equal([{ of: 1n, all: { elements: ["a", "b", "c"] } }]);
    const wrong = { branch: "Square", fields: [] };
    expect(thrown(() => database.insert("r", [[null, wrong]])).message).to.include(
      'has an object for column "shape", which wants a value of type Shape',
    );
    const nested = (depth: number): readonly [number, never] | null => {
      let list: unknown = null;
      for (let at = 0; at < depth; at++) list = [at, list];
      return list as readonly [number, never];
    };
    const point = { branch: "Point", fields: [] };
    expect(database.insert("r", [[nested(givenDepthMax - 1), point]])).to.equal(1);
    expect(thrown(() => database.insert("r", [[nested(givenDepthMax), point]])).code).to.equal(
      "bad-row",
    );
  });

  it("says where a run meets a limit, and goes on once the reason is gone", () => {
    const engine = Engine.compile(
      `.decl up(x: number) .decl to(x: number)
       up(x + 1) :- up(x), to(y), x < y.`,
      { limits: { maxTuples: 100 } },
    );
    const database = engine.run({ up: [[0]], to: [[10]] });
    database.insert("to", [[1_000_000]]);
    expect(thrown(() => database.size("up")).code).to.equal("too-many-tuples");
    database.remove("to", [[1_000_000]]);
    expect(database.size("up")).to.equal(11);
  });

  it("leaves what only transactions change as the text states it", () => {
    const database = Engine.compile(
      `
      .decl balance(account: symbol, amount: number) ordered(account)
      balance("a", 3).
    `,
    ).open();
    const error = thrown(() => database.insert("balance", [["a", 7]]));
    expect(error.code).to.equal("ordered-relation");
    expect(thrown(() => database.remove("balance", [["a", 3]])).code).to.equal("ordered-relation");
    expect(database.rows("balance")).to.deep.equal([{ account: "a", amount: 3n }]);
  });

  it("refuses names that it does not know", () => {
    const database = Engine.compile(paths).open();
    const error = thrown(() => database.rows("pth"));
    expect([error.code, error.hint]).to.deep.equal(["no-such-relation", 'did you mean "path"?']);
    expect(thrown(() => database.query("edge(x, y). edge(1, 2)")).code).to.equal("no-goal");
  });
});

describe("a transaction", () => {
  it("gives what it returns, and its facts stay", () => {
    const database = Engine.compile(paths).open();
    const size = database.transaction(() => {
      database.insert("edge", [[2, 3]]);
      return database.size("path");
    });
    expect([size, database.size("path")]).to.deep.equal([3, 3]);
  });

  it("that throws leaves nothing behind", () => {
    const database = Engine.compile(paths).run({
      edge: [
        [2, 3],
        [3, 4],
      ],
    });
    const before = database.rows("path");
    const work = (): void => {
      database.transaction(() => {
        database.insert("edge", [
          [4, 5],
          [2, 3],
        ]);
        database.remove("edge", [[2, 3]]);
        expect(database.rows("edge")).to.have.length(3);
        database.insert("edge", [[2, 3]]);
        database.remove("edge", [[3, 4]]);
        throw new RangeError("no");
      });
    };
    expect(work).to.throw(RangeError, "no");
    expect(database.rows("path")).to.deep.equal(before);
  });

  it("whose consequences meet a limit leaves nothing behind", () => {
    const engine = Engine.compile(paths, { limits: { maxTuples: 3 } });
    const database = engine.run({ edge: [[2, 3]] });
    const work = (): number =>
      database.transaction(() =>
        database.insert("edge", [
          [3, 4],
          [4, 5],
        ]),
      );
    expect(thrown(work).code).to.equal("too-many-tuples");
    expect(database.size("path")).to.equal(3);
  });

  it("cannot wait, nor hold another", () => {
    const database = Engine.compile(paths).open();
    const waiting = async (): Promise<void> => {
      database.insert("edge", [[5, 6]]);
      await Promise.resolve();
    };
    expect(thrown(() => database.transaction(waiting)).code).to.equal("not-now");
    const nested = (): void => {
      database.transaction(() => {
        database.transaction(() => 0);
      });
    };
    expect(thrown(nested).code).to.equal("not-now");
    expect(database.size("edge")).to.equal(1);
  });
});

describe("declared types", () => {
  const engine = Engine.compile(paths, {
    relations: { edge: { from: "number", to: "number" }, path: { from: "number", to: "number" } },
  });

  it("are those of rows", () => {
    const database = engine.run({ edge: [[2, 3]] });
    const sums: bigint[] = database.rows("path").map(({ from, to }) => from + to);
    expect(sums).to.deep.equal([3n, 4n, 5n]);
    const [row] = database.query("path(1, x), s = to_string(x)", { x: "number", s: "symbol" });
    expect(row && row.s.length + Number(row.x)).to.equal(3);
  });

  it("are held against what is written", () => {
    const database = engine.open();
    // @ts-expect-error there is no such relation
    expect(() => database.rows("pth")).to.throw('did you mean "path"?');
    // @ts-expect-error a number is no string
    expect(() => database.insert("edge", [{ from: "1", to: 2 }])).to.throw("wants an integer");
    // @ts-expect-error a column is missing
    expect(() => database.insert("edge", [{ from: 1 }])).to.throw('lacks column "to"');
    // @ts-expect-error a row has no such column
    expect(database.rows("edge")[0]?.size).to.equal(undefined);
    // @ts-expect-error nor has an answer
    expect(database.query("edge(x, y)", { x: "number", y: "number" })[0]?.z).to.equal(undefined);
    expect(thrown(() => database.query("edge(x, y)", { x: "number" })).message).to.equal(
      'the goal has a column "y", too: number (declare what the program says)',
    );
  });
});
