import { checkpoint } from "../../calvin/checkpoint.ts";
import { MemoryStorage } from "../../calvin/memory-storage.ts";
import type { Replica } from "../../calvin/replica.ts";
import type { Row } from "../../calvin/transaction.ts";
import type { CheckpointOf, LoadedCheckpoint } from "../../runtime/node/checkpoint-frames.ts";
import {
  installCheckpoint,
  newestCheckpoint,
  writeCheckpoint,
} from "../../runtime/node/checkpoint-files.ts";
import type { Logger } from "../logger.ts";
import { readPiece } from "./checkpoint-piece.ts";
import type { Begin, CheckpointPiece, Keeper, Kept } from "./keeper.ts";

/** What rows in memory are kept with. */
export type MemoryKeeperOptions = {
  /** The folder of checkpoints. */
  readonly folder: string;
  readonly of: Omit<CheckpointOf, "record">;
  /** The rows before the first epoch. */
  readonly stated: readonly Row[];
};

/** Opens rows in memory: as the newest checkpoint has them, or else as the text states them. Throws
 * an `OrderedLogError` where checkpoints are not of this program and partition. */
export async function openMemoryKeeper(
  options: MemoryKeeperOptions,
  logger: Pick<Logger, "warn">,
): Promise<Keeper> {
  const { checkpoint: found, skipped } = await newestCheckpoint(options.folder, options.of);
  for (const { path, reason } of skipped)
    logger.warn("a checkpoint is damaged, one before it is taken", { path, reason });
  return new MemoryKeeper(options, found);
}

/** Rows in memory, with checkpoints in files. */
class MemoryKeeper implements Keeper {
  readonly storage: MemoryStorage;
  readonly begin?: Begin;
  checkpointed: number;
  private readonly options: MemoryKeeperOptions;

  constructor(options: MemoryKeeperOptions, loaded: LoadedCheckpoint | undefined) {
    this.options = options;
    const stated = options.stated.map((row) => ({ row, from: 0, to: Infinity }));
    this.storage = new MemoryStorage(loaded?.versions ?? stated);
    this.checkpointed = loaded?.manifest.epoch ?? 0;
    if (loaded === undefined) return;
    const { record: recordHash, horizon } = loaded.manifest;
    this.begin = { state: loaded.state, recordHash, horizon };
  }

  carry<T>(work: () => T): T {
    return work();
  }

  async keep(replica: Replica, recordHash: string, oldest: number): Promise<Kept> {
    const { folder, of } = this.options;
    const made = checkpoint(replica, this.storage, oldest);
    // Rows change while the disk works.
    const versions = [...made.versions];
    const written = await writeCheckpoint(
      folder,
      { ...of, record: recordHash },
      { ...made, versions },
    );
    this.checkpointed = Math.max(this.checkpointed, written.epoch);
    return written;
  }

  async piece(epoch: number | undefined, from: number): Promise<CheckpointPiece | undefined> {
    const wanted = epoch ?? this.checkpointed;
    if (wanted === 0) return undefined;
    return readPiece(this.options.folder, wanted, from);
  }

  async install(bytes: AsyncIterable<Uint8Array>): Promise<Keeper> {
    const { folder, of } = this.options;
    return new MemoryKeeper(this.options, await installCheckpoint(folder, of, bytes));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
