import type { EpochRecord } from "../calvin/record.ts";
import { OrderedLogError } from "./ordered-log-error.ts";

/** The collision-free hash of a record, by which the next one names it. */
export type RecordHash = (record: EpochRecord) => string;

/** An epoch of the log, and the hash of its record; epoch 0 with an empty hash before the first. */
export type Link = { readonly epoch: number; readonly hash: string };

/** The link that the first record follows. */
export const firstLink: Link = { epoch: 0, hash: "" };

/** Checks that records follow each other: no epoch is missing, none repeated, none exchanged. Where
 * it begins it knows a hash or takes the first record as it is. */
export class RecordChain {
  private readonly hash: RecordHash;
  private link: { readonly epoch: number; readonly hash: string | undefined };

  /** `hash` undefined: the record before the next was cut off, or is not known here. */
  constructor(hash: RecordHash, after: { readonly epoch: number; readonly hash?: string }) {
    this.hash = hash;
    this.link = { epoch: after.epoch, hash: after.hash ?? (after.epoch === 0 ? "" : undefined) };
  }

  /** The last epoch that was checked. */
  get epoch(): number {
    return this.link.epoch;
  }

  /** Takes the next record; returns its link. Throws a `damaged` where it is not the next, naming
   * `where` it was read. */
  next(record: EpochRecord, where: string): Link {
    return this.follow(record, where, () => this.hash(record));
  }

  /** The same for a record of which no more is known than this, and its hash. */
  follow(record: Pick<EpochRecord, "epoch" | "previous">, where: string, own: () => string): Link {
    const { epoch, hash } = this.link;
    if (record.epoch !== epoch + 1)
      throw damaged(where, `epoch ${record.epoch} is where epoch ${epoch + 1} should be`);
    if (hash !== undefined && record.previous !== hash)
      throw damaged(
        where,
        `epoch ${record.epoch} does not follow the epoch ${epoch} that is there`,
      );
    const link = { epoch: record.epoch, hash: own() };
    this.link = link;
    return link;
  }
}

function damaged(where: string, what: string): OrderedLogError {
  return new OrderedLogError(
    "damaged",
    `${where}: ${what}; put the log back from a copy or a follower, and do not go on with this one`,
  );
}
