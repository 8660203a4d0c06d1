// The folder of a log of the ordered plane:
//
//     log.json      of which program it is, its term, what it is, and where it begins
//     epochs-N …    segments, one after the other (`segment.ts`): records with their terms
//     lock          the process that has the folder open
//
// A segment with a number below that of the first is left over from a truncation. As `log.json`
// says which those are, it has a checksum: a bit that a disk has changed there is no truncation.
import { join } from "node:path";
import { crc32 } from "node:zlib";

import { otherFormat } from "../format.ts";
import { OrderedLogError } from "../ordered-log-error.ts";
import { firstLink, type Link } from "../record-chain.ts";
import {
  readTermed,
  readTermedHead,
  termedBytes,
  type TermedHead,
  type TermedRecord,
} from "../termed-bytes.ts";
import { LogError } from "./durable-log.ts";
import { type Files, replaceFile } from "./files.ts";
import { logError } from "./log-folder.ts";
import type { ReadFormat, SegmentFormat } from "./segment.ts";

const format = 2;

/** What a log on the disk is: it takes appends; it follows another log; or it was a leader, and
 * another log has taken its place. */
export type LogRole = "leader" | "follower" | "fenced";

/** What a folder says of itself. */
export type OrderedFolderState = {
  readonly program: string;
  /** How often a log of this history was promoted: what a leader of an earlier term does is
   * void. */
  readonly term: number;
  readonly role: LogRole;
  /** What the first record follows. */
  readonly base: Link;
  /** The number of the first segment. */
  readonly segment: number;
};

/** Returns the format of the segments of a program's ordered log. */
export function epochFormat(program: string, recordBytesMax: number): SegmentFormat<TermedRecord> {
  const reader = { read: readTermed };
  return {
    ...segmentOf(program, recordBytesMax),
    writer: () => ({ write: termedBytes }),
    reader: () => reader,
  };
}

/** Returns how the heads of the records of such segments are read. */
export function headFormat(program: string, recordBytesMax: number): ReadFormat<TermedHead> {
  const reader = { read: readTermedHead };
  return { ...segmentOf(program, recordBytesMax), reader: () => reader };
}

function segmentOf(program: string, recordBytesMax: number) {
  // The term has at most eight bytes.
  return { program: `ordered ${program}`, recordBytesMax: recordBytesMax + 8 };
}

/** The name of a segment. */
export function segmentFile(number: number): string {
  return `epochs-${number}`;
}

/** The numbers of the segments that are in a folder, in ascending order. */
export async function segmentNumbers(folder: string, files: Files): Promise<number[]> {
  return (await files.list(folder))
    .flatMap((name) => /^epochs-(\d{1,15})$/.exec(name)?.[1] ?? [])
    .map(Number)
    .toSorted((a, b) => a - b);
}

/** Returns what a folder says of itself; undefined where it is new. */
export async function readOrderedState(
  folder: string,
  files: Files,
): Promise<OrderedFolderState | undefined> {
  const path = join(folder, "log.json");
  const bytes = await files.read(path);
  if (bytes === undefined) {
    if ((await segmentNumbers(folder, files)).length === 0) return undefined;
    throw new OrderedLogError("damaged", `${path} is missing, and there is a log: put it back`);
  }
  const said = parsed(bytes);
  if (said?.["format"] !== undefined && said["format"] !== format) {
    const why = otherFormat(path, said["format"], format);
    throw new OrderedLogError("unknown-format", `${why}, or put the file back from a copy`);
  }
  const state = said === undefined ? undefined : stateOf(said);
  if (state === undefined)
    throw new OrderedLogError("damaged", `${path} does not say what this log is: put it back`);
  return state;
}

/** Makes a folder say this of itself, durably. */
export async function writeOrderedState(
  folder: string,
  state: OrderedFolderState,
  files: Files,
): Promise<void> {
  const said = { format, ...state, checksum: checksumOf(state) };
  const text = `${JSON.stringify(said, undefined, 2)}\n`;
  await replaceFile(files, join(folder, "log.json"), new TextEncoder().encode(text));
}

/** What a new folder is. */
export function newOrderedState(program: string, role: "leader" | "follower"): OrderedFolderState {
  return { program, term: role === "leader" ? 1 : 0, role, base: firstLink, segment: 1 };
}

/** Returns what the disk did, or what a lock says, as an error of the log. */
export function orderedLogError(error: unknown, what: string): OrderedLogError {
  if (error instanceof OrderedLogError) return error;
  const { code, message } = logError(error, what);
  const known = code === "other-node" ? "damaged" : code;
  const remedy =
    code === "disk-full"
      ? "; make room and start again"
      : code === "disk-failed" && !(error instanceof LogError)
        ? "; start again once the disk works"
        : "";
  return new OrderedLogError(known, message + remedy, error);
}

/** What a log says that was closed. */
export function closedLog(folder: string): OrderedLogError {
  return new OrderedLogError("closed", `the ordered log in ${folder} is closed`);
}

/** What a leader says that was replaced. */
export function replacedLog(folder: string, term: number): OrderedLogError {
  return new OrderedLogError(
    "fenced",
    `the ordered log in ${folder} was replaced by one of term ${term}: append there; this one ` +
      "may hold epochs that are lost",
  );
}

function parsed(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const said: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof said === "object" && said !== null
      ? (said as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}

function stateOf(said: Readonly<Record<string, unknown>>): OrderedFolderState | undefined {
  const { program, term, role, segment } = said;
  const { epoch, hash } = (said["base"] ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof program !== "string" || typeof hash !== "string") return undefined;
  if (role !== "leader" && role !== "follower" && role !== "fenced") return undefined;
  if (!counts(term) || !counts(epoch) || !counts(segment)) return undefined;
  const state: OrderedFolderState = { program, term, role, base: { epoch, hash }, segment };
  return said["checksum"] === checksumOf(state) ? state : undefined;
}

function checksumOf({ program, term, role, base, segment }: OrderedFolderState): number {
  return crc32(JSON.stringify([format, program, term, role, base.epoch, base.hash, segment]));
}

function counts(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
