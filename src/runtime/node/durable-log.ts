// The durable log of a node, as its driver sees it.
//
// The life of a node on a data folder:
//
//     const log = await openLog("data/n1", { name, program, schema, kept, onFlushed, onFailed });
//     const node = new Node({ ...options, incarnation: log.incarnation }, log.records);
//     // after each step of the node, before its frames are sent:
//     log.append(output.records);
//     // in onFlushed(count): what had waited for these records may leave the node
//     perform(node.step({ kind: "persisted", count }));
//     await log.close();
//
// A node is told at most once per commit what is durable; steps that come while the disk works are
// made durable together by the next commit.
import type { LogRecord } from "../../transducer/protocol.ts";
import type { FactSchema } from "../fact-bytes.ts";
import type { Files } from "./files.ts";
import type { LogLimits } from "./limits.ts";

/** When what was appended counts as durable. `always`: once the disk has it (fsync); nothing that
 * was told is lost. `interval`: once the operating system has it, and the disk gets it every
 * `syncIntervalMs`; a crash of the process loses nothing, a loss of power what came since. `never`:
 * once the operating system has it; when the disk gets it is the system's choice. */
export type FsyncPolicy = "always" | "interval" | "never";

/** What a log is opened with. */
export type LogOptions = {
  /** The node's name: a folder belongs to one node. */
  readonly name: string;
  /** The hash of the program (`programHash`): records are of its relations. */
  readonly program: string;
  /** With all relations accepted that records are of: inputs and messages. */
  readonly schema: FactSchema;
  /** For each relation whether a message of it that came before changes nothing: of these
   * compaction keeps one. */
  readonly kept: readonly boolean[];
  readonly fsync?: FsyncPolicy;
  readonly limits?: Partial<LogLimits>;
  /** The first `count` of the records that were appended since the log was opened are durable, as
   * the policy understands it. Never called within `append`. */
  readonly onFlushed: (count: number) => void;
  /** A write failed: nothing that is appended from now on becomes durable, nor what was not yet.
   * The node has to stop taking facts; it may answer what it knows. What was told durable is on the
   * disk: after the cause is gone, a new start goes on from there. Called once. */
  readonly onFailed: (error: LogError) => void;
  /** The disk; the machine's unless given. */
  readonly files?: Files;
  /** The clock, for incarnations; the machine's unless given. */
  readonly nowMs?: () => number;
};

/** A log that was opened, and holds its folder until it is closed. */
export type DurableLog = {
  /** The number of this life: greater than that of all earlier ones on this folder, durable
   * before the log was opened, and new also in a copy of a folder that was put back. */
  readonly incarnation: number;
  /** What was written in earlier lives, in its order: the beginning of what was appended, at least
   * as far as it was told durable (see `repairs` for the exception). */
  readonly records: readonly LogRecord[];
  /** They are read: they need not be kept in memory. */
  forgetRecords(): void;
  /** What was found damaged and put in order. */
  readonly repairs: readonly LogRepair[];
  /** Adds records, which become durable soon. Returns how many were appended since the log was
   * opened: `onFlushed` tells this number or more when they are durable. Once the log has failed
   * it does nothing. */
  append(records: readonly LogRecord[]): number;
  /** Bytes that wait for the disk. A driver takes no more from clients and peers while this is
   * above the limit `queuedBytesMax`; the log itself takes what the node has already done. */
  readonly queuedBytes: number;
  /** What stopped the log. */
  readonly failure: LogError | undefined;
  /** Bytes of the log on the disk. */
  readonly bytes: number;
  /** Makes durable what was appended, and leaves the folder to others. Does not throw: a log that
   * could not write had failed before. */
  close(): Promise<void>;
};

/** What was wrong with a log that could be opened all the same. */
export type LogRepair =
  /** The end of the log was cut off within a write that had not become durable: a crash. The bytes
   * are gone; nobody was told of them. */
  | {
      readonly kind: "torn-tail";
      readonly path: string;
      readonly offset: number;
      readonly bytes: number;
    }
  /** Bytes that had been durable are not what was written: the disk is at fault. All from `offset`
   * on is set aside in the folder `setAside` for a person to look at. The node lives on with what
   * came before: facts that others hold, its own of earlier lives too, come back when it connects,
   * since it says what it holds. What nobody else holds is lost, and messages that it had
   * acknowledged do not come again before their senders start anew. */
  | {
      readonly kind: "damaged";
      readonly path: string;
      readonly offset: number;
      readonly bytes: number;
      readonly setAside: string;
      readonly reason: string;
    };

/** A log that cannot be opened or go on. */
export class LogError extends Error {
  readonly code: LogErrorCode;

  constructor(code: LogErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "LogError";
    this.code = code;
  }
}

/** Why a log cannot be opened or go on.
 * `in-use`: another process holds the folder. `other-node`: it is the folder of another node.
 * `other-program`: its records are of another program. `unknown-format`: a later version wrote it.
 * `damaged`: what says who the node is cannot be read. `disk-full`, `disk-failed`: the disk did not
 * do what it was asked for. */
export type LogErrorCode =
  | "in-use"
  | "other-node"
  | "other-program"
  | "unknown-format"
  | "damaged"
  | "disk-full"
  | "disk-failed";
