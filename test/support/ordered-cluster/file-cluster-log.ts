// The log in files, on a simulated disk, as the log of a simulated cluster: its process is killed,
// the power goes after any byte, writes that were not synced are lost, halved or zeros, and bits of
// what was durable change. A second log follows; an operator promotes it where the first is damaged.
import type { Random } from "../../../src/base/random.ts";
import type { Appended } from "../../../src/calvin/ordered-log.ts";
import type { EpochRecord } from "../../../src/calvin/record.ts";
import { openFileLog } from "../../../src/runtime/node/open-file-log.ts";
import type { FileLog } from "../../../src/runtime/node/ordered-log-file.ts";
import { followSource } from "../../../src/runtime/node/ordered-log-follow.ts";
import { recordHash } from "../../../src/runtime/node/record-hash.ts";
import { OrderedLogError } from "../../../src/runtime/ordered-log-error.ts";
import { type Remains, SimulatedDisk } from "../simulated-disk.ts";
import type { ClusterLog } from "./cluster-log.ts";

/** How likely it is in a step that … */
export type FileLogFaults = {
  /** the power goes, within the next bytes that are written, */
  readonly power: number;
  /** a bit changes, and the process ends. */
  readonly flip: number;
};

/** What happened to a log. */
export type FileLogCounts = {
  powerCuts: number;
  torn: number;
  flips: number;
  /** Opened although a bit was another one: all that was durable was there. */
  harmless: number;
  /** Reads of a running log that met the bit, and said so. */
  noticed: number;
  refused: number;
  unknown: number;
};

const options = { program: "p1", limits: { segmentBytes: 3_000, recentRecords: 2 } };
const remains: readonly Remains[] = ["nothing", "half", "zeros", "all"];
/** The errors by which a log says that it is not what was written. */
const refusals: ReadonlySet<string> = new Set(["damaged", "unknown-format", "other-program"]);

/** A log that is open on a disk. */
type Opened = {
  readonly disk: SimulatedDisk;
  readonly log: FileLog;
  /** Settles when the machine has stopped. */
  readonly stopped: Promise<void>;
};

/** A log in files under faults. */
export class FileClusterLog implements ClusterLog {
  readonly all: EpochRecord[] = [];
  readonly counts: FileLogCounts = {
    ...{ powerCuts: 0, torn: 0, flips: 0, harmless: 0, noticed: 0, refused: 0, unknown: 0 },
  };
  private readonly chance: Random;
  private readonly faults: FileLogFaults;
  private disk = new SimulatedDisk();
  private leader: Opened | undefined;
  private follower: Opened | undefined;
  private down = 0;
  private dead = false;
  /** Whether a bit of the leader's disk is another one. */
  private flipped = false;
  /** The last epoch that was told to be appended: it stays, whatever happens. */
  private promised = 0;
  /** The records that were read since the log was opened, which have the epochs after `base`. */
  private readable: EpochRecord[] = [];
  private base = 0;
  /** Whether segments are being removed. */
  private cutting = false;
  private readonly pending = new Set<(appended: Appended) => void>();

  constructor(chance: Random, faults: FileLogFaults) {
    this.chance = chance;
    this.faults = faults;
  }

  at(epoch: number): EpochRecord | undefined {
    if (this.leader === undefined) return undefined;
    if (epoch <= this.base) throw new Error(`epoch ${epoch} was cut off`);
    return this.readable[epoch - this.base - 1];
  }

  append(record: EpochRecord, told: (appended: Appended) => void): void {
    if (this.leader === undefined || this.dead) {
      this.tell("unknown", told);
      return;
    }
    this.pending.add(told);
    void this.leader.log.append(record).then((appended) => {
      // The power went before anybody was told.
      if (!this.pending.delete(told)) return;
      if (appended === "appended") this.promised = Math.max(this.promised, record.epoch);
      this.tell(appended, told);
    });
  }

  cutOff(epoch: number): void {
    const { leader } = this;
    if (leader === undefined || this.dead || leader.log.link.epoch <= epoch) return;
    this.cutting = true;
    void leader.log.truncateBefore(epoch + 1).then(() => (this.cutting = false));
  }

  async step(healed: boolean): Promise<void> {
    if (this.leader === undefined) {
      if (this.down-- <= 0) await this.open();
      return;
    }
    if (this.dead) {
      this.powerGoes(this.leader, this.chance.pick(remains));
      return;
    }
    for (let turns = this.chance.below(8); turns > 0; turns--) await Promise.resolve();
    await this.unlessStopped(this.leader, () => this.catchUp());
    if (this.chance.chance(0.3)) await this.unlessStopped(this.leader, () => this.follow());
    if (healed) this.leader.disk.budget = Infinity;
    else await this.fail(this.leader);
  }

  async close(): Promise<void> {
    while (this.leader === undefined || this.dead || this.pending.size > 0) await this.step(true);
    await this.catchUp();
    await this.leader.log.close();
    await this.open();
    await this.follower?.log.close();
  }

  // ---- what goes wrong ----

  private async fail(leader: Opened): Promise<void> {
    const { chance, faults, follower } = this;
    if (chance.chance(faults.power) && leader.disk.budget === Infinity)
      leader.disk.budget = chance.between(1, 2_000);
    // A bit changes while a follower has all: what only a broken disk had is lost by nature.
    const { epoch } = leader.log.link;
    const spared = epoch > 0 && follower?.log.link.epoch === epoch;
    if (
      !spared ||
      this.pending.size > 0 ||
      this.cutting ||
      leader.disk.budget < Infinity ||
      !chance.chance(faults.flip)
    )
      return;
    this.flip(leader.disk);
    if (chance.chance(0.5))
      await this.readAll(leader.log).catch((error: unknown) => {
        this.isRefusal(error);
        this.counts.noticed++;
      });
    this.powerGoes(leader, "all");
  }

  private powerGoes({ disk }: Opened, left: Remains): void {
    this.counts.powerCuts++;
    disk.crash(left);
    this.leader = undefined;
    this.dead = this.cutting = false;
    this.down = this.chance.below(40);
    const told = [...this.pending];
    this.pending.clear();
    for (const one of told) this.tell("unknown", one);
  }

  private flip(disk: SimulatedDisk): void {
    this.counts.flips++;
    this.flipped = true;
    const path = this.chance.pick(disk.paths.filter((one) => /epochs-|log\.json/.test(one)));
    disk.damage(path, (bytes) => {
      const at = this.chance.below(bytes.length);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << this.chance.below(8));
      return bytes;
    });
  }

  private tell(appended: Appended, told: (appended: Appended) => void): void {
    if (appended === "unknown") this.counts.unknown++;
    told(appended);
  }

  // ---- starting, and what an operator does ----

  private async open(): Promise<void> {
    // The power may go once more while it starts.
    if (!this.flipped && this.chance.chance(0.2)) this.disk.budget = this.chance.between(1, 300);
    try {
      const leader = await opened(this.disk, "leader");
      if (leader === undefined) {
        this.counts.powerCuts++;
        this.disk.crash(this.chance.pick(remains));
        return;
      }
      this.disk.budget = Infinity;
      await this.begin(leader);
      if (this.flipped) this.counts.harmless++;
    } catch (error) {
      if (!this.flipped) throw error;
      this.isRefusal(error);
      this.counts.refused++;
      await this.promote();
    }
    this.flipped = false;
    this.follower ??= await opened(new SimulatedDisk(), "follower");
  }

  /** The follower leads, and a new one follows it. */
  private async promote(): Promise<void> {
    const { follower } = this;
    if (follower === undefined) throw new Error("a log is damaged that nobody follows");
    this.follower = undefined;
    await follower.log.promote();
    this.disk = follower.disk;
    await this.begin(follower);
  }

  private async begin(leader: Opened): Promise<void> {
    if (leader.log.torn !== undefined) this.counts.torn++;
    const { epoch } = leader.log.link;
    if (epoch < Math.max(this.promised, this.all.length))
      throw new Error(`the log ends with epoch ${epoch}, and had ${this.all.length}`);
    const records = await this.readAll(leader.log);
    this.base = leader.log.base.epoch;
    this.readable = records;
    this.all.push(...records.filter((of) => of.epoch > this.all.length));
    this.leader = leader;
  }

  private isRefusal(error: unknown): void {
    if (!(error instanceof OrderedLogError) || !refusals.has(error.code)) throw error;
  }

  // ---- reading ----

  /** All records that a log has, as its disk has them: those that were seen before are the same. */
  private async readAll(log: FileLog): Promise<EpochRecord[]> {
    const records: EpochRecord[] = [];
    const { epoch: base } = log.base;
    while (base + records.length < log.link.epoch)
      records.push(...(await log.read(base + records.length + 1, 5)));
    for (const record of records) this.compare(record);
    return records;
  }

  private compare(record: EpochRecord): void {
    const before = this.all[record.epoch - 1];
    if (before !== undefined && recordHash(before) !== recordHash(record))
      throw new Error(`epoch ${record.epoch} was another one`);
  }

  private async catchUp(): Promise<void> {
    const { log } = this.leader ?? {};
    if (log === undefined) return;
    const next = this.base + this.readable.length + 1;
    if (next > log.link.epoch) return;
    for (const record of await log.read(next, 3)) {
      this.readable.push(record);
      this.compare(record);
      if (record.epoch === this.all.length + 1) this.all.push(record);
    }
  }

  private async follow(): Promise<void> {
    const { leader, follower } = this;
    if (leader === undefined || follower === undefined) return;
    const source = followSource(leader.log);
    const { signal } = new AbortController();
    const { log } = follower;
    const { base, term } = await source.fetch(undefined, 1, log.term, signal);
    await log.enter(term);
    if (base.epoch > log.link.epoch) await log.beginAfter(base);
    if (log.link.epoch === leader.log.link.epoch) return;
    try {
      const { records } = await source.fetch(log.link.epoch + 1, 4, log.term, signal);
      await log.follow(records);
    } catch (error) {
      // What comes next was cut off meanwhile: the next time it goes on behind that.
      if (!(error instanceof OrderedLogError) || error.code !== "truncated") throw error;
    }
  }

  /** Does what needs the disk; where its machine stops meanwhile, it stays undone. */
  private async unlessStopped({ stopped }: Opened, work: () => Promise<void>): Promise<void> {
    const off = stopped.then(() => {
      this.dead = true;
    });
    await Promise.race([work(), off]);
  }
}

/** Opens a log; undefined where the machine stops meanwhile. */
async function opened(
  disk: SimulatedDisk,
  role: "leader" | "follower",
): Promise<Opened | undefined> {
  const files = disk.machine();
  const stopped = disk.stopped();
  const opening = openFileLog("log", { ...options, role, files });
  const log = await Promise.race([opening, stopped.then(() => undefined)]);
  return log && { disk, stopped, log };
}
