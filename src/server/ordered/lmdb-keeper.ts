// Rows on disk: they need no checkpoint of their own, what is carried out is written beside them.
// For another replica that has lost its rows a checkpoint is written when it asks.
import { rm, stat } from "node:fs/promises";
import { join } from "node:path";

import type { ReplicaState } from "../../calvin/replica.ts";
import { startOf, type Version } from "../../calvin/storage.ts";
import type { Pattern } from "../../calvin/transaction.ts";
import { ByteSink, ByteSource } from "../../runtime/bytes.ts";
import { readReplicaState, replicaStateBytes } from "../../runtime/checkpoint-bytes.ts";
import { installCheckpoint, writeCheckpoint } from "../../runtime/node/checkpoint-files.ts";
import { orderedLogError } from "../../runtime/node/ordered-folder.ts";
import { LmdbStorage } from "../../runtime/node/lmdb-storage.ts";
import { readPiece } from "./checkpoint-piece.ts";
import type { Begin, CheckpointPiece, Keeper, KeeperOptions, Keeping, Kept } from "./keeper.ts";

/** What rows on disk are kept with. */
export type LmdbKeeperOptions = KeeperOptions & {
  /** The folder of the rows. */
  readonly rows: string;
};

const hashBytesMax = 1_024;

/** Opens rows on disk: as far as they are carried out there. Throws an `OrderedLogError` where
 * another version wrote them. */
export function openLmdbKeeper(options: LmdbKeeperOptions): Keeper {
  const storage = new LmdbStorage(options.rows, { keys: options.keys });
  try {
    return keeperOf(options, storage);
  } catch (error) {
    void storage.close();
    throw orderedLogError(error, `${options.rows} cannot be read`);
  }
}

function keeperOf(options: LmdbKeeperOptions, storage: LmdbStorage): Keeper {
  if (storage.applied === undefined)
    storage.write(() => {
      storage.apply(0, { removed: [], inserted: options.stated });
      return { before: startOf(1), note: noteBytes({ state: first, recordHash: "", horizon: 0 }) };
    });
  return new LmdbKeeper(options, storage);
}

/** Before the first epoch. */
const first: ReplicaState = {
  ...{ epoch: 0, hash: 0, requests: [], batches: [] },
  ...{ frontier: new Map(), members: [] },
};

class LmdbKeeper implements Keeper {
  readonly storage: LmdbStorage;
  readonly begin: Begin;
  readonly frozen = false;
  checkpointed: number;
  private readonly options: LmdbKeeperOptions;
  /** The checkpoint that others are given, while it is of the last epoch. */
  private served: Promise<number> | undefined;
  /** Checkpoints that are being written: the rows stay open until they are. */
  private reading: Promise<unknown> = Promise.resolve();

  constructor(options: LmdbKeeperOptions, storage: LmdbStorage) {
    this.options = options;
    this.storage = storage;
    this.begin = this.applied();
    this.checkpointed = this.begin.state.epoch;
  }

  readonly prefetch = (patterns: readonly Pattern[]): Promise<void> =>
    this.storage.prefetch(patterns);

  carry<T>(work: () => T): T {
    let done: { readonly value: T } | undefined;
    this.storage.write(() => {
      done = { value: work() };
      return undefined;
    });
    if (done === undefined) throw new Error("what is written is carried out first");
    return done.value;
  }

  async keep({ replica, recordHash, oldest }: Keeping): Promise<Kept> {
    const { storage } = this;
    const state = replica.state();
    replica.forget(oldest);
    const begin = { state, recordHash: recordHash(state.epoch), horizon: startOf(oldest + 1) };
    storage.write(() => ({ before: startOf(state.epoch + 1), note: noteBytes(begin) }));
    await storage.flush();
    this.checkpointed = state.epoch;
    this.served = undefined;
    const { size } = await stat(join(this.options.rows, "data.mdb"));
    return { epoch: state.epoch, hash: state.hash, rows: storage.size, bytes: size };
  }

  async piece(epoch: number | undefined, from: number): Promise<CheckpointPiece | undefined> {
    if (epoch === undefined && this.checkpointed === 0) return undefined;
    if (epoch === undefined && this.served === undefined) {
      this.served = this.serve();
      this.reading = Promise.allSettled([this.reading, this.served]);
    }
    return readPiece(this.options.folder, epoch ?? (await this.served) ?? 0, from);
  }

  async install(bytes: AsyncIterable<Uint8Array>): Promise<Keeper> {
    const { folder, of, rows, keys } = this.options;
    const { state, manifest, versions } = await installCheckpoint(folder, of, bytes);
    await this.close();
    await rm(rows, { recursive: true, force: true });
    const storage = new LmdbStorage(rows, { keys });
    storage.write(() => {
      for (const { row, from, to } of versions.toSorted((a, b) => a.from - b.from)) {
        storage.apply(from, { removed: [], inserted: [row] });
        if (to !== Infinity) storage.apply(to, { removed: [row], inserted: [] });
      }
      const { record: recordHash, horizon } = manifest;
      return { before: startOf(state.epoch + 1), note: noteBytes({ state, recordHash, horizon }) };
    });
    await storage.flush();
    return new LmdbKeeper(this.options, storage);
  }

  async close(): Promise<void> {
    await this.reading;
    await this.storage.close();
  }

  private applied(): Begin {
    return readNote(
      this.storage.applied?.note ?? noteBytes({ state: first, recordHash: "", horizon: 0 }),
    );
  }

  /** Writes a checkpoint of the last epoch that the disk has; returns it. */
  private async serve(): Promise<number> {
    const { folder, of } = this.options;
    const { state, recordHash, horizon } = this.applied();
    const versions = upTo(this.storage.versions(horizon), startOf(state.epoch + 1));
    await writeCheckpoint(folder, { ...of, record: recordHash }, { state, horizon, versions });
    return state.epoch;
  }
}

/** The versions as they were before a place. */
function* upTo(versions: Iterable<Version>, end: number): Generator<Version> {
  for (const { row, from, to } of versions)
    if (from < end) yield { row, from, to: to < end ? to : Infinity };
}

function noteBytes({ state, recordHash, horizon }: Begin): Uint8Array {
  const sink = new ByteSink();
  sink.text(recordHash);
  sink.count(horizon);
  return Buffer.concat([sink.finish(), replicaStateBytes(state)]);
}

function readNote(note: Uint8Array): Begin {
  const source = new ByteSource(note);
  const recordHash = source.text(hashBytesMax, "a hash");
  const horizon = source.count(Number.MAX_SAFE_INTEGER, "a place");
  return { recordHash, horizon, state: readReplicaState(note.subarray(note.length - source.left)) };
}
