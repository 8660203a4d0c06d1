// One process at a time: a file in the folder names the process that holds it.
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

import { LogError } from "./durable-log.ts";
import { codeOf, type Files, writeAll } from "./files.ts";

/** A process, so that another with its number is not taken for it. */
type Holder = {
  readonly host: string;
  readonly pid: number;
  /** When the machine and the process were started, where that can be known. */
  readonly started: string;
};

/** The folders that this process holds, by the disk that they are on. */
const held = new WeakMap<Files, Set<string>>();

/** Takes a folder; returns what gives it back. A process that has ended holds nothing; whether one
 * of another machine has cannot be known, so its file has to be removed by hand. */
export async function lockFolder(folder: string, files: Files): Promise<() => Promise<void>> {
  const path = join(folder, "lock");
  const mine = held.get(files) ?? new Set();
  held.set(files, mine);
  if (mine.has(path)) throw inUse(folder, "this process has it open");
  mine.add(path);
  try {
    await take(folder, path, files);
  } catch (error) {
    mine.delete(path);
    throw error;
  }
  return async () => {
    await files.remove(path).catch(() => undefined);
    mine.delete(path);
  };
}

async function take(folder: string, path: string, files: Files): Promise<void> {
  const own = `${path}.${process.pid}`;
  for (let attempts = 0; ; attempts++) {
    // The name comes with what the file says: nobody sees it empty.
    await files.remove(own);
    const file = await files.create(own);
    await writeAll(file, new TextEncoder().encode(JSON.stringify(holderOf(process.pid))));
    await file.close();
    try {
      await files.link(own, path);
      return;
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw error;
    } finally {
      await files.remove(own);
    }
    const found = await textOf(path, files);
    const holder = parsed(found);
    if (holder !== undefined && alive(holder))
      throw inUse(folder, `process ${holder.pid} on ${holder.host} has it open (file ${path})`);
    if (attempts === 3) throw inUse(folder, `others take it at the same time (file ${path})`);
    // Somebody else may have cleared it away and taken it meanwhile: then it is theirs.
    await files.rename(path, own).catch(() => undefined);
    const moved = await textOf(own, files);
    if (moved !== undefined && moved !== found) {
      await files.rename(own, path);
      throw inUse(folder, "another process has just taken it");
    }
    await files.remove(own);
  }
}

function inUse(folder: string, why: string): LogError {
  return new LogError("in-use", `the data folder ${folder} is in use: ${why}`);
}

async function textOf(path: string, files: Files): Promise<string | undefined> {
  const bytes = await files.read(path);
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}

/** Undefined where the power went before the disk had the file. */
function parsed(text: string | undefined): Holder | undefined {
  try {
    const { host, pid, started } = JSON.parse(text ?? "") as Partial<Holder>;
    if (host === undefined || pid === undefined || started === undefined) return undefined;
    return { host, pid, started };
  } catch {
    return undefined;
  }
}

function holderOf(pid: number): Holder {
  return { host: hostname(), pid, started: startedAt(pid) };
}

function alive({ host, pid, started }: Holder): boolean {
  if (host !== hostname()) return true;
  // This process holds what it has taken, and nothing that an earlier one with its number left.
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) === "ESRCH") return false;
  }
  return startedAt(pid) === started;
}

/** The machine's start and the process's, as Linux tells them; empty elsewhere. */
function startedAt(pid: number): string {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const status = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name of the program, in parentheses, may hold anything.
    const fields = status.slice(status.lastIndexOf(")") + 2).split(" ");
    return `${boot} ${fields[19] ?? ""}`;
  } catch {
    return "";
  }
}
