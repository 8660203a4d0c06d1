import { assert } from "../base/assert.ts";
import { type Fact, keyOf } from "../transducer/fact.ts";
import type { FactMap, Model } from "../transducer/model.ts";
import { ModelTransducer } from "../transducer/model-transducer.ts";
import type { StepResult, Transducer } from "../transducer/transducer.ts";
import type { FaultKind } from "./faults.ts";
import { type Parts, writtenFacts } from "./parts.ts";

/** A program as a simulation runs it: the simulation knows nothing of what its nodes compute. */
export type SimulatedProgram = {
  readonly model: Model;
  /** What a node computes with; that of the model unless another is given. */
  readonly transducer?: (name: string, members: readonly string[]) => Transducer;
  /** Whether nodes share their inputs. */
  readonly floods: boolean;
  /** Where seals are, and of which relations they are awaited: of all nodes where these share their
   * inputs, otherwise of the node itself. Nodes compute nothing before; each seals them once its
   * clients have inserted all. */
  readonly sealing?: { readonly relation: number; readonly awaited: readonly number[] };
  /** Where tuples are, if they are not all at all nodes. */
  readonly parts?: Parts;
  readonly promise: Promised;
  /** What the program is not made for. */
  readonly without?: readonly FaultKind[];
};

/** What a program promises of its outputs. `monotone`: at any time they are in the answer of one
 * machine on all input so far, in the end they are that answer, and in which order and how often
 * anything arrives makes no difference. `consistent`: the same, but what arrives counts as often as
 * it arrives, and in its order. `none`: nothing. */
export type Promised = "monotone" | "consistent" | "none";

/** Returns those of some kinds of faults that a program can be given. What a node that comes back
 * with an old log has forgotten of messages nobody tells it again: they are not shared. Nodes join
 * where that moves tuples from one to another. */
export function faultsFor(
  { floods, parts, without = [] }: SimulatedProgram,
  faults: readonly FaultKind[],
): readonly FaultKind[] {
  return faults.filter((kind) => {
    if (kind === "restore" && !floods) return false;
    return !without.includes(kind) && (kind !== "join" || parts !== undefined || floods);
  });
}

/** Returns what a node of a program computes with. */
export function transducerOf(
  { model, transducer }: SimulatedProgram,
  name: string,
  members: readonly string[],
): Transducer {
  return transducer?.(name, members) ?? new ModelTransducer(model, name, members);
}

/** Where the outputs of a program are. */
function outputRelations({ model }: SimulatedProgram): readonly number[] {
  return model.network.roles.flatMap(({ output }, at) => (output ? [at] : []));
}

/** Returns what a transducer has put out. */
export function outputOf(
  program: SimulatedProgram,
  { tuples }: { readonly tuples: Transducer["tuples"] },
): FactMap {
  const facts = outputRelations(program).flatMap((relation) =>
    tuples(relation).map((values) => ({ relation, values })),
  );
  return program.model.keyed(facts);
}

const stepsMax = 10_000;

/** Returns what one machine that has all input puts out. */
export function answerOf(program: SimulatedProgram, input: readonly Fact[]): FactMap {
  const { model, parts } = program;
  const transducer = new ModelTransducer(parts?.whole ?? model, "one", ["one"]);
  const toSelf: Fact[] = [];
  let received = parts === undefined ? input : writtenFacts(parts, input);
  for (let steps = 0; ; steps++) {
    assert(steps < stepsMax, "the program comes to rest on one machine");
    const { again, sent } = transducer.step(received);
    for (const { to, ...fact } of sent) if (to === "one") toSelf.push(fact);
    if (!again && toSelf.length === 0) return outputOf(program, tuplesOf(transducer));
    received = toSelf.splice(0, 1);
  }
}

/** Returns those of `facts` that are not in `whole`; lattice rows are where a row is at or above
 * them. */
export function missingFrom(
  { model }: SimulatedProgram,
  facts: Iterable<Fact>,
  whole: FactMap,
): Fact[] {
  return [...facts].filter((fact) => {
    if (whole.has(keyOf(fact))) return false;
    if (!model.hasLattice(fact.relation)) return true;
    const rows = [...whole.values()].filter(({ relation }) => relation === fact.relation);
    return !model.joined([...rows, fact]).equals(model.keyed(rows));
  });
}

/** Returns how a fact is shown. */
export function factText({ model }: SimulatedProgram, fact: Fact): string {
  const name = model.network.roles[fact.relation]?.name ?? String(fact.relation);
  return keyOf(fact).replace(/^\d+/, () => name);
}

/** Returns how facts are shown, whatever their order. */
export function factsText(program: SimulatedProgram, facts: readonly Fact[]): string {
  if (facts.length === 0) return "nothing";
  return facts
    .map((fact) => factText(program, fact))
    .toSorted()
    .join(" ");
}

/** A transducer that remembers what it received. */
export class Recorded implements Transducer {
  readonly inbox: Fact[] = [];
  private readonly transducer: Transducer;

  constructor(transducer: Transducer) {
    this.transducer = transducer;
  }

  step(received: readonly Fact[]): StepResult {
    this.inbox.push(...received);
    return this.transducer.step(received);
  }

  tuples(relation: number): readonly Fact["values"][] {
    return this.transducer.tuples(relation);
  }
}

function tuplesOf(transducer: Transducer): { readonly tuples: Transducer["tuples"] } {
  return { tuples: (relation) => transducer.tuples(relation) };
}
