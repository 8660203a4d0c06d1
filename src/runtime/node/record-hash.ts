import { createHash } from "node:crypto";

import type { EpochRecord } from "../../calvin/record.ts";
import { epochBytes } from "../epoch-bytes.ts";

/** The hashes of records that were asked for: who appends a record, and who carries it out, both
 * ask. */
const known = new WeakMap<EpochRecord, string>();

/** Returns the SHA-256 of the bytes of a record, in hexadecimal: what records of the ordered log
 * are named by. */
export function recordHash(record: EpochRecord): string {
  const before = known.get(record);
  if (before !== undefined) return before;
  const hash = bytesHash(epochBytes(record));
  known.set(record, hash);
  return hash;
}

/** Returns the hash of the record that these are the bytes of. */
export function bytesHash(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Returns the SHA-256 of a text, in hexadecimal: what batches are named by. */
export function textHash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
