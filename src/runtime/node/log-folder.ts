// The data folder of a node:
//
//     node.json     who the node is, its life, and which files are the log (replaced as a whole)
//     base-T-1 …    what all files before tail-T held, compacted
//     tail-T …      what came since, one after the other
//     lock          the process that has the folder open
//     damaged-I/    what was found damaged when life I began
//     key.pem, peers.json, joined.json: see `identity.ts`, `pinned-keys.ts`, `caught-up.ts`
//
// All other files named base-… and tail-… are left over from a compaction that was cut short.
import { join } from "node:path";

import { WireError } from "../bytes.ts";
import { otherFormat } from "../format.ts";
import { LogError } from "./durable-log.ts";
import { codeOf, type Files, replaceFile } from "./files.ts";

/** The format of what is written. Those before it are read, too: in format 3 no batch has two
 * parts, in format 2 each batch is signed by itself. */
const format = 4;
const formats: readonly (number | undefined)[] = [undefined, 2, 3, format];

/** What a folder says of itself. */
export type FolderState = {
  readonly name: string;
  readonly program: string;
  readonly incarnation: number;
  /** The number of the first file that follows the base. */
  readonly tail: number;
  /** How many files the base has. */
  readonly base: number;
};

/** Returns what a folder says of itself; undefined where it is new. */
export async function readState(folder: string, files: Files): Promise<FolderState | undefined> {
  const path = join(folder, "node.json");
  const bytes = await files.read(path);
  if (bytes === undefined) {
    const left = (await files.list(folder)).filter((file) => segmentName.test(file));
    if (left.length === 0) return undefined;
    throw new LogError("damaged", `${path} is missing, and there is a log: ${left.join(", ")}`);
  }
  let said: Partial<FolderState & { format: number }>;
  try {
    said = JSON.parse(new TextDecoder().decode(bytes)) as typeof said;
  } catch (error) {
    throw new LogError("damaged", `${path} is no JSON`, error);
  }
  if (!formats.includes(said.format))
    throw new LogError("unknown-format", otherFormat(path, said.format, format));
  const { name, program, incarnation, tail, base } = said;
  if (typeof name !== "string" || typeof program !== "string")
    throw new LogError("damaged", `${path} does not say whose folder this is`);
  return {
    ...{ name, program },
    incarnation: numberOf(incarnation, path),
    ...{ tail: numberOf(tail, path), base: numberOf(base, path) },
  };
}

/** Makes a folder say this of itself, durably. */
export async function writeState(folder: string, state: FolderState, files: Files): Promise<void> {
  await replaceFile(files, join(folder, "node.json"), stateBytes(state));
}

/** Returns what `node.json` holds. */
export function stateBytes(state: FolderState): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify({ format, ...state }, undefined, 2)}\n`);
}

function numberOf(value: unknown, path: string): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new LogError("damaged", `${path} lacks a number`);
}

/** What the files of a log are called. */
export const segmentName = /^(?:base-\d+-\d+|tail-\d+)$/;

/** The name of a file that follows the base. */
export function tailFile(number: number): string {
  return `tail-${number}`;
}

/** The name of a part of the base; parts are counted from 1. */
export function baseFile(tail: number, part: number): string {
  return `base-${tail}-${part}`;
}

/** Returns the names of the files that are the log, in their order: those that have to be there,
 * up to the last that is. */
export async function logFiles(
  folder: string,
  { tail, base }: FolderState,
  files: Files,
): Promise<string[]> {
  const numbers = (await files.list(folder))
    .flatMap((file) => /^tail-(\d+)$/.exec(file)?.[1] ?? [])
    .map(Number);
  const last = Math.max(tail - 1, ...numbers);
  return [
    ...Array.from({ length: base }, (_, at) => baseFile(tail, at + 1)),
    ...Array.from({ length: last + 1 - tail }, (_, at) => tailFile(tail + at)),
  ];
}

/** Removes the files of earlier logs that are not among those of `state`. */
export async function removeOthers(
  folder: string,
  state: FolderState,
  files: Files,
): Promise<void> {
  const own = new Set(await logFiles(folder, state, files));
  for (const file of await files.list(folder))
    if (segmentName.test(file) && !own.has(file)) await files.remove(join(folder, file));
  await files.syncFolder(folder);
}

/** Returns what the disk did, or what it has, as an error of the log. */
export function logError(error: unknown, what: string): LogError {
  if (error instanceof LogError) return error;
  if (error instanceof WireError) {
    const unknown = error.code === "unknown-format";
    return new LogError(unknown ? error.code : "damaged", `${what}: ${error.message}`, error);
  }
  const code = codeOf(error);
  const full = code === "ENOSPC" || code === "EDQUOT";
  const message = error instanceof Error ? error.message : String(error);
  return new LogError(full ? "disk-full" : "disk-failed", `${what}: ${message}`, error);
}
