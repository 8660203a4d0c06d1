// From a checked program to what the simulator runs: as its rules say, flooded, or in parts.
import { type Level, levels } from "../analysis/levels.ts";
import { monotonicity } from "../analysis/monotone.ts";
import type { Literal, Program, RelationAt } from "../analysis/program.ts";
import { visitLiterals } from "../analysis/work-rule.ts";
import { assert } from "../base/assert.ts";
import type { Diagnostic } from "../base/diagnostic.ts";
import type { Backend } from "../codegen/backend.ts";
import { growingRelations } from "../plan/growing.ts";
import { networkProgram, saysNetwork, sealable } from "../plan/network.ts";
import { partition } from "../plan/partition.ts";
import {
  handingOver,
  type PartitionedProgram,
  saysPartition,
} from "../plan/partitioned-program.ts";
import { plan } from "../plan/program.ts";
import type { Promised, SimulatedProgram } from "../sim/program.ts";
import { IncrementalTransducer } from "../transducer/incremental.ts";
import { Model } from "../transducer/model.ts";
import { ownerFunctors, Owners } from "../transducer/owners.ts";
import { keptInputs } from "../server/sealing-program.ts";
import type { Implementations } from "../value/user-functor.ts";

/** How a program is to be simulated. */
export type SimulatedOptions = {
  readonly backend: Backend;
  readonly functors?: Implementations;
  /** Nodes answer once all have sealed their input. */
  readonly awaits?: boolean;
};

/** A program to simulate, and the worst level of its outputs. */
export type Simulated = { readonly level: Level; readonly simulated: SimulatedProgram };

/** Returns what the simulator runs; or why a program that is partitioned cannot be. */
export function simulatedOf(
  written: Program,
  options: SimulatedOptions,
): { readonly diagnostics: readonly Diagnostic[] } & Partial<Simulated> {
  if (options.awaits === true) {
    const level = verdict(written).level;
    return { diagnostics: [], level, simulated: sealedFirst(written, "consistent", options) };
  }
  if (!saysPartition(written)) return { diagnostics: [], ...asWritten(written, options) };
  const { partitioned, diagnostics } = partition(written);
  if (partitioned === undefined) return { diagnostics };
  return { diagnostics, ...inParts(written, partitioned, options) };
}

function asWritten(program: Program, options: SimulatedOptions): Simulated {
  const { level, networkDependent } = verdict(program);
  const promises: Partial<Record<Level, Promised>> = {
    M: networkDependent ? "none" : "monotone",
    coordinating: "consistent",
  };
  const promise = promises[level] ?? "none";
  const run = running(program, options);
  const floods = !saysNetwork(program);
  // What coordinates by itself has its share before its first step.
  const first = floods || level === "M" ? [] : keptInputs(program, run.model.network);
  const simulated = first.length > 0 ? sealedFirst(program, promise, options) : run;
  return { level, simulated: { ...simulated, floods, promise } };
}

/** A program whose nodes begin when its inputs are sealed. */
function sealedFirst(
  written: Program,
  promise: Promised,
  options: SimulatedOptions,
): SimulatedProgram {
  const { program, seals } = sealable(written);
  const run = running(program, options);
  return {
    ...{ ...run, floods: !saysNetwork(written), promise },
    sealing: { relation: seals, awaited: keptInputs(written, run.model.network) },
    // A seal counts facts that an old log does not have.
    without: ["restore"],
  };
}

function inParts(
  written: Program,
  partitioned: PartitionedProgram,
  { backend, functors }: SimulatedOptions,
): Simulated {
  const { placements, arrivals, seals } = partitioned;
  const program = handingOver(partitioned);
  const byMembers = new Map<string, Implementations>();
  const functorsFor = (members: readonly string[]): Implementations => {
    const key = members.toSorted().join(" ");
    const known = byMembers.get(key) ?? ownerFunctors(program.functors, new Owners(members));
    byMembers.set(key, known);
    return { ...functors, ...known };
  };
  const network = networkProgram(written);
  const whole = new Model({
    ...{ network, plan: plan(network.step), backend },
    ...(functors && { functors }),
  });
  const { level, networkDependent } = verdict(written);
  const last = level === "M" ? "monotone" : "consistent";
  return {
    level,
    simulated: {
      ...running(program, { backend, functors: functorsFor(["one"]) }, functorsFor),
      ...{ floods: false, promise: networkDependent ? "none" : last },
      parts: { whole, places: placements, arrivals, seals, closing: closingInputs(partitioned) },
    },
  };
}

/** What nodes run: a plan, and how it is kept up. */
function running(
  program: Program,
  { backend, functors }: SimulatedOptions,
  functorsFor?: (members: readonly string[]) => Implementations,
): Required<Pick<SimulatedProgram, "model" | "transducer">> {
  const network = networkProgram(program);
  const options = { network, plan: plan(network.step), backend, ...(functors && { functors }) };
  const grows = growingRelations(program, network);
  return {
    model: new Model(options),
    transducer: (name, members) => {
      const own = functorsFor && { functors: functorsFor(members) };
      return new IncrementalTransducer({ ...options, ...own, grows }, name, members);
    },
  };
}

function verdict(program: Program): { readonly level: Level; readonly networkDependent: boolean } {
  const { relations, outputs } = monotonicity(program);
  const of = outputs.flatMap((at) => relations[at] ?? []);
  const level = levels[Math.max(0, ...of.map((one) => levels.indexOf(one.level)))];
  assert(level !== undefined, "a level has a place among levels");
  return { level, networkDependent: of.some((one) => one.networkDependent) };
}

/** The inputs that rules read to derive seals, but for what they seal. */
function closingInputs({ source, seals }: PartitionedProgram): ReadonlySet<RelationAt> {
  const found = new Set<RelationAt>();
  const open = [...seals.values()];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (found.has(at)) continue;
    found.add(at);
    for (const { head, body } of source.rules)
      if (head.relation === at) open.push(...positiveIn(body));
  }
  for (const [sealed, seal] of seals) for (const at of [sealed, seal]) found.delete(at);
  return found;
}

function positiveIn(body: readonly Literal[]): RelationAt[] {
  const found: RelationAt[] = [];
  visitLiterals(body, (literal) => {
    if (literal.kind === "atom") found.push(literal.relation);
  });
  return found;
}
