// The rows of a node's partition, and the checkpoints that it comes back from.
import type { LockKeys } from "../../calvin/footprint.ts";
import type { Replica, ReplicaState } from "../../calvin/replica.ts";
import type { Position, Storage } from "../../calvin/storage.ts";
import type { Pattern, Row } from "../../calvin/transaction.ts";
import type { CheckpointOf } from "../../runtime/node/checkpoint-frames.ts";

/** What the rows of a partition are kept with. */
export type KeeperOptions = {
  /** The folder of checkpoints. */
  readonly folder: string;
  readonly of: Omit<CheckpointOf, "record">;
  /** The rows before the first epoch. */
  readonly stated: readonly Row[];
  /** The columns by which rows are found again. */
  readonly keys: LockKeys;
};

/** Where a partition goes on. */
export type Begin = {
  readonly state: ReplicaState;
  /** Of the record of the state's epoch. */
  readonly recordHash: string;
  readonly horizon: Position;
};

/** A checkpoint that was made. */
export type Kept = {
  readonly epoch: number;
  readonly hash: number;
  readonly rows: number;
  readonly bytes: number;
};

/** A piece of a checkpoint, as it is on the disk. */
export type CheckpointPiece = {
  readonly epoch: number;
  readonly bytes: Uint8Array;
  /** Whether nothing comes after it. */
  readonly last: boolean;
};

/** What a checkpoint is made of. */
export type Keeping = {
  readonly replica: Replica;
  /** Of the log's record of an epoch that is carried out. */
  readonly recordHash: (epoch: number) => string;
  /** The least epoch that any member comes back from. */
  readonly oldest: number;
  /** Returns once an epoch that is taken in is carried out; rejects where that is not awaited any
   * more. */
  readonly carriedOut: (epoch: number) => Promise<void>;
};

/** Keeps the rows of a partition. */
export type Keeper = {
  readonly storage: Storage;
  /** Absent where it begins with the first epoch. */
  readonly begin?: Begin;
  /** The epoch of the last checkpoint; 0 where there is none. */
  readonly checkpointed: number;
  /** Brings rows that fit patterns into memory, while nobody waits for them; absent where they are
   * there. */
  readonly prefetch?: (patterns: readonly Pattern[]) => Promise<void>;
  /** Does what may change rows. */
  carry<T>(work: () => T): T;
  /** Whether no further epoch may be taken in: a checkpoint is made that needs it. */
  readonly frozen: boolean;
  /** Makes a checkpoint, of what is carried out or, by some ways, of what is taken in. */
  keep(keeping: Keeping): Promise<Kept>;
  /** A piece of the last checkpoint, or of that of an epoch, for another replica of the partition;
   * undefined where it is not there. */
  piece(epoch: number | undefined, from: number): Promise<CheckpointPiece | undefined>;
  /** Takes the checkpoint of another replica in place of all that is here; returns what goes on
   * from it. */
  install(bytes: AsyncIterable<Uint8Array>): Promise<Keeper>;
  close(): Promise<void>;
};
