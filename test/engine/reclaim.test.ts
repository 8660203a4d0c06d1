import { expect } from "chai";

import { compile } from "../../src/compile.ts";
import { Database } from "../../src/engine/database.ts";
import { Maintained } from "../../src/engine/maintained.ts";
import { Reclaiming, type ReclaimRules } from "../../src/engine/reclaim.ts";
import type { LiveWords } from "../../src/value/live-words.ts";
import { Values } from "../../src/value/values.ts";

const each = { bytesMin: 0, growth: 0, gone: 0 };

describe("memory of facts that come and go", () => {
  const { plan } = compile(`.decl item(name: symbol)
    .decl known(name: symbol, length: number)
    known(name, strlen(name)) :- item(name).
    .decl same(x: symbol, y: symbol) eqrel
    same(x, x) :- item(x).`).compiled!;
  const name = (at: number): string => `${String(at).padStart(10, "0")}${"x".repeat(90)}`;

  for (const atOnce of [50, 5_000])
    it(`is used again by others, of ${atOnce} at a time`, () => {
      const database = new Database(plan);
      const reclaims = { bytesMin: 1 << 17, growth: 1, gone: 1 };
      const kept = new Maintained(plan, database, { reclaims });
      const sizes: number[] = [];
      let passes = 0;
      for (let from = 0; from < 60_000; from += atOnce) {
        const words = Array.from({ length: atOnce }, (_, at) =>
          database.values.symbols.intern(name(from + at)),
        );
        for (const word of words) kept.insert(0, [word]);
        kept.run();
        expect(database.relations.map(({ size }) => size)).to.deep.equal([
          ...[atOnce, atOnce, atOnce],
        ]);
        sizes.push(database.memoryBytes);
        for (const word of words) kept.remove(0, [word]);
        kept.run();
        expect(database.relations.map(({ size }) => size)).to.deep.equal([0, 0, 0]);
        if (kept.reclaim()) passes++;
      }
      const tenth = sizes.length / 10;
      const most = (of: readonly number[]): number => of.reduce((a, b) => Math.max(a, b));
      expect(most(sizes.slice(-tenth))).to.be.at.most(1.5 * most(sizes.slice(0, tenth)));
      expect(passes).to.be.within(6_000_000 / (1 << 20), sizes.length);
    });

  it("is given back when all have gone", () => {
    const { plan } = compile(`.decl item(name: symbol)
      .decl known(name: symbol, length: number)
      known(name, strlen(name)) :- item(name).`).compiled!;
    const database = new Database(plan);
    const kept = new Maintained(plan, database, { reclaims: each });
    kept.run();
    const before = database.memoryBytes;
    const words = Array.from({ length: 20_000 }, (_, at) =>
      database.values.symbols.intern(name(at)),
    );
    for (const word of words) kept.insert(0, [word]);
    kept.run();
    kept.reclaim();
    const most = database.memoryBytes;
    for (const word of words) kept.remove(0, [word]);
    kept.run();
    kept.reclaim();
    expect(most).to.be.above(before + (3 << 20));
    expect(database.memoryBytes).to.be.below(before + most / 8);
    expect(database.values.heldBytes).to.equal(0);
  });

  it("is used again where they go before anything is derived from them", () => {
    const database = new Database(plan);
    const kept = new Maintained(plan, database);
    kept.run();
    let most = 0;
    for (let round = 0; round < 60; round++) {
      for (let at = 0; at < 200; at++) kept.insert(0, [at]);
      for (let at = 0; at < 200; at++) kept.remove(0, [at]);
      expect(kept.run().changes).to.deep.equal([]);
      if (round === 20) most = database.memoryBytes;
    }
    expect(database.memoryBytes).to.be.at.most(most);
    expect(database.relations[0]?.rows).to.be.at.most(2_048);
  });
});

describe("values of a program that is kept up", () => {
  it("are kept where the text states them, code has them, or somebody shows them", () => {
    const { plan } = compile(`.decl a, b(x: symbol, y: symbol)
      a("stated", "too").
      b(x, cat("of code ", y)) :- a(x, y), y != "never".`).compiled!;
    const database = new Database(plan);
    const { values } = database;
    const kept = new Maintained(plan, database, { reclaims: each });
    kept.run();
    const [shown, hidden, given] = ["shown", "hidden", "given"].map((text) =>
      values.symbols.intern(text),
    ) as [number, number, number];
    kept.insert(0, [given, given]);
    kept.run();
    kept.reclaim((live: LiveWords) => {
      live.add("symbol", shown);
    });
    expect(values.symbols.text(shown)).to.equal("shown");
    expect(values.symbols.intern("another")).to.equal(hidden);
    const [x, y] = [values.symbols.intern("x"), values.symbols.intern("y")];
    kept.insert(0, [x, y]);
    kept.remove(0, [given, given]);
    kept.run();
    const rows = (at: number): string[] => {
      const [first, second] = [0, 1].map((column) => database.relations[at]!.column(column));
      return Array.from(first!, (word, row) =>
        [word, second![row]!].map((one) => values.symbols.text(one)).join(" - "),
      );
    };
    expect(rows(0)).to.deep.equal(["stated - too", "x - y"]);
    expect(rows(1)).to.deep.equal(["stated - of code too", "x - of code y"]);
  });
});

describe("a pass over the values of a program", () => {
  /** What says when one is due, for values of so many bytes as are said. */
  function reclaiming(rules: Partial<ReclaimRules>, before = 0) {
    const values = new Values(32);
    let bytes = before;
    Object.defineProperty(values, "heldBytes", { get: () => bytes });
    const of = new Reclaiming(values, { bytesMin: 100, growth: 2, gone: 3, ...rules });
    return {
      held: (now: number): void => void (bytes = now),
      note: (gone: number): void => {
        of.note(gone);
      },
      due: (tuples: number): boolean => of.due(() => tuples),
      pass: (): void => {
        of.pass([]);
      },
    };
  }

  it("is due when they have grown by a share of what the last one left", () => {
    const { held, due, pass } = reclaiming({}, 60);
    for (const [bytes, is] of [
      [179, false],
      [180, true],
    ] as const) {
      held(bytes);
      expect(due(1_000), `${bytes} bytes`).to.equal(is);
    }
    pass();
    held(539);
    expect(due(1_000)).to.equal(false);
    held(540);
    expect(due(1_000)).to.equal(true);
    // However little was left, it takes so many bytes.
    const { due: dueFromNothing, held: holds } = reclaiming({});
    holds(100);
    expect(dueFromNothing(1_000)).to.equal(true);
  });

  it("is due when so many tuples went for each that there is, and since the last one", () => {
    const { held, note, due, pass } = reclaiming({}, 150);
    held(150);
    expect(due(0)).to.equal(false);
    note(20);
    note(9);
    expect([due(10), due(9)]).to.deep.equal([false, true]);
    note(1);
    expect(due(10)).to.equal(true);
    pass();
    expect(due(0)).to.equal(false);
  });

  it("is never due where they take few bytes", () => {
    const { held, note, due } = reclaiming({ bytesMin: 100, growth: 0 });
    note(1_000);
    held(99);
    expect(due(1)).to.equal(false);
    held(100);
    expect(due(1)).to.equal(true);
  });
});
