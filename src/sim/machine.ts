import type { Fact } from "../transducer/fact.ts";
import type { FactMap } from "../transducer/model.ts";
import type { Members } from "../transducer/membership.ts";
import type { Node } from "../transducer/node.ts";
import type { Owners } from "../transducer/owners.ts";
import { Disk } from "./disk.ts";
import { mayBeAt } from "./parts.ts";
import { outputOf, type Recorded, type SimulatedProgram } from "./program.ts";

/** One node over all its lives. */
export type Machine = {
  readonly name: string;
  readonly disk: Disk;
  /** Absent while it is down. */
  node?: Node;
  /** What the node of this life computes with. */
  inbox?: Recorded;
  /** Who the members are, as it was told before its first life; where that can change. */
  given?: Members;
  /** With whom the rules of this life began, and what they own. */
  owners?: Owners;
  /** When all that it has written is durable. */
  syncedMs: number;
  /** What it has put out. */
  told: Fact[];
};

/** Returns a machine that is still down. */
export function newMachine(name: string): Machine {
  return { name, disk: new Disk(), syncedMs: 0, told: [] };
}

/** Returns what a machine has put out; nothing where it is down. */
export function machineOutput(program: SimulatedProgram, machine: Machine): FactMap {
  const { node } = machine;
  const output = outputOf(program, { tuples: (relation) => node?.tuples(relation) ?? [] });
  return output.filter((fact) => tells(program, machine, fact));
}

/** Whether a machine tells of a fact that it has: not where it was handed over to another. */
export function tells({ parts }: SimulatedProgram, machine: Machine, fact: Fact): boolean {
  const { owners, name, given } = machine;
  if (parts === undefined || owners === undefined || given === undefined) return true;
  return mayBeAt(parts, owners, name, fact);
}
