import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { interpreted } from "../../src/codegen/backend.ts";
import { compile } from "../../src/compile.ts";
import type { Change } from "../../src/engine/change.ts";
import { Database } from "../../src/engine/database.ts";
import { evaluate } from "../../src/engine/evaluate.ts";
import { Maintained } from "../../src/engine/maintained.ts";
import type { Plan } from "../../src/plan/plan.ts";

const seed = Number(process.env["SEED"] ?? 20261122);
const backend = interpreted;

/** Programs over `edge` and `start`; facts are inserted into the relation that is named, too. */
const programs = {
  "a closure": [
    "path",
    `.decl path(x: number, y: number)
     path(6, 0).
     path(x, y) :- edge(x, y).
     path(x, z) :- path(x, y), edge(y, z).`,
  ],
  "a closure by halves": [
    "path",
    `.decl path(x: number, y: number)
     path(x, y) :- edge(x, y).
     path(x, z) :- path(x, y), path(y, z).`,
  ],
  "a closure of two relations": [
    "far",
    `.decl path, far(x: number, y: number)
     path(x, y) :- edge(x, y).
     far(x, z) :- path(x, y), edge(y, z).
     path(x, z) :- far(x, z).`,
  ],
  "vertices in turn": [
    "odd",
    `.decl even, odd, both, either(x: number)
     even(x) :- start(x).
     odd(y) :- even(x), edge(x, y).
     even(y) :- odd(x), edge(x, y).
     both(x) :- even(x), odd(x).
     either(x) :- even(x), !odd(x).
     either(x) :- odd(x), !even(x).`,
  ],
  "atoms without columns": [
    "all",
    `.decl reached, said(x: number)
     .decl all, none, loop()
     reached(x) :- start(x).
     reached(y) :- reached(x), edge(x, y).
     all() :- reached(0), reached(1).
     none() :- !all().
     loop() :- edge(x, x).
     said(x) :- none(), start(x).
     said(5) :- all(), loop().`,
  ],
  "negations and aggregates": [
    "heavy",
    `.decl heavy, most(x: number)
     .decl degree, total, next(x: number, n: number)
     degree(x, n) :- edge(x, _), n = count : { edge(x, _) }.
     heavy(x) :- degree(x, n), n > 1, !start(x).
     heavy(y) :- heavy(x), edge(x, y), !start(y).
     most(n) :- n = max d : { degree(_, d) }.
     total(x, n) :- start(x), n = sum y : { edge(x, y), !start(y) }.
     next(x, n) :- start(x), n = min z : { edge(x, y), edge(y, z) }.`,
  ],
  "what reads an equivalence": [
    "near",
    `.decl same(x: number, y: number) eqrel
     .decl near, alone(x: number)
     same(x, y) :- edge(x, y), start(x).
     near(x) :- same(0, x).
     near(y) :- near(x), edge(x, y).
     alone(x) :- start(x), !near(x).`,
  ],
  "lattices, and what reads them": [
    "best",
    `.decl best(x: number, n: Max<number>)
     .decl above(x: number, n: number)
     .decl cheap(x: number, n: Min<number>)
     best(x, y) :- edge(x, y).
     above(x, n) :- best(x, n), !start(n).
     above(x, n) :- above(y, n), edge(x, y).
     cheap(x, 0) :- start(x).
     cheap(y, n + x) :- cheap(x, n), edge(x, y), n < 20.`,
  ],
} as const;

describe(`what is taken back when facts go (SEED=${seed})`, () => {
  for (const [at, [name, [derived, rules]]] of Object.entries(programs).entries())
    it(`is what no longer follows, and nothing else: ${name}`, () => {
      const { plan } = compile(`.decl edge(x: number, y: number)
        .decl start(x: number)
        ${rules}`).compiled!;
      follow(plan, ["edge", "edge", "edge", "start", derived], seed + at);
    });

  // More than 4,096 rows of which most go are derived anew; then none of them is doubted.
  for (const [there, gone, doubted] of [
    [10_000, 5_000, 5_000],
    [10_000, 5_001, 0],
    [4_096, 4_096, 4_096],
    [4_097, 4_097, 0],
  ] as const)
    it(`is taken out, or the rest is derived anew: ${gone} of ${there} rows`, () => {
      const { plan } = compile(`.decl a, b, c(x: number)
        b(x + 1) :- a(x).
        c(x) :- b(x), x < 5.`).compiled!;
      const database = new Database(plan);
      const kept = new Maintained(plan, database, { backend });
      const column = Int32Array.from({ length: there }, (_, row) => row);
      kept.append(0, [column], there);
      kept.run();
      for (let row = 0; row < gone; row++) kept.remove(0, [row]);
      kept.insert(0, [there]);
      const { changes, doubted: looked } = kept.run();
      expect(looked, "and the four of c").to.equal(doubted + 4);
      const [, b, c] = database.relations;
      expect([b!.size, c!.size]).to.deep.equal([there - gone + 1, 0]);
      expect([gone, gone + 1, there + 1].map((word) => b!.has([word]))).to.deep.equal([
        ...[false, true, true],
      ]);
      const said = changes.map((of) => of.kind === "changed" && [of.removedCount, of.count]);
      expect(said).to.deep.equal([
        [gone, 1],
        [gone, 1],
        [4, 0],
      ]);
    });

  it("leaves rows in the order in which they are derived anew: what follows is taken back later", () => {
    const { plan } = compile(`.decl many, start, r(x: number)
      .decl edge(x: number, y: number)
      r(x) :- many(x).
      r(x) :- start(x).
      r(y) :- r(x), edge(x, y).`).compiled!;
    const at = (name: string): number => plan.relations.findIndex((of) => of.name === name);
    for (const more of [[], [8, 9]]) {
      const database = new Database(plan);
      const kept = new Maintained(plan, database, { backend });
      const many = [5, ...Array.from({ length: 10_000 }, (_, word) => 100 + word)];
      for (const word of many) kept.insert(at("many"), [word]);
      kept.insert(at("start"), [7]);
      kept.insert(at("edge"), [7, 5]);
      kept.run();
      for (const word of many) kept.remove(at("many"), [word]);
      if (more.length > 0) {
        kept.insert(at("start"), [8]);
        kept.insert(at("r"), [9]);
      }
      // From now on 5 follows from 7.
      const changes = kept.run().changes.filter(({ relation }) => relation === at("r"));
      const said = changes.map((of) => of.kind === "changed" && [of.removedCount, of.count]);
      expect(said).to.deep.equal([[10_000, more.length]]);
      expect(contents(database, at("r"))).to.deep.equal(["5", "7", ...more.map(String)]);
      kept.remove(at("start"), [7]);
      kept.run();
      expect(contents(database, at("r"))).to.deep.equal(more.map(String));
    }
  });

  it("is what has no other derivation, of many rows", () => {
    const { plan } = compile(`.decl a, b, c(x: number)
      b(x) :- a(x).
      b(x) :- c(x).`).compiled!;
    const database = new Database(plan);
    const kept = new Maintained(plan, database, { backend });
    for (let word = 0; word < 300; word++) kept.insert(0, [word]);
    for (let word = 0; word < 100; word++) kept.insert(2, [word]);
    for (let word = 250; word < 330; word++) kept.insert(1, [word]);
    kept.run();
    for (let word = 0; word < 300; word++) if (word !== 220) kept.remove(0, [word]);
    expect(kept.run().doubted).to.equal(300 - 1 - 50);
    const left = [...database.relations[1]!.column(0)].toSorted((x, y) => x - y);
    const range = (from: number, to: number): number[] =>
      Array.from({ length: to - from }, (_, word) => from + word);
    expect(left).to.deep.equal([...range(0, 100), 220, ...range(250, 330)]);
  });

  it("leaves to what is new the limit of a run, and tells of a rule's error", () => {
    const { plan } = compile(`.decl a, other, same, b, c(x: number)
      same(x) :- other(x).
      b(60 / x) :- a(x).
      c(x) :- b(x).`).compiled!;
    const run = (words: readonly number[], maxTuples: number) => {
      const kept = new Maintained(plan, new Database(plan), { backend, limits: { maxTuples } });
      for (const word of [1, 2, 3]) kept.insert(0, [word]);
      kept.run();
      kept.insert(1, [1]);
      kept.remove(0, [1]);
      for (const word of words) kept.insert(0, [word]);
      const { diagnostics } = kept.run().evaluation;
      return diagnostics.map(({ code, notes }) => `${code}: ${notes?.[0]}`);
    };
    expect(run([4, 5, 6, 10, 12], 11)).to.deep.equal([]);
    expect(run([4, 5, 6, 10, 12], 10)).to.deep.equal([
      "too-many-tuples: while evaluating c(x) :- b(x).",
    ]);
    expect(run([0], 10)).to.deep.equal(["division-by-zero: while evaluating b(60 / x) :- a(x)."]);
  });
});

/** Changes facts at random, and compares what is kept up with what all facts give at once; and with
 * what is said of it. */
function follow(plan: Plan, inputs: readonly string[], start: number): void {
  const next = random(start);
  const at = (name: string): number => plan.relations.findIndex((of) => of.name === name);
  const database = new Database(plan);
  const kept = new Maintained(plan, database, { backend });
  const facts = new Map<string, readonly [number, readonly number[]]>();
  const shown = plan.relations.map(() => new Set<string>());
  for (let step = 0; step < 60; step++) {
    // Most goes at times, and comes again.
    const share = next.pick([0.3, 0.5, 0.95]);
    for (let count = next.below(8); count > 0; count--) {
      const name = next.pick(inputs);
      const of = at(name);
      const words = plan.relations[of]!.attributes.map(() => next.below(7));
      const key = `${of}: ${words.join()}`;
      if (next.chance(share)) {
        expect(kept.insert(of, words), `+${key}`).to.equal(!facts.has(key));
        facts.set(key, [of, words]);
      } else if (facts.size > 0) {
        const [gone, [from, those]] = next.pick([...facts]);
        expect(kept.remove(from, those), `-${gone}`).to.equal(true);
        facts.delete(gone);
      }
    }
    const { changes } = kept.run();
    for (const change of changes)
      if (change.kind === "replaced")
        shown[change.relation] = new Set(contents(database, change.relation));
      else take(shown[change.relation]!, change);
    const whole = new Database(plan);
    for (const [of, words] of facts.values()) whole.relations[of]!.insert(words);
    evaluate(plan, whole, { backend });
    for (const [of, { name }] of plan.relations.entries()) {
      const wanted = contents(whole, of);
      expect(contents(database, of), `${name}, step ${step}`).to.deep.equal(wanted);
      expect([...shown[of]!].toSorted(), `said of ${name}, step ${step}`).to.deep.equal(wanted);
    }
  }
}

/** Has tuples be as a change says; no tuple comes that was there, and none goes that was not. */
function take(tuples: Set<string>, change: Exclude<Change, { kind: "replaced" }>): void {
  const keyOf = (tuple: string): string => tuple.replace(/,[^,]*$/, "");
  const gone = change.kind === "changed" ? change.removedCount : 0;
  expect(change.count + gone, "what has not changed is not listed").to.be.above(0);
  if (change.kind === "joined") {
    const keys = new Set(listed(change.columns(), change.count).map(keyOf));
    for (const tuple of tuples) if (keys.has(keyOf(tuple))) tuples.delete(tuple);
  }
  if (change.kind === "changed")
    for (const one of listed(change.removed(), change.removedCount))
      expect(tuples.delete(one), `-${one}`).to.equal(true);
  for (const one of listed(change.columns(), change.count)) {
    expect(tuples.has(one), `+${one}`).to.equal(false);
    tuples.add(one);
  }
}

function contents({ relations }: Database, at: number): string[] {
  const relation = relations[at]!;
  const columns = relation.schema.attributes.map((_, column) => relation.column(column));
  return listed(columns, relation.size).toSorted();
}

function listed(columns: readonly Int32Array[], count: number): string[] {
  return Array.from({ length: count }, (_, row) => columns.map((words) => words[row]).join());
}
