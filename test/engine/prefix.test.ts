import { expect } from "chai";

import { compiled, interpreted, javascript, webAssembly } from "../../src/codegen/backend.ts";
import { compile } from "../../src/compile.ts";
import { Database } from "../../src/engine/database.ts";
import { evaluate } from "../../src/engine/evaluate.ts";
import type { EvaluateOptions } from "../../src/engine/run.ts";
import type { Evaluation } from "../../src/engine/statistics.ts";

// The two rules with `call` begin alike; their heads have different arities.
const text = `
  .decl call(b: number, s: number, i: number)  call(b, b % 7, b + 1) :- b = range(0, 60).
  .decl target(s: number, h: number, m: number)
  target(s, h, (s * 5 + h) % 60) :- s = range(0, 7), h = range(0, 12).
  .decl this(m: number, v: number)  this(m, (m * 13) % 60) :- m = range(0, 60).
  .decl at(v: number, h: number)  at(b, b % 12) :- b = range(0, 60).
  .decl edge(i: number, s: number, m: number)
  at(v, h) :- at(b, h), call(b, s, _), target(s, h, m), this(m, v).
  edge(i, s, m) :- at(b, h), call(b, s, i), target(s, h, m).
  at(m % 60, 3) :- edge(_, _, m), m % 2 = 0.`;

function ran(options: EvaluateOptions): { evaluation: Evaluation; rows: readonly string[] } {
  const { compiled: program } = compile(text);
  const database = new Database(program!.plan);
  const evaluation = evaluate(program!.plan, database, options);
  const rows = ["at", "edge"].flatMap((name) => {
    const relation = database.relation(name)!;
    const columns = relation.schema.attributes.map((_, at) => [...relation.column(at)]);
    const tuples = columns[0]!.map((__, row) => columns.map((column) => column[row]).join());
    return tuples.toSorted().map((tuple) => `${name} ${tuple}`);
  });
  return { evaluation, rows };
}

const one = ran({ backend: interpreted, profiled: true });

for (const [name, backend] of Object.entries({ compiled, javascript, webAssembly, interpreted })) {
  describe(`rules that begin alike (${name})`, () => {
    it("derive together what each derives by itself", () => {
      const { rows, evaluation } = ran({ backend });
      expect(rows).to.deep.equal(one.rows).and.to.have.length.above(200);
      expect(evaluation.rules.filter(({ rule }) => rule.shares?.length === 2)).to.have.length(1);
    });

    it("are run one by one where they are measured, or their tuples are counted", () => {
      for (const options of [{ profiled: true }, { limits: { maxTuples: 1e6 } }]) {
        const { rows, evaluation } = ran({ backend, ...options });
        expect(rows).to.deep.equal(one.rows);
        expect(evaluation.rules.some(({ rule }) => rule.shares !== undefined)).to.equal(false);
        expect(evaluation.rules.map(({ rule, derived }) => [rule.text, derived])).to.deep.equal(
          one.evaluation.rules.map(({ rule, derived }) => [rule.text, derived]),
        );
      }
    });

    it("leave what each has derived where memory ends", () => {
      const { compiled: program } = compile(text);
      const { memoryBytes } = new Database(program!.plan);
      const left: number[] = [];
      for (let bytes = 10_000; bytes < 24_000; bytes += 1000) {
        const database = new Database(program!.plan);
        const limits = { maxMemoryBytes: memoryBytes + bytes };
        const { complete } = evaluate(program!.plan, database, { backend, limits });
        for (const name of ["at", "edge"]) {
          const relation = database.relation(name)!;
          const columns = relation.schema.attributes.map((_, at) => relation.column(at));
          const tuples = [...columns[0]!.keys()].map((row) => columns.map((words) => words[row]!));
          expect(tuples.every((tuple) => relation.has(tuple))).to.equal(true);
          expect(new Set(tuples.map(String)).size).to.equal(relation.size);
          if (!complete) left.push(relation.size);
        }
      }
      expect(Math.max(...left)).to.be.above(0);
    });
  });
}
