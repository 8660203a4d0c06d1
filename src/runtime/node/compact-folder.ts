import { join } from "node:path";
import { setImmediate } from "node:timers/promises";

import type { LogRecord } from "../../transducer/protocol.ts";
import { type Gone, joinedGone } from "../../transducer/ranges.ts";
import { BaseWriter } from "./base-writer.ts";
import { Compaction } from "./compaction.ts";
import { LogError } from "./durable-log.ts";
import type { Files } from "./files.ts";
import { baseFile, type FolderState, tailFile, writeState } from "./log-folder.ts";
import type { LogFormat } from "./record-bytes.ts";
import { SegmentReader } from "./segment.ts";

/** How many bytes are read until others get their turn. */
const turnBytes = 256 << 10;

/** Compacts the files of a folder before `tail-<tail>`, which is being written, to a new base;
 * returns what the folder says then, and how large the base is. Until the folder says so, and after
 * a crash in between, the files before are the log. */
export async function compactFolder(
  folder: string,
  state: FolderState,
  tail: number,
  kept: readonly boolean[],
  format: LogFormat,
  files: Files,
): Promise<{ readonly state: FolderState; readonly bytes: number }> {
  const names = [
    ...Array.from({ length: state.base }, (_, at) => baseFile(state.tail, at + 1)),
    ...Array.from({ length: tail - state.tail }, (_, at) => tailFile(state.tail + at)),
  ];
  const writer = new BaseWriter(folder, tail, format, files);
  try {
    let gone: Gone = new Map();
    for await (const record of recordsOf(folder, names, format, files))
      if (record.kind === "gone") gone = joinedGone(gone, record.gone);
    const compaction = new Compaction(kept, gone);
    for (const record of compaction.begin()) await writer.add(record);
    for await (const record of recordsOf(folder, names, format, files)) {
      const left = compaction.add(record);
      if (left !== undefined) await writer.add(left);
    }
    for (const record of compaction.finish()) await writer.add(record);
    await writer.finish();
  } finally {
    await writer.abandon();
  }
  const now = { ...state, tail, base: writer.parts };
  await writeState(folder, now, files);
  for (const name of names) await files.remove(join(folder, name));
  return { state: now, bytes: writer.bytes };
}

async function* recordsOf(
  folder: string,
  names: readonly string[],
  format: LogFormat,
  files: Files,
): AsyncGenerator<LogRecord> {
  for (const name of names) {
    const path = join(folder, name);
    const reader = new SegmentReader<LogRecord>(
      name,
      (await files.read(path)) ?? new Uint8Array(),
      format,
    );
    let turnAt = turnBytes;
    for (let record = reader.next(); record !== undefined; record = reader.next()) {
      yield record;
      if (reader.offset < turnAt) continue;
      turnAt = reader.offset + turnBytes;
      await setImmediate();
    }
    if (reader.broken === undefined) continue;
    const { offset, reason } = reader.broken;
    throw new LogError("damaged", `${path} is damaged at ${offset}: ${reason}`);
  }
}
