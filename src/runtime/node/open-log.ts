import { join } from "node:path";

import { AppendingLog, type LogStart } from "./appending-log.ts";
import { BaseWriter } from "./base-writer.ts";
import { compacted } from "./compaction.ts";
import { type DurableLog, LogError, type LogOptions, type LogRepair } from "./durable-log.ts";
import { type Files, machineFiles } from "./files.ts";
import { lockFolder } from "./folder-lock.ts";
import { compactedAt, logLimits } from "./limits.ts";
import {
  type FolderState,
  logError,
  logFiles,
  readState,
  removeOthers,
  writeState,
} from "./log-folder.ts";
import { type Recovered, recover } from "./log-recovery.ts";
import { type LogFormat, logFormat } from "./record-bytes.ts";

/** Opens the log in a data folder, which is made where there is none, and begins a new life of the
 * node. What a crash has left unfinished is cut off; what is damaged is set aside and reported
 * (`repairs`). Throws a `LogError` where the folder cannot be used. */
export async function openLog(folder: string, options: LogOptions): Promise<DurableLog> {
  const files = options.files ?? machineFiles;
  try {
    await files.makeFolder(folder);
    const unlock = await lockFolder(folder, files);
    try {
      return new AppendingLog(await begin(folder, options, files), options, unlock);
    } catch (error) {
      await unlock();
      throw error;
    }
  } catch (error) {
    throw logError(error, `the log in ${folder} cannot be opened`);
  }
}

/** Reads the log, puts it in order, and begins a life. */
async function begin(folder: string, options: LogOptions, files: Files): Promise<LogStart> {
  const { name, program, schema, kept } = options;
  const limits = { ...logLimits, ...options.limits };
  const format = logFormat(program, schema, limits);
  const before = await readState(folder, files);
  if (before !== undefined) check(before, options, folder);

  const state = before ?? { name, program, incarnation: 0, tail: 1, base: 0 };
  const incarnation = nextIncarnation(state.incarnation, options.nowMs?.() ?? Date.now());
  const names = await logFiles(folder, state, files);
  const setAside = join(folder, `damaged-${incarnation}`);
  const found = await recover(folder, names, setAside, format, files);
  const tail = state.tail + found.whole.filter((file) => file.startsWith("tail-")).length;

  const damaged = found.repair?.kind === "damaged";
  const many = found.whole.length - state.base > limits.segmentsMax;
  let now: FolderState = { ...state, incarnation };
  let { bytes } = found;
  // A life that ends before its first file is full compacts nothing itself.
  const grown = bytes.tail >= compactedAt(limits, bytes.base);
  if (damaged || many || grown) {
    // Numbers of files that were there are not used again.
    const next = state.tail + names.length - state.base;
    const base = await rewritten(folder, damaged ? next + 1 : next, found, kept, format, files);
    now = { ...now, ...base.state };
    bytes = { base: base.bytes, tail: 0 };
  }
  await writeState(folder, now, files);
  await removeOthers(folder, now, files);
  const repairs: readonly LogRepair[] = found.repair === undefined ? [] : [found.repair];
  const next = now.tail === state.tail ? tail : now.tail;
  return { ...{ folder, files, format, state: now, next, bytes, repairs }, records: found.records };
}

/** The base that is written anew of what was found. */
async function rewritten(
  folder: string,
  tail: number,
  { records }: Recovered,
  kept: readonly boolean[],
  format: LogFormat,
  files: Files,
): Promise<{ readonly state: Pick<FolderState, "tail" | "base">; readonly bytes: number }> {
  const writer = new BaseWriter(folder, tail, format, files);
  try {
    for (const record of compacted(records, kept)) await writer.add(record);
    await writer.finish();
  } finally {
    await writer.abandon();
  }
  return { state: { tail, base: writer.parts }, bytes: writer.bytes };
}

function check(state: FolderState, { name, program }: LogOptions, folder: string): void {
  if (state.name !== name)
    throw new LogError("other-node", `the data folder ${folder} is of node "${state.name}"`);
  if (state.program !== program)
    throw new LogError("other-program", `the data folder ${folder} is of another program`);
}

/** Numbers that lives which began in the same millisecond are apart by chance. */
const livesPerMs = 1 << 11;

/** Returns a number for a life: greater than the one before on this folder, and, by the clock, than
 * those that went on after a copy of the folder was taken that is now put back: the copy does not
 * know of them. Where the clock was set back, too, it is one of very many numbers, and a peer
 * that knows a greater one refuses the node (`old-life`). */
function nextIncarnation(before: number, nowMs: number): number {
  // Up to the year 2109 it is exact.
  const byClock = nowMs * livesPerMs + Math.floor(Math.random() * livesPerMs);
  return Math.max(before + 1, byClock);
}
