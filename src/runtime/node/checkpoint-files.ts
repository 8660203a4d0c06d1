// Checkpoints in a folder, each a file of its own: written aside, brought to the disk, then named
// `checkpoint-EPOCH`. What a crash leaves half written has no such name, or no end.
import { join } from "node:path";

import type { Checkpoint } from "../../calvin/checkpoint.ts";
import { OrderedLogError } from "../ordered-log-error.ts";
import {
  checkpointFrames,
  type CheckpointManifest,
  type CheckpointOf,
  CheckpointReader,
  type LoadedCheckpoint,
} from "./checkpoint-frames.ts";
import { type Files, machineFiles, writeAll } from "./files.ts";
import { orderedLogError } from "./ordered-folder.ts";

/** A checkpoint that is on the disk, with how many bytes it has there. */
export type WrittenCheckpoint = CheckpointManifest & { readonly bytes: number };

/** What was found in a folder of checkpoints. */
export type FoundCheckpoint = {
  /** The newest one that is whole; undefined where there is none. */
  readonly checkpoint: LoadedCheckpoint | undefined;
  /** Newer ones that are not what was written, and why. */
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
};

/** How many checkpoints are kept: the one before, where the newest turns out to be damaged. */
const keptCheckpoints = 2;

/** Writes a checkpoint into a folder, which is made where there is none, and removes those before
 * the last ones. Rows are asked for one by one while the disk works. Throws an `OrderedLogError`
 * where the disk does not take it: those that were there are there still. */
export async function writeCheckpoint(
  folder: string,
  of: CheckpointOf,
  checkpoint: Checkpoint,
  files: Files = machineFiles,
): Promise<WrittenCheckpoint> {
  const { epoch } = checkpoint.state;
  const path = join(folder, nameOf(epoch));
  const beside = `${path}.new`;
  try {
    await files.makeFolder(folder);
    const frames = checkpointFrames(of, checkpoint);
    const written = await writeFrames(beside, frames, files);
    await files.rename(beside, path);
    await files.syncFolder(folder);
    await removeCheckpoints(folder, files);
    return written;
  } catch (error) {
    // What is half written takes space that the disk may lack.
    await files.remove(beside).catch(() => undefined);
    throw orderedLogError(error, `a checkpoint cannot be written to ${folder}`);
  }
}

/** Puts the bytes of a checkpoint, as another replica has them on its disk, into a folder. They are
 * read first: what is not whole, or of another program or partition, is refused. */
export async function installCheckpoint(
  folder: string,
  of: Omit<CheckpointOf, "record">,
  bytes: AsyncIterable<Uint8Array>,
  files: Files = machineFiles,
): Promise<LoadedCheckpoint> {
  const beside = join(folder, "installed.new");
  try {
    await files.makeFolder(folder);
    await files.remove(beside);
    const file = await files.create(beside);
    const reader = new CheckpointReader();
    try {
      for await (const piece of bytes) {
        reader.push(piece);
        await writeAll(file, piece);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    const loaded = reader.finish();
    checkOf(loaded.manifest, of, folder);
    await files.rename(beside, join(folder, nameOf(loaded.manifest.epoch)));
    await files.syncFolder(folder);
    await removeCheckpoints(folder, files);
    return loaded;
  } catch (error) {
    await files.remove(beside).catch(() => undefined);
    throw orderedLogError(error, `a checkpoint cannot be put into ${folder}`);
  }
}

/** Reads the newest checkpoint that is whole. Throws an `OrderedLogError` where one is of another
 * program or partition, or a later version wrote it: an older one is not taken in its place. */
export async function newestCheckpoint(
  folder: string,
  of: Omit<CheckpointOf, "record">,
  files: Files = machineFiles,
): Promise<FoundCheckpoint> {
  const skipped: { readonly path: string; readonly reason: string }[] = [];
  for (const epoch of (await epochsIn(folder, files)).toReversed()) {
    const path = join(folder, nameOf(epoch));
    try {
      const checkpoint = await loaded(path, files);
      checkOf(checkpoint.manifest, of, path);
      return { checkpoint, skipped };
    } catch (error) {
      const refused = error instanceof OrderedLogError && error.code !== "damaged";
      if (refused || !(error instanceof OrderedLogError))
        throw orderedLogError(error, `${path} cannot be read`);
      skipped.push({ path, reason: error.message });
    }
  }
  return { checkpoint: undefined, skipped };
}

/** The bytes of the newest checkpoint in a folder, as they are on the disk, for another replica;
 * undefined where there is none. */
export async function newestCheckpointBytes(
  folder: string,
  files: Files = machineFiles,
): Promise<{ readonly epoch: number; readonly bytes: AsyncIterable<Uint8Array> } | undefined> {
  const epoch = (await epochsIn(folder, files)).at(-1);
  if (epoch === undefined) return undefined;
  return { epoch, bytes: files.stream(join(folder, nameOf(epoch))) };
}

async function writeFrames(
  path: string,
  frames: Generator<Uint8Array, CheckpointManifest>,
  files: Files,
): Promise<WrittenCheckpoint> {
  await files.remove(path);
  const file = await files.create(path);
  try {
    for (let bytes = 0; ;) {
      const frame = frames.next();
      if (frame.done === true) {
        await file.sync();
        return { ...frame.value, bytes };
      }
      bytes += frame.value.length;
      await writeAll(file, frame.value);
    }
  } finally {
    await file.close();
  }
}

async function loaded(path: string, files: Files): Promise<LoadedCheckpoint> {
  const reader = new CheckpointReader();
  for await (const piece of files.stream(path)) reader.push(piece);
  return reader.finish();
}

async function removeCheckpoints(folder: string, files: Files): Promise<void> {
  const epochs = await epochsIn(folder, files);
  for (const epoch of epochs.slice(0, -keptCheckpoints))
    await files.remove(join(folder, nameOf(epoch)));
}

async function epochsIn(folder: string, files: Files): Promise<number[]> {
  await files.makeFolder(folder);
  return (await files.list(folder))
    .flatMap((name) => /^checkpoint-(\d{1,16})$/.exec(name)?.[1] ?? [])
    .map(Number)
    .toSorted((a, b) => a - b);
}

function nameOf(epoch: number): string {
  return `checkpoint-${epoch}`;
}

function checkOf(
  { program, partition, partitions }: CheckpointManifest,
  of: Omit<CheckpointOf, "record">,
  where: string,
): void {
  if (program !== of.program)
    throw new OrderedLogError(
      "other-program",
      `${where}: the checkpoint is of another program: start that one, or take another folder`,
    );
  if (partition === of.partition && partitions === of.partitions) return;
  throw new OrderedLogError(
    "other-program",
    `${where}: the checkpoint is of partition ${partition} of ${partitions}, not of ` +
      `${of.partition} of ${of.partitions}: start with --place and --partitions as before, or ` +
      "take another folder",
  );
}
