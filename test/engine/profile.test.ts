import { expect } from "chai";

import { compiled, interpreted } from "../../src/codegen/backend.ts";
import { compile } from "../../src/compile.ts";
import { Database } from "../../src/engine/database.ts";
import { evaluate } from "../../src/engine/evaluate.ts";
import { iterationsMax, Recording, samplesMax, type Effort } from "../../src/engine/profile.ts";
import type { EvaluateOptions } from "../../src/engine/run.ts";
import type { Evaluation } from "../../src/engine/statistics.ts";

const closure = `
  .decl e(x: number, y: number)  .decl p(x: number, y: number)
  e(x, (x + 1) % 100) :- x = range(0, 100).
  p(x, y) :- e(x, y).
  p(x, z) :- p(x, y), e(y, z).`;

/** An evaluation whose clock ticks each time it is read. */
function profiled(text: string, options: EvaluateOptions = {}): Evaluation {
  const { compiled: program } = compile(text);
  let ms = 0;
  return evaluate(program!.plan, new Database(program!.plan), {
    ...{ clock: () => ms++, profiled: true },
    ...options,
  });
}

/** What can be counted of an effort. */
function counts({ derived, firings, probes }: Effort): readonly number[] {
  return [derived, firings, probes];
}

for (const [name, backend] of Object.entries({ compiled, interpreted })) {
  describe(`a profiled evaluation (${name})`, () => {
    it("counts what rules look up, come to and derive", () => {
      const { rules } = profiled(closure, { backend });
      // Each pair looks its second word up, once, and finds one edge.
      expect(rules.map(({ rule, effort }) => [rule.text, ...counts(effort!)])).to.deep.equal([
        ["e(x, (x + 1) % 100) :- x = range(0, 100).", 100, 100, 0],
        ["p(x, y) :- e(x, y).", 100, 100, 0],
        ["p(x, z) :- p(x, y), e(y, z).", 9900, 10_000, 10_000],
      ]);
    });

    it("counts whole tuples and what is negated or aggregated among the look-ups", () => {
      const { rules } = profiled(
        `.decl n(x: number)  n(x) :- x = range(0, 100).
         .decl e(x: number, y: number)  e(x, x * y) :- n(x), y = range(1, 3), x < 90.
         .decl same(x: number, y: number) eqrel  same(1, 2).
         .decl a(x: number)  a(x) :- n(x), e(x, x).
         .decl b(x: number)  b(x) :- n(x), !e(x, _).
         .decl c(x: number)  c(x) :- n(x), same(x, _).
         .decl d(n: number)  d(n) :- n(x), n = sum y : { e(x, y) }.`,
        { backend },
      );
      const found = rules.map(({ rule, effort }) => [rule.text.slice(0, 1), ...counts(effort!)]);
      expect(found.toSorted()).to.deep.equal([
        ["a", 90, 90, 100],
        ["b", 10, 10, 100],
        ["c", 2, 4, 4],
        ["d", 90, 100, 100],
        ["e", 179, 180, 0],
        ["n", 100, 100, 0],
      ]);
    });

    it("tells each iteration what its rules took, and what grew", () => {
      const { strata, samples } = profiled(closure, { backend });
      const { iterations = [], derived } = strata.at(-1)!;
      expect(iterations.map(({ round, rounds }) => [round, rounds])).to.deep.equal([
        ...Array.from({ length: 101 }, (_, round) => [round, 1]),
      ]);
      expect(iterations.map((one) => one.derived)).to.deep.equal([
        ...Array.from({ length: 100 }, () => 100),
        0,
      ]);
      expect(iterations.reduce((total, one) => total + one.derived, 0)).to.equal(derived);
      for (const { rules, ms, ...one } of iterations) {
        const efforts = [...rules.values()];
        expect(efforts.map(counts)).to.deep.equal([counts({ ...one, ms })]);
        expect(efforts[0]!.ms).to.be.above(0).and.below(ms);
      }
      expect(samples!.map(({ ms }) => ms)).to.deep.equal(
        samples!.map(({ ms }) => ms).toSorted((a, b) => a - b),
      );
      expect(samples!.at(-1)!.derived).to.equal(10_100);
    });

    it("keeps what was done up to a fault", () => {
      const { strata, complete } = profiled(closure, { backend, limits: { maxTuples: 250 } });
      expect(complete).to.equal(false);
      const { rounds, iterations } = strata.at(-1)!;
      expect(rounds).to.equal(0);
      expect(iterations!.map(({ round }) => round)).to.deep.equal([0, 1]);
    });
  });
}

describe("a profile", () => {
  it("is not there unless it is asked for", () => {
    const { strata, rules, samples } = profiled(closure, { profiled: false });
    expect(samples).to.equal(undefined);
    expect(strata.map(({ iterations }) => iterations)).to.deep.equal([undefined, undefined]);
    expect(rules.map(({ effort }) => effort)).to.deep.equal([...rules.map(() => undefined)]);
  });

  it("is bounded: iterations that follow each other become one entry", () => {
    const rounds = 5 * iterationsMax + 3;
    const { strata, samples } = profiled(
      `.decl n(x: number)  n(0).  n(x + 1) :- n(x), x < ${rounds}.`,
    );
    const { iterations = [], derived } = strata.at(-1)!;
    expect(iterations.length).to.be.within(iterationsMax / 2, iterationsMax);
    expect(derived).to.equal(rounds);
    const [once, ...others] = iterations;
    expect([once!.round, once!.rounds]).to.deep.equal([0, 1]);
    let next = 1;
    for (const one of others) {
      expect(one.round).to.equal(next);
      next += one.rounds;
      expect([...one.rules.values()].map(counts)).to.deep.equal([counts(one)]);
    }
    expect(next - 1).to.equal(rounds + 1);
    expect(others.reduce((total, one) => total + one.derived, 0)).to.equal(rounds);
    expect(samples!.length).to.be.within(2, samplesMax);
  });

  it("keeps the greatest of the samples that it thins out", () => {
    let at = 0;
    const bytes = (ms: number): number => (ms === 3333 ? 1000 : ms % 10);
    const recording = new Recording(() => ({ derived: 0, bytes: bytes(at), ms: at }));
    recording.begin();
    for (at = 1; at < 5000; at++) recording.sample();
    const { samples } = recording;
    expect(samples.length).to.be.below(samplesMax);
    expect(samples.find((one) => one.bytes === 1000)?.ms).to.equal(3333);
  });
});
