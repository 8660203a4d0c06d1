import { randomInt } from "node:crypto";
import type { DurableLog, LogOptions } from "../runtime/node/durable-log.ts";

/** What a node needs of a log. */
export type NodeLog = Pick<
  DurableLog,
  "incarnation" | "records" | "repairs" | "append" | "queuedBytes" | "close"
>;

/** Returns the log of a node that does not come back: what is appended counts as durable as soon as
 * others get to work, and is gone with the process. */
export function memoryLog({ onFlushed }: Pick<LogOptions, "onFlushed">): NodeLog {
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
    records: [],
    repairs: [],
    queuedBytes: 0,
    append: (records) => {
      count += records.length;
      setImmediate(flush);
      return count;
    },
    close: async () => {
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}
