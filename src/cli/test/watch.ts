// `calm test --watch`: runs tests again when what they read has changed.
import { readdirSync, statSync, watch, type FSWatcher } from "node:fs";
import { dirname, join } from "node:path";
import { CommandError, exitCodes, type ExitCode } from "../exit.ts";
import type { Host } from "../host.ts";

/** What came of running all tests once. */
export type TestRun = {
  readonly code: ExitCode;
  /** The files that were read, but for facts and expectations. */
  readonly sources: readonly string[];
};

/** How long nothing changes before tests run again: an editor writes a file in several steps. */
const quietMs = 100;

/** Runs tests until the process is interrupted, once and after every change; returns what the last
 * run ended with. */
export async function watched(
  paths: readonly string[],
  run: () => Promise<TestRun>,
  host: Host,
): Promise<ExitCode> {
  const state = { changed: true, interrupted: false, wake: (): void => undefined };
  const onChange = (): void => {
    state.changed = true;
    state.wake();
  };
  const interrupt = (): void => {
    state.interrupted = true;
    state.wake();
  };
  process.once("SIGINT", interrupt);
  process.once("SIGTERM", interrupt);
  let last: TestRun = { code: exitCodes.ok, sources: [] };
  let watchers: readonly FSWatcher[] = [];
  const follow = (): void => {
    const before = watchers;
    watchers = watching(foldersOf(paths, last.sources), onChange);
    for (const watcher of before) watcher.close();
  };
  while (!over(state)) {
    state.changed = false;
    // Before the run, so that what changes while it goes on is seen; and after it, as it reads
    // what was not known before.
    follow();
    if (host.stdout.terminal) host.stdout.write("\x1b[2J\x1b[H");
    last = await attempt(run, last, host);
    follow();
    host.stderr.write("calm: waiting for changes; ^C ends\n");
    while (!changedIn(state) && !over(state)) await woken(state);
    while (changedIn(state) && !over(state)) {
      state.changed = false;
      await Promise.race([woken(state), quietTime()]);
    }
  }
  for (const watcher of watchers) watcher.close();
  process.off("SIGINT", interrupt);
  process.off("SIGTERM", interrupt);
  return last.code;
}

/** What is known between two runs; `wake` ends the waiting. */
type State = { changed: boolean; interrupted: boolean; wake: () => void };

// Functions, as the state changes where the compiler does not see it.
function over({ interrupted }: State): boolean {
  return interrupted;
}

function changedIn({ changed }: State): boolean {
  return changed;
}

function woken(state: State): Promise<void> {
  return new Promise((resolve) => (state.wake = resolve));
}

function quietTime(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, quietMs));
}

/** Runs the tests; what would end the command is said, as the next change may mend it. */
async function attempt(
  run: () => Promise<TestRun>,
  { sources }: TestRun,
  host: Host,
): Promise<TestRun> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    host.stderr.write(`calm: ${error.message}\n`);
    if (error.hint !== undefined) host.stderr.write(`  ${error.hint}\n`);
    return { code: error.code, sources };
  }
}

/** The folders in which something may change that a test reads: those that are named, with all
 * below, and for each program its own, with the folders of its expectations and cases. */
function foldersOf(paths: readonly string[], sources: readonly string[]): ReadonlySet<string> {
  const folders = new Set<string>();
  const add = (folder: string, depth: number): void => {
    if (folders.has(folder) || folders.size >= foldersMax) return;
    folders.add(folder);
    if (depth === 0) return;
    for (const entry of entriesOf(folder)) add(join(folder, entry), depth - 1);
  };
  for (const path of paths) {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) add(path, depthMax);
    else addProgram(path, add);
  }
  for (const source of sources) addProgram(source, add);
  return folders;
}

/** How deep folders are looked into, and how many are watched. */
const depthMax = 16;
const foldersMax = 4096;

function addProgram(path: string, add: (folder: string, depth: number) => void): void {
  const folder = dirname(path);
  add(folder, 1);
  // `reach.cases/ring/expected` is the deepest.
  for (const entry of entriesOf(folder))
    if (/\.(?:expected|cases)$/.test(entry)) add(join(folder, entry), 2);
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !/^\.|^node_modules$/.test(entry.name))
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

/** Watches folders. One that went away meanwhile is left out until it is there again. */
function watching(folders: ReadonlySet<string>, onChange: () => void): readonly FSWatcher[] {
  return [...folders].flatMap((folder) => {
    try {
      const watcher = watch(folder, onChange);
      watcher.on("error", onChange);
      return [watcher];
    } catch {
      return [];
    }
  });
}
