import { expect } from "chai";
import { random } from "../../src/base/random.ts";
import { allFaults } from "../../src/sim/faults.ts";
import type { SimulatedProgram } from "../../src/sim/program.ts";
import { type Schedule, scheduleOf } from "../../src/sim/schedule.ts";
import { shrunk } from "../../src/sim/shrink.ts";
import { simulate } from "../../src/sim/simulate.ts";
import { factsOf, modelOf, programOf } from "../support/networks.ts";
import { readSchedule, scheduleText } from "../support/schedule-text.ts";
import { reachability, rooms, type Simulated, simulatedPrograms } from "../support/simulated.ts";

const seed = Number(process.env["SEED"] ?? "1");
const seeds = 15;

function drawn({ program, nodesMax, input, keys = [] }: Simulated, of: number): Schedule {
  return scheduleOf(program, {
    ...{ seed: of, nodes: nodesMax, faults: allFaults, input: input(random(of)) },
    keys,
    mode: of % 4 === 0 ? "safety" : "liveness",
  });
}

function traced(program: SimulatedProgram, schedule: Schedule): string {
  const lines: string[] = [];
  simulate(program, schedule, (line) => lines.push(line));
  return lines.join("\n");
}

describe(`simulated networks (SEED=${seed})`, () => {
  for (const simulated of simulatedPrograms)
    it(`keep what they promise under all faults: ${simulated.name}`, function () {
      this.timeout(180_000);
      for (let of = seed; of < seed + seeds; of++) {
        const { failure } = simulate(simulated.program, drawn(simulated, of));
        expect(failure, `seed ${of}`).to.equal(undefined);
      }
    });

  for (const simulated of simulatedPrograms)
    it(`give one trace for one seed, byte for byte: ${simulated.name}`, () => {
      const first = traced(simulated.program, drawn(simulated, seed));
      expect(first.split("\n").length).to.be.greaterThan(50);
      expect(traced(simulated.program, drawn(simulated, seed))).to.equal(first);
    });

  it("give other traces for other seeds", () => {
    const traces = [1, 2, 3].map((of) => traced(reachability.program, drawn(reachability, of)));
    expect(new Set(traces).size).to.equal(3);
  });

  it("do the same again with what was drawn by chance written down, also as text", () => {
    for (const simulated of [reachability, rooms]) {
      const { program } = simulated;
      for (let of = seed; of < seed + 5; of++) {
        const schedule = drawn(simulated, of);
        const written = simulate(program, schedule).schedule;
        const trace = traced(program, schedule);
        expect(traced(program, written)).to.equal(trace);
        expect(traced(program, readSchedule(program, scheduleText(program, written)))).to.equal(
          trace,
        );
      }
    }
  });

  it("have each kind of fault in some of a hundred schedules", () => {
    const kinds = new Set(
      simulatedPrograms.flatMap((simulated) =>
        Array.from({ length: 25 }, (_, at) => [
          ...simulate(simulated.program, drawn(simulated, at + 1)).faults.keys(),
        ]).flat(),
      ),
    );
    expect([...kinds].toSorted()).to.deep.equal([...allFaults].toSorted());
  }).timeout(120_000);
});

describe("a simulation of a program that breaks its promise", () => {
  const text = `
    .decl edge(x: number, y: number)
    .input edge
    .decl sink(x: number)
    sink(y) :- edge(_, y), !edge(y, _).
    .output sink`;
  const program: SimulatedProgram = {
    ...{ model: modelOf(programOf(text)), floods: true, promise: "monotone" },
  };

  it("fails, and shrinks to a run with hardly anything in it", () => {
    const input = factsOf(
      program.model,
      "edge",
      [1n, 2n, 3n, 4n, 5n, 6n].map((from) => [from, from + 1n]),
    );
    const schedule = scheduleOf(program, {
      ...{ seed: 3, nodes: 4, exactly: true, faults: allFaults, input, mode: "liveness" },
    });
    const failed = simulate(program, schedule);
    expect(failed.failure?.check).to.equal("output-right");
    const smallest = shrunk(program, failed);
    expect(smallest.failure?.check).to.equal("output-right");
    const { names, inserts, faults, fates } = smallest.schedule;
    expect(names).to.have.length(2);
    expect(inserts.flatMap(({ facts }) => facts)).to.have.length(2);
    expect(faults.length).to.be.lessThan(3);
    expect(fates.kind === "fixed" && fates.fates.size < 3).to.equal(true);
  }).timeout(120_000);
});
