// What a checkpoint holds, as bytes: what a partition knows besides its rows, and its rows with as
// much of their past as others may ask for.
import type { Ending } from "../calvin/ending.ts";
import type { Known } from "../calvin/known-requests.ts";
import type { ReplicaState } from "../calvin/replica.ts";
import type { Version } from "../calvin/storage.ts";
import type { Row } from "../calvin/transaction.ts";
import { ByteSink, ByteSource, WireError } from "./bytes.ts";
import { OrderedLogError } from "./ordered-log-error.ts";
import { epochLimits, readMembers, writeMembers } from "./epoch-bytes.ts";
import { readValues, type ValueLimits, valueLimits, writeValues } from "./value-bytes.ts";

/** The number of the format of a state, its first byte. */
const format = 2;

/** The limits of a checkpoint that is read. */
export type CheckpointLimits = ValueLimits & {
  readonly relationsMax: number;
  readonly partitionsMax: number;
  readonly textBytesMax: number;
};

/** The limits of a checkpoint unless others are given. */
const checkpointLimits: CheckpointLimits = {
  ...valueLimits,
  relationsMax: 1 << 24,
  partitionsMax: 1 << 16,
  textBytesMax: 8 << 20,
};

const resultKinds = ["done", "aborted", "restart", "failed"] as const;

/** Returns the bytes of what a partition knows besides its rows. */
export function replicaStateBytes(state: ReplicaState): Uint8Array<ArrayBuffer> {
  const { epoch, hash, requests, batches, frontier, members } = state;
  const sink = new ByteSink();
  sink.byte(format);
  sink.count(epoch);
  sink.count(hash);
  sink.count(requests.length);
  for (const [name, known] of requests) writeKnown(name, known, sink);
  for (const numbers of [batches, [...frontier]]) {
    sink.count(numbers.length);
    for (const [name, number] of numbers) {
      sink.text(name);
      sink.count(number);
    }
  }
  writeMembers(members, sink);
  return sink.finish();
}

/** Reads what `replicaStateBytes` wrote; what is not that is a `WireError`. Throws an
 * `OrderedLogError` (`unknown-format`) where another version of calmdb wrote it. */
export function readReplicaState(
  bytes: Uint8Array,
  limits: CheckpointLimits = checkpointLimits,
): ReplicaState {
  const source = new ByteSource(bytes);
  const found = source.byte();
  if (found !== format)
    throw new OrderedLogError(
      "unknown-format",
      `the state of a partition has format ${found}, known is ${format}: ` +
        (found < format
          ? "an earlier version of calmdb wrote it; remove this node's checkpoints and rows, and " +
            "it takes those of another replica, or begins with the log's first epoch"
          : "a later version of calmdb wrote it; start that one"),
    );
  const epoch = source.count(Number.MAX_SAFE_INTEGER, "an epoch");
  const hash = source.count(Number.MAX_SAFE_INTEGER, "a hash");
  const requests = listOf(source, "requests", () => readKnown(source, limits));
  const numbers = (what: string): [string, number][] =>
    listOf(source, what, () => {
      const name = source.text(limits.textBytesMax, "a name");
      return [name, source.count(Number.MAX_SAFE_INTEGER, "a number")];
    });
  const batches = numbers("batches");
  const frontier = new Map(numbers("origins"));
  const members = readMembers(source, epochLimits) ?? [];
  source.end();
  return { epoch, hash, requests, batches, frontier, members };
}

function writeKnown(name: string, { position, home, result }: Known, sink: ByteSink): void {
  sink.text(name);
  sink.count(position);
  sink.count(home);
  sink.byte(result === undefined ? 0 : 1 + resultKinds.indexOf(result.kind));
  if (result?.kind === "aborted" || result?.kind === "failed") sink.text(result.reason);
  if (result?.kind !== "done") return;
  sink.count(result.removed);
  sink.count(result.inserted);
  sink.count(result.told.length);
  for (const row of result.told) writeRow(row, sink);
}

function readKnown(source: ByteSource, limits: CheckpointLimits): [string, Known] {
  const name = source.text(limits.textBytesMax, "a request");
  const position = source.count(Number.MAX_SAFE_INTEGER, "a place");
  const home = source.count(limits.partitionsMax, "a partition");
  const kind = source.byte();
  if (kind === 0) return [name, { position, home }];
  return [name, { position, home, result: readResult(kind - 1, source, limits) }];
}

function readResult(at: number, source: ByteSource, limits: CheckpointLimits): Ending {
  const kind = resultKinds[at];
  if (kind === undefined) throw new WireError("malformed", "a request has no such end");
  const rows = (): number => source.count(Number.MAX_SAFE_INTEGER, "rows");
  const told = (): Row[] => listOf(source, "rows", () => readRow(source, limits));
  switch (kind) {
    case "done": {
      return { kind, removed: rows(), inserted: rows(), told: told() };
    }
    case "aborted":
    case "failed":
      return { kind, reason: source.text(limits.textBytesMax, "a reason") };
    case "restart":
      return { kind };
  }
}

/** Writes a row with the places where it begins and ends. */
export function writeVersion({ row, from, to }: Version, sink: ByteSink): void {
  sink.count(from);
  sink.count(to === Infinity ? 0 : to);
  writeRow(row, sink);
}

/** Reads what `writeVersion` wrote. */
export function readVersion(
  source: ByteSource,
  limits: CheckpointLimits = checkpointLimits,
): Version {
  const from = source.count(Number.MAX_SAFE_INTEGER, "a place");
  const to = source.count(Number.MAX_SAFE_INTEGER, "a place");
  if (to > 0 && to <= from) throw new WireError("malformed", "a row ends before it begins");
  return { row: readRow(source, limits), from, to: to === 0 ? Infinity : to };
}

function writeRow({ relation, values }: Row, sink: ByteSink): void {
  sink.count(relation);
  writeValues(values, sink);
}

function readRow(source: ByteSource, limits: CheckpointLimits): Row {
  const relation = source.count(limits.relationsMax, "a relation");
  return { relation, values: readValues(source, limits) };
}

function listOf<T>(source: ByteSource, what: string, read: () => T): T[] {
  // Each has a byte.
  const count = source.count(source.left, what);
  return Array.from({ length: count }, read);
}
