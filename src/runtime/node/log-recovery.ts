// From the files of a log to its records, and to a log that is whole again.
import { join } from "node:path";

import type { LogRecord } from "../../transducer/protocol.ts";
import { closeSegment } from "./closed-segment.ts";
import type { LogRepair } from "./durable-log.ts";
import type { Files } from "./files.ts";
import type { LogFormat } from "./record-bytes.ts";
import { type Break, SegmentReader } from "./segment.ts";

/** How large the files of a log are. */
export type LogBytes = {
  /** Of what it was compacted to. */
  readonly base: number;
  /** Of what came since. */
  readonly tail: number;
};

/** What was found in the files of a log. */
export type Recovered = {
  readonly records: LogRecord[];
  /** The files that were read to their end, or up to where the last of them was cut off. */
  readonly whole: readonly string[];
  readonly bytes: LogBytes;
  readonly repair: LogRepair | undefined;
};

/** Reads the files of a log one after the other, as far as they are whole. Cuts off what was not
 * written to its end; copies what is damaged, and all that follows it, to `setAside`, and leaves it
 * to the caller to put what came before in its place. What is left is durable. */
export async function recover(
  folder: string,
  names: readonly string[],
  setAside: string,
  format: LogFormat,
  files: Files,
): Promise<Recovered> {
  const records: LogRecord[] = [];
  const whole: string[] = [];
  const bytes = { base: 0, tail: 0 };
  for (const [at, name] of names.entries()) {
    const path = join(folder, name);
    const content = await files.read(path);
    const bytesRead = content ?? new Uint8Array();
    const reader = new SegmentReader<LogRecord>(name, bytesRead, format);
    for (let record = reader.next(); record !== undefined; record = reader.next())
      records.push(record);
    const { offset } = reader;
    const broken = content === undefined ? missing : reader.broken;
    const tail = at === names.length - 1 && name.startsWith("tail-");
    if (broken === undefined || (tail && !broken.durable)) {
      if (offset > 0) {
        const closed = tail ? await closeSegment(files, path, reader, bytesRead) : offset;
        bytes[name.startsWith("tail-") ? "tail" : "base"] += closed;
        whole.push(name);
      } else {
        await files.remove(path);
        await files.syncFolder(folder);
      }
      if (broken === undefined) continue;
      const repair = { kind: "torn-tail", path, offset, bytes: bytesRead.length - offset } as const;
      return { records, whole, bytes, repair };
    }
    const lost = await copyAside(folder, names.slice(at), setAside, files);
    const damage = { path, offset, bytes: lost - offset, setAside, reason: broken.reason };
    return { records, whole, bytes, repair: { kind: "damaged", ...damage } };
  }
  return { records, whole, bytes, repair: undefined };
}

const missing: Break = { offset: 0, reason: "the file is missing", durable: true };

/** Returns how many bytes were copied. */
async function copyAside(
  folder: string,
  names: readonly string[],
  setAside: string,
  files: Files,
): Promise<number> {
  await files.makeFolder(setAside);
  let bytes = 0;
  for (const name of names) {
    const content = await files.read(join(folder, name));
    if (content === undefined) continue;
    bytes += content.length;
    await files.copy(join(folder, name), join(setAside, name));
  }
  await files.syncFolder(setAside);
  return bytes;
}
