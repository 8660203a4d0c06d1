import { random } from "../base/random.ts";
import type { Fact } from "../transducer/fact.ts";
import type { FactMap } from "../transducer/model.ts";
import { outputOf, type SimulatedProgram, transducerOf } from "./program.ts";

const stepsMax = 1_000;

/** Returns what a node puts out that receives the same facts in another order, in other parts, and
 * some of them twice. */
export function replayedOutput(
  program: SimulatedProgram,
  name: string,
  names: readonly string[],
  inbox: readonly Fact[],
  seed: number,
): FactMap {
  const from = random(seed);
  const transducer = transducerOf(program, name, names);
  const facts = from.shuffled([...inbox, ...inbox.filter(() => from.chance(0.3))]);
  let { again } = transducer.step([]);
  for (let at = 0; at < facts.length;) {
    const part = facts.slice(at, at + from.between(1, 8));
    at += part.length;
    ({ again } = transducer.step(part));
  }
  for (let steps = 0; again && steps < stepsMax; steps++) ({ again } = transducer.step([]));
  return outputOf(program, { tuples: (relation) => transducer.tuples(relation) });
}
