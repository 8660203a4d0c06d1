// Batches that are too long for a record go into the log by their hash. A majority of the members
// holds such a body, durably, before the record names it; the others fetch it when they read of it.
import { type BatchReference, batchText, type EpochRecord, isReference } from "./record.ts";
import type { OrderedBatch, WholeRecord } from "./record.ts";

/** The bodies of long batches that a member holds, by their hashes. */
export class Bodies {
  private readonly hash: (text: string) => string;
  private readonly held = new Map<string, OrderedBatch>();
  /** The epochs whose records name them. */
  private readonly epochs = new Map<string, number>();

  /** `hash` is a collision-free hash of a text. */
  constructor(hash: (text: string) => string) {
    this.hash = hash;
  }

  /** How many bodies are held. */
  get size(): number {
    return this.held.size;
  }

  /** Takes a body in; returns its hash. */
  add(batch: OrderedBatch): string {
    const hash = this.hash(batchText(batch));
    this.held.set(hash, batch);
    return hash;
  }

  /** The body with a hash: for those who fetch it. */
  get(hash: string): OrderedBatch | undefined {
    return this.held.get(hash);
  }

  /** The bodies that a record names and that are not here: they are to be fetched. */
  missing({ batches }: EpochRecord): BatchReference[] {
    return batches.filter(isReference).filter(({ hash }) => !this.held.has(hash));
  }

  /** Returns a record with its bodies; undefined while one is missing. */
  whole(record: EpochRecord): WholeRecord | undefined {
    const batches: OrderedBatch[] = [];
    for (const batch of record.batches) {
      const body = isReference(batch) ? this.held.get(batch.hash) : batch;
      if (body === undefined) return undefined;
      if (isReference(batch)) this.epochs.set(batch.hash, record.epoch);
      batches.push(body);
    }
    return { ...record, batches };
  }

  /** Lets go the bodies that records before an epoch name: the log has none of these any more; and
   * those that no record has named here and of which `isOver` says that none will. Returns their
   * hashes. */
  forgetBefore(epoch: number, isOver: (batch: OrderedBatch) => boolean = () => false): string[] {
    const gone: string[] = [];
    for (const [hash, batch] of this.held) {
      const named = this.epochs.get(hash);
      if (!(named === undefined ? isOver(batch) : named < epoch)) continue;
      this.epochs.delete(hash);
      this.held.delete(hash);
      gone.push(hash);
    }
    return gone;
  }
}
