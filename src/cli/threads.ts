import { existsSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { SharedMemory } from "../engine/heap.ts";
import type { ThreadPool } from "../engine/workers.ts";
import type { AheadTask } from "./work-ahead.ts";

/** What a thread is started for: to share rules over the memory of an evaluation, or to read facts
 * ahead. */
export type ThreadTask =
  | { readonly kind: "rules"; readonly memory: SharedMemory; readonly address: number }
  | { readonly kind: "facts"; readonly task: AheadTask };

/** What the threads run: built beside the bundle, or one of the sources. */
const built = join(import.meta.dirname, "worker-thread.cjs");
const source = join(import.meta.dirname, "worker-thread.ts");

/** An evaluation that takes less of the processor, what V8 compiles beside it included, has no
 * other threads. To start one takes some 40 ms, so that none takes much longer than without, and a
 * long one loses little. */
const aloneMs = 400;

/** Returns so many threads, for an evaluation that begins now, which end with what they are started
 * for, or with the process. One that cannot be started is not there: the others do its work. */
export function threadPool(threads: number): ThreadPool {
  const before = process.cpuUsage();
  return {
    threads,
    due: () => {
      const { user, system } = process.cpuUsage(before);
      return user + system >= 1000 * aloneMs;
    },
    start(memory, address) {
      for (let at = 0; at < threads; at++) startThread({ kind: "rules", memory, address });
    },
  };
}

/** Starts a thread, which ends with what it is started for, or with the process. */
export function startThread(task: ThreadTask): void {
  const compiled = existsSync(built);
  const thread = new Worker(compiled ? built : source, {
    workerData: task,
    ...(compiled ? {} : { execArgv: ["--import", "tsx"] }),
  });
  thread.on("error", () => undefined);
  thread.unref();
}
