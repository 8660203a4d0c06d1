// From a project to what its nodes run. Facts that the text states of relations without rules are
// dealt out to the nodes as well: they would be the input of a program that is run on a network.
import { monotonicity } from "../../../../src/analysis/monotone.ts";
import type { Program } from "../../../../src/analysis/program.ts";
import { compiled } from "../../../../src/codegen/backend.ts";
import { Database } from "../../../../src/engine/database.ts";
import { flooded, networkProgram, saysNetwork } from "../../../../src/plan/network.ts";
import { plan } from "../../../../src/plan/program.ts";
import type { Fact } from "../../../../src/transducer/fact.ts";
import { Model } from "../../../../src/transducer/model.ts";
import { tuplesIn } from "../../../../src/transducer/stored.ts";
import { understand } from "../../../../src/understand.ts";
import type { Project } from "../../protocol.ts";
import type { NetworkMode } from "../../network-protocol.ts";
import { readFacts } from "../facts.ts";

/** How far one step of a node may go. */
const stepLimits = { maxTuples: 100_000, maxRounds: 10_000 };

/** What nodes run. */
export type Distributed = {
  readonly program: Program;
  /** What computes answers, without sending anything but what the rules send. */
  readonly model: Model;
  /** The same, where every node sends on what it learns of the input. */
  readonly flooding: Model;
  readonly facts: readonly Fact[];
  readonly modes: readonly NetworkMode[];
  readonly monotone: boolean;
};

/** Returns what nodes run; or why they cannot. */
export function distributed(project: Project): Distributed | { readonly refused: string } {
  const source = { path: project.main, text: project.files[project.main] ?? "" };
  const understood = understand(source, { load: (path) => project.files[path] });
  if (understood.program === undefined)
    return { refused: "The program has errors: mend them first." };
  if (understood.program.transactions.length > 0)
    return {
      refused:
        "Its transactions are carried out in the order of a log, the same at all nodes: that is " +
        "the ordered plane (calm node --ordered). Here is what needs no order.",
    };
  if (understood.program.relations.some(({ place }) => place?.partitions !== undefined))
    return {
      refused: "It is evaluated in parts, which calm sim simulates and this page does not.",
    };
  const program = withInputs(understood.program);
  const database = new Database(plan(networkProgram(program).step));
  const errors = readFacts(program, database, project);
  if (errors[0] !== undefined) return { refused: `Its facts cannot be read: ${errors[0].message}` };
  const inputs = inputsOf(program);
  const facts = [
    ...understood.program.facts.filter(({ relation }) => inputs.has(relation)),
    ...[...inputs].flatMap((relation) =>
      tuplesIn(database, relation).map((values) => ({ relation, values })),
    ),
  ].map(({ relation, values }) => ({ relation, values }));
  const { relations, outputs } = monotonicity(program);
  const written = saysNetwork(program);
  return {
    program,
    model: modelOf(program),
    flooding: modelOf(written ? program : flooded(program)),
    facts,
    modes: written ? ["written"] : ["free", "wait", "order"],
    monotone: outputs.every((at) => relations[at]?.level === "M"),
  };
}

function modelOf(program: Program): Model {
  const network = networkProgram(program);
  return new Model({ network, plan: plan(network.step), backend: compiled, limits: stepLimits });
}

/** The same program, whose inputs are those it declares and those that it states, and whose outputs
 * are all that it answers. */
function withInputs(program: Program): Program {
  const { facts, directives, rules, relations } = program;
  const derived = new Set(rules.map(({ head }) => head.relation));
  const stated = new Set(
    facts.flatMap(({ relation }) => {
      const place = relations[relation]?.place;
      return derived.has(relation) || place !== undefined ? [] : [relation];
    }),
  );
  const said = (word: "input" | "output"): Set<number> =>
    new Set(directives.flatMap((of) => (of.word === word ? [of.relation] : [])));
  const { outputs } = monotonicity(program);
  const directive = (word: "input" | "output") => {
    const known = said(word);
    return (relation: number): Program["directives"] => {
      const span = relations[relation]?.span;
      if (known.has(relation) || span === undefined) return [];
      return [{ word, relation, parameters: new Map(), span }];
    };
  };
  return {
    ...program,
    facts: facts.filter(({ relation }) => !stated.has(relation)),
    directives: [
      ...directives,
      ...[...stated].flatMap(directive("input")),
      ...outputs.flatMap(directive("output")),
    ],
  };
}

function inputsOf({ directives }: Program): Set<number> {
  return new Set(directives.flatMap(({ word, relation }) => (word === "input" ? [relation] : [])));
}
