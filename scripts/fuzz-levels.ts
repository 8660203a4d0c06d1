// Random small programs, and what the checker of monotonicity says of them, against the definitions
// of the levels: all inputs made of a few facts, each with all larger ones.
//
//     npm run fuzz:levels -- --seed 1 --programs 5000
//
// Fails where an accepted relation loses an answer that its level says it keeps, and says by which
// small program; and where `witness` finds too few of the witnesses that there are.

import { monotonicity } from "../src/analysis/monotone.ts";
import { LevelCounts } from "../test/differential/level-counts.ts";
import {
  judgedLevels,
  type LevelsOptions,
  type LevelsVerdict,
} from "../test/differential/levels.ts";
import { generateLevelledProgram, type LevelledProgram } from "../test/support/generate-levels.ts";
import { shrunkLevelled } from "../test/support/shrink-levels.ts";
import { scriptOptions, whole } from "./script-options.mjs";

const witnessedShareMin = 0.9;
const progressMs = 5000;
const counterexamplesMax = 5;

const { values } = scriptOptions({
  options: { seed: { type: "string" }, programs: { type: "string" } },
});
const seed = whole("seed", values.seed ?? "1");
const programs = whole("programs", values.programs ?? "1000");

const counts = new LevelCounts();
let saidMs = Date.now();
for (let at = seed; at < seed + programs && counts.counterexamples < counterexamplesMax; at++) {
  const program = generateLevelledProgram(at);
  const options = {
    seed: at,
    levelsOf: (of) => monotonicity(of).relations,
  } satisfies LevelsOptions;
  const verdict = judgedLevels(program, options);
  counts.add(verdict);
  if (counterexample(verdict) !== undefined) {
    const lost = (of: LevelledProgram) => counterexample(judgedLevels(of, options));
    const smallest = shrunkLevelled(program, (of) => lost(of) !== undefined);
    const text = [smallest.text, lost(smallest), ""].join("\n");
    process.stdout.write(`seed ${at}, values ${smallest.values.join(", ")}\n${text}`);
  }
  if (Date.now() - saidMs > progressMs) {
    saidMs = Date.now();
    process.stderr.write(`${at - seed + 1} of ${programs}: ${counts.lines.join("; ")}\n`);
  }
}
process.stdout.write(`from seed ${seed}\n${counts.lines.join("\n")}\n`);
const few = counts.witnessedShare < witnessedShareMin;
if (few) process.stdout.write("too few witnesses are found\n");
process.exitCode = counts.counterexamples > 0 || few ? 1 : 0;

/** The first counterexample in a program, if there is one. */
function counterexample(verdict: LevelsVerdict): string | undefined {
  if (verdict.kind !== "judged") return undefined;
  const found = verdict.relations.find((of) => of.counterexample !== undefined);
  return found && `${found.name} is not ${found.level}:\n${found.counterexample ?? ""}`;
}
