// The log of the ordered plane, as those who append to it and carry it out see it. Drivers
// implement it: on the disk, by etcd, in a simulated world.
import type { EpochRecord } from "./record.ts";

/** What became of an append. `appended`: the log has this record, durably; told also where an
 * earlier call had appended it. `conflict`: it has not, as another record is at its place, or the
 * record before is another one. `unknown`: nobody knows, and nobody knows when: it may also be
 * appended later, as long as no other record takes its place. Appending the same record again is
 * safe, and tells. */
export type Appended = "appended" | "conflict" | "unknown";

/** Records of epochs 1, 2, …, without gaps, each naming the hash of the one before. A record that
 * was appended, or was read, stays what and where it is.
 *
 * What fails for good rejects with an error that names the cause and a remedy: a log that is
 * damaged, a disk that is full, an epoch that was cut off, a leader that has been replaced. */
export type OrderedLog = {
  /** Appends a record: it names its place, and what it follows. */
  append(record: EpochRecord): Promise<Appended>;
  /** The records from an epoch on, at most so many; fewer, also none, where the log ends or where
   * they are many bytes. What is returned follows each other. */
  read(from: number, limit: number): Promise<readonly EpochRecord[]>;
  /** The last epoch at some moment between the call and its answer; 0 where there is none. */
  tail(): Promise<number>;
  /** Calls `onRecord` with each record from an epoch on, one after the other, in their order.
   * Returns when the signal is aborted; a record that is being taken is taken to its end. */
  subscribe(
    from: number,
    onRecord: (record: EpochRecord) => void | Promise<void>,
    signal: AbortSignal,
  ): Promise<void>;
  /** Forgets the epochs before one that the log has: no replica needs them any more. The last
   * record stays in any case. */
  truncateBefore(epoch: number): Promise<void>;
  /** Ends what is under way. The log stays. */
  close(): Promise<void>;
};
