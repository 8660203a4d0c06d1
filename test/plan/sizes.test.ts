import { expect } from "chai";
import { is, Map as Named } from "immutable";

import { random } from "../../src/base/random.ts";
import { interpreted } from "../../src/codegen/backend.ts";
import { compile, type CompiledProgram } from "../../src/compile.ts";
import { run, type Run } from "../differential/ways.ts";
import type { GroupRows, Plan } from "../../src/plan/plan.ts";
import { generateProgram } from "../support/generate-program.ts";
import { textOfProgram } from "../support/generated-program.ts";
import { determined } from "../support/reference.ts";

// SEED=n starts there, PROGRAMS=n is how many.
const first = Number(process.env["SEED"] ?? 1);
const count = Number(process.env["PROGRAMS"] ?? 50);
const sizesTried = 5;
const sizesPossible = [-1, 0, 1, 3, 5, 50, 10_000, 100_000_000];
const limits = { maxTuples: 5_000, maxRounds: 1_000 };

/** The program as it is planned for other sizes than those that it meets, of relations and of the
 * groups in them. */
function misled(
  compiled: CompiledProgram,
  sizes: readonly number[],
  groups: GroupRows | undefined,
): CompiledProgram {
  const { plan } = compiled;
  const stratum: Plan["stratum"] = (at) => plan.stratum(at, sizes, undefined, groups);
  return { ...compiled, plan: { ...plan, stratum } };
}

/** Sizes of groups that are the same whenever they are asked for. */
function groupsOf(sizes: readonly number[]): GroupRows {
  return (relation, columns) =>
    1 + Math.max(0, sizes[(relation + columns.reduce((a, b) => a + b, 1)) % sizes.length]!);
}

function answered({ answers, diagnostics }: Run): boolean {
  return diagnostics.length === 0 && [...answers.values()].some((tuples) => tuples.size > 0);
}

describe("the sizes that a plan is made for", () => {
  it(`change how it runs, never what it answers (seeds from ${first})`, function () {
    this.timeout(count * 4000);
    let compared = 0;
    for (let seed = first; seed < first + count; seed++) {
      const text = textOfProgram(generateProgram(seed, 64), { plain: false });
      const { compiled } = compile(text);
      if (compiled === undefined || !determined(compiled.program)) continue;
      const wanted = run(compiled, interpreted, { limits });
      if (!answered(wanted)) continue;
      const { pick } = random(seed);
      for (let tried = 0; tried < sizesTried; tried++) {
        const sizes = compiled.plan.relations.map(() => pick(sizesPossible));
        const found = run(
          misled(compiled, sizes, tried % 2 === 0 ? groupsOf(sizes) : undefined),
          interpreted,
          { limits },
        );
        // What can fail may come to be asked of rows that another order leaves out.
        if (found.diagnostics.length > 0) continue;
        const same = is(Named(found.answers), Named(wanted.answers));
        expect(same, `seed ${seed}, sizes ${sizes.join()}\n${text}`).to.equal(true);
        compared += 1;
      }
    }
    if (count >= 50) expect(compared).to.be.greaterThan(2 * count);
  });
});
