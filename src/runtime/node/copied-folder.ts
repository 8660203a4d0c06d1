// A copy of a node's data folder, which may be in use.
import { join } from "node:path";

import { LogError } from "./durable-log.ts";
import { codeOf, type Files, machineFiles, replaceFile } from "./files.ts";
import { type FolderState, logFiles, readState, writeState } from "./log-folder.ts";

/** How often a copy is begun anew because the log was compacted meanwhile. */
const attemptsMax = 20;

/** What goes along with the log. */
const besides = [
  { file: "key.pem", secret: true },
  { file: "peers.json", secret: false },
  { file: "joined.json", secret: false },
];

/** What a copy has. */
export type Copied = { readonly name: string; readonly files: number; readonly bytes: number };

/** Copies what a node holds, as it is at one moment, to a folder that is new or empty; returns when
 * the disk has it. The node may run: its log only grows at the end, and where it is compacted
 * meanwhile the copy begins anew. A start on the copy begins a new life, so that no dot is given
 * twice. Throws a `LogError`. */
export async function copyFolder(
  from: string,
  to: string,
  files: Files = machineFiles,
): Promise<Copied> {
  await files.makeFolder(to);
  const there = await files.list(to);
  if (there.length > 0)
    throw new LogError("in-use", `${to} is not empty: there is ${there[0] ?? ""}`);
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const state = await readState(from, files);
    if (state === undefined) throw new LogError("damaged", `${from} is no data folder of a node`);
    const copied = await attempted(from, to, state, files);
    if (copied !== undefined) return copied;
    for (const file of await files.list(to)) await files.remove(join(to, file));
  }
  throw new LogError("in-use", `the log in ${from} is compacted faster than it can be copied`);
}

/** Undefined where the log was put together anew meanwhile. */
async function attempted(
  from: string,
  to: string,
  state: FolderState,
  files: Files,
): Promise<Copied | undefined> {
  let bytes = 0;
  const names = await logFiles(from, state, files);
  for (const name of names) {
    const content = await files.read(join(from, name));
    if (content === undefined) break;
    await replaceFile(files, join(to, name), content);
    bytes += content.length;
  }
  for (const { file, secret } of besides) {
    const content = await files.read(join(from, file));
    if (content !== undefined) await replaceFile(files, join(to, file), content, secret);
  }
  const now = await readState(from, files);
  if (now?.tail !== state.tail || now.base !== state.base) return undefined;
  // It goes last: without it the folder is none.
  await writeState(to, now, files);
  return { name: state.name, files: names.length, bytes };
}

/** Whether an error says that a folder cannot be read or written. */
export function isDiskError(error: unknown): boolean {
  return codeOf(error) !== undefined;
}
