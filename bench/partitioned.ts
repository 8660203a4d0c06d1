// A closure in parts on 1, 2, 4 and 8 nodes in one process, beside one where each node holds
// everything: tuples per node and messages. The counts are the same each time; time says little, as
// the nodes take turns. Fails where a node's share does not fall, or an answer differs.
import { readFileSync } from "node:fs";
import type { Program } from "../src/analysis/program.ts";
import { random } from "../src/base/random.ts";
import { understand } from "../src/understand.ts";
import { growingRelations } from "../src/plan/growing.ts";
import { flooded, networkProgram } from "../src/plan/network.ts";
import { partition } from "../src/plan/partition.ts";
import { ownersOf } from "../src/plan/partitioned-program.ts";
import { plan } from "../src/plan/program.ts";
import type { Fact } from "../src/transducer/fact.ts";
import { IncrementalTransducer } from "../src/transducer/incremental.ts";
import { ownerFunctors, Owners } from "../src/transducer/owners.ts";

const [file = ""] = process.argv.slice(2);
const [vertices, edges] = [500, 900];

const { program } = understand(readFileSync(file, "utf8"));
if (program === undefined) throw new Error(`${file} has mistakes`);
const { partitioned } = partition(program);
if (partitioned === undefined) throw new Error(`${file} cannot be evaluated in parts`);
const [edge, path] = ["edge", "path"].map((name) =>
  program.relations.findIndex((relation) => relation.name === name),
);
if (edge === undefined || path === undefined) throw new Error("there are edges and paths");
const keys = ownersOf(partitioned, edge);

const next = random(5);
const input = Array.from({ length: edges }, (): Fact => {
  const values = [BigInt(next.below(vertices)), BigInt(next.below(vertices))];
  return { relation: edge, values };
});

/** What came of a run: counts of tuples and of messages, which nodes send to others. */
type Counts = {
  readonly answer: number;
  readonly most: number;
  readonly mean: number;
  readonly messages: number;
  readonly ms: number;
};

console.log(`closure of a random graph, ${vertices} vertices, ${edges} edges
                 paths   tuples at a node: most, mean     messages        ms`);
const shares = [1, 2, 4, 8].map((count) => {
  const owners = new Owners(named(count));
  const counts = run(
    partitioned.program,
    owners,
    ({ values }) => owners.ofTuple(keys, values)[0] ?? "",
  );
  print(`${count} ${count === 1 ? "node " : "nodes"}, in parts`, counts);
  return counts;
});
const whole = run(flooded(program), new Owners(named(4)), (_, at) => `n${(at % 4) + 1}`);
print("4 nodes, flooding", whole);
for (const [at, { answer, most }] of shares.entries()) {
  if (answer !== whole.answer) throw new Error("the answers differ");
  if (at > 0 && most > 0.75 * (shares[at - 1]?.most ?? 0))
    throw new Error("a node's share does not fall with the number of nodes");
}
console.log();

function run(of: Program, owners: Owners, home: (fact: Fact, at: number) => string): Counts {
  const start = performance.now();
  const network = networkProgram(of);
  const options = { network, plan: plan(network.step), grows: growingRelations(of, network) };
  const functors = ownerFunctors(of.functors, owners);
  const nodes = owners.members.map((name) => ({
    name,
    transducer: new IncrementalTransducer({ ...options, functors }, name, owners.members),
    inbox: input.filter((fact, at) => home(fact, at) === name),
  }));
  let messages = 0;
  for (let busy = true; busy;) {
    busy = false;
    for (const { name, transducer, inbox } of nodes) {
      const { sent, again } = transducer.step(inbox.splice(0));
      busy ||= again || sent.length > 0;
      for (const { to, ...fact } of sent)
        for (const other of nodes) {
          if (to === undefined ? other.name === name : other.name !== to) continue;
          other.inbox.push(fact);
          if (other.name !== name) messages++;
        }
    }
  }
  const sizes = nodes.map(({ transducer }) =>
    network.step.relations.reduce((sum, _, at) => sum + transducer.tuples(at).length, 0),
  );
  const answer = new Set(
    nodes.flatMap(({ transducer }) => transducer.tuples(path ?? 0).map(String)),
  );
  return {
    answer: answer.size,
    most: Math.max(...sizes),
    mean: sizes.reduce((sum, size) => sum + size, 0) / sizes.length,
    messages,
    ms: performance.now() - start,
  };
}

function named(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `n${at + 1}`);
}

function print(title: string, { answer, most, mean, messages, ms }: Counts): void {
  const columns = [answer, most, mean, messages, ms].map((value, at) =>
    Math.round(value)
      .toLocaleString("en")
      .padStart([9, 20, 11, 13, 10][at] ?? 0),
  );
  console.log(title.padEnd(17) + columns.join(""));
}
