import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { type AnswerChange, type Database, Engine } from "../../src/index.ts";

const paths = `
  .decl edge(from: number, to: number)
  .decl path(from: number, to: number)
  path(x, y) :- edge(x, y).
  path(x, z) :- path(x, y), edge(y, z).
  .decl distance(to: number, steps: Min<>)
  distance(0, 0).
  distance(y, d + 1) :- distance(x, d), edge(x, y).
  .decl lonely(x: number)
  lonely(x) :- edge(x, _), !path(x, x).
`;

describe("a live query", () => {
  it("tells what is there, and then what came and went", async () => {
    const database = Engine.compile(paths).run({ edge: [[1, 2]] });
    const changes = database.live("path(1, to)");
    expect(await told(changes)).to.deep.equal({ added: [{ to: 2n }], removed: [] });
    database.insert("edge", [[2, 3]]);
    database.insert("edge", [[3, 4]]);
    expect(await told(changes)).to.deep.equal({ added: [{ to: 3n }, { to: 4n }], removed: [] });
    database.remove("edge", [[2, 3]]);
    database.insert("edge", [[1, 4]]);
    expect(await told(changes)).to.deep.equal({ added: [], removed: [{ to: 3n }] });
  });

  it("tells of nothing that came and went while nobody looked, nor of what it does not ask for", async () => {
    const database = Engine.compile(paths).open();
    const changes = database.live("edge(x, 2), x > 0");
    expect(await told(changes)).to.deep.equal({ added: [], removed: [] });
    database.insert("edge", [
      [1, 2],
      [1, 3],
    ]);
    database.run();
    database.remove("edge", [[1, 2]]);
    database.run();
    database.insert("edge", [[5, 2]]);
    expect(await told(changes)).to.deep.equal({ added: [{ x: 5n }], removed: [] });
  });

  it("goes on where the values of facts that came and went have been given up", async () => {
    const database = Engine.compile(
      `.decl said(who: symbol, text: symbol)
      .decl shout(who: symbol, text: symbol)
      shout(who, cat(text, "!")) :- said(who, text).`,
    ).open();
    const all = database.live("shout(who, text)");
    const one = database.live('shout("ada", text)');
    database.insert("said", [
      ["ada", "hello"],
      ["byron", "never"],
    ]);
    await told(all);
    await told(one);
    database.remove("said", [["byron", "never"]]);
    database.run();
    const most = Array.from({ length: 6 }, (_, round) => {
      const rows = Array.from({ length: 30 }, (_, at) => ["john", `${round} ${at}`.repeat(50_000)]);
      database.insert("said", rows);
      database.run();
      const { memoryBytes } = database;
      database.remove("said", rows);
      database.run();
      return memoryBytes;
    });
    expect(most.at(-1)).to.be.at.most(1.5 * Math.max(...most.slice(0, 3)));
    database.insert("said", [["ada", "goodbye"]]);
    database.run();
    const removed = [{ who: "byron", text: "never!" }];
    expect(await told(all)).to.deep.equal({
      ...{ added: [{ who: "ada", text: "goodbye!" }], removed },
    });
    expect(await told(one)).to.deep.equal({ added: [{ text: "goodbye!" }], removed: [] });
    database.remove("said", [["ada", "hello"]]);
    expect(await told(one)).to.deep.equal({ added: [], removed: [{ text: "hello!" }] });
  });

  it("keeps an answer for which another tuple is left", async () => {
    const database = Engine.compile(paths).run({
      edge: [
        [1, 2],
        [1, 3],
        [4, 3],
      ],
    });
    const from = database.live("path(x, _)");
    const loops = database.live("path(x, x)");
    await told(from);
    await told(loops);
    database.remove("edge", [
      [1, 2],
      [4, 3],
    ]);
    expect(await told(from)).to.deep.equal({ added: [], removed: [{ x: 4n }] });
    database.insert("edge", [[3, 1]]);
    expect(await told(loops)).to.deep.equal({ added: [{ x: 1n }, { x: 3n }], removed: [] });
    database.remove("edge", [[3, 1]]);
    expect(await told(loops)).to.deep.equal({ added: [], removed: [{ x: 1n }, { x: 3n }] });
  });

  it("sees a transaction as one change, and none that failed", async () => {
    const database = Engine.compile(paths).open();
    const changes = database.live("path(x, y)");
    await told(changes);
    expect(() =>
      database.transaction(() => {
        database.insert("edge", [[8, 9]]);
        database.run();
        throw new RangeError("no");
      }),
    ).to.throw("no");
    database.transaction(() => {
      database.insert("edge", [[1, 2]]);
      database.run();
      database.insert("edge", [[2, 3]]);
      database.remove("edge", [[1, 2]]);
    });
    expect(await told(changes)).to.deep.equal({ added: [{ x: 2n, y: 3n }], removed: [] });
  });

  it("tells of lattice rows that grow that the smaller ones are gone", async () => {
    const database = Engine.compile(paths).run({
      edge: [
        [0, 1],
        [1, 2],
      ],
    });
    const changes = database.live("distance(2, n)");
    expect(await told(changes)).to.deep.equal({ added: [{ n: 2n }], removed: [] });
    database.insert("edge", [[0, 2]]);
    expect(await told(changes)).to.deep.equal({ added: [{ n: 1n }], removed: [{ n: 2n }] });
  });

  it("throws the reason of its signal, at once where one waits", async () => {
    const database = Engine.compile(paths).open();
    const [early, late] = [new AbortController(), new AbortController()];
    early.abort(new RangeError("early"));
    expect(await failure(database.live("path(x, y)", { signal: early.signal }))).to.equal("early");
    const changes = database.live("path(x, y)", { signal: late.signal });
    await told(changes);
    const waiting = failure(changes);
    late.abort(new RangeError("late"));
    expect(await waiting).to.equal("late");
    expect(await changes.next()).to.deep.equal({ value: undefined, done: true });
  });

  it("throws where what follows cannot be derived, if nobody else is told", async () => {
    const database = Engine.compile(paths, { limits: { maxTuples: 2 } }).open();
    const changes = database.live("path(x, y)");
    await told(changes);
    database.insert("edge", [
      [1, 2],
      [2, 3],
      [3, 4],
    ]);
    expect(await failure(changes)).to.include("error[too-many-tuples]");
  });

  it("throws where the goal is none, before anything is told", async () => {
    const database = Engine.compile(paths).open();
    expect(await failure(database.live("pth(x)"))).to.include("error[unknown-relation]");
  });

  const seeds = Number(process.env["SEED"] ?? 0) || undefined;
  for (const seed of seeds === undefined ? [1, 2, 3, 4, 5, 6] : [seeds])
    it(`adds up to the answers after any changes (SEED=${seed})`, async () => {
      await followed(seed);
    });
});

const goals = [
  ...["path(x, y)", "path(3, y)", "path(x, x)", "path(x, _)", "edge(x, y), x < y"],
  ...["distance(x, d)", "lonely(x)", "n = count : { path(_, _) }", "edge(1, 2)"],
  "edge(x, y), !path(y, x)",
];

/** Follows all goals while facts come and go; each looks when it likes. */
async function followed(seed: number): Promise<void> {
  const chance = random(seed);
  const database = Engine.compile(paths).open();
  const views = goals.map((goal) => ({
    goal,
    changes: database.live(goal),
    rows: new Map<string, unknown>(),
  }));
  for (const { changes, rows } of views) take(rows, await told(changes));
  for (let round = 0; round < 40; round++) {
    for (let times = chance.between(1, 4); times > 0; times--) {
      const edge = [chance.below(7), chance.below(7)];
      if (chance.below(3) > 0) database.insert("edge", [edge]);
      else database.remove("edge", [edge]);
    }
    if (chance.below(2) > 0) database.run();
    for (const { goal, changes, rows } of views) {
      if (chance.below(3) === 0) continue;
      const wanted = named(database.query(goal));
      // One whose answers are the same as when it was told last would wait.
      if ([...wanted.keys()].toSorted().join() !== [...rows.keys()].toSorted().join())
        take(rows, await told(changes));
      expect([...rows.keys()].toSorted(), goal).to.deep.equal([...wanted.keys()].toSorted());
    }
  }
}

/** Takes a change in, which has to be exact. */
function take(rows: Map<string, unknown>, { added, removed }: AnswerChange): void {
  for (const [name] of named(removed))
    expect(rows.delete(name), `${name} was there`).to.equal(true);
  for (const [name, row] of named(added)) {
    expect(rows.has(name), `${name} was there`).to.equal(false);
    rows.set(name, row);
  }
  for (const [name] of named(removed)) expect(rows.has(name), `${name} is gone`).to.equal(false);
}

function named(rows: readonly unknown[]): Map<string, unknown> {
  return new Map(
    rows.map((row) => [
      JSON.stringify(row, (_, value: unknown) => (typeof value === "bigint" ? `${value}` : value)),
      row,
    ]),
  );
}

async function told(changes: ReturnType<Database["live"]>): Promise<AnswerChange> {
  const { value, done } = await changes.next();
  if (done === true) throw new Error("the query has ended");
  return value;
}

async function failure(changes: ReturnType<Database["live"]>): Promise<string> {
  try {
    await changes.next();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error("it went well");
}
