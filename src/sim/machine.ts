import type { Fact } from "../transducer/fact.ts";
import type { FactMap } from "../transducer/model.ts";
import type { Node } from "../transducer/node.ts";
import { Disk } from "./disk.ts";
import { outputOf, type Recorded, type SimulatedProgram } from "./program.ts";

/** One node over all its lives. */
export type Machine = {
  readonly name: string;
  readonly disk: Disk;
  /** Absent while it is down. */
  node?: Node;
  /** What the node of this life computes with. */
  inbox?: Recorded;
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
export function machineOutput(program: SimulatedProgram, { node }: Machine): FactMap {
  return outputOf(program, { tuples: (relation) => node?.tuples(relation) ?? [] });
}
