import { expect } from "chai";

import { random, type Random } from "../../src/base/random.ts";
import type { Value } from "../../src/value/schema.ts";
import { verdict } from "./ways.ts";

// SEED=n starts there; PROGRAMS=n is how many fact sets each program gets.
const first = Number(process.env["SEED"] ?? 1);
const count = Number(process.env["PROGRAMS"] ?? 15);

/** Programs over `edge(x, y, cost)` and `mark(x, s)`, which are random. */
const programs: Record<string, string> = {
  "sets that flow along edges": `
    .decl below(x: number, ys: Union<number>)
    below(x, singleton(y)) :- edge(x, y, _).
    below(x, ys) :- edge(x, y, c), c != 2, below(y, ys).
    .decl shared(x: number, y: number, both: Union<number>)
    shared(x, y, s) :- below(x, s), below(y, s), x < y.
    .decl few(x: number, n: number)
    few(x, size(s)) :- below(x, s), size(s) < 3.
    .decl equal(x: number, y: number)
    equal(x, y) :- below(x, s), below(y, t), s = t, x < y.
    .decl without(x: number, y: number)
    without(x, y) :- below(x, s), below(y, _), !contains(s, y).`,
  "thresholds inside of a recursion": `
    .decl seen(x: number, ss: Union<symbol>)
    seen(x, singleton(s)) :- mark(x, s).
    seen(y, ss) :- open(x), seen(x, ss), edge(x, y, _).
    .decl open(x: number)
    open(x) :- seen(x, ss), size(ss) >= 2.
    open(x) :- seen(x, ss), contains(ss, "b").
    .decl last(n: number, ss: Union<symbol>)
    last(count : { open(_) }, ss) :- seen(0, ss).`,
  "tables of distances": `
    .decl table(x: number, to: Map<number, Min<>>)
    table(x, singleton(x, 0)) :- edge(x, _, _) ; edge(_, x, _).
    table(x, singleton(z, c + at(m, z))) :- edge(x, y, c), table(y, m), edge(_, z, _).
    .decl distance(x: number, y: number, d: number)
    distance(x, y, at(m, y)) :- table(x, m), table(y, _).
    .decl plain(x: number, y: number, d: Min<>)
    plain(x, x, 0) :- table(x, _).
    plain(x, z, c + d) :- edge(x, y, c), plain(y, z, d).
    .decl wrong(x: number, y: number)
    wrong(x, y) :- distance(x, y, d), !plain(x, y, d).
    wrong(x, y) :- plain(x, y, d), !distance(x, y, d).`,
  "maps of maps of sets": `
    .decl all(m: Map<number, Map<symbol, Union<number>>>)
    all(singleton(x, singleton(s, singleton(y)))) :- edge(x, y, _), mark(y, s).
    all(singleton(y, n)) :- all(m), edge(x, y, 1), n = at(m, x).
    .decl said(x: number, s: symbol, n: number)
    said(x, s, size(at(at(m, x), s))) :- all(m), mark(_, s), edge(x, _, _).
    .decl silent(x: number)
    silent(x) :- all(m), edge(_, x, _), !contains(m, x).`,
  "truth values, greatest symbols and bits by key": `
    .type Bits <: number
    .lattice Bits<> { Lub -> _ bor _, Glb -> _ band _ }
    .decl t(k: number, v: Map<number, Or<>>, w: Map<number, And<>>, s: Map<number, Max<symbol>>)
    t(x % 2, singleton(y, c - 2), singleton(y, c - 3), singleton(y, s)) :- edge(x, y, c), mark(x, s).
    t(at(v, 1), v, w, s) :- t(1, v, w, s).
    .decl b(x: number, m: Map<symbol, Bits<>>)
    b(x, singleton(s, as(1 bshl x, Bits))) :- mark(x, s).
    b(y, m) :- b(x, m), edge(x, y, _).`,
  "sets of records and of floats": `
    .type Arc = [from: number, to: Side]
    .type Side = Left {y: float} | Right {s: symbol}
    .decl arcs(x: number, s: Union<Arc>, f: Union<float>)
    arcs(x, singleton([y, $Left(to_float(c) / 2)]), singleton(to_float(c) * 0.5)) :- edge(x, y, c).
    arcs(x, singleton([x, $Right(s)]), singleton(-1.5)) :- mark(x, s).
    arcs(x, s, f) :- edge(x, y, 1), arcs(y, s, f).
    .decl has(x: number, s: symbol)
    has(x, s) :- arcs(x, of, f), mark(y, s), contains(of, [y, $Right(s)]), contains(f, -1.5).`,
};

describe("sets and maps", () => {
  for (const [name, program] of Object.entries(programs)) {
    it(`are the same in all ways: ${name} (seeds from ${first})`, function () {
      this.timeout(count * 4000);
      const text = `.decl edge(x: number, y: number, c: number)
        .decl mark(x: number, s: symbol)
        ${program}`;
      for (let seed = first; seed < first + count; seed++) {
        const found = verdict({ text, domain: seed % 2 === 0 ? 64 : 32, facts: facts(seed) });
        if (found.kind === "different") expect.fail(`SEED=${seed} PROGRAMS=1: ${found.text}`);
        expect(found).to.include({ kind: "agreed", referenced: true });
        if (found.kind !== "agreed") continue;
        expect(found.answers.get("wrong")?.size ?? 0, `SEED=${seed} PROGRAMS=1`).to.equal(0);
      }
    });
  }
});

function facts(seed: number): Map<string, readonly (readonly Value[])[]> {
  const next: Random = random(seed);
  const vertices = 2 + next.below(6);
  const some = (most: number, tuple: () => Value[]): (readonly Value[])[] =>
    Array.from({ length: next.below(most) }, tuple);
  const number = (most: number): bigint => BigInt(next.below(most));
  return new Map([
    ["edge", some(14, () => [number(vertices), number(vertices), 1n + number(4)])],
    ["mark", some(9, () => [number(vertices), next.pick(["a", "b", "é", ""])])],
  ]);
}
