// Random programs, run by the reference evaluator, the interpreter of plans and generated code, and
// by the interpreter with all of them derived on demand:
//
//     npm run fuzz -- --seed 1 --programs 10000
//
// Each second program has 32 bits. Fails where they differ, and says by which small program; and
// where the programs are worth too little: too few of them have a tuple in every output, or a
// construct of the language is too rare.

import { judged, report } from "../test/differential/judged.ts";
import { type Construct, constructs, constructsOf } from "../test/support/constructs.ts";
import { generateProgram } from "../test/support/generate-program.ts";
import { textOfProgram } from "../test/support/generated-program.ts";
import { scriptOptions, whole } from "./script-options.mjs";

/** The least shares of all programs: with a tuple in every output, and with a construct. */
const filledShareMin = 0.5;
const constructShareMin = 0.05;
/** With fewer programs than these a share says little. */
const programsMin = 1000;
const progressMs = 5000;
const differencesMax = 5;

const { values } = scriptOptions({
  allowPositionals: true,
  options: { seed: { type: "string" }, programs: { type: "string" } },
});
const seed = whole("seed", values.seed ?? "1");
const programs = whole("programs", values.programs ?? "1000");

const kinds = { agreed: 0, refused: 0, unbounded: 0, different: 0 };
const uses = new Map<Construct, number>(constructs.map((name) => [name, 0]));
let [filled, referenced, demanded] = [0, 0, 0];
let saidMs = Date.now();

for (let at = 0; at < programs && kinds.different < differencesMax; at++) {
  const program = generateProgram(seed + at, at % 2 === 0 ? 64 : 32);
  const found = judged(program);
  kinds[found.kind] += 1;
  if (found.kind === "different") {
    process.stdout.write(`seed ${seed + at}, ${report(program)}\n`);
  }
  if (found.kind === "agreed") {
    referenced += found.referenced ? 1 : 0;
    demanded += found.demanded ? 1 : 0;
    filled += [...found.answers.values()].every((tuples) => tuples.size > 0) ? 1 : 0;
    for (const name of constructsOf(textOfProgram(program, { plain: false }))) {
      uses.set(name, (uses.get(name) ?? 0) + 1);
    }
  }
  if (Date.now() - saidMs > progressMs) {
    saidMs = Date.now();
    process.stderr.write(`${at + 1} of ${programs}: ${counts()}\n`);
  }
}

const percent = (count: number): string => `${((100 * count) / programs).toFixed(1)} %`;
const rare = [...uses].filter(([, count]) => count < constructShareMin * programs);
const lines = [
  `${programs} programs from seed ${seed}: ${counts()}`,
  `${percent(referenced)} agreed with the reference`,
  `${percent(demanded)} put out the same on demand`,
  `${percent(filled)} agreed and have a tuple in every output`,
  "constructs, in programs that agreed:",
  ...[...uses].map(([name, count]) => `  ${name.padEnd(26)}${percent(count).padStart(8)}`),
];
if (programs >= programsMin) {
  if (filled < filledShareMin * programs) lines.push("too few have a tuple in every output");
  if (rare.length > 0) lines.push(`too rare: ${rare.map(([name]) => name).join(", ")}`);
}
process.stdout.write(lines.join("\n") + "\n");
const poor = programs >= programsMin && (filled < filledShareMin * programs || rare.length > 0);
process.exitCode = kinds.different > 0 || poor ? 1 : 0;

function counts(): string {
  return Object.entries(kinds)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(", ");
}
