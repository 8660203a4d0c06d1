// The disk of a simulated machine: its checkpoints are written, installed and read as a node does
// it (checkpoint-files.ts), while the rest goes on. The power goes after any byte of them, and takes
// what was not synced: all of it, half of it, or all but its length.
import type { Random } from "../../../src/base/random.ts";
import type { Checkpoint } from "../../../src/calvin/checkpoint.ts";
import type { LoadedCheckpoint } from "../../../src/runtime/node/checkpoint-frames.ts";
import {
  installCheckpoint,
  newestCheckpoint,
  newestCheckpointBytes,
  writeCheckpoint,
} from "../../../src/runtime/node/checkpoint-files.ts";
import { type Remains, SimulatedDisk } from "../simulated-disk.ts";

/** Whose checkpoints a disk has. */
export type DiskOf = { readonly partition: number; readonly partitions: number };

const folder = "checkpoints";
const remains: readonly Remains[] = ["nothing", "half", "zeros", "all"];

/** How many bytes are written at most, and names changed, from when the power is to go. */
const untilOffMax = 3_000;

/** A disk with the checkpoints of one machine. */
export class MachineDisk {
  /** The epoch of the newest checkpoint that the machine was told to be there: it stays, whatever
   * happens. */
  kept = 0;
  private readonly chance: Random;
  private readonly of: DiskOf & { readonly program: string };
  private readonly disk = new SimulatedDisk();
  private files = this.disk.machine();
  private writing = false;

  constructor(chance: Random, { partition, partitions }: DiskOf) {
    this.chance = chance;
    this.of = { program: "test", partition, partitions };
  }

  /** Whether the power is gone. */
  get off(): boolean {
    return this.disk.budget <= 0;
  }

  /** Whether a checkpoint is being written. */
  get busy(): boolean {
    return this.writing;
  }

  /** Begins to write a checkpoint: it is kept some time later, unless the machine crashes. `fails`
   * says that the power goes, if it comes to that before all is written. */
  write(checkpoint: Checkpoint, fails: boolean): void {
    this.writing = true;
    if (fails) this.disk.budget = this.chance.between(1, untilOffMax);
    const { files } = this;
    void writeCheckpoint(folder, { ...this.of, record: "" }, checkpoint, files).then(
      ({ epoch }) => {
        this.writing = false;
        this.kept = Math.max(this.kept, epoch);
        this.disk.budget = Infinity;
      },
    );
  }

  /** The machine stops. */
  crash(): void {
    this.disk.crash(this.chance.pick(remains));
    this.files = this.disk.machine();
    this.writing = false;
  }

  /** The checkpoint that a machine comes back with; undefined where it has none. */
  async newest(): Promise<LoadedCheckpoint | undefined> {
    const { checkpoint, skipped } = await newestCheckpoint(folder, this.of, this.files);
    if (skipped.length > 0) throw new Error(`a checkpoint is damaged: ${skipped[0]?.reason}`);
    const { epoch = 0 } = checkpoint?.manifest ?? {};
    if (epoch < this.kept)
      throw new Error(`the checkpoint of epoch ${this.kept} was kept, there is that of ${epoch}`);
    this.kept = epoch;
    return checkpoint;
  }

  /** Takes over the checkpoint of another machine whose power is on, if that has one; again where
   * the power goes meanwhile, as it does as long as `fails` says so. Returns how often it went. */
  async install(donor: MachineDisk, fails: () => boolean): Promise<number> {
    // That of the other one stays on.
    donor.disk.budget = Infinity;
    for (let cut = 0; ; cut++) {
      const found = await newestCheckpointBytes(folder, donor.files);
      if (found === undefined) return cut;
      const off = this.disk.stopped().then(() => undefined);
      if (fails()) this.disk.budget = this.chance.between(1, untilOffMax);
      const installing = installCheckpoint(folder, this.of, found.bytes, this.files);
      if ((await Promise.race([installing, off])) !== undefined) {
        this.disk.budget = Infinity;
        return cut;
      }
      this.crash();
    }
  }
}
