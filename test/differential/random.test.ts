import { expect } from "chai";

import { generateProgram } from "../support/generate-program.ts";
import { constructs, constructsOf } from "../support/constructs.ts";
import { textOfProgram } from "../support/generated-program.ts";
import { judged, report } from "./judged.ts";

// SEED=n starts there; PROGRAMS=n is how many: SEED=1 PROGRAMS=100000 is a long test.
const first = Number(process.env["SEED"] ?? 1);
const count = Number(process.env["PROGRAMS"] ?? 150);

describe("random programs", () => {
  for (const domain of [64, 32] as const) {
    it(`have the same answers in all ways, in ${domain} bits (seeds from ${first})`, function () {
      this.timeout(count * 2000);
      const kinds = { agreed: 0, refused: 0, unbounded: 0, different: 0 };
      let [relations, filled] = [0, 0];
      for (let seed = first; seed < first + count; seed++) {
        const program = generateProgram(seed, domain);
        const found = judged(program);
        kinds[found.kind] += 1;
        if (found.kind === "different") expect.fail(`SEED=${seed} PROGRAMS=1, ${report(program)}`);
        if (found.kind !== "agreed") continue;
        for (const [name, tuples] of found.answers) {
          if (!/(^|[._])rel\d/.test(name)) continue;
          relations += 1;
          filled += tuples.isEmpty() ? 0 : 1;
        }
      }
      // The test is worth something only while most programs run and have something to say.
      if (count >= 100) {
        const shares = `${JSON.stringify(kinds)}, ${filled} of ${relations} relations are filled`;
        expect(kinds.agreed / count, shares).to.be.greaterThan(0.9);
        expect(filled / relations, shares).to.be.greaterThan(0.6);
      }
    });
  }

  it("use every construct that they are made of", () => {
    const missing = new Set<string>(constructs);
    for (let seed = first; missing.size > 0 && seed < first + 500; seed++) {
      const text = textOfProgram(generateProgram(seed, 64), { plain: false });
      for (const name of constructsOf(text)) missing.delete(name);
    }
    expect([...missing]).to.deep.equal([]);
  });
});
