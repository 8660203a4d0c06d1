import { expect } from "chai";

import { compiled, interpreted, webAssembly } from "../../src/codegen/backend.ts";
import { compile } from "../../src/compile.ts";
import { Database } from "../../src/engine/database.ts";
import { Drift } from "../../src/engine/drift.ts";
import { evaluate } from "../../src/engine/evaluate.ts";
import type { EvaluateOptions } from "../../src/engine/run.ts";
import type { Evaluation } from "../../src/engine/statistics.ts";
import type { Plan } from "../../src/plan/plan.ts";

// All are of one stratum. When an x comes to p it has twenty rows in wide, and one in fifty has one
// in narrow: nothing tells that before there are any.
const text = `
  .decl s, late, p(x: number)
  s(x) :- x = range(0, 3000).
  s(x + 3000) :- s(x), x < 12000.
  late(x) :- s(x).
  p(x) :- late(x).
  .decl wide, narrow, r(x: number, y: number)
  wide(x, y) :- s(x), y = range(0, 20).
  narrow(x, 100) :- s(x), x % 50 = 0.
  r(x, y + z) :- p(x), wide(x, y), narrow(x, z).
  s(x) :- r(x, z), z < 0.`;

type Ran = { readonly evaluation: Evaluation; readonly rows: readonly string[] };

function ran(options: EvaluateOptions, revised?: Plan["revised"]): Ran {
  const { compiled: program } = compile(text);
  const plan = revised === undefined ? program!.plan : { ...program!.plan, revised };
  const database = new Database(plan);
  const evaluation = evaluate(plan, database, {
    ...options,
    drift: { rowsMin: 1 << 13, factor: 8 },
  });
  const { tuples, size } = database.relation("r")!;
  const [first, second] = tuples.columns.map((words) => words.subarray(0, size));
  return { evaluation, rows: [...first!].map((x, row) => `${x} ${second![row]!}`).toSorted() };
}

/** What the rule for r looks up for what is new in p. */
function probes({ rules }: Evaluation): number {
  const variants = rules.filter(({ rule }) => rule.deltaAt === 0 && rule.text.startsWith("r("));
  return variants.reduce((sum, { effort }) => sum + effort!.probes, 0);
}

for (const [name, backend] of Object.entries({ compiled, interpreted, webAssembly })) {
  describe(`rounds whose sizes drift (${name})`, () => {
    it("go on in another order where that is expected to cost less, with the same result", () => {
      const asFirst = ran({ backend, profiled: true }, (_, before) => before);
      const revised = ran({ backend, profiled: true });
      expect(revised.rows).to.deep.equal(asFirst.rows).and.to.have.length(6000);
      expect(ran({ backend }).rows).to.deep.equal(asFirst.rows);
      expect(probes(asFirst.evaluation)).to.equal(15_000 * 21);
      expect(probes(revised.evaluation)).to.be.below(15_000 * 6);
    });
  });
}

describe("the drift of sizes", () => {
  it("is looked at where rows, or those of the delta, are many times as many as before", () => {
    const held = { rows: 0, scanned: () => ({ from: 0, to: 0 }) };
    const drift = new Drift([held], { rowsMin: 100, factor: 8 });
    const at = (from: number, to: number): boolean => {
      Object.assign(held, { rows: to, scanned: () => ({ from, to }) });
      return drift.outgrown();
    };
    expect([at(0, 90), at(90, 110), at(110, 120), at(120, 800)]).to.deep.equal([
      ...[false, true, false, true],
    ]);
    expect([at(800, 900), at(900, 6000), at(6000, 6500)]).to.deep.equal([false, false, true]);
  });

  it("is that of all relations together, and begins at the least rows and just the factor", () => {
    const one = (rows: number, delta: number) => ({
      rows,
      scanned: () => ({ from: rows - delta, to: rows }),
    });
    const relations = [one(60, 10), one(39, 30)];
    const drift = new Drift(relations, { rowsMin: 100, factor: 8 });
    const outgrown = (first: number, delta: number): boolean => {
      relations[0] = one(first, delta);
      return drift.outgrown();
    };
    expect(outgrown(60, 10)).to.equal(false);
    expect(outgrown(61, 10), "100 rows").to.equal(true);
    expect(outgrown(700, 289), "739 rows, 319 in the delta").to.equal(false);
    expect(outgrown(700, 290), "eight times 40").to.equal(true);
  });
});
