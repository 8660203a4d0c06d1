import type { OrderedLog } from "../calvin/ordered-log.ts";
import type { EpochRecord } from "../calvin/record.ts";
import { RecordChain, type RecordHash } from "./record-chain.ts";

/** How many records a subscriber is given of one read. */
const readRecords = 256;

/** What a subscriber is fed from. */
export type Feed = {
  readonly log: Pick<OrderedLog, "read">;
  readonly hash: RecordHash;
  /** Returns when there may be records from this epoch on, or the signal is aborted. */
  readonly wait: (epoch: number, signal: AbortSignal) => Promise<void>;
};

/** Reads records from an epoch on and hands them over, each after the one before, until the signal
 * is aborted. That they follow each other is checked across reads. */
export async function feed(
  { log, hash, wait }: Feed,
  from: number,
  onRecord: (record: EpochRecord) => void | Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const chain = new RecordChain(hash, { epoch: from - 1 });
  const over = (): boolean => signal.aborted;
  while (!over()) {
    const records = await log.read(chain.epoch + 1, readRecords);
    if (records.length === 0 && !over()) await wait(chain.epoch + 1, signal);
    for (const record of records) {
      if (over()) return;
      chain.next(record, "the log");
      await onRecord(record);
    }
  }
}
