// A cluster of the ordered plane under a seeded driver: machines that sequence, append to one log,
// flood free facts, and carry out the partitions of several replicas. Messages are late, lost,
// repeated, out of order, and cut off in one direction; appends are lost, done without being told,
// and done late; machines pause, have clocks that jump, crash, also while they write checkpoints,
// come back from what is on their disks and the log, lose their disks, and are replaced by others. What comes out is held against a reading
// of the log one by one. Log, clients, machines and mail are in files of their own; what brings them
// together is one file because each fault can meet any state of all the rest.
import { createHash } from "node:crypto";

import { type Random, random } from "../../src/base/random.ts";
import { Bodies } from "../../src/calvin/bodies.ts";
import { checkpoint } from "../../src/calvin/checkpoint.ts";
import { addedFacts, majorityFrontier, reaches } from "../../src/calvin/frontier.ts";
import {
  epochOfAll,
  inOrder,
  type MemberChange,
  type OrderedMember,
} from "../../src/calvin/members.ts";
import { Partitions } from "../../src/calvin/partitions.ts";
import {
  type BatchReference,
  type EpochRecord,
  isReference,
  type OrderedBatch,
} from "../../src/calvin/record.ts";
import type { ReplicaOutput } from "../../src/calvin/replica.ts";
import { Sequencer } from "../../src/calvin/sequencer.ts";
import { startOf } from "../../src/calvin/storage.ts";
import type { Pattern, Row } from "../../src/calvin/transaction.ts";
import { keyColumns } from "../../src/plan/transaction.ts";
import { recordHash } from "../../src/runtime/node/record-hash.ts";
import type { VersionVector } from "../../src/transducer/protocol.ts";
import type { Value } from "../../src/value/schema.ts";
import type { CallHistory } from "./call-history.ts";
import { Clients } from "./ordered-cluster/clients.ts";
import { type ClusterLog, ListLog } from "./ordered-cluster/cluster-log.ts";
import { type Machine, Machines } from "./ordered-cluster/machine.ts";
import { MachineDisk } from "./ordered-cluster/machine-disk.ts";
import { Mail, type Message } from "./ordered-cluster/mail.ts";
import { type ClusterCounts, type ClusterOptions, noCounts } from "./ordered-cluster/options.ts";
import { rowsText, serialRun } from "./serial-log.ts";
import { MemoryState, transactionsOf } from "./transactions.ts";

/** A sequencer: in each life it has another origin. */
type Sequencing = { sequencer: Sequencer; life: number };

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** A cluster, with all that is on its way. */
export class OrderedCluster {
  readonly counts: ClusterCounts = noCounts();
  readonly clients: Clients;
  private readonly options: ClusterOptions;
  private readonly chance: Random;
  private readonly keys: readonly (readonly number[])[];
  private readonly partitions: Partitions;
  private readonly declared: readonly OrderedMember[];
  private readonly made: Machines;
  private machines: Machine[] = [];
  private readonly sequencings: Sequencing[] = [];
  private readonly log: ClusterLog;
  /** The log has no epochs up to this one any more. */
  private cut = 0;
  /** Reads the log as it grows: what a sequencer that comes back goes on with. */
  private readonly reader: Sequencer;
  private readonly mail = new Mail();
  private nowMs = 0;
  private insertions = 0;
  /** All facts that were taken in, by origins. */
  private readonly inserted = new Map<string, Row[]>();
  /** What has to be everywhere before another disk may be lost. */
  private wanted: VersionVector = new Map();
  /** When a disk was lost last, and when long batches were there first. */
  private lostAt = 0;
  private readonly closedAt = new Map<string, number>();
  /** What an operator wants of the members, and asks for until it is so. */
  private change: MemberChange | undefined;
  /** What was seen of the state after an epoch. */
  private readonly looks: { readonly epoch: number; readonly text: string }[] = [];
  /** How often something happened: the time of the history. */
  private steps = 0;
  private readonly hashes = new Map<string, number>();
  private readonly bodies = new Bodies(sha256);

  constructor(options: ClusterOptions) {
    const { program, seed, replicas } = options;
    this.options = options;
    this.chance = random(seed);
    this.log = options.log ?? new ListLog(this.chance, options.faults.ambiguous);
    this.keys = program.relations.map((_, at) => keyColumns(program, at));
    this.partitions = new Partitions(options.partitions, this.keys);
    const { chance, keys, counts } = this;
    this.clients = new Clients({
      ...{ program, chance, keys, replicas, counts, call: options.call },
      codes: transactionsOf(program),
      now: () => this.steps,
      snapshot: (replica, pattern) => this.snapshot(replica, pattern),
      sequence: (request) => {
        const at = chance.below(this.sequencings.length);
        const machine = this.machineOf(at);
        const { sequencer } = this.sequencings[at] ?? {};
        this.awake(machine, () => sequencer?.submit(request, this.nowMs + machine.clockMs));
      },
    });
    const places = Array.from({ length: replicas * options.partitions }, (_, at) => at);
    this.declared = places.map((at) => {
      const [replica, partition] = [at % replicas, Math.floor(at / replicas)];
      return { name: `m${replica}.${partition}`, replica, partition };
    });
    this.made = new Machines(program, this.keys, this.partitions, sha256);
    this.reader = new Sequencer({
      ...{ origin: "", engine: "test", hash: sha256, recordHash, members: this.declared },
    });
    for (let at = 0; at < options.sequencers; at++)
      this.sequencings.push({ sequencer: this.sequencer(at, 1), life: 1 });
  }

  private disk({ partition }: OrderedMember): MachineDisk {
    return new MachineDisk(this.chance, { partition, partitions: this.options.partitions });
  }

  /** What clients asked for and heard. */
  get history(): CallHistory {
    return this.clients.history;
  }

  /** Runs until all calls are answered, and everything is carried out everywhere. */
  async run(): Promise<void> {
    const { calls } = this.options;
    for (const member of this.declared)
      this.machines.push(await this.made.machine(member, this.disk(member)));
    while (!this.settled()) {
      if (this.steps++ > 10_000 + calls * 4000) throw new Error("the cluster does not settle");
      this.nowMs += this.chance.below(3);
      await this.log.step(this.healed);
      this.read();
      for (;;) {
        const dark = this.machines.find(({ alive, disk }) => alive && disk.off);
        if (dark === undefined) break;
        await this.crash(dark);
      }
      await this.act();
      if (this.options.look !== undefined && this.chance.chance(0.05)) this.look(this.options.look);
    }
    await this.log.close();
    if (this.log instanceof ListLog) this.counts.late += this.log.late;
    this.check();
  }

  private settled(): boolean {
    const { calls, insert } = this.options;
    return (
      this.clients.called === calls &&
      this.clients.answers.size === calls &&
      this.change === undefined &&
      (insert === undefined || (this.insertions === calls && this.reachedAll())) &&
      this.machines.every((of) => of.alive && of.replicaOf.completed.epoch === this.reader.epoch)
    );
  }

  /** Whether transactions see all facts that are durable anywhere. */
  private reachedAll(): boolean {
    const { frontier } = this.reader.state;
    return this.machines.every(({ facts: { shared } }) => reaches(frontier, shared.holds));
  }

  private async act(): Promise<void> {
    const { chance } = this;
    const { calls, openMax = Infinity } = this.options;
    const kind = chance.below(16);
    if (kind < 2 && this.clients.called < calls && this.history.open < openMax)
      this.clients.submit();
    else if (kind < 2 && chance.chance(0.1)) this.clients.retry();
    else if (kind < 4) this.sequence(chance.below(this.sequencings.length));
    else if (kind < 7) this.awake(chance.pick(this.machines), (of) => this.feed(of));
    else if (kind < 10) this.deliver();
    else if (kind < 11) this.awake(chance.pick(this.machines), (of) => this.pull(of));
    else if (kind < 13) this.awake(chance.pick(this.machines), (of) => this.flood(of));
    else if (kind < 14) await this.operate();
    else if (kind < 15) this.awake(chance.pick(this.machines), (of) => this.checkpoint(of));
    else await this.fail(chance.pick(this.machines));
  }

  private awake(machine: Machine, then: (of: Machine) => void): void {
    if (machine.alive && machine.pausedUntil <= this.steps) then(machine);
  }

  // ---- faults ----

  private async fail(machine: Machine): Promise<void> {
    const { chance } = this;
    const { crash, pause = 0, disk = 0, replace = 0 } = this.options.faults;
    if (!machine.alive || this.healed) return;
    if (chance.chance(pause)) {
      this.counts.pauses++;
      const until = this.steps + chance.below(200);
      const what = chance.below(3);
      if (what === 0) machine.pausedUntil = until;
      else if (what === 1) machine.clockMs += chance.between(-10_000, 10_000);
      else this.mail.cut(machine, chance.pick(this.machines), until);
    }
    if (chance.chance(crash)) await this.crash(machine);
    if (chance.chance(disk) && this.spares(machine)) {
      this.counts.disks++;
      this.loses(machine);
      machine.facts.lose();
      machine.bodies = new Bodies(sha256);
      machine.disk = await this.donated(machine);
      await this.start(machine);
    } else if (chance.chance(replace) && this.change === undefined && this.spares(machine)) {
      this.loses(machine);
      machine.alive = false;
      this.stop(machine);
      this.change = { kind: "remove", name: machine.name };
    }
  }

  /** Whether machines do not fail any more: what goes wrong for ever may take for ever. */
  private get healed(): boolean {
    return this.steps > 1_000 * this.options.calls;
  }

  private async crash(machine: Machine): Promise<void> {
    this.counts.crashes++;
    if (machine.disk.off) this.counts.torn++;
    machine.facts.crash();
    machine.disk.crash();
    await this.start(machine);
  }

  private async start(machine: Machine): Promise<void> {
    this.stop(machine);
    Object.assign(machine, await this.made.made(machine, machine.disk));
    machine.long.clear();
    this.sequencings.forEach((of, at) => {
      if (this.machineOf(at) !== machine) return;
      of.life++;
      of.sequencer = this.sequencer(at, of.life);
    });
  }

  private stop({ name }: Machine): void {
    this.mail.drop(name);
  }

  /** Whether the others have all that this machine could take with it: of what came after the last
   * loss the majority is relied on that acknowledged it. */
  private spares(machine: Machine): boolean {
    const { log, cut, machines, wanted } = this;
    const same = (of: Machine): boolean => of !== machine && gives(of, machine.partition);
    const named = log.all.slice(cut).flatMap(({ batches }) => batches.filter(isReference));
    const held = ({ hash }: BatchReference): boolean =>
      (this.closedAt.get(hash) ?? 0) > this.lostAt ||
      machines.filter((of) => of.bodies.get(hash) !== undefined).length > 1;
    // What frontiers name, or may be about to: who hears late of a lost disk still counts on it.
    const names = this.reader.members.map(({ name }) => name);
    const frontiers = machines.map(({ facts }) => majorityFrontier(names, facts.acknowledged()));
    const kept = (frontier: VersionVector): boolean =>
      machines.some((of) => of !== machine && reaches(of.facts.holds, frontier));
    return (
      machines.some(same) &&
      [this.reader.state.frontier, ...frontiers].every(kept) &&
      machines.every(({ alive, facts }) => alive && reaches(facts.holds, wanted)) &&
      named.every(held)
    );
  }

  private loses(machine: Machine): void {
    const wanted = new Map(this.wanted);
    for (const { facts } of this.machines.filter((of) => of !== machine))
      for (const [origin, count] of facts.holds)
        wanted.set(origin, Math.max(count, wanted.get(origin) ?? 0));
    this.wanted = wanted;
    this.lostAt = this.steps;
  }

  /** A new disk, with a checkpoint of another replica. */
  private async donated(member: OrderedMember): Promise<MachineDisk> {
    const { partition, name } = member;
    const others = this.machines.filter((of) => of.name !== name && gives(of, partition));
    const disk = this.disk(member);
    this.counts.torn += await disk.install(this.chance.pick(others).disk, () => this.powerGoes());
    return disk;
  }

  private powerGoes(): boolean {
    return !this.healed && this.chance.chance(this.options.faults.power ?? 0);
  }

  /** What an operator does: asks again until it is so; then has a new machine join in the place of
   * the one that is gone. */
  private async operate(): Promise<void> {
    const { change, chance } = this;
    this.truncate();
    if (change === undefined) return;
    const { members } = this.reader;
    if (change.kind === "remove" && members.every(({ name }) => name !== change.name)) {
      const gone = this.machines.find(({ name }) => name === change.name);
      if (gone === undefined) throw new Error("who is removed was there");
      const { replica, partition } = gone;
      const name = `m${replica}.${partition}+${++this.counts.replaced}`;
      this.change = { kind: "add", member: { name, replica, partition } };
    } else if (change.kind === "add" && members.some(({ name }) => name === change.member.name)) {
      const at = this.machines.findIndex(({ alive }) => !alive);
      const { member } = change;
      if (!this.machines.some((of) => gives(of, member.partition))) return;
      const joined = await this.made.machine(member, await this.donated(member));
      this.machines[at] = joined;
      this.change = undefined;
      // A majority of those that were left may be one alone: what it held is to be here, too.
      this.loses(joined);
      await this.start(joined);
    } else {
      const at = chance.below(this.sequencings.length);
      this.awake(this.machineOf(at), () => this.sequencings[at]?.sequencer.change(change));
    }
  }

  private truncate(): void {
    if (!this.chance.chance(0.1)) return;
    const cut = epochOfAll(this.reader.members, this.checkpoints());
    if (cut <= this.cut) return;
    this.cut = cut;
    this.counts.cutOff++;
    this.log.cutOff(cut);
    for (const { bodies } of this.machines) bodies.forgetBefore(this.cut + 1);
  }

  private checkpoints(): Map<string, number> {
    return new Map(this.machines.map(({ name, disk }) => [name, disk.kept]));
  }

  // ---- what is seen ----

  /** What the partitions of a replica hold now, each as of its own epoch. */
  private snapshot(replica: number, pattern: Pattern): (readonly Value[])[] {
    return this.machines
      .filter((of) => of.replica === replica)
      .flatMap(({ replicaOf }) => [...replicaOf.view(replicaOf.completed.epoch).tuples(pattern)]);
  }

  /** A query at an epoch: the last one that a replica has carried out, or one before it that can
   * still be read. */
  private look(look: NonNullable<ClusterOptions["look"]>): void {
    const replica = this.chance.below(this.options.replicas);
    const machines = this.machines.filter((of) => of.replica === replica);
    const last = Math.min(...machines.map(({ replicaOf }) => replicaOf.completed.epoch));
    const first = Math.max(...machines.map(({ replicaOf }) => replicaOf.oldest));
    if (first > last) return;
    const epoch = this.chance.chance(0.5) ? last : this.chance.between(first, last);
    const { program } = this.options;
    const rows = machines.flatMap(({ replicaOf }) =>
      [...program.relations.keys()].flatMap((relation) =>
        [...replicaOf.view(epoch).tuples({ relation, columns: [], values: [] })].map((values) => ({
          ...{ relation, values },
        })),
      ),
    );
    this.looks.push({ epoch, text: rowsText(new MemoryState(rows)) });
    const tuples = (pattern: Pattern): (readonly Value[])[] =>
      machines
        .filter(({ partition }) => this.partitions.ofPattern(pattern).includes(partition))
        .flatMap(({ replicaOf }) => [...replicaOf.view(epoch).tuples(pattern)]);
    look({ epoch, rows, tuples });
  }

  // ---- the log ----

  private sequencer(at: number, life: number): Sequencer {
    const { recordBytes } = this.options;
    return new Sequencer({
      ...{ origin: `s${at}/${life}`, engine: "test", hash: sha256, recordHash },
      ...{ members: this.declared, from: this.reader.state },
      ...(recordBytes !== undefined && { limits: { recordBytes } }),
    });
  }

  private machineOf(at: number): Machine {
    const machine = this.machines[at % this.machines.length];
    if (machine === undefined) throw new Error("a sequencer is somewhere");
    return machine;
  }

  private sequence(at: number): void {
    const of = this.sequencings[at];
    if (of !== undefined) this.awake(this.machineOf(at), (on) => this.proceed(of.sequencer, on));
  }

  private proceed(sequencer: Sequencer, machine: Machine): void {
    const { chance } = this;
    const nowMs = this.nowMs + machine.clockMs;
    while (sequencer.epoch < this.reader.epoch && chance.chance(0.8)) {
      const record = this.log.all[sequencer.epoch];
      if (record !== undefined) sequencer.appended(record);
    }
    const batch = sequencer.close(nowMs);
    if (batch !== undefined) {
      this.keep(machine, batch);
      for (const { name } of this.machines)
        if (name !== machine.name)
          this.mail.send({ kind: "batch", from: machine.name, to: name, batch });
    }
    const acknowledged = machine.facts.acknowledged();
    const names = sequencer.members.map(({ name }) => name);
    const moved = !reaches(sequencer.state.frontier, majorityFrontier(names, acknowledged));
    const seed = chance.below(1 << 30);
    const idle = moved && chance.chance(0.2);
    const record = sequencer.propose({ nowMs, seed, acknowledged }, idle);
    if (record === undefined) return;
    this.log.append(record, (appended) => {
      if (appended === "conflict") this.counts.conflicts++;
      if (appended !== "appended") sequencer.declined();
      // It may have read it meanwhile.
      else if (sequencer.epoch === record.epoch - 1) sequencer.appended(record);
    });
    this.read();
  }

  /** Takes note of what can be read of the log. */
  private read(): void {
    for (;;) {
      const record = this.log.at(this.reader.epoch + 1);
      if (record === undefined) return;
      this.reader.appended(record);
    }
  }

  // ---- long batches ----

  /** Takes note of a batch at a machine: a long one is kept, and told to be. */
  private keep(machine: Machine, batch: OrderedBatch): void {
    for (const [at, { sequencer }] of this.sequencings.entries()) {
      if (this.machineOf(at) !== machine) continue;
      const reference = sequencer.learn(batch);
      if (reference === undefined) continue;
      machine.bodies.add(batch);
      const hash = this.bodies.add(batch);
      if (!this.closedAt.has(hash)) this.closedAt.set(hash, this.steps);
      machine.long.set(`${reference.sequencer} ${reference.number}`, { reference, batch });
      sequencer.held(reference, machine.name);
    }
  }

  /** Who has a long batch says so, and passes it on, until it is in the log. */
  private announce(machine: Machine, to: string): void {
    const logged = new Map(this.reader.state.batches);
    const lives = new Set(this.sequencings.map(({ life }, at) => `s${at}/${life}`));
    for (const [name, { reference: of }] of machine.long)
      if (of.number <= (logged.get(of.sequencer) ?? 0) || !lives.has(of.sequencer))
        machine.long.delete(name);
    // The next of each sequencer: without it what comes after it is not logged.
    const ordered = [...machine.long.values()].toSorted(
      (a, b) => b.reference.number - a.reference.number,
    );
    const next = new Map(ordered.map((of) => [of.reference.sequencer, of]));
    for (const { reference, batch } of next.values()) {
      const kind = this.chance.pick(["held", "batch"] as const);
      const way = { from: machine.name, to };
      this.mail.send(kind === "held" ? { kind, ...way, reference } : { kind, ...way, batch });
    }
  }

  private fetch(machine: Machine, record: EpochRecord): void {
    for (const { hash } of machine.bodies.missing(record)) {
      const other = this.chance.pick(this.machines);
      const body = this.mail.hears(other, machine, this.steps) ? other.bodies.get(hash) : undefined;
      if (body === undefined) continue;
      this.counts.fetched++;
      machine.bodies.add(body);
    }
  }

  // ---- free facts ----

  private flood(machine: Machine): void {
    const { chance } = this;
    const { insert, calls } = this.options;
    const { facts } = machine;
    if (insert !== undefined && this.insertions < calls && chance.chance(0.3)) {
      const rows = Array.from({ length: chance.between(1, 3) }, () =>
        insert(chance, this.insertions),
      );
      this.insertions++;
      facts.insert(rows);
      this.inserted.set(facts.origin, [...(this.inserted.get(facts.origin) ?? []), ...rows]);
    }
    if (chance.chance(0.5)) facts.sync();
    const { name } = chance.pick(this.machines);
    if (name === machine.name) return;
    const way = { from: machine.name, to: name };
    if (insert !== undefined) this.mail.send({ kind: "facts", ...way, facts: facts.message(name) });
    this.announce(machine, name);
  }

  // ---- partitions ----

  /** Gives a partition the next epoch, unless it is far behind with those that it has, or lacks
   * what the epoch names. */
  private feed(machine: Machine): void {
    const { replicaOf, taken, facts, bodies } = machine;
    if (taken - replicaOf.completed.epoch >= 20) return;
    const record = this.log.at(taken + 1);
    if (record === undefined) return;
    const whole = bodies.whole(record);
    if (whole === undefined) {
      this.fetch(machine, record);
      return;
    }
    if (!reaches(facts.shared.holds, record.frontier)) return;
    const added = addedFacts(replicaOf.frontier, record.frontier, (...of) =>
      facts.shared.between(...of),
    );
    machine.taken++;
    this.put(machine, replicaOf.apply(whole, [...added]));
  }

  private deliver(): void {
    const { chance } = this;
    const message = this.mail.take(chance);
    if (message === undefined || chance.chance(this.options.faults.lost)) return;
    const from = this.machines.find(({ name }) => name === message.from);
    const to = this.machines.find(({ name }) => name === message.to);
    if (to === undefined || (from !== undefined && !this.mail.hears(from, to, this.steps))) return;
    if (chance.chance(0.1) || to.pausedUntil > this.steps) this.mail.send(message);
    if (to.pausedUntil <= this.steps) this.receive(to, message, from);
  }

  private receive(to: Machine, message: Message, from: Machine | undefined): void {
    switch (message.kind) {
      case "batch":
        this.keep(to, message.batch);
        break;
      case "held":
        this.sequencings.forEach(({ sequencer }, at) => {
          if (this.machineOf(at) === to) sequencer.held(message.reference, message.from);
        });
        break;
      case "facts":
        to.facts.hear(message.facts);
        break;
      case "reads": {
        if (from !== undefined) this.put(to, to.replicaOf.receive(from.partition, [message.of]));
      }
    }
  }

  /** Asks again for what is missing: of any replica. */
  private pull(machine: Machine): void {
    for (const { of, position, patterns } of machine.replicaOf.awaited()) {
      const other = this.chance.pick(this.machines.filter(({ partition }) => partition === of));
      const hears = (a: Machine, b: Machine): boolean => this.mail.hears(a, b, this.steps);
      if (!hears(other, machine) || !hears(machine, other)) continue;
      const found = other.replicaOf.read(position, patterns);
      if (found !== undefined)
        this.put(machine, machine.replicaOf.receive(of, [{ position, found }]));
    }
  }

  private put(machine: Machine, { reads, answers }: ReplicaOutput): void {
    for (const of of reads) {
      this.counts.remote++;
      const to = this.machines.find(
        ({ replica, partition }) => replica === machine.replica && partition === of.to,
      );
      if (to !== undefined) this.mail.send({ kind: "reads", from: machine.name, to: to.name, of });
    }
    const { epoch, hash } = machine.replicaOf.completed;
    const name = `${machine.partition} ${epoch}`;
    const known = this.hashes.get(name);
    if (known !== undefined && known !== hash) throw new Error(`hashes differ at ${name}`);
    this.hashes.set(name, hash);
    for (const answer of answers) this.clients.answer(answer);
  }

  /** Who comes back needs reads of all epochs after its checkpoint: they are kept by all. */
  private checkpoint({ replicaOf, storage, disk }: Machine): void {
    if (disk.busy) return;
    const oldest = epochOfAll(this.reader.members, this.checkpoints());
    disk.write(checkpoint(replicaOf, storage, oldest), this.powerGoes());
  }

  // ---- the same one by one ----

  private check(): void {
    const { program, replicas } = this.options;
    const { epoch: end, frontier } = this.reader.state;
    // What nobody was told of, and came at the very end, is carried out by nobody.
    const log = this.log.all.slice(0, end).map((record) => {
      const whole = this.bodies.whole(record);
      if (whole === undefined) throw new Error("a record names a batch that was never there");
      return whole;
    });
    const { rows, answers } = serialRun(program, log, this.inserted);
    for (const { epoch, text } of this.looks)
      if (text !== rows[epoch]) throw new Error(`after epoch ${epoch} other rows were seen`);
    for (const [id, text] of answers) {
      this.counts.transactions++;
      if (text.startsWith("aborted")) this.counts.aborted++;
      const told = this.clients.answers.get(id) ?? "nothing";
      if (told !== text) throw new Error(`${id} was answered ${told}, and is ${text}`);
    }
    for (const count of frontier.values()) this.counts.facts += count;
    for (let replica = 0; replica < replicas; replica++) {
      const own = this.machines
        .filter((of) => of.replica === replica)
        .flatMap(({ storage }) => [...storage.versions(startOf(end + 1))])
        .filter(({ to }) => to === Infinity)
        .map(({ row }) => row);
      if (rowsText(new MemoryState(own)) !== rows.at(-1))
        throw new Error(`replica ${replica} holds other rows`);
    }
    const members = this.machines.map(({ name, replica, partition }) => ({
      ...{ name, replica, partition },
    }));
    if (end > 0)
      if (JSON.stringify(this.reader.members) !== JSON.stringify(inOrder(members)))
        throw new Error("the log names other members");
  }
}

/** Whether others may take over the checkpoint of a machine, which is of a partition. */
function gives({ alive, disk, partition }: Machine, of: number): boolean {
  return alive && !disk.off && partition === of;
}
