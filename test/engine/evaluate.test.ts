import { expect } from "chai";

import { renderConcise } from "../../src/base/render.ts";
import { compiled, interpreted, webAssembly } from "../../src/codegen/backend.ts";
import type { SetForm } from "../../src/codegen/store.ts";
import { compile } from "../../src/compile.ts";
import { Database } from "../../src/engine/database.ts";
import { evaluate } from "../../src/engine/evaluate.ts";
import type { EvaluateOptions } from "../../src/engine/run.ts";
import type { Evaluation } from "../../src/engine/statistics.ts";
import { Values } from "../../src/value/values.ts";
import { forced, forms } from "../support/forms.ts";

for (const [name, backend] of Object.entries({ compiled, interpreted, webAssembly })) {
  describe(`an evaluation (${name})`, () => {
    const run = (text: string, options: EvaluateOptions = {}): Ran =>
      ran(text, { backend, ...options });

    it("says at which rule there was no result, and keeps what was derived before", () => {
      const { database, evaluation } = run(
        `.decl a(x: number)  .decl b(x: number)
         a(4). a(2). a(0). a(1).
         b(8 / x) :- a(x).`,
      );
      expect(renderConcise(evaluation.diagnostics)).to.contain("3:10: error[division-by-zero]");
      expect(evaluation.diagnostics[0]?.notes).to.deep.equal([
        "while evaluating b(8 / x) :- a(x).",
      ]);
      expect(evaluation.complete).to.equal(false);
      expect(numbers(database, "b")).to.deep.equal([2n, 4n]);
      expect(database.relation("b")?.insert([4])).to.equal(false);
      expect(database.relation("b")?.insert([5])).to.equal(true);
    });

    it("warns of a bad pattern at its rule, once", () => {
      const { evaluation } = run(
        `.decl a(x: symbol)  .decl b(x: symbol)
         a("x"). a("y").
         b(x) :- a(x), match("(", x).`,
      );
      expect(
        evaluation.diagnostics.map(({ severity, code }) => `${severity} ${code}`),
      ).to.deep.equal(["warning bad-pattern"]);
      expect(evaluation.complete).to.equal(true);
    });

    const counting = `.decl n(x: number)  n(0).  n(x + 1) :- n(x).`;

    it("stops at the limit of tuples and says what grew", () => {
      const { database, evaluation } = run(counting, { limits: { maxTuples: 100 } });
      const [error] = evaluation.diagnostics;
      expect(error?.code).to.equal("too-many-tuples");
      expect(error?.notes?.at(-1)).to.match(/^relation "n" grew most, by 101 tuples, from n\(x/);
      expect(database.relation("n")?.size).to.equal(102);
    });

    it("does not stop where the limit of tuples is just kept", () => {
      const text = `.decl n(x: number)  n(0).  n(x + 1) :- n(x), x < 100.`;
      expect(run(text, { limits: { maxTuples: 100 } }).evaluation.diagnostics).to.deep.equal([]);
      const [error] = run(text, { limits: { maxTuples: 99 } }).evaluation.diagnostics;
      expect(error?.code).to.equal("too-many-tuples");
    });

    it("stops at the limit of rounds", () => {
      const { database, evaluation } = run(counting, { limits: { maxRounds: 10 } });
      expect(evaluation.diagnostics.map(({ code }) => code)).to.deep.equal(["too-many-rounds"]);
      expect(database.relation("n")?.size).to.equal(11);
    });

    it("stops at the limit of memory", () => {
      const maxMemoryBytes = new Values(64).memoryBytes + 100_000;
      const { database, evaluation } = run(counting, { limits: { maxMemoryBytes } });
      expect(evaluation.diagnostics.map(({ code }) => code)).to.deep.equal(["out-of-memory"]);
      expect(database.memoryBytes).to.be.at.most(maxMemoryBytes);
    });

    for (const form of forms)
      it(`leaves sets as ${form} whole where it stops at a limit`, () => {
        // Every fiftieth word is far from the others, and does not fit into bits.
        const text = `.decl n(x: number)  .decl p(x: number, y: number)
          n(x) :- x = range(0, 400).  p(-1, -1).
          p(x, y + (y / 50) * ((y % 50 + 49) / 50 - 1) * -1000000) :- n(x), n(y), y < x + 3.`;
        for (const limits of [10, 99, 1320, 1321, 1322, 1323, 20_000].map((at) => ({
          maxTuples: 400 + at,
        }))) {
          const { database } = ran(text, { backend, limits }, form);
          const pairs = database.relation("p")!;
          expect(pairs.size).to.equal(limits.maxTuples - 400 + 2);
          const rows = [0, 1].map((column) => pairs.column(column).slice());
          const words = new Set(rows[0]!.map((x, row) => x * 1e6 + rows[1]![row]!));
          expect(words.size).to.equal(pairs.size);
          pairs.append(rows, rows[0]!.length);
          expect(pairs.size).to.equal(rows[0]!.length);
          expect(pairs.insert([-5, -5])).to.equal(true);
        }
      });

    it("ends a stratum once a relation holds as many tuples as its .limitsize", () => {
      const { database, evaluation } = run(`${counting}  .limitsize n(n=5)
        .decl m(x: number)  m(x) :- n(x).`);
      expect(evaluation.diagnostics).to.deep.equal([]);
      expect(numbers(database, "m")).to.deep.equal([0n, 1n, 2n, 3n, 4n]);
    });

    it("takes relations that are scanned in more than one block", () => {
      const { database, evaluation } = run(
        `.decl n(x: number)  n(x) :- x = range(0, 200000).
         .decl m(x: number)  m(x / 2) :- n(x).
         .decl c(n: number)  c(n) :- n = count : { m(_) }.
         .decl k(x: number)  k($) :- m(_).
         .decl l(n: number)  l(n) :- n = max x : { k(x) }.`,
      );
      expect(evaluation.diagnostics.filter(({ severity }) => severity === "error")).to.deep.equal(
        [],
      );
      expect(numbers(database, "c")).to.deep.equal([100000n]);
      expect(numbers(database, "l")).to.deep.equal([99999n]);
    });

    it("tells rounds, tuples and times", () => {
      let now = 0;
      const progress: string[] = [];
      const { evaluation } = run(
        `.decl e(x: number, y: number)  e(1, 2). e(2, 3). e(3, 4).
         .decl p(x: number, y: number)
         p(x, y) :- e(x, y).
         p(x, z) :- p(x, y), e(y, z).`,
        {
          clock: () => now++,
          onProgress: ({ stratum, round, derived }) =>
            progress.push(`${stratum}.${round}: ${derived}`),
        },
      );
      expect(progress).to.deep.equal(["0.0: 0", "1.0: 3", "1.1: 5", "1.2: 6", "1.3: 6"]);
      expect(evaluation.strata.map(({ rounds, derived }) => [rounds, derived])).to.deep.equal([
        [0, 0],
        [3, 6],
      ]);
      expect(
        evaluation.rules.map(({ rule, derived, runs, ms }) => [rule.text, derived, runs, ms]),
      ).to.deep.equal([
        ["p(x, y) :- e(x, y).", 3, 1, 1],
        ["p(x, z) :- p(x, y), e(y, z).", 3, 3, 3],
      ]);
    });

    it("goes on from what is there when it is asked again", () => {
      const text = `.decl e(x: number, y: number)  .decl p(x: number, y: number)
        p(x, y) :- e(x, y).  p(x, z) :- p(x, y), p(y, z).`;
      const { database, plan } = run(text);
      const edges = [1, 2, 3, 4, 5, 6];
      for (const x of edges) {
        database.relation("e")?.insert([x, x + 1]);
        evaluate(plan, database, { backend });
        expect(database.relation("p")?.size).to.equal((x * (x + 1)) / 2);
      }
    });
  });
}

type Ran = {
  readonly database: Database;
  readonly evaluation: Evaluation;
  readonly plan: Parameters<typeof evaluate>[0];
};

function ran(text: string, options: EvaluateOptions, form?: SetForm): Ran {
  const { compiled: program, diagnostics } = compile({ path: "test.dl", text });
  if (program === undefined) throw new Error(renderConcise(diagnostics));
  const { plan } = program;
  const database = new Database(plan, {}, form === undefined ? {} : { forms: forced(form) });
  return { database, plan, evaluation: evaluate(plan, database, options) };
}

function numbers(database: Database, name: string): bigint[] {
  const { values } = database;
  return [...database.relation(name)!.column(0)].map(
    (word) => values.decode("number", word) as bigint,
  );
}
