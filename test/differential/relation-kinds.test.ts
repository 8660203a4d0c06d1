import { expect } from "chai";

import { random, type Random } from "../../src/base/random.ts";
import type { Value } from "../../src/value/schema.ts";
import { verdict } from "./ways.ts";

// SEED=n starts there; PROGRAMS=n is how many fact sets each program gets.
const first = Number(process.env["SEED"] ?? 1);
const count = Number(process.env["PROGRAMS"] ?? 25);

/** Programs over `edge(x, y, cost)` and `pair(x, y)`, which are random. */
const programs: Record<string, string> = {
  "a congruence": `
    .decl same(x: number, y: number) eqrel
    .decl out(x: number, n: number)
    .decl apart(x: number, y: number)
    same(x, y) :- pair(x, y), x < 3.
    same(a, b) :- edge(x, a, c), edge(y, b, c), same(x, y).
    out(x, n) :- same(x, x), n = count : { same(x, _) }.
    apart(x, y) :- same(x, x), same(y, y), !same(x, y).`,
  "two equivalences that read each other": `
    .decl a(x: number, y: number) eqrel
    .decl b(x: number, y: number) eqrel
    .decl reached(x: number)
    a(x, y) :- pair(x, y).
    b(x, y) :- a(x, z), edge(z, y, 1).
    a(x, z) :- b(x, y), edge(y, z, 2), b(z, z).
    reached(x) :- a(x, 0).
    reached(y) :- reached(x), b(x, y), edge(y, _, _).`,
  "shortest paths": `
    .decl dist(x: number, y: number, c: number)
    .decl near(x: number, y: number)
    dist(x, x, 0) :- edge(x, _, _).
    dist(x, z, c + d) :- dist(x, y, c), edge(y, z, d).
    dist(x, y, a) <= dist(x, y, b) :- b <= a.
    near(x, y) :- dist(x, y, c), c < 4, !pair(x, y).`,
  "the points that none beats": `
    .decl front(x: number, y: number, c: number)
    .decl top(n: number)
    front(x, y, c) :- edge(x, y, c).
    front(a, b, c) <= front(x, y, c) :- x <= a, y <= b.
    front(a, b, c) <= front(a, b, d) :- d < c.
    top(max c : { front(_, _, c) }).`,
  "a subsumption between relations of one stratum": `
    .decl best(x: number, c: number)
    .decl open(x: number)
    best(0, 0).
    best(y, c + d) :- best(x, c), edge(x, y, d), open(x).
    best(x, a) <= best(x, b) :- b < a.
    open(x) :- best(x, c), c < 12.
    open(y) :- open(x), pair(x, y), best(y, _).`,
  "a subsumption whose condition grows in the same stratum": `
    .decl best(x: number, c: number)
    .decl closed(x: number)
    best(0, 0). best(1, 3).
    best(y, c + d) :- best(x, c), edge(x, y, d), c < 20.
    best(x, a) <= best(x, b) :- b < a, closed(_).
    best(x, a) <= best(y, b) :- x != y, b < a, closed(x), closed(y).
    closed(x) :- best(x, c), c > 4.`,
  "a matching": `
    .decl couple(x: number, y: number) choice-domain x, y
    .decl alone(x: number)
    couple(x, y) :- pair(x, y).
    couple(y, x) :- edge(x, y, _).
    alone(x) :- pair(x, _), !couple(x, _).`,
  "a spanning forest": `
    .decl tree(parent: number, child: number) choice-domain child
    .decl size(x: number, n: number)
    tree(x, x) :- pair(x, _), x < 3.
    tree(x, y) :- tree(_, x), edge(x, y, _).
    size(x, n) :- tree(x, _), n = count : { tree(x, _) }.`,
};

describe("relation kinds", () => {
  for (const [name, program] of Object.entries(programs)) {
    it(`have the same answers in all ways: ${name} (seeds from ${first})`, function () {
      this.timeout(count * 2000);
      const text = `.decl edge(x: number, y: number, c: number)
        .decl pair(x: number, y: number)
        ${program}`;
      for (let seed = first; seed < first + count; seed++) {
        const found = verdict({ text, domain: seed % 2 === 0 ? 64 : 32, facts: facts(seed) });
        if (found.kind === "different") expect.fail(`SEED=${seed} PROGRAMS=1: ${found.text}`);
        expect(found).to.include({ kind: "agreed", referenced: true });
      }
    });
  }
});

function facts(seed: number): Map<string, readonly (readonly Value[])[]> {
  const next: Random = random(seed);
  const vertices = 2 + next.below(9);
  const some = (most: number, tuple: () => number[]): (readonly Value[])[] =>
    Array.from({ length: next.below(most) }, () => tuple().map(BigInt));
  const vertex = (): number => next.below(vertices);
  return new Map([
    ["edge", some(25, () => [vertex(), vertex(), 1 + next.below(4)])],
    ["pair", some(12, () => [vertex(), vertex()])],
  ]);
}
