import { OrderedLogError } from "../ordered-log-error.ts";
import { fileLogLimits, type FileLogOptions } from "./file-log-options.ts";
import { machineFiles } from "./files.ts";
import { lockFolder } from "./folder-lock.ts";
import {
  newOrderedState,
  type OrderedFolderState,
  orderedLogError,
  readOrderedState,
  replacedLog,
  writeOrderedState,
} from "./ordered-folder.ts";
import { FileLog } from "./ordered-log-file.ts";
import { recoverEpochs } from "./ordered-recovery.ts";

/** Opens the log in a folder, which is made where there is none. Throws an `OrderedLogError` where
 * it cannot be used. */
export async function openFileLog(folder: string, options: FileLogOptions): Promise<FileLog> {
  const files = options.files ?? machineFiles;
  try {
    await files.makeFolder(folder);
    const unlock = await lockFolder(folder, files);
    try {
      const role = options.role ?? "leader";
      const known = await readOrderedState(folder, files);
      const state = known ?? newOrderedState(options.program, role);
      checkState(folder, state, options.program, role);
      if (known === undefined) await writeOrderedState(folder, state, files);
      const { recordBytesMax } = { ...fileLogLimits, ...options.limits };
      const found = await recoverEpochs(folder, state, recordBytesMax, files);
      return new FileLog(folder, state, found, options, unlock);
    } catch (error) {
      await unlock();
      throw error;
    }
  } catch (error) {
    throw orderedLogError(error, `the ordered log in ${folder} cannot be opened`);
  }
}

function checkState(
  folder: string,
  { program, role, term }: OrderedFolderState,
  expected: string,
  asked: "leader" | "follower",
): void {
  if (program !== expected)
    throw new OrderedLogError(
      "other-program",
      `the ordered log in ${folder} is of another program: start that one, or take another folder`,
    );
  if (asked === "leader" && role === "follower")
    throw new OrderedLogError(
      "follower",
      `the ordered log in ${folder} follows another one: promote it first, once that has stopped`,
    );
  if (role === "fenced") throw replacedLog(folder, term);
  // The first leader has term 1: who has a later one has followed, and was promoted.
  if (asked === "follower" && role === "leader" && term === 1)
    throw new OrderedLogError(
      "diverged",
      `the ordered log in ${folder} is a leader's: a follower begins with a folder of its own`,
    );
}
