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
    expect(evaluation.diagnostics.map(({ code, message }) => `${code}: ${message}`)).to.deep.equal([
      "too-many-rounds: the limit of 10 rounds is reached",
    ]);
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

  it("ends a stratum at the limit of one of its relations", () => {
    const { rows } = ran(`.decl even, odd(x: number)
      even(0).
      odd(x + 1) :- even(x).
      even(x + 1) :- odd(x).
      .limitsize even(n = 3)`);
    expect([rows("even"), rows("odd").length]).to.deep.equal([[0, 2, 4], 2]);
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

  it("tells how far it is, and what rules and strata took", () => {
    let now = 0;
    const progress: string[] = [];
    const { evaluation } = ran(
      `.decl e, p(x: number, y: number)
       e(1, 2). e(2, 3). e(3, 4).
       p(x, y) :- e(x, y).
       p(x, z) :- p(x, y), e(y, z).`,
      {
        clock: () => now++,
        onProgress: (of) => progress.push(`${of.stratum}.${of.round}: ${of.derived}`),
      },
    );
    expect(progress).to.deep.equal(["0.0: 0", "1.0: 3", "1.1: 5", "1.2: 6", "1.3: 6"]);
    expect(
      evaluation.rules.map(({ rule, derived, runs, ms }) => [rule.text, derived, runs, ms]),
    ).to.deep.equal([
      ["p(x, y) :- e(x, y).", 3, 1, 1],
      ["p(x, z) :- p(x, y), e(y, z).", 3, 3, 3],
    ]);
    const [, second] = evaluation.strata;
    expect(second).to.include({ rounds: 3, derived: 6 });
    // It began before its plan was made; each of its four runs of a rule asked twice.
    expect(second!.ms).to.equal(9);
  });

  it("tells all that it took where it is profiled", () => {
    const text = `.decl a, b(x: number)
      a(1). a(2).
      b(x) :- a(x).
      b(x + 1) :- b(x), x < 5.`;
    const { evaluation } = ran(text, { profiled: true, clock: () => 0 });
    expect(evaluation.samples!.length).to.be.above(0);
    const { iterations } = evaluation.strata[1]!;
    expect(iterations!.map(({ round, derived }) => [round, derived])).to.deep.equal([
      ...[
        [0, 2],
        [1, 1],
        [2, 1],
        [3, 1],
        [4, 0],
      ], //
    ]);
    const efforts = evaluation.rules.map(({ effort }) => effort!);
    expect(efforts.map(({ derived, firings }) => [derived, firings])).to.deep.equal([
      [2, 2],
      [3, 4],
    ]);
    expect([...iterations![0]!.rules.values()].map(({ derived }) => derived)).to.deep.equal([2]);
  });

  it("warns of each rule by itself", () => {
    const { evaluation } = ran(`.decl a, b, c(x: symbol)
      a("x").
      b(x) :- a(x), match("(", x).
      c(x) :- a(x), match("[", x).`);
    expect(evaluation.diagnostics.map(({ notes }) => notes)).to.deep.equal([
      ['while evaluating b(x) :- a(x), match("(", x).'],
      ['while evaluating c(x) :- a(x), match("[", x).'],
    ]);
  });

  it("is bounded by what there may be, and bounds nothing that comes later", () => {
    const { plan } = compile(".decl a, b(x: number)  b(x) :- a(x).").compiled!;
    for (const [more, said] of [
      [0, ""],
      [-1, "out-of-memory"],
    ] as const) {
      const database = new Database(plan);
      const limits = { maxMemoryBytes: database.memoryBytes + more };
      const { diagnostics } = evaluate(plan, database, { backend: interpreted, limits });
      expect(diagnostics.map(({ code }) => code).join()).to.equal(said);
      expect(database.memory.array(1000).length).to.equal(1000);
    }
    const database = new Database(plan);
    for (let x = 0; x < 100; x++) database.relations[0]!.insert([x]);
    const limits = { maxTuples: 5 };
    expect(evaluate(plan, database, { backend: interpreted, limits }).complete).to.equal(false);
    for (let x = 1000; x < 1100; x++) database.relations[1]!.insert([x]);
    expect(database.relations[1]!.size).to.equal(106);
  });
});
