import { expect } from "chai";

import { monotonicity } from "../../src/analysis/monotone.ts";
import type { Program } from "../../src/analysis/program.ts";
import { random } from "../../src/base/random.ts";
import { compiled, interpreted } from "../../src/codegen/backend.ts";
import { compile } from "../../src/compile.ts";
import { generateProgram } from "../support/generate-program.ts";
import { textOfProgram } from "../support/generated-program.ts";
import { compared, scheduleOf } from "./maintaining.ts";

// SEED=n starts there; PROGRAMS=n is how many.
const first = Number(process.env["SEED"] ?? 1);
const count = Number(process.env["PROGRAMS"] ?? 60);

describe("random programs that are kept up", () => {
  for (const removals of [false, true]) {
    const what = removals ? "come and go" : "come";
    it(`hold what they hold at once, while facts ${what} (seeds from ${first})`, function () {
      this.timeout(count * 3000);
      let agreed = 0;
      for (let seed = first; seed < first + count; seed++) {
        const chance = random(seed);
        const program = generateProgram(seed, chance.pick([32, 64]));
        const text = textOfProgram(program, { plain: false });
        const result = compile(text, { domain: program.domain }).compiled;
        if (result === undefined) continue;
        const { relations } = monotonicity(withInputs(result.program));
        const grows = (relation: number): boolean => relations[relation]?.level === "M";
        const schedule = scheduleOf(result.program.facts.length, chance, removals);
        for (const options of [
          { backend: compiled },
          { backend: interpreted },
          { backend: compiled, grows },
        ]) {
          const found = compared(result, schedule, options);
          if (found === "agreed") agreed++;
          if (typeof found === "object")
            expect.fail(`seed ${seed}: ${found.different}\n\n${text}\n${JSON.stringify(schedule)}`);
        }
      }
      expect(agreed).to.be.above(count / 2);
    });
  }
});

/** A program that reads all its relations. */
function withInputs(program: Program): Program {
  const directives = program.relations.map(
    ({ span }, relation) =>
      ({ word: "input", relation, parameters: new Map<string, string>(), span }) as const,
  );
  return { ...program, facts: [], directives };
}
