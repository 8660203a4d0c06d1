// From the segments of an ordered log to what is in which, when the log is opened.
import { join } from "node:path";

import { OrderedLogError } from "../ordered-log-error.ts";
import { type Link, RecordChain } from "../record-chain.ts";
import type { TermedRecord } from "../termed-bytes.ts";
import { closeSegment } from "./closed-segment.ts";
import type { Files } from "./files.ts";
import {
  epochFormat,
  headFormat,
  type OrderedFolderState,
  segmentFile,
  segmentNumbers,
} from "./ordered-folder.ts";
import { bytesHash, recordHash } from "./record-hash.ts";
import { SegmentReader } from "./segment.ts";

/** The epochs of a segment: those after `after`, up to `last`. */
export type Extent = { readonly number: number; readonly after: number; last: number };

/** A write at the end of the log that a crash has cut short; nobody was told of it. */
export type TornTail = { readonly path: string; readonly offset: number; readonly bytes: number };

/** What was found in a folder. */
export type RecoveredEpochs = {
  readonly extents: Extent[];
  readonly tail: Link;
  /** The term of the last record. */
  readonly term: number;
  readonly torn: TornTail | undefined;
  /** The number of the next segment. */
  readonly next: number;
};

/** Goes through all segments, and checks that their records follow each other; what these hold is
 * read once they are carried out. Cuts off a write that did
 * not come to its end; refuses what is damaged. What is left is on the disk. */
export async function recoverEpochs(
  folder: string,
  state: OrderedFolderState,
  recordBytesMax: number,
  files: Files,
): Promise<RecoveredEpochs> {
  const numbers = await segmentNumbers(folder, files);
  for (const number of numbers)
    if (number < state.segment) await files.remove(join(folder, segmentFile(number)));
  const own = numbers.filter((number) => number >= state.segment);
  const chain = new RecordChain(recordHash, state.base);
  const extents: Extent[] = [];
  let tail = state.base;
  let term = 0;
  let torn: TornTail | undefined;
  for (const [at, number] of own.entries()) {
    const path = join(folder, segmentFile(number));
    if (number !== state.segment + at)
      throw damaged(join(folder, segmentFile(state.segment + at)), "the file is missing", tail);
    const bytes = (await files.read(path)) ?? new Uint8Array();
    const reader = new SegmentReader(
      segmentFile(number),
      bytes,
      headFormat(state.program, recordBytesMax),
    );
    const after = tail.epoch;
    for (let next = reader.next(); next !== undefined; next = reader.next()) {
      // A truncation may have ended after `log.json` was written and before segments were removed.
      const { head, bytes: written } = next;
      if (head.epoch <= state.base.epoch && tail === state.base) continue;
      tail = chain.follow(head, path, () => bytesHash(written));
      if (next.term < term) throw damaged(path, `epoch ${tail.epoch} is of an earlier term`, tail);
      term = next.term;
    }
    const { broken, offset } = reader;
    const last = at === own.length - 1;
    if (broken !== undefined && (!last || broken.durable))
      throw damaged(`${path} at byte ${broken.offset}`, broken.reason, tail);
    if (broken !== undefined) torn = { path, offset, bytes: bytes.length - offset };
    if (offset === 0) await files.remove(path);
    else if (last) await closeSegment(files, path, reader, bytes);
    if (offset > 0) extents.push({ number, after, last: tail.epoch });
  }
  await files.syncFolder(folder);
  return { extents, tail, term, torn, next: state.segment + extents.length };
}

/** Reads the records of a segment that is known to be whole up to epoch `last`. */
export async function readSegment(
  folder: string,
  { number, after, last }: Extent,
  program: string,
  recordBytesMax: number,
  files: Files,
): Promise<TermedRecord[]> {
  const path = join(folder, segmentFile(number));
  const bytes = (await files.read(path)) ?? new Uint8Array();
  const format = epochFormat(program, recordBytesMax);
  const reader = new SegmentReader(segmentFile(number), bytes, format);
  const records: TermedRecord[] = [];
  for (let next = reader.next(); next !== undefined; next = reader.next())
    if (next.record.epoch > after && next.record.epoch <= last) records.push(next);
  const found = records.at(-1)?.record.epoch ?? after;
  if (found < last) {
    const reason = reader.broken?.reason ?? "the file ends too early";
    throw damaged(`${path} at byte ${reader.offset}`, reason, { epoch: found, hash: "" });
  }
  return records;
}

function damaged(where: string, reason: string, { epoch }: Link): OrderedLogError {
  return new OrderedLogError(
    "damaged",
    `${where}: ${reason}; the log is whole up to epoch ${epoch}, and what came after was ` +
      "acknowledged: put the folder back from a copy, or promote a follower",
  );
}
