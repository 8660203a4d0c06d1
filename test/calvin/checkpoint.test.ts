// Three replicas of one log, each with its own way of making checkpoints: all of the same epoch are
// the same, and whoever comes back from one ends where the others do.
import { expect } from "chai";

import { type Random, random } from "../../src/base/random.ts";
import {
  beginCheckpoint,
  type Capture,
  type Checkpoint,
  checkpoint,
  type CheckpointMethod,
} from "../../src/calvin/checkpoint.ts";
import type { PositionedReads } from "../../src/calvin/gathered.ts";
import { MemoryStorage } from "../../src/calvin/memory-storage.ts";
import { Partitions } from "../../src/calvin/partitions.ts";
import type { OrderedRequest, WholeRecord } from "../../src/calvin/record.ts";
import { Replica, type ReplicaOutput } from "../../src/calvin/replica.ts";
import { startOf, type Storage, type Version } from "../../src/calvin/storage.ts";
import type { Row, TransactionCode } from "../../src/calvin/transaction.ts";
import { ZigzagStorage } from "../../src/calvin/zigzag-storage.ts";
import { replicaStateBytes } from "../../src/runtime/checkpoint-bytes.ts";
import { keyOf } from "../../src/transducer/fact.ts";

const seed = Number(process.env["SEED"] ?? 1);
const seeds = Number(process.env["SEEDS"] ?? 25);

type Way = CheckpointMethod["way"];
const ways: readonly Way[] = ["synchronous", "zigzag", "multiversion"];
const keys = [[0]];
const partitions = new Partitions(2, keys);

/** Sets a key to a value if another key has one, and otherwise removes it. */
const set: TransactionCode = {
  ...{ name: "set", parameters: [], relations: { reads: [0], writes: [0] } },
  footprint: () => undefined,
  run(view, [key = null, value = null, other = null]) {
    const of = (at: typeof key): Row[] =>
      [...view.tuples({ relation: 0, columns: [0], values: [at] })].map((values) => {
        return { relation: 0, values };
      });
    const there = of(other).length > 0 || other === key;
    const inserted = there ? [{ relation: 0, values: [key, value] }] : [];
    return { kind: "done", removed: of(key), inserted };
  },
};

function randomLog(chance: Random, epochs: number): WholeRecord[] {
  let number = 0;
  return Array.from({ length: epochs }, (_, at): WholeRecord => {
    const requests = Array.from({ length: chance.below(4) }, (): OrderedRequest => {
      const [key, other] = [BigInt(chance.below(8)), BigInt(chance.below(8))];
      const id = chance.chance(0.1) ? `r${chance.below(number + 1)}` : `r${++number}`;
      const pattern = (of: bigint) => ({ relation: 0, columns: [0], values: [of] });
      const footprint = { reads: [pattern(key), pattern(other)], writes: [pattern(key)] };
      const args = [key, BigInt(number), chance.chance(0.5) ? key : other];
      return { id, transaction: "set", args, footprint, attempt: 0 };
    });
    const batches = [{ sequencer: "s/1", number: at + 1, requests }];
    const epoch = at + 1;
    return { epoch, previous: "", nowMs: 0, seed: 0, engine: "", frontier: new Map(), batches };
  });
}

/** A partition of a replica with its way of making checkpoints. */
class Member {
  readonly way: Way;
  readonly partition: number;
  storage: Storage = new MemoryStorage();
  replica: Replica;
  last: Checkpoint | undefined;
  capture: Capture | undefined;
  /** What is being written: so many of its versions are. */
  writing: { readonly made: Checkpoint; readonly from: Iterator<Version> } | undefined;
  written: Version[] = [];

  constructor(way: Way, partition: number) {
    this.way = way;
    this.partition = partition;
    this.replica = this.begun(undefined);
  }

  /** Begins with a checkpoint, or with nothing. What was being made is lost. */
  begun(from: Checkpoint | undefined): Replica {
    this.capture = undefined;
    this.writing = undefined;
    const memory = new MemoryStorage(from?.versions);
    this.storage = this.way === "zigzag" ? new ZigzagStorage(memory) : memory;
    const { partition, storage } = this;
    const codes = new Map([["set", set]]);
    const where = from && { from: from.state, horizon: from.horizon };
    const remembered = { rememberedEpochs: 6, rememberedRequests: 7 };
    const options = { partition, partitions, keys, codes, storage, remembered };
    this.replica = new Replica({ ...options, ...where });
    return this.replica;
  }

  get method(): CheckpointMethod {
    const { way, storage } = this;
    if (way !== "zigzag") return { way, storage };
    if (storage instanceof ZigzagStorage) return { way, storage };
    throw new Error("zigzag has a storage of its own");
  }
}

/** A replica: the partitions' messages come in any order, and late. */
class ReplicaRun {
  readonly chance: Random;
  readonly log: readonly WholeRecord[];
  readonly members: readonly Member[];
  /** What was made, by partition and epoch. */
  readonly made = new Map<string, string>();
  readonly counts = { made: 0, lost: 0, late: 0 };
  readonly forgets: boolean;
  private messages: (PositionedReads & { to: Member; from: number })[] = [];

  constructor(way: Way, log: readonly WholeRecord[], chance: Random, forgets: boolean) {
    this.log = log;
    this.chance = chance;
    this.forgets = forgets;
    this.members = [0, 1].map((partition) => new Member(way, partition));
  }

  run(): void {
    for (let step = 0; !this.settled(); step++) {
      if (step > 200_000) throw new Error("it does not settle");
      const member = this.chance.pick(this.members);
      const kind = this.chance.below(12);
      if (kind < 3) this.feed(member);
      else if (kind < 5) this.deliver();
      else if (kind === 5) this.pull(member);
      else if (kind < 11) this.write(member);
      else if (this.chance.chance(0.03)) this.crash(member);
    }
  }

  private settled(): boolean {
    return this.members.every(({ replica }) => replica.completed.epoch === this.log.length);
  }

  private feed(member: Member): void {
    const { replica, capture } = member;
    if (capture?.frozen === true || replica.takenIn - replica.completed.epoch > 6) return;
    const record = this.log[replica.takenIn];
    if (record === undefined) return;
    this.put(member, replica.apply(record, []));
    this.begin(member);
  }

  /** Begins a checkpoint at each fourth epoch. */
  private begin(member: Member): void {
    if (member.capture !== undefined) return;
    const { replica, way } = member;
    const epoch = way === "multiversion" ? replica.completed.epoch : replica.takenIn;
    const last = member.last?.state.epoch ?? 0;
    if (epoch % 4 === 0 && epoch > last) member.capture = beginCheckpoint(replica, member.method);
  }

  private write(member: Member): void {
    const { capture } = member;
    if (capture === undefined) return;
    if (member.writing === undefined) {
      const made = capture.caught(this.forgets ? this.oldest : 0);
      if (made === undefined) return;
      if (member.replica.takenIn > capture.epoch) this.counts.late++;
      member.writing = { made, from: made.versions[Symbol.iterator]() };
      member.written = [];
    }
    const next = member.writing.from.next();
    if (next.done !== true) {
      member.written.push(next.value);
      return;
    }
    const versions = member.written;
    member.last = { ...member.writing.made, versions };
    member.writing = undefined;
    member.capture = undefined;
    capture.end();
    this.counts.made++;
    const rows = versions.map(({ row, from, to }) => `${keyOf(row)} ${from} ${to}`).toSorted();
    const state = Buffer.from(replicaStateBytes(member.last.state)).toString("hex");
    this.made.set(`${member.partition} ${capture.epoch}`, `${rows.join("\n")}\n${state}`);
  }

  private get oldest(): number {
    return Math.min(...this.members.map(({ last }) => last?.state.epoch ?? 0));
  }

  private crash(member: Member): void {
    if (member.capture !== undefined) this.counts.lost++;
    member.begun(member.last);
    this.messages = this.messages.filter(({ to }) => to !== member);
  }

  private deliver(): void {
    const at = this.chance.below(Math.max(1, this.messages.length));
    const [message] = this.messages.splice(at, 1);
    if (message === undefined || this.chance.chance(0.2)) return;
    const { to, from, position, found } = message;
    this.put(to, to.replica.receive(from, [{ position, found }]));
  }

  private pull(member: Member): void {
    for (const { of, position, patterns } of member.replica.awaited()) {
      const found = this.members[of]?.replica.read(position, patterns);
      if (found !== undefined) this.put(member, member.replica.receive(of, [{ position, found }]));
    }
  }

  private put(member: Member, { reads }: ReplicaOutput): void {
    for (const { to, position, found } of reads) {
      const other = this.members[to];
      if (other === undefined) continue;
      this.messages.push({ to: other, from: member.partition, position, found });
    }
    this.begin(member);
  }
}

describe(`checkpoints in three ways (SEED=${seed}, SEEDS=${seeds})`, () => {
  it("are the same for the same epoch, and who comes back from one ends as the others", () => {
    const sums = { made: 0, lost: 0, late: 0, compared: 0 };
    for (let round = 0; round < seeds; round++) {
      const chance = random(seed * 1_000 + round);
      const log = randomLog(chance, 40);
      const known = new Map<string, string>();
      const ends = new Set<string>();
      for (const way of ways) {
        const run = new ReplicaRun(way, log, chance, false);
        run.run();
        for (const [name, text] of run.made) {
          if (known.has(name)) sums.compared++;
          expect(text, `round ${round}, ${way} at ${name}`).to.equal(known.get(name) ?? text);
          known.set(name, text);
        }
        for (const of of ["made", "lost", "late"] as const) sums[of] += run.counts[of];
        ends.add(endOf(run));
      }
      expect(ends.size, `round ${round}`).to.equal(1);
    }
    expect(sums.made).to.be.greaterThan(20 * seeds);
    for (const count of Object.values(sums)) expect(count).to.be.greaterThan(seeds / 2);
  });

  it("have what others may ask for, where what is older is forgotten", () => {
    for (let round = 0; round < seeds; round++) {
      const chance = random(seed * 2_000 + round);
      const log = randomLog(chance, 40);
      const ends = ways.map((way) => {
        const run = new ReplicaRun(way, log, chance, true);
        run.run();
        return endOf(run);
      });
      expect(new Set(ends).size, `round ${round}`).to.equal(1);
    }
  });

  it("by two copies need no second copy of what is not there any more", () => {
    const storage = new ZigzagStorage(new MemoryStorage());
    const row = { relation: 0, values: [1n] };
    storage.apply(startOf(1), { removed: [], inserted: [row] });
    storage.approach(startOf(2));
    storage.apply(startOf(2), { removed: [row], inserted: [{ relation: 0, values: [2n] }] });
    const stable = [...storage.stable(startOf(2))];
    expect(stable).to.deep.equal([{ row, from: startOf(1), to: Infinity }]);
    storage.release();
    expect(storage.size).to.equal(1);
    expect(() => {
      storage.approach(startOf(3));
      storage.approach(startOf(4));
    }).to.throw("one checkpoint is made after the other");
  });
});

function endOf({ members, log }: ReplicaRun): string {
  const end = startOf(log.length + 1);
  const rows = members.flatMap(({ storage }) => [...storage.versions(end)]);
  const present = rows.filter(({ to }) => to === Infinity);
  const hashes = members.map(({ replica }) => replica.completed.hash);
  return [...hashes, ...present.map(({ row, from }) => `${keyOf(row)} ${from}`).toSorted()].join();
}

describe("a checkpoint", () => {
  it("holds the rows after its epoch, while a later one is carried out in part", () => {
    const keys = [[0]];
    const partitions = new Partitions(2, keys);
    // Keys at the partition that does not have the key 0, which a request reads unless it is alone.
    const partition = 1 - partitions.of({ relation: 0, values: [0n] });
    const key = keyAt(partitions, partition, []);
    const free = keyAt(partitions, partition, [key]);
    const add: TransactionCode = {
      ...{ name: "add", parameters: [], relations: { reads: [0], writes: [0] } },
      footprint: () => undefined,
      run: (_, [of = null]) => ({
        ...{ kind: "done", removed: [] },
        inserted: [{ relation: 0, values: [of] }],
      }),
    };
    const codes = new Map([["add", add]]);
    const storage = new MemoryStorage();
    const replica = new Replica({ partition, partitions, keys, codes, storage });
    const alone = (id: string, of: bigint): OrderedRequest => ({
      ...request(id, of),
      footprint: { reads: [], writes: [{ relation: 0, columns: [0], values: [of] }] },
    });
    const record = (epoch: number, requests: OrderedRequest[]) => ({
      ...{ epoch, previous: "", nowMs: 0, seed: 0, frontier: new Map(), engine: "" },
      batches: [{ sequencer: "a/1", number: epoch, requests }],
    });
    replica.apply(record(1, [alone("r1", key)]), []);
    // Epoch 2 waits for what the other partition reads; epoch 3 does not, and is carried out.
    replica.apply(record(2, [request("r2", key)]), []);
    replica.apply(record(3, [alone("r3", free)]), []);
    expect(replica.completed.epoch).to.equal(1);
    expect(storage.size).to.equal(2);
    const { state, versions } = checkpoint(replica, storage, 0);
    expect(state.epoch).to.equal(1);
    expect([...versions].map(({ row }) => row.values)).to.deep.equal([[key]]);
  });
});

function keyAt(partitions: Partitions, partition: number, taken: readonly bigint[]): bigint {
  for (let key = 1n; ; key++)
    if (!taken.includes(key) && partitions.of({ relation: 0, values: [key] }) === partition)
      return key;
}

function request(id: string, key: bigint): OrderedRequest {
  const patterns = [0n, key].map((value) => ({ relation: 0, columns: [0], values: [value] }));
  return {
    ...{ id, transaction: "add", args: [key], attempt: 0 },
    footprint: { reads: patterns.slice(0, 1), writes: patterns.slice(1) },
  };
}
