// A cluster of the ordered plane under a seeded driver: sequencers that append to one log, and the
// partitions of several replicas that carry it out. Messages are late, lost, repeated and out of
// order; appends are lost, or done without being told; partitions crash and come back from a
// checkpoint and the log. What comes out is held against a reading of the log one by one.
import { createHash } from "node:crypto";

import type { Program } from "../../src/analysis/program.ts";
import { type Random, random } from "../../src/base/random.ts";
import { Bodies } from "../../src/calvin/bodies.ts";
import { type Checkpoint, checkpoint } from "../../src/calvin/checkpoint.ts";
import { checkWrites, OutsideFootprint, within } from "../../src/calvin/gathered.ts";
import { MemoryStorage } from "../../src/calvin/memory-storage.ts";
import { Partitions } from "../../src/calvin/partitions.ts";
import { Reconnaissance } from "../../src/calvin/reconnaissance.ts";
import type { EpochRecord, OrderedBatch, OrderedRequest } from "../../src/calvin/record.ts";
import { Replica, type ReplicaOutput, type Result } from "../../src/calvin/replica.ts";
import { Sequencer } from "../../src/calvin/sequencer.ts";
import { startOf } from "../../src/calvin/storage.ts";
import type {
  Footprint,
  Pattern,
  Row,
  TransactionCode,
  View,
} from "../../src/calvin/transaction.ts";
import { keyColumns } from "../../src/plan/transaction.ts";
import type { Value } from "../../src/value/schema.ts";
import { CallHistory, type ClusterCall } from "./call-history.ts";
import { MemoryState, outcomeText, statedState, transactionsOf } from "./transactions.ts";

/** What a cluster is made of, and what goes wrong in it. */
export type ClusterOptions = {
  readonly program: Program;
  readonly seed: number;
  readonly partitions: number;
  readonly replicas: number;
  readonly sequencers: number;
  /** Draws the next call. */
  readonly call: (chance: Random, number: number) => ClusterCall;
  readonly calls: number;
  /** How many clients wait for answers at most. */
  readonly openMax?: number;
  /** Looks at all rows of a replica as they are after an epoch: also of one in the past. */
  readonly look?: (
    snapshot: View & { readonly epoch: number; readonly rows: readonly Row[] },
  ) => void;
  /** How likely a message is lost, a crash happens, an append is not told of. */
  readonly faults: { readonly lost: number; readonly crash: number; readonly ambiguous: number };
};

/** What happened in a run. */
export type ClusterCounts = {
  transactions: number;
  aborted: number;
  restarted: number;
  whole: number;
  remote: number;
  crashes: number;
  conflicts: number;
};

type Key = { readonly replica: number; readonly partition: number };

type Member = Key & {
  replicaOf: Replica;
  storage: MemoryStorage;
  checkpoint: Checkpoint;
};

type Message =
  | {
      readonly kind: "reads";
      readonly from: Key;
      readonly to: Key;
      readonly of: ReplicaOutput["reads"][number];
    }
  | { readonly kind: "batch"; readonly to: number; readonly batch: OrderedBatch };

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** A cluster, with all that is on its way. */
export class OrderedCluster {
  readonly counts: ClusterCounts = {
    ...{ transactions: 0, aborted: 0, restarted: 0, whole: 0, remote: 0, crashes: 0, conflicts: 0 },
  };
  readonly history = new CallHistory();
  private readonly options: ClusterOptions;
  private readonly chance: Random;
  private readonly keys: readonly (readonly number[])[];
  private readonly partitions: Partitions;
  private readonly members: Member[] = [];
  private readonly sequencers: Sequencer[] = [];
  private readonly log: EpochRecord[] = [];
  private messages: Message[] = [];
  private nowMs = 0;
  private called = 0;
  private readonly answers = new Map<string, string>();
  private readonly resubmitted = new Set<string>();
  private readonly calls = new Map<string, ClusterCall>();
  /** What was seen of the state after an epoch. */
  private readonly looks: { readonly epoch: number; readonly text: string }[] = [];
  /** How often something happened: the time of the history. */
  private steps = 0;
  private readonly codes: Map<string, TransactionCode>;
  private readonly codesOf = new Map<string, Map<string, TransactionCode>>();
  private readonly hashes = new Map<string, number>();

  constructor(options: ClusterOptions) {
    const { program, seed } = options;
    this.options = options;
    this.chance = random(seed);
    this.keys = program.relations.map((_, at) => keyColumns(program, at));
    this.partitions = new Partitions(options.partitions, this.keys);
    this.codes = transactionsOf(program);
    for (let replica = 0; replica < options.replicas; replica++)
      for (let partition = 0; partition < options.partitions; partition++) {
        const versions = [...statedState(program).rows.values()]
          .filter((row) => this.partitions.of(row) === partition)
          .map((row) => ({ row, from: 0, to: Infinity }));
        const state = {
          ...{ epoch: 0, hash: 0, requests: [], batches: [] },
          ...{ frontier: new Map(), members: [] },
        };
        const checkpoint = { versions, horizon: 0, state };
        const made = this.made({ replica, partition }, checkpoint);
        this.members.push({ replica, partition, ...made, checkpoint });
      }
    for (let at = 0; at < options.sequencers; at++)
      this.sequencers.push(new Sequencer({ origin: `s${at}/1`, engine: "test", hash: sha256 }));
  }

  /** Runs until all calls are answered, and everything is carried out everywhere. */
  run(): void {
    const { calls } = this.options;
    while (!this.settled()) {
      if (this.steps++ > calls * 4000) throw new Error("the cluster does not settle");
      this.nowMs += this.chance.below(3);
      this.act();
      if (this.options.look !== undefined && this.chance.chance(0.05)) this.look(this.options.look);
    }
    this.check();
  }

  private settled(): boolean {
    const { calls } = this.options;
    return (
      this.called === calls &&
      this.answers.size === calls &&
      this.members.every(({ replicaOf }) => replicaOf.completed.epoch === this.log.length)
    );
  }

  private act(): void {
    const { chance } = this;
    const { faults, calls, openMax = Infinity } = this.options;
    const kind = chance.below(12);
    if (kind < 2 && this.called < calls && this.history.open < openMax) this.submit();
    else if (kind < 2 && chance.chance(0.1)) this.retry();
    else if (kind < 4) this.sequence(chance.below(this.sequencers.length));
    else if (kind < 7) this.feed(chance.pick(this.members));
    else if (kind < 10) this.deliver();
    else if (kind === 10) this.pull(chance.pick(this.members));
    else if (chance.chance(faults.crash)) this.crash(chance.pick(this.members));
    else this.checkpoint(chance.pick(this.members));
  }

  // ---- requests ----

  private submit(): void {
    const call = this.options.call(this.chance, ++this.called);
    const id = `c${this.called}`;
    this.calls.set(id, call);
    this.history.asked(id, call, this.steps);
    this.begin(id, 0);
    // Clients ask again where they hear nothing: through another sequencer, too.
    if (this.chance.chance(0.1)) this.begin(id, 0);
  }

  /** A client that heard nothing, or forgot what it heard, begins from the start: by its request's
   * id it is known. */
  private retry(): void {
    const at = this.called - this.chance.below(20);
    if (at > 0) this.begin(`c${at}`, 0);
  }

  private begin(id: string, attempt: number): void {
    const { name, args } = this.calls.get(id) ?? { name: "", args: [] };
    const code = this.codes.get(name);
    if (code === undefined) throw new Error(`no transaction ${name}`);
    let footprint: Footprint | undefined;
    if (attempt < 3) {
      const replica = this.chance.below(this.options.replicas);
      const found = new Reconnaissance(code, args, this.keys);
      for (let step = found.step(); ; step = found.step()) {
        if (step.kind === "known") {
          ({ footprint } = step);
          break;
        }
        for (const pattern of step.patterns) found.learn(pattern, this.snapshot(replica, pattern));
      }
    } else this.counts.whole++;
    const request: OrderedRequest = {
      ...{ id, transaction: name, args, attempt },
      ...(footprint !== undefined && { footprint }),
    };
    this.chance.pick(this.sequencers).submit(request, this.nowMs);
  }

  /** What the partitions of a replica hold now, each as of its own epoch. */
  private snapshot(replica: number, pattern: Pattern): (readonly Value[])[] {
    return this.members
      .filter((member) => member.replica === replica)
      .flatMap(({ replicaOf }) => [...replicaOf.view(replicaOf.completed.epoch).tuples(pattern)]);
  }

  /** A query at an epoch: the last one that a replica has carried out, or one before it that can
   * still be read. */
  private look(look: NonNullable<ClusterOptions["look"]>): void {
    const replica = this.chance.below(this.options.replicas);
    const members = this.members.filter((of) => of.replica === replica);
    const last = Math.min(...members.map(({ replicaOf }) => replicaOf.completed.epoch));
    const first = Math.min(...this.members.map((of) => of.checkpoint.state.epoch));
    const epoch = this.chance.chance(0.5) ? last : this.chance.between(Math.min(first, last), last);
    const { program } = this.options;
    const rows = members.flatMap(({ replicaOf }) =>
      [...program.relations.keys()].flatMap((relation) =>
        [...replicaOf.view(epoch).tuples({ relation, columns: [], values: [] })].map((values) => ({
          ...{ relation, values },
        })),
      ),
    );
    this.looks.push({ epoch, text: rowsText(new MemoryState(rows)) });
    const tuples = (pattern: Pattern): (readonly Value[])[] =>
      members
        .filter(({ partition }) => this.partitions.ofPattern(pattern).includes(partition))
        .flatMap(({ replicaOf }) => [...replicaOf.view(epoch).tuples(pattern)]);
    look({ epoch, rows, tuples });
  }

  private sequence(at: number): void {
    const { chance } = this;
    const sequencer = this.sequencers[at];
    if (sequencer === undefined) return;
    while (sequencer.epoch < this.log.length && chance.chance(0.8)) {
      const record = this.log[sequencer.epoch];
      if (record !== undefined) sequencer.appended(record);
    }
    const batch = sequencer.close(this.nowMs);
    if (batch !== undefined)
      for (let to = 0; to < this.sequencers.length; to++)
        if (to !== at) this.messages.push({ kind: "batch", to, batch });
    const seed = chance.below(1 << 30);
    const record = sequencer.propose({ nowMs: this.nowMs, seed, acknowledged: new Map() });
    if (record === undefined) return;
    if (record.epoch !== this.log.length + 1) {
      this.counts.conflicts++;
      sequencer.declined();
      return;
    }
    const { ambiguous } = this.options.faults;
    if (chance.chance(ambiguous)) {
      sequencer.declined();
      return;
    }
    this.log.push(record);
    if (chance.chance(ambiguous)) sequencer.declined();
    else sequencer.appended(record);
  }

  // ---- partitions ----

  private made(
    key: Key,
    { versions, horizon, state: from }: Checkpoint,
  ): Pick<Member, "replicaOf" | "storage"> {
    const storage = new MemoryStorage(versions);
    const { partitions, keys } = this;
    const { partition } = key;
    const codes = this.codesAt(key);
    const replicaOf = new Replica({
      ...{ partition, partitions, keys, codes, storage, from, horizon },
    });
    return { storage, replicaOf };
  }

  /** Each partition of each replica has code of its own, which has carried out what came to it and
   * nothing else. Linking it takes longer than all the rest: it outlives crashes. */
  private codesAt({ replica, partition }: Key): Map<string, TransactionCode> {
    const name = `${replica} ${partition}`;
    const known = this.codesOf.get(name) ?? transactionsOf(this.options.program);
    this.codesOf.set(name, known);
    return known;
  }

  /** Gives a partition the next epoch, unless it is far behind with those that it has. */
  private feed(member: Member): void {
    const { epoch } = member.replicaOf.completed;
    const next = this.taken.get(member) ?? member.checkpoint.state.epoch;
    const record = this.log[next];
    if (record === undefined || next - epoch >= 20) return;
    this.taken.set(member, next + 1);
    const whole = new Bodies(sha256).whole(record);
    if (whole === undefined) throw new Error("a body is missing");
    this.put(member, member.replicaOf.apply(whole, []));
  }

  private readonly taken = new Map<Member, number>();

  private deliver(): void {
    const { chance } = this;
    const at = chance.below(Math.max(1, this.messages.length));
    const [message] = this.messages.splice(at, 1);
    if (message === undefined || chance.chance(this.options.faults.lost)) return;
    if (chance.chance(0.1)) this.messages.push(message);
    if (message.kind === "batch") this.sequencers[message.to]?.learn(message.batch);
    else {
      const to = this.member(message.to);
      this.put(
        to,
        to.replicaOf.receive(message.from.partition, message.of.position, message.of.found),
      );
    }
  }

  /** Asks again for what is missing: of any replica. */
  private pull(member: Member): void {
    for (const { of, position, patterns } of member.replicaOf.awaited()) {
      const others = this.members.filter(({ partition }) => partition === of);
      const found = this.chance.pick(others).replicaOf.read(position, patterns);
      if (found !== undefined) this.put(member, member.replicaOf.receive(of, position, found));
    }
  }

  private put(member: Member, { reads, answers }: ReplicaOutput): void {
    const { replica } = member;
    for (const of of reads) {
      this.counts.remote++;
      const to = { replica, partition: of.to };
      this.messages.push({ kind: "reads", from: member, to, of });
    }
    const { epoch, hash } = member.replicaOf.completed;
    const name = `${member.partition} ${epoch}`;
    const known = this.hashes.get(name);
    if (known !== undefined && known !== hash) throw new Error(`hashes differ at ${name}`);
    this.hashes.set(name, hash);
    for (const { id, attempt, result } of answers) this.answer(id, attempt, result);
  }

  private answer(id: string, attempt: number, result: Result): void {
    if (result.kind === "restart") {
      const next = `${id} ${attempt + 1}`;
      if (this.resubmitted.has(next)) return;
      this.resubmitted.add(next);
      this.counts.restarted++;
      this.begin(id, attempt + 1);
      return;
    }
    const text = this.resultText(result);
    const known = this.answers.get(id);
    if (known !== undefined && known !== text) throw new Error(`${id}: ${known} and ${text}`);
    this.answers.set(id, text);
    this.history.answered(id, result, this.steps);
  }

  /** Who comes back needs reads of all epochs after its checkpoint: they are kept by all. */
  private checkpoint(member: Member): void {
    const oldest = Math.min(...this.members.map((of) => of.checkpoint.state.epoch));
    const { replicaOf, storage } = member;
    const { versions, ...rest } = checkpoint(replicaOf, storage, oldest);
    member.checkpoint = { ...rest, versions: [...versions] };
  }

  private crash(member: Member): void {
    this.counts.crashes++;
    Object.assign(member, this.made(member, member.checkpoint));
    this.taken.set(member, member.checkpoint.state.epoch);
    this.messages = this.messages.filter(
      (of) => of.kind === "batch" || this.member(of.to) !== member,
    );
  }

  private member({ replica, partition }: Key): Member {
    const found = this.members.find((of) => of.replica === replica && of.partition === partition);
    if (found === undefined) throw new Error("no such member");
    return found;
  }

  // ---- the same one by one ----

  private check(): void {
    const state = statedState(this.options.program);
    const seen = new Set<string>();
    const batches = new Set<string>();
    const answers = new Map<string, string>();
    const texts = [rowsText(state)];
    for (const record of this.log) {
      for (const { sequencer, number, requests } of new Bodies(sha256).whole(record)?.batches ??
        []) {
        if (batches.has(`${sequencer} ${number}`)) throw new Error("a batch is logged twice");
        batches.add(`${sequencer} ${number}`);
        for (const request of requests) {
          const name = `${request.id} ${request.attempt}`;
          if (seen.has(name)) continue;
          seen.add(name);
          const result = this.serial(request, state);
          if (result.kind === "done") state.apply(result);
          if (result.kind !== "restart") answers.set(request.id, this.resultText(result));
        }
      }
      texts.push(rowsText(state));
    }
    for (const { epoch, text } of this.looks)
      if (text !== texts[epoch]) throw new Error(`after epoch ${epoch} other rows were seen`);
    for (const [id, text] of answers) {
      this.counts.transactions++;
      if (text.startsWith("aborted")) this.counts.aborted++;
      if (this.answers.get(id) !== text)
        throw new Error(`${id} was answered ${this.answers.get(id) ?? "nothing"}, and is ${text}`);
    }
    const expected = rowsText(state);
    for (let replica = 0; replica < this.options.replicas; replica++) {
      const rows = this.members
        .filter((of) => of.replica === replica)
        .flatMap(({ storage }) => [...storage.versions(startOf(this.log.length + 1))])
        .filter(({ to }) => to === Infinity)
        .map(({ row }) => row);
      if (rowsText(new MemoryState(rows)) !== expected)
        throw new Error(`replica ${replica} holds other rows`);
    }
  }

  private serial({ transaction, args, footprint }: OrderedRequest, state: MemoryState): Result {
    const code = this.codes.get(transaction);
    if (code === undefined) return { kind: "failed", reason: "" };
    if (footprint === undefined) return code.run(state, args);
    try {
      const outcome = code.run(
        within(footprint, (pattern) => state.tuples(pattern)),
        args,
      );
      checkWrites(outcome, footprint);
      return outcome;
    } catch (error) {
      if (error instanceof OutsideFootprint) return { kind: "restart" };
      throw error;
    }
  }

  private resultText(result: Result): string {
    if (result.kind === "restart" || result.kind === "failed") return result.kind;
    return outcomeText(result, this.options.program);
  }
}

function rowsText({ rows }: MemoryState): string {
  return [...rows.keys()].toSorted().join("\n");
}
