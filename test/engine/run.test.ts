import { expect } from "chai";

import { interpreted } from "../../src/codegen/backend.ts";
import { compile } from "../../src/compile.ts";
import { Database } from "../../src/engine/database.ts";
import { evaluate } from "../../src/engine/evaluate.ts";
import type { EvaluateOptions } from "../../src/engine/run.ts";
import type { Evaluation } from "../../src/engine/statistics.ts";
import { forced } from "../support/forms.ts";

type Ran = { readonly evaluation: Evaluation; readonly rows: (name: string) => number[] };

function ran(text: string, options: EvaluateOptions = {}): Ran {
  const { plan } = compile(text, { domain: 32 }).compiled!;
  const database = new Database(plan);
  const evaluation = evaluate(plan, database, { backend: interpreted, ...options });
  const rows = (name: string): number[] => {
    const relation = database.relation(name)!;
    return [...relation.column(0)];
  };
  return { evaluation, rows };
}

const codes = ({ evaluation }: Ran): string =>
  evaluation.diagnostics.map(({ code }) => code).join();

describe("a run", () => {
  it("is not begun where a functor is missing", () => {
    const { evaluation, rows } = ran(`.functor twice(x: number): number
      .decl a, b(x: number)
      a(1).
      b(@twice(x)) :- a(x).`);
    expect({ ...evaluation, diagnostics: evaluation.diagnostics.length }).to.deep.equal({
      ...{ diagnostics: 1, strata: [], rules: [], complete: false },
    });
    expect(rows("a")).to.deep.equal([]);
  });

  it("counts the tuples of all relations against one limit", () => {
    const text = `.decl a, b(x: number)
      a(x) :- x = range(0, 60).
      b(x) :- a(x).`;
    for (const [maxTuples, said, size] of [
      [120, "", 60],
      [119, "too-many-tuples", 60],
      [100, "too-many-tuples", 41],
      [59, "too-many-tuples", 0],
    ] as const) {
      const found = ran(text, { limits: { maxTuples } });
      expect([codes(found), found.rows("b").length]).to.deep.equal([said, size]);
    }
  });

  it("tells of the rounds that were finished, where a limit ends it", () => {
    const text = ".decl n(x: number)  n(0).  n(x + 1) :- n(x).";
    const { evaluation } = ran(text, { limits: { maxRounds: 10 } });
    expect(evaluation.strata.map(({ rounds, derived }) => [rounds, derived])).to.deep.equal([
      [10, 10],
    ]);
    const enough = ran(".decl n(x: number)  n(0).  n(x + 1) :- n(x), x < 10.", {
      limits: { maxRounds: 11 },
    });
    expect([codes(enough), enough.evaluation.strata[0]?.rounds]).to.deep.equal(["", 11]);
  });

  it("takes no time where there is no clock", () => {
    const { evaluation } = ran(".decl a, b(x: number)  a(1).  b(x) :- a(x).");
    for (const one of [...evaluation.strata, ...evaluation.rules])
      expect("ms" in one || "iterations" in one || "effort" in one).to.equal(false);
    expect("samples" in evaluation).to.equal(false);
  });

  it("ends a stratum at the limit of an equivalence, which is of its pairs", () => {
    const text = (size: number): string => `.decl e(x: number, y: number) eqrel
      .decl seen(x: number)
      e(0, 0).
      e(x, x + 1) :- e(x, _), x < 50.
      seen(x) :- e(x, x).
      .limitsize e(n = ${size})`;
    for (const [size, elements] of [
      [1, 1],
      [9, 3],
      [10, 4],
      [16, 4],
    ] as const)
      expect(ran(text(size)).rows("seen").length, `${size} pairs`).to.equal(elements);
  });

  it("numbers what counters are asked for, whichever rule asks", () => {
    const { rows } = ran(`.decl a, b, c(x: number)
      a(x) :- x = range(0, 5).
      b($) :- a(_).
      c($) :- a(x), x < 3.`);
    expect([...rows("b"), ...rows("c")].toSorted((x, y) => x - y)).to.deep.equal([
      ...[0, 1, 2, 3, 4, 5, 6, 7],
    ]);
  });

  it("derives the same while sets take other forms, within a rule and between rounds", () => {
    const text = `.decl n, m(x: number)
      .decl p(x: number, y: number)
      n(x) :- x = range(0, 3000).
      m(x) :- n(x), x % 7 = 0.
      p(x, x * 3) :- n(x).
      p(x % 500, y % 400) :- p(x, y).
      p(x, y + 1) :- p(x, y), y < 40, m(x).`;
    const { plan } = compile(text, { domain: 32 }).compiled!;
    const sizes = (["table", "blocks", "bits"] as const).flatMap((form) =>
      [10, 1000, 4000].map((rowsMin) => {
        const database = new Database(plan, {}, { forms: { ...forced(form), rowsMin } });
        expect(evaluate(plan, database).diagnostics).to.deep.equal([]);
        const { tuples } = database.relation("p")!;
        expect(tuples.set.form).to.equal(form);
        const [x, y] = tuples.columns;
        const pairs = Array.from({ length: tuples.size }, (_, row) => `${x![row]} ${y![row]}`);
        expect(new Set(pairs).size).to.equal(tuples.size);
        return tuples.size;
      }),
    );
    expect(new Set(sizes).size).to.equal(1);
  });
});
