import { expect } from "chai";

import type { Program } from "../../src/analysis/program.ts";
import { monotonicity } from "../../src/analysis/monotone.ts";
import { generateLevelledProgram } from "../support/generate-levels.ts";
import { shrunkLevelled } from "../support/shrink-levels.ts";
import { LevelCounts } from "./level-counts.ts";
import { judgedLevels, type LevelVerdict } from "./levels.ts";

// SEED=n starts there; PROGRAMS=n is how many.
const first = Number(process.env["SEED"] ?? 1);
const count = Number(process.env["PROGRAMS"] ?? 150);
const factsMax = 6;

describe("levels of random programs", () => {
  it(`are as defined, and what is refused has a witness (seeds from ${first})`, function () {
    this.timeout(count * 2000);
    const levelsOf = (program: Program) => monotonicity(program).relations;
    const counts = new LevelCounts();
    for (let seed = first; seed < first + count; seed++) {
      const program = generateLevelledProgram(seed);
      const verdict = judgedLevels(program, { seed, factsMax, levelsOf });
      counts.add(verdict);
      const lost = lostIn(verdict);
      if (lost !== undefined) expect.fail(`SEED=${seed} PROGRAMS=1\n${program.text}\n${lost}`);
    }
    // The test is worth something only while relations are accepted and change with the input.
    const shown = counts.lines.join("\n");
    expect(counts.witnessedShare, shown).to.be.at.least(0.9);
    if (count < 100) return;
    expect(counts.of("M"), shown).to.be.greaterThan(count / 4);
    expect(counts.of("F1"), shown).to.be.greaterThan(0);
    expect(counts.of("F2"), shown).to.be.greaterThan(0);
    expect(counts.varying, shown).to.be.greaterThan(count);
  });

  it("have counterexamples where all is accepted", () => {
    for (const level of ["M", "F1", "F2"] as const) {
      const levelsOf = ({ relations }: Program) => relations.map(() => ({ level }));
      const lossOf = (program: { text: string; values: readonly string[] }) =>
        lostIn(judgedLevels(program, { seed: 1, factsMax, levelsOf }));
      const program = { values: ["1", "2"], text: refused };
      const smallest = shrunkLevelled(program, (of) => lossOf(of) !== undefined);
      expect(lossOf(smallest)).to.match(/^with I0\(\d\)\n {2}D0\(\d\)\nadd I1\(\)\n/);
      expect(smallest.text.split("\n")).to.have.length(4);
    }
  });
});

const refused = `.decl I0(x0: number) .input I0
.decl I1() .input I1
.decl D0(x0: number) .output D0
.decl D1(x0: number) .output D1
D0(x) :- I0(x), I0(y), !I1().
D1(x) :- I0(x), x > 0.`;

function lostIn(verdict: ReturnType<typeof judgedLevels>): string | undefined {
  if (verdict.kind !== "judged") return undefined;
  return verdict.relations.find(hasCounterexample)?.counterexample;
}

function hasCounterexample({ counterexample }: LevelVerdict): boolean {
  return counterexample !== undefined;
}
