import { randomInt } from "node:crypto";
import { compacted } from "../runtime/node/compaction.ts";
import type { DurableLog, LogOptions } from "../runtime/node/durable-log.ts";
import type { LogRecord } from "../transducer/protocol.ts";

/** The log of a node that does not come back once its process has ended. Another life in the same
 * process begins with what it has `written`. */
export type MemoryLog = DurableLog & { readonly written: () => readonly LogRecord[] };

/** So few records are not worth it to leave out what is of no use. */
const compactedMin = 1 << 14;

/** Returns a log in memory, with what earlier lives wrote: what is appended counts as durable
 * once the caller has given up its turn, and is gone with the process. */
export function memoryLog(
  { onFlushed, kept }: Pick<LogOptions, "onFlushed" | "kept">,
  earlier: readonly LogRecord[] = [],
): MemoryLog {
  let written = [...earlier];
  let enough = Math.max(compactedMin, 2 * written.length);
  let records = earlier;
  let count = 0;
  let told = 0;
  const flush = (): void => {
    if (told === count) return;
    told = count;
    onFlushed(count);
  };
  return {
    // Numbers of lives that began in the same millisecond are apart by chance.
    incarnation: Date.now() * 1000 + randomInt(1000),
    get records() {
      return records;
    },
    forgetRecords: () => {
      records = [];
    },
    repairs: [],
    queuedBytes: 0,
    failure: undefined,
    bytes: 0,
    append: (added) => {
      for (const record of added) written.push(record);
      if (written.length >= enough) {
        written = [...compacted(written, kept)];
        enough = Math.max(compactedMin, 2 * written.length);
      }
      if (count === told) queueMicrotask(flush);
      count += added.length;
      return count;
    },
    close: () => {
      flush();
      return Promise.resolve();
    },
    written: () => written,
  };
}
