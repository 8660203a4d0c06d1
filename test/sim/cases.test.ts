// Schedules that a node once went wrong under, or one with a planted bug.
import { assert } from "../../src/base/assert.ts";
import { simulate } from "../../src/sim/simulate.ts";
import { runCases } from "../support/cases.ts";
import { readSchedule } from "../support/schedule-text.ts";
import { simulatedPrograms } from "../support/simulated.ts";

runCases("sim", {
  trace: (text, [name]) => {
    const simulated = simulatedPrograms.find((other) => other.name === name);
    assert(simulated !== undefined, `there is a program ${name ?? ""}`);
    const lines: string[] = [];
    simulate(simulated.program, readSchedule(simulated.program, text), (line) => lines.push(line));
    return lines.join("\n");
  },
});
