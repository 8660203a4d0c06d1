// Schedules under which a node once went wrong, or one with a planted bug: `ends` gives the last line
// of the trace, `trace` all of it.
import { assert } from "../../src/base/assert.ts";
import { simulate } from "../../src/sim/simulate.ts";
import { runCases } from "../support/cases.ts";
import { readSchedule } from "../support/schedule-text.ts";
import { simulatedPrograms } from "../support/simulated.ts";

runCases("sim", {
  trace: (text, [name]) => trace(text, name).join("\n"),
  ends: (text, [name]) => trace(text, name).at(-1) ?? "",
});

function trace(text: string, name: string | undefined): string[] {
  const simulated = simulatedPrograms.find((other) => other.name === name);
  assert(simulated !== undefined, `there is a program ${name ?? ""}`);
  const lines: string[] = [];
  simulate(simulated.program, readSchedule(simulated.program, text), (line) => lines.push(line));
  return lines;
}
