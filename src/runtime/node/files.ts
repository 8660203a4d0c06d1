// The disk, as the log uses it: few operations, each of which a test can let fail.
import { constants, createReadStream, fdatasync, writeSync } from "node:fs";
import * as fs from "node:fs/promises";
import { dirname } from "node:path";

/** A file that is written at its end. */
export type AppendedFile = {
  /** Writes some of the bytes, at least one; returns how many. */
  write(bytes: Uint8Array): Promise<number>;
  /** Returns when the disk has what was written. */
  sync(): Promise<void>;
  close(): Promise<void>;
};

/** A disk. What fails throws an error with a `code`, as Node's do. */
export type Files = {
  makeFolder(path: string): Promise<void>;
  /** The names in a folder, sorted. */
  list(path: string): Promise<string[]>;
  /** Undefined where there is no such file. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** The bytes of a file, piece by piece. Fails with `ENOENT` where there is no such file. */
  stream(path: string): AsyncIterable<Uint8Array>;
  /** Opens a new file. Fails with `EEXIST` where there is one. `secret`: for the owner alone. */
  create(path: string, secret?: boolean): Promise<AppendedFile>;
  /** Cuts a file off; the disk has what is left of it then. */
  truncate(path: string, bytes: number): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Gives a file a second name. Fails with `EEXIST` where there is a file of that name. */
  link(from: string, to: string): Promise<void>;
  copy(from: string, to: string): Promise<void>;
  /** Removes a file, if there is one. */
  remove(path: string): Promise<void>;
  /** Returns when the disk has the names in a folder as they are now. */
  syncFolder(path: string): Promise<void>;
};

/** So few bytes are copied into the system's memory in less time than it takes to have another
 * thread do it. */
const copiedBytesMax = 1 << 16;

/** The disk of the machine. */
export const machineFiles: Files = {
  async makeFolder(path) {
    await fs.mkdir(path, { recursive: true });
  },
  async list(path) {
    return (await fs.readdir(path)).toSorted();
  },
  async read(path) {
    try {
      return await fs.readFile(path);
    } catch (error) {
      if (codeOf(error) === "ENOENT") return undefined;
      throw error;
    }
  },
  stream: (path) => createReadStream(path, { highWaterMark: 1 << 20 }),
  async create(path, secret = false) {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND;
    const handle = await fs.open(path, flags, secret ? 0o600 : 0o666);
    return {
      async write(bytes) {
        if (bytes.length <= copiedBytesMax) return writeSync(handle.fd, bytes);
        return (await handle.write(bytes)).bytesWritten;
      },
      // The bytes and how many there are; when the file was changed nobody asks. A callback takes
      // less than the promise of the handle: this is what every commit does.
      sync: () =>
        new Promise((done, failed) => {
          fdatasync(handle.fd, (error) => {
            if (error === null) done();
            else failed(error);
          });
        }),
      close: () => handle.close(),
    };
  },
  async truncate(path, bytes) {
    const handle = await fs.open(path, "r+");
    try {
      await handle.truncate(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  rename: (from, to) => fs.rename(from, to),
  link: (from, to) => fs.link(from, to),
  copy: (from, to) => fs.copyFile(from, to),
  remove: (path) => fs.rm(path, { force: true }),
  async syncFolder(path) {
    const handle = await fs.open(path, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};

/** The code of an error of the system: `ENOSPC`, `EIO`. */
export function codeOf(error: unknown): string | undefined {
  const { code } = error as { code?: unknown };
  return typeof code === "string" ? code : undefined;
}

/** Writes all of the bytes. */
export async function writeAll(file: AppendedFile, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
}

/** Puts a file in the place of the one at `path`, if any, at once and durably: after a crash there
 * is the one or the other. */
export async function replaceFile(
  files: Files,
  path: string,
  bytes: Uint8Array,
  secret = false,
): Promise<void> {
  const beside = `${path}.new`;
  await files.remove(beside);
  const file = await files.create(beside, secret);
  try {
    await writeAll(file, bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await files.rename(beside, path);
  await files.syncFolder(dirname(path));
}
