import type { Pattern } from "../../calvin/transaction.ts";
import type { VersionVector } from "../../transducer/protocol.ts";
import type { Value } from "../../value/schema.ts";

/** The rows of base relations at an epoch, as any node of the ordered plane can read them: those of
 * its own partition here, those of others from their nodes. Ordered rows are those after all
 * transactions of the epoch; rows of free relations are those that transactions see then, up to
 * the frontier of the epoch, with what transactions have inserted. */
export type OrderedReads = {
  /** The last epoch that this node's partition has carried out. */
  readonly completed: number;
  /** The oldest epoch that can be read here. */
  readonly oldest: number;
  /** The tuples that fit a pattern after an epoch, of all partitions, in value order. Waits for
   * partitions that have not come to the epoch. Throws a `Problem`: `ahead` where the log has no
   * such epoch, or a partition does not come to it in time; `forgotten` where it is not kept any
   * more; `unavailable` where no replica of a partition answers. */
  rowsAt(pattern: Pattern, epoch: number): Promise<readonly (readonly Value[])[]>;
  /** How far free facts are seen at an epoch that this node has carried out; undefined where it is
   * not kept any more. */
  frontierAt(epoch: number): VersionVector | undefined;
  /** Resolves once this node's partition has carried an epoch out. Throws `ahead` where that takes
   * longer than `waitMs`. */
  reached(epoch: number, waitMs: number): Promise<void>;
};
