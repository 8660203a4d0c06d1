import { assert } from "../../base/assert.ts";
import { beginCheckpoint, type CheckpointMethod } from "../../calvin/checkpoint.ts";
import { MemoryStorage } from "../../calvin/memory-storage.ts";
import type { Storage } from "../../calvin/storage.ts";
import { ZigzagStorage } from "../../calvin/zigzag-storage.ts";
import type { LoadedCheckpoint } from "../../runtime/node/checkpoint-frames.ts";
import {
  installCheckpoint,
  newestCheckpoint,
  writeCheckpoint,
} from "../../runtime/node/checkpoint-files.ts";
import type { Logger } from "../logger.ts";
import { readPiece } from "./checkpoint-piece.ts";
import type { Begin, CheckpointPiece, Keeper, KeeperOptions, Keeping, Kept } from "./keeper.ts";
import type { CheckpointBy } from "./settings.ts";

/** What rows in memory are kept with. */
export type MemoryKeeperOptions = KeeperOptions & { readonly checkpointBy: CheckpointBy };

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
  readonly storage: Storage;
  readonly begin?: Begin;
  checkpointed: number;
  frozen = false;
  private readonly method: CheckpointMethod;
  private readonly options: MemoryKeeperOptions;

  constructor(options: MemoryKeeperOptions, loaded: LoadedCheckpoint | undefined) {
    this.options = options;
    const stated = options.stated.map((row) => ({ row, from: 0, to: Infinity }));
    this.method = methodOf(options, new MemoryStorage(loaded?.versions ?? stated, options.keys));
    this.storage = this.method.storage;
    this.checkpointed = loaded?.manifest.epoch ?? 0;
    if (loaded === undefined) return;
    const { record: recordHash, horizon } = loaded.manifest;
    this.begin = { state: loaded.state, recordHash, horizon };
  }

  carry<T>(work: () => T): T {
    return work();
  }

  async keep({ replica, recordHash, oldest, carriedOut }: Keeping): Promise<Kept> {
    const { folder, of } = this.options;
    const capture = beginCheckpoint(replica, this.method);
    this.frozen = capture.frozen;
    try {
      await carriedOut(capture.epoch);
      const caught = capture.caught(oldest);
      assert(caught !== undefined, "what is carried out is caught");
      const record = recordHash(capture.epoch);
      const written = await writeCheckpoint(folder, { ...of, record }, caught);
      this.checkpointed = Math.max(this.checkpointed, written.epoch);
      return written;
    } finally {
      this.frozen = false;
      capture.end();
    }
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

function methodOf({ checkpointBy }: MemoryKeeperOptions, rows: MemoryStorage): CheckpointMethod {
  switch (checkpointBy) {
    case "versions":
      return { way: "multiversion", storage: rows };
    case "zigzag":
      return { way: "zigzag", storage: new ZigzagStorage(rows) };
    case "synchronous":
      return { way: "synchronous", storage: rows };
  }
}
