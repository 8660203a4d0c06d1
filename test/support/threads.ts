// Threads for evaluations in tests: the same ones for many databases, as starting one takes a while.
import { Worker } from "node:worker_threads";

import { build } from "esbuild";
import { fileURLToPath } from "node:url";

import { desk } from "../../src/engine/ticket.ts";
import type { ThreadPool } from "../../src/engine/workers.ts";

/** A thread takes this long to begin at most, on a machine with much else to do. */
const beginMs = 60_000;

export type TestThreads = {
  /** The first `threads` of them. They have begun when an evaluation goes on. */
  readonly pool: (threads: number) => ThreadPool;
  readonly end: () => Promise<void>;
};

/** Starts threads that work for one database after the other. */
export async function testThreads(count: number): Promise<TestThreads> {
  const { outputFiles } = await build({
    stdin: {
      contents: `
        import { parentPort } from "node:worker_threads";
        import { work } from "./src/engine/worker.ts";
        parentPort.on("message", ({ memory, address }) => work(memory, address));`,
      resolveDir: fileURLToPath(new URL("../..", import.meta.url)),
    },
    bundle: true,
    format: "cjs",
    platform: "node",
    write: false,
  });
  const text = outputFiles[0]!.text;
  const threads = Array.from({ length: count }, () => new Worker(text, { eval: true }));
  return {
    pool: (wanted) => ({
      threads: wanted,
      start(memory, address) {
        for (const thread of threads.slice(0, wanted)) thread.postMessage({ memory, address });
        const words = new Int32Array(memory.buffer, address, desk.words);
        const wait = new Int32Array(new SharedArrayBuffer(4));
        for (let ms = 0; Atomics.load(words, desk.ready) < wanted; ms++) {
          if (ms > beginMs) throw new Error("a thread has not begun");
          Atomics.wait(wait, 0, 0, 1);
        }
      },
    }),
    end: async () => {
      await Promise.all(threads.map((thread) => thread.terminate()));
    },
  };
}
