// Random programs, whose relations are put in parts by random columns, beside one machine.
import { expect } from "chai";
import type { Program } from "../../src/analysis/program.ts";
import { random, type Random } from "../../src/base/random.ts";
import { interpreted } from "../../src/codegen/backend.ts";
import { understand } from "../../src/understand.ts";
import type { Limits } from "../../src/engine/limit.ts";
import { networkProgram } from "../../src/plan/network.ts";
import { partition } from "../../src/plan/partition.ts";
import { ownersOf } from "../../src/plan/partitioned-program.ts";
import { plan } from "../../src/plan/program.ts";
import { TransducerNetwork } from "../../src/transducer/configuration.ts";
import { Model } from "../../src/transducer/model.ts";
import { ownerFunctors, Owners } from "../../src/transducer/owners.ts";
import { StepFault } from "../../src/transducer/transducer.ts";
import { generateProgram } from "../support/generate-program.ts";
import { textOfProgram } from "../support/generated-program.ts";
import { central, fairRun, texts } from "../support/networks.ts";

// SEED=n starts there, PROGRAMS=n is how many: SEED=1 PROGRAMS=10000 is a long test.
const first = Number(process.env["SEED"] ?? 1);
const count = Number(process.env["PROGRAMS"] ?? 100);
const answersMax = 150;

/** The program with relations in parts by one column, half of those that can be; everything is an
 * output. */
function inRandomParts(program: Program, chance: Random): Program {
  const relations = program.relations.map((relation) => {
    const { attributes, lattices = [], equivalence, inlined, place } = relation;
    const fixed = attributes.length - lattices.length;
    if (fixed === 0 || equivalence === true || inlined || chance.below(2) === 0) return relation;
    return { ...relation, place: { ...place, partitions: [[chance.below(fixed)]] } };
  });
  const outputs = relations.flatMap(({ inlined, span }, relation) =>
    inlined ? [] : [{ word: "output", relation, parameters: new Map<string, string>(), span }],
  );
  return { ...program, relations, directives: outputs as Program["directives"] };
}

function modelOf(program: Program, owners: Owners, limits: Limits): Model {
  const network = networkProgram(program);
  const functors = ownerFunctors(program.functors, owners);
  const options = { network, plan: plan(network.step), backend: interpreted };
  return new Model({ ...options, functors, limits });
}

/** What a run gives; undefined where it meets a limit, or something that has no value. */
function unlessFaulty<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (fault) {
    if (fault instanceof StepFault) return undefined;
    throw fault;
  }
}

describe(`partitioned evaluation of random programs (SEED=${first} PROGRAMS=${count})`, () => {
  it("gives in its shards the answer of one machine, each tuple at its owner", function () {
    this.timeout(count * 5_000);
    let compared = 0;
    for (let seed = first; seed < first + count; seed++) {
      const text = textOfProgram(generateProgram(seed, 64), { plain: false });
      const { program: written } = understand(text);
      if (written === undefined) continue;
      const chance = random(seed);
      const program = inRandomParts(written, chance);
      const { partitioned } = partition(program);
      if (partitioned === undefined) continue;
      const owners = new Owners(["n1", "n2", "n3"]);
      const whole = modelOf(program, owners, { maxTuples: 500, maxRounds: 100 });
      const wanted = unlessFaulty(() => central(whole, []));
      if (wanted === undefined || wanted.length > answersMax) continue;
      const model = modelOf(partitioned.program, owners, { maxTuples: 3_000, maxRounds: 300 });
      const topology = new Map(
        owners.members.map((name) => [name, owners.members.filter((other) => other !== name)]),
      );
      const network = new TransducerNetwork(model, topology);
      const end = unlessFaulty(() => fairRun(chance, network, network.start(new Map())));
      // What can fail may come to be asked of rows that another order leaves out.
      if (end === undefined) continue;
      const where = `SEED=${seed} PROGRAMS=1\n${text}`;
      expect(texts(model, network.output(end).values()), where).to.deep.equal(wanted);
      for (const name of network.names)
        for (const { relation, values } of network.node(end, name).output.values()) {
          const nodes = owners.ofTuple(ownersOf(partitioned, relation), values);
          if (nodes.length > 0) expect(nodes, where).to.include(name);
        }
      compared += 1;
    }
    if (count >= 100) expect(compared).to.be.greaterThan(10);
  });
});
