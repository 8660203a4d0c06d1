// The log of a simulated cluster, as its machines see it; and one that is nothing but a list.
import type { Random } from "../../../src/base/random.ts";
import type { Appended } from "../../../src/calvin/ordered-log.ts";
import type { EpochRecord } from "../../../src/calvin/record.ts";
import { recordHash } from "../../../src/runtime/node/record-hash.ts";

/** What the machines of a cluster append to, and read. */
export type ClusterLog = {
  /** All records that could ever be read: also those that are cut off. */
  readonly all: readonly EpochRecord[];
  /** The record of an epoch; undefined where it cannot be read, or not now. */
  at(epoch: number): EpochRecord | undefined;
  /** Appends; tells what became of it, at once or later. Who appends may be gone by then. */
  append(record: EpochRecord, told: (appended: Appended) => void): void;
  /** Forgets the epochs up to one. */
  cutOff(epoch: number): void;
  /** Time goes by: what is under way goes on, and what can go wrong goes wrong, unless the cluster
   * is to come to rest. */
  step(healed: boolean): Promise<void> | undefined;
  /** Ends; throws where anything is not as it was told to be. */
  close(): Promise<void>;
};

/** A log that is a list. Of some appends nobody is told what became of them: they were done, or are
 * done later, or never. */
export class ListLog implements ClusterLog {
  readonly all: EpochRecord[] = [];
  /** How many appends came later than anybody knew of. */
  late = 0;
  private readonly chance: Random;
  private readonly ambiguous: number;
  private cut = 0;
  private delayed: EpochRecord | undefined;

  /** `ambiguous`: how likely it is that an append is not told of. */
  constructor(chance: Random, ambiguous: number) {
    this.chance = chance;
    this.ambiguous = ambiguous;
  }

  at(epoch: number): EpochRecord | undefined {
    if (epoch <= this.cut) throw new Error(`epoch ${epoch} was cut off`);
    return this.all[epoch - 1];
  }

  append(record: EpochRecord, told: (appended: Appended) => void): void {
    const { chance, ambiguous } = this;
    if (!this.follows(record)) {
      told("conflict");
      return;
    }
    if (chance.chance(ambiguous)) {
      if (chance.chance(0.5)) this.delayed = record;
      told("unknown");
      return;
    }
    this.all.push(record);
    told(chance.chance(ambiguous) ? "unknown" : "appended");
  }

  cutOff(epoch: number): void {
    this.cut = epoch;
  }

  step(): undefined {
    if (this.delayed === undefined || !this.chance.chance(0.02)) return;
    const record = this.delayed;
    this.delayed = undefined;
    // Another one may have been faster.
    if (!this.follows(record)) return;
    this.late++;
    this.all.push(record);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private follows({ epoch, previous }: EpochRecord): boolean {
    const last = this.all.at(-1);
    const hash = last === undefined ? "" : recordHash(last);
    return epoch === this.all.length + 1 && previous === hash;
  }
}
