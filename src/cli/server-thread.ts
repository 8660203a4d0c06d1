// Nodes run in a thread of their process, as V8 gives a larger young generation to a thread that
// asks for it, but to the process itself only by its command line, which users would have to know.
import { getHeapStatistics } from "node:v8";
import { isMainThread, type MessagePort, parentPort, SHARE_ENV, Worker } from "node:worker_threads";

/** How large each half of the young generation of a server may become, in MiB. V8's own bound of
 * 16 is for pages and short commands: what a server holds for the requests that are on their way is
 * copied again and again, and at last into the old generation, which dies there. */
export const semiSpaceMb = 64;

/** What a young generation consists of: two halves, and as much for large objects. */
const semiSpaces = 3;

/** The commands of `calm node` that ask a node that runs, and the flags that only say something. */
const asking = new Set(["status", "peers", "drain", "leave", "forget", "seal"]);
const saying = new Set(["--help", "-h", "--print-config"]);

/** What ends a process, or what it may do something else about. */
const signals = ["SIGTERM", "SIGINT", "SIGHUP"] as const;
type Told = (typeof signals)[number];

/** Returns whether a command line, without the program's name, starts a server that is to have
 * such a thread. The store is to have one where it has an ordered plane: else it holds little for
 * the requests on their way, and would take memory for nothing. */
export function serves([command, first, ...others]: readonly string[]): boolean {
  if (first === undefined || [first, ...others].some((word) => saying.has(word))) return false;
  if (command === "kv") return first === "serve" && others.includes("--ordered");
  return command === "node" && !asking.has(first);
}

/** Runs the script again in a thread of this process, if it is to serve and this is no such thread:
 * then true, and the process ends as the thread does. Else false: the caller is to go on. */
export function servedInThread(script: string, argv: readonly string[]): boolean {
  if (!isMainThread) {
    if (parentPort !== null) hear(parentPort);
    return false;
  }
  if (!serves(argv)) return false;
  const oldMb = Math.floor(getHeapStatistics().heap_size_limit / 2 ** 20);
  const thread = new Worker(script, {
    argv: [...argv],
    env: SHARE_ENV,
    resourceLimits: {
      maxYoungGenerationSizeMb: semiSpaces * semiSpaceMb,
      maxOldGenerationSizeMb: oldMb,
    },
  });
  thread.on("error", (error) => {
    throw error;
  });
  thread.on("exit", (code) => {
    process.exitCode = code;
  });
  tell(thread);
  return true;
}

/** Hands signals on to the thread, which does not get them itself. What it does not listen to, or
 * is too busy to hear twice, does what it does to a process. */
function tell(thread: Worker): void {
  const unheard = new Set<Told>();
  for (const signal of signals)
    process.on(signal, () => {
      if (unheard.has(signal)) die(signal);
      unheard.add(signal);
      thread.postMessage(signal);
    });
  thread.on("message", ({ signal, heard }: { signal: Told; heard: boolean }) => {
    unheard.delete(signal);
    if (!heard) die(signal);
  });
}

function die(signal: Told): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

/** Has signals that the process hands on come as if they were the thread's own. */
function hear(port: MessagePort): void {
  port.on("message", (signal: Told) => {
    port.postMessage({ signal, heard: process.emit(signal, signal) });
  });
  // What listens to signals keeps no process running.
  port.unref();
}
