// Whether a data folder is whole: its checksums, and the signatures of what is in it.
import { createPublicKey } from "node:crypto";
import { join } from "node:path";

import { nameOf } from "../../transducer/protocol.ts";
import { WireError } from "../bytes.ts";
import { LogError } from "./durable-log.ts";
import { type Files, machineFiles } from "./files.ts";
import { logLimits } from "./limits.ts";
import { logError, logFiles, readState } from "./log-folder.ts";
import { loadPinnedKeys, type PinnedKeys } from "./pinned-keys.ts";
import { logFormat } from "./record-bytes.ts";
import { SegmentReader } from "./segment.ts";
import { BatchChecks, type SigningContext } from "./signing.ts";
import { publicKeyBytes } from "./identity.ts";

/** What was found in a data folder. */
export type Verified = {
  readonly name: string;
  readonly incarnation: number;
  readonly files: number;
  readonly bytes: number;
  readonly records: number;
  /** Batches with a signature that holds, and those of the node itself that have none yet. */
  readonly signed: number;
  readonly unsigned: number;
  /** What is wrong, each with its place. */
  readonly wrong: readonly string[];
  /** What a crash, or a copy of a node that runs, leaves at the end: no harm. */
  readonly torn: number;
};

/** Returns what is in a folder and what is wrong with it; changes nothing. Throws a `LogError`
 * where there is no folder of a node, or of another program, or where a later version wrote it. */
export async function verifyFolder(
  folder: string,
  context: SigningContext,
  files: Files = machineFiles,
): Promise<Verified> {
  const state = await readState(folder, files);
  if (state === undefined) throw new LogError("damaged", `${folder} is no data folder of a node`);
  if (state.program !== context.program)
    throw new LogError("other-program", `the data folder ${folder} is of another program`);
  const { name, incarnation } = state;
  const pins = await loadPinnedKeys(folder, files);
  const checks = new BatchChecks(await withOwn(pins, name, folder, files), context);
  const wrong: string[] = [];
  let [bytes, records, signed, unsigned, torn] = [0, 0, 0, 0, 0];
  const names = await logFiles(folder, state, files);
  const format = logFormat(context.program, context.schema, logLimits);
  for (const [at, file] of names.entries()) {
    const path = join(folder, file);
    const content = await files.read(path);
    if (content === undefined) {
      wrong.push(`${path} is missing`);
      continue;
    }
    bytes += content.length;
    const reader = new SegmentReader(file, content, format);
    for (const record of recordsOf(reader, path)) {
      records++;
      if (record.kind !== "batch") continue;
      const { batch } = record;
      const own = nameOf(batch.origin) === name;
      if (batch.signature === undefined && own) unsigned++;
      else if (checks.check(batch) === "wrong")
        wrong.push(`${path}: the signature of ${batch.origin} from ${batch.from} does not hold`);
      else signed++;
    }
    if (reader.broken === undefined) continue;
    const { offset, reason, durable } = reader.broken;
    if (at === names.length - 1 && file.startsWith("tail-") && !durable)
      torn = content.length - offset;
    else wrong.push(`${path} at byte ${offset}: ${reason}`);
  }
  const counts = { files: names.length, bytes, records, signed, unsigned };
  return { name, incarnation, ...counts, wrong, torn };
}

/** The records of a file, up to its end or to where it is broken. */
function* recordsOf<R>(reader: SegmentReader<R>, path: string): Generator<R> {
  try {
    for (let record = reader.next(); record !== undefined; record = reader.next()) yield record;
  } catch (error) {
    throw error instanceof WireError ? logError(error, path) : error;
  }
}

/** The keys that are pinned, and the node's own. */
async function withOwn(
  pins: PinnedKeys,
  name: string,
  folder: string,
  files: Files,
): Promise<Pick<PinnedKeys, "get">> {
  const text = await files.read(join(folder, "key.pem"));
  if (text === undefined) return pins;
  let own: string;
  try {
    const encoded = createPublicKey(Buffer.from(text)).export({ type: "spki", format: "der" });
    own = encoded.subarray(-publicKeyBytes).toString("base64");
  } catch (error) {
    throw new LogError("damaged", `${join(folder, "key.pem")} holds no key`, error);
  }
  return { get: (node) => (node === name ? own : pins.get(node)) };
}
