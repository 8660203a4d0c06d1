import { expect } from "chai";

import type { Program } from "../../src/analysis/program.ts";
import { understand } from "../../src/understand.ts";
import { Completed } from "../../src/provenance/completed.ts";
import { proofsOf } from "../../src/provenance/prover.ts";
import { whyNot } from "../../src/provenance/why-not.ts";
import type { Value } from "../../src/value/schema.ts";
import { testFunctors } from "../support/functors.ts";
import { generateProgram } from "../support/generate-program.ts";
import { textOfProgram } from "../support/generated-program.ts";
import { determined } from "../support/reference.ts";
import { keyOf, type Known, leastHeights, wrongIn } from "./checker.ts";

// SEED=n starts there; PROGRAMS=n is how many.
const first = Number(process.env["SEED"] ?? 1);
const count = Number(process.env["PROGRAMS"] ?? 40);

/** So many tuples of a relation are explained, and a program with more in one is left out. */
const explainedMax = 4;
const rowsMax = 200;

describe("proofs in random programs", () => {
  it(`are sound, and the least there are (seeds from ${first})`, function () {
    this.timeout(count * 5000);
    const seen = { programs: 0, proofs: 0, least: 0, absences: 0 };
    for (let seed = first; seed < first + count; seed++) {
      const text = textOfProgram(generateProgram(seed, 64), { plain: true });
      const { program } = understand(text, { inlineExclude: ["*"] });
      if (program === undefined || !determined(program)) continue;
      const functors = testFunctors();
      const completed = new Completed(program, { functors, limits: { maxTuples: 5000 } });
      if (!completed.evaluate().complete) continue;
      const known = knownIn(completed, program);
      if (known.complete.some((rows) => rows.length > rowsMax)) continue;
      seen.programs += 1;
      for (const [relation, rows] of known.complete.entries()) {
        const alone = new Completed(program, { functors, limits: { maxTuples: 5000 } });
        const where = `SEED=${seed} PROGRAMS=1: ${program.relations[relation]!.name} alone`;
        expect(alone.evaluate(relation).complete, where).to.equal(true);
        const own = knownIn(alone, program).complete[relation]!;
        expect(own.map(keyOf).toSorted(), where).to.deep.equal(rows.map(keyOf).toSorted());
        const [values] = rows;
        if (values === undefined) continue;
        const heights = [completed, alone].map(
          (of) => proofsOf(of, { relation, values }, { depth: 1000 }, functors)[0]?.height,
        );
        expect(heights[1], where).to.equal(heights[0]);
      }
      const plain = isPlain(program);
      const heights = plain ? leastHeights(program, known) : [];
      for (const [relation, rows] of known.complete.entries()) {
        for (const values of rows.slice(-explainedMax)) {
          const { name } = program.relations[relation]!;
          const where = `SEED=${seed} PROGRAMS=1: ${name}(${keyOf(values)})`;
          // A part of a character is shown as another one.
          if (keyOf(values).includes("\ufffd")) continue;
          const tuple = { relation, values };
          const [proof] = proofsOf(completed, tuple, { depth: 1000 }, functors);
          expect(proof, where).not.to.equal(undefined);
          expect(whyNot(completed, tuple, functors), where).to.equal(undefined);
          if (proof === undefined || !isOrdered(program)) continue;
          expect(wrongIn(proof, program, known), where).to.equal(undefined);
          seen.proofs += 1;
          if (!plain) continue;
          const other = values.map((value) => (typeof value === "bigint" ? value ^ 5n : value));
          if (!has(known.complete[relation]!, other)) {
            const absence = whyNot(completed, { relation, values: other }, functors);
            const kinds = absence?.rules.map(({ kind }) => kind);
            expect(kinds, where).not.to.equal(undefined);
            expect(kinds, where).not.to.include("derived");
            seen.absences += 1;
          }
          expect(proof.height, where).to.equal(heights[relation]!.get(keyOf(values)));
          seen.least += 1;
        }
      }
    }
    if (count < 40) return;
    expect(seen.least, JSON.stringify(seen)).to.be.greaterThan(100);
    expect(seen.absences, JSON.stringify(seen)).to.be.greaterThan(50);
  });
});

function has(rows: readonly (readonly Value[])[], values: readonly Value[]): boolean {
  return rows.some((row) => keyOf(row) === keyOf(values));
}

/** Whether no tuple is dropped again. */
function isOrdered({ relations, rules }: Program): boolean {
  const lattices = relations.some((relation) => relation.lattices !== undefined);
  return !lattices && !rules.some(({ subsumes }) => subsumes === true);
}

/** Whether all tuples come from rules alone. */
function isPlain(program: Program): boolean {
  return isOrdered(program) && !program.relations.some(({ equivalence }) => equivalence === true);
}

function knownIn({ database, explainable }: Completed, program: Program): Known {
  const rowsOf = (relation: number): (readonly Value[])[] => {
    const stored = database.relations[relation]!;
    const { attributes } = stored.schema;
    return Array.from({ length: stored.size }, (_, row) =>
      attributes.map(({ kind }, at) => database.values.decode(kind, stored.column(at)[row]!)),
    );
  };
  const derived = (at: number): boolean => program.rules.some(({ head }) => head.relation === at);
  return {
    complete: program.relations.map((_, at) => rowsOf(at)),
    given: program.relations.map((_, at) => {
      const source = explainable.given[at]!;
      return source === at && derived(at) ? [] : rowsOf(source);
    }),
  };
}
