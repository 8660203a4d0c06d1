// What tests of the log and of connections have in common: a small program's facts.
import type { FactSchema } from "../../src/runtime/fact-bytes.ts";
import type { DurableLog, LogError, LogOptions } from "../../src/runtime/node/durable-log.ts";
import { logLimits } from "../../src/runtime/node/limits.ts";
import { openLog } from "../../src/runtime/node/open-log.ts";
import type { Fact } from "../../src/transducer/fact.ts";
import type { Batch, LogRecord } from "../../src/transducer/protocol.ts";
import { programOf } from "./networks.ts";

const program = programOf(`
  .decl edge(x: number, y: number)
  .decl word(s: symbol)
  .decl once(x: number)
  .input edge, word, once`);

/** Relations 0 `edge(x, y)`, 1 `word(s)`, 2 `once(x)`, all of which travel. */
export const smallSchema: FactSchema = {
  domain: 64,
  structures: program.structures,
  relations: program.relations,
  accepted: new Set([0, 1, 2]),
};

/** A fact of the relation `edge`. */
export function edge(x: number, y: number): Fact {
  return { relation: 0, values: [BigInt(x), BigInt(y)] };
}

/** A fact of the relation `word`. */
export function word(text: string): Fact {
  return { relation: 1, values: [text] };
}

/** A fact of the relation `once`, which is an event. */
export function once(x: number): Fact {
  return { relation: 2, values: [BigInt(x)] };
}

/** A record of a batch. */
export function batchOf(origin: string, from: number, facts: readonly Fact[]): LogRecord {
  const batch: Batch = { origin, from, facts };
  return { kind: "batch", batch };
}

/** A record of what is gone of an origin. */
export function goneOf(origin: string, ...ranges: number[]): LogRecord {
  return { kind: "gone", gone: new Map([[origin, ranges]]) };
}

/** A record of messages. */
export function messagesOf(origin: string, from: number, facts: readonly Fact[]): LogRecord {
  return { kind: "messages", peer: origin.slice(0, origin.indexOf("/")), origin, from, facts };
}

/** A log, and what it told. */
export type WatchedLog = {
  readonly log: DurableLog;
  /** What was told last. */
  readonly told: () => number;
  readonly failures: readonly LogError[];
  /** Returns when so many records are durable. */
  readonly flushed: (count: number) => Promise<void>;
};

/** Opens a log of node `n` and keeps what it tells. */
export async function openWatched(
  folder: string,
  options: Partial<LogOptions> = {},
): Promise<WatchedLog> {
  let last = 0;
  const failures: LogError[] = [];
  const waiting = new Map<() => void, number>();
  const log = await openLog(folder, {
    ...{ name: "n", program: "p1", schema: smallSchema, kept: [true, true, false] },
    ...options,
    limits: { ...logLimits, ...options.limits },
    onFlushed: (count) => {
      last = count;
      options.onFlushed?.(count);
      for (const [resolve, enough] of waiting) if (count >= enough) resolve();
    },
    onFailed: (error) => {
      failures.push(error);
      options.onFailed?.(error);
      for (const resolve of waiting.keys()) resolve();
    },
  });
  const flushed = (count: number): Promise<void> =>
    last >= count || failures.length > 0
      ? Promise.resolve()
      : new Promise((resolve) => waiting.set(resolve, count));
  return { log, told: () => last, failures, flushed };
}
