// A node's data folder as one stream, and back: the node may run meanwhile.
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";

import type { Copied } from "./copied-folder.ts";
import { LogError } from "./durable-log.ts";
import { codeOf, machineFiles, writeAll } from "./files.ts";
import { logFiles, readState, segmentName, stateBytes } from "./log-folder.ts";
import { readTar, tarBytes, TarError, type TarEntry, tarOf } from "./tar.ts";

/** How often the files are opened anew because the log was compacted meanwhile. */
const attemptsMax = 20;

/** What goes along with the log. */
const secrets = ["key.pem"];
const besides = [...secrets, "peers.json", "joined.json"];

/** A folder as it is at one moment. */
export type Archive = {
  readonly name: string;
  readonly bytes: number;
  /** The archive, to be taken once; its end, or its being left, closes the files. */
  readonly content: () => AsyncGenerator<Uint8Array, void, undefined>;
  /** Closes the files of an archive that nobody takes. */
  readonly close: () => Promise<void>;
};

type Opened = TarEntry & { readonly handle: FileHandle };

/** Returns what a folder holds, of a node that may run: its files only grow at the end, and those
 * that are open stay though a compaction removes them. Throws a `LogError`. */
export async function archiveOf(folder: string): Promise<Archive> {
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const state = await readState(folder, machineFiles);
    if (state === undefined) throw new LogError("damaged", `${folder} is no data folder of a node`);
    const opened = await openAll(folder, await logFiles(folder, state, machineFiles));
    const close = async (): Promise<void> => {
      await Promise.all(opened.map(({ handle }) => handle.close()));
    };
    const now = await readState(folder, machineFiles);
    const whole = opened.filter(({ name }) => segmentName.test(name)).length;
    if (now?.tail !== state.tail || now.base !== state.base || whole < state.base) {
      await close();
      continue;
    }
    const said = stateBytes(now);
    // It goes last: without it a folder is none.
    const last = { name: "node.json", bytes: said.length, secret: false };
    const files = [
      ...opened.map((file) => ({ ...file, content: () => bytesOf(file) })),
      { ...last, content: () => only(said) },
    ];
    return {
      ...{ name: state.name, bytes: tarBytes(files), close },
      async *content() {
        try {
          yield* tarOf(files);
        } finally {
          await close();
        }
      },
    };
  }
  throw new LogError("in-use", `the log in ${folder} is compacted faster than it can be read`);
}

/** Puts what an archive has into a folder, which is new or empty; returns when the disk has it.
 * Throws a `LogError`. */
export async function extractFolder(
  archive: AsyncIterable<Uint8Array>,
  to: string,
): Promise<Copied> {
  const files = machineFiles;
  await files.makeFolder(to);
  const [there] = await files.list(to);
  if (there !== undefined) throw new LogError("in-use", `${to} is not empty: there is ${there}`);
  let [count, bytes] = [0, 0];
  try {
    await readTar(archive, async ({ name, bytes: size }) => {
      if (name !== "node.json" && !besides.includes(name) && !segmentName.test(name))
        throw new TarError(`it has a file that is none of a node: "${name}"`);
      const file = await files.create(join(to, name), secrets.includes(name));
      if (segmentName.test(name)) [count, bytes] = [count + 1, bytes + size];
      return {
        write: (part) => writeAll(file, part),
        end: async () => {
          await file.sync();
          await file.close();
        },
      };
    });
  } catch (error) {
    if (!(error instanceof TarError)) throw error;
    throw new LogError("damaged", `the copy is not whole: ${error.message}`, error);
  }
  await files.syncFolder(to);
  const state = await readState(to, files);
  if (state === undefined) throw new LogError("damaged", "the copy is not whole: it has no log");
  return { name: state.name, files: count, bytes };
}

/** The files that there are of these and those that go along, up to the first that is missing. */
async function openAll(folder: string, log: readonly string[]): Promise<Opened[]> {
  const opened: Opened[] = [];
  for (const name of [...log, ...besides])
    try {
      const handle = await open(join(folder, name), "r");
      const { size: bytes } = await handle.stat();
      opened.push({ name, bytes, secret: secrets.includes(name), handle });
    } catch (error) {
      if (codeOf(error) !== "ENOENT") throw error;
    }
  return opened;
}

/** What is in a file, up to what it had when it was opened. */
async function* bytesOf({ name, bytes, handle }: Opened): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes;) {
    const buffer = new Uint8Array(Math.min(pieceBytes, bytes - at));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) throw new LogError("damaged", `${name} has become shorter`);
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
  }
}

const pieceBytes = 1 << 18;

// eslint-disable-next-line @typescript-eslint/require-await -- as what is read is
async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
