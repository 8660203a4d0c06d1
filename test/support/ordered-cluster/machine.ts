// The machines of a simulated cluster: each has one partition of one replica.
import type { Program } from "../../../src/analysis/program.ts";
import { Bodies } from "../../../src/calvin/bodies.ts";
import type { Checkpoint } from "../../../src/calvin/checkpoint.ts";
import type { LockKeys } from "../../../src/calvin/footprint.ts";
import type { OrderedMember } from "../../../src/calvin/members.ts";
import { MemoryStorage } from "../../../src/calvin/memory-storage.ts";
import type { Partitions } from "../../../src/calvin/partitions.ts";
import type { BatchReference, OrderedBatch } from "../../../src/calvin/record.ts";
import { Replica } from "../../../src/calvin/replica.ts";
import type { TransactionCode } from "../../../src/calvin/transaction.ts";
import { FreeFacts } from "../free-facts.ts";
import { statedState, transactionsOf } from "../transactions.ts";
import type { MachineDisk } from "./machine-disk.ts";

/** A machine: what of it outlives a crash, and what does not. */
export type Machine = OrderedMember & {
  // On its disk.
  disk: MachineDisk;
  facts: FreeFacts;
  bodies: Bodies;
  // In its memory.
  replicaOf: Replica;
  storage: MemoryStorage;
  /** The last epoch that it has taken in. */
  taken: number;
  /** Long batches that it has and has not seen in the log. */
  readonly long: Map<string, { readonly reference: BatchReference; readonly batch: OrderedBatch }>;
  // What happens to it.
  alive: boolean;
  pausedUntil: number;
  clockMs: number;
};

/** Makes machines of a program, new ones and those that come back from a checkpoint. */
export class Machines {
  private readonly program: Program;
  private readonly keys: LockKeys;
  private readonly partitions: Partitions;
  private readonly hash: (text: string) => string;
  private readonly codesOf = new Map<string, Map<string, TransactionCode>>();

  constructor(
    program: Program,
    keys: LockKeys,
    partitions: Partitions,
    hash: (text: string) => string,
  ) {
    this.program = program;
    this.keys = keys;
    this.partitions = partitions;
    this.hash = hash;
  }

  /** The rows before the first epoch. */
  private stated({ partition }: OrderedMember): Checkpoint {
    const versions = [...statedState(this.program).rows.values()]
      .filter((row) => this.partitions.of(row) === partition)
      .map((row) => ({ row, from: 0, to: Infinity }));
    const state = {
      epoch: 0,
      hash: 0,
      requests: [],
      batches: [],
      frontier: new Map(),
      members: [],
    };
    return { versions, horizon: 0, state };
  }

  /** A machine that has nothing but what is on a disk. */
  async machine(member: OrderedMember, disk: MachineDisk): Promise<Machine> {
    return {
      ...{ ...member, disk, ...(await this.made(member, disk)) },
      ...{ facts: new FreeFacts(member.name), bodies: new Bodies(this.hash), long: new Map() },
      ...{ alive: true, pausedUntil: 0, clockMs: 0 },
    };
  }

  /** What a machine has in its memory that begins with what is on its disk. */
  async made(
    member: OrderedMember,
    disk: MachineDisk,
  ): Promise<Pick<Machine, "replicaOf" | "storage" | "taken">> {
    const newest = await disk.newest();
    const {
      versions,
      horizon,
      state: from,
    } = newest ? { ...newest, horizon: newest.manifest.horizon } : this.stated(member);
    const storage = new MemoryStorage(versions, this.keys);
    const { partitions, keys } = this;
    const { partition } = member;
    const codes = this.codesAt(member);
    const replicaOf = new Replica({
      ...{ partition, partitions, keys, codes, storage, from, horizon, tellsChanges: true },
    });
    return { storage, replicaOf, taken: from.epoch };
  }

  /** Each partition of each replica has code of its own, which has carried out what came to it and
   * nothing else. Linking it takes longer than all the rest: it outlives crashes. */
  private codesAt({ replica, partition }: OrderedMember): Map<string, TransactionCode> {
    const name = `${replica} ${partition}`;
    const known = this.codesOf.get(name) ?? transactionsOf(this.program);
    this.codesOf.set(name, known);
    return known;
  }
}
