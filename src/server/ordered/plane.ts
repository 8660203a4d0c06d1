// The ordered plane of a node: its sequencer, the log, and its partition of a replica, driven by a
// clock and by what other members say. It is long because all of them come together here: each is
// in a file of its own, and what one tells the others goes through this one.
import { randomInt } from "node:crypto";
import { setImmediate as turn } from "node:timers/promises";

import { addedFacts, majorityFrontier, reaches } from "../../calvin/frontier.ts";
import type { OrderedLog } from "../../calvin/ordered-log.ts";
import { Partitions } from "../../calvin/partitions.ts";
import { epochOfAll, type OrderedMember } from "../../calvin/members.ts";
import type { EpochRecord, OrderedBatch, WholeRecord } from "../../calvin/record.ts";
import { type Answer, Replica, type ReplicaOutput } from "../../calvin/replica.ts";
import { Sequencer } from "../../calvin/sequencer.ts";
import type { Row } from "../../calvin/transaction.ts";
import { pause } from "../../runtime/node/pause.ts";
import { recordHash, textHash } from "../../runtime/node/record-hash.ts";
import { OrderedLogError } from "../../runtime/ordered-log-error.ts";
import { keyOf } from "../../transducer/fact.ts";
import type { Origin, VersionVector } from "../../transducer/protocol.ts";
import type { NodeService } from "../node-service.ts";
import type { BatchFolder } from "./batch-folder.ts";
import { CutQueries } from "./cut-queries.ts";
import { Cuts } from "./cuts.ts";
import { GatheredReads } from "./gathered-reads.ts";
import type { Kept, Keeper } from "./keeper.ts";
import type { OrderedLimits } from "./limits.ts";
import { LongBatches } from "./long-batches.ts";
import { memberAnswers, type MemberState } from "./member-calls.ts";
import { changeMembers, type WantedChange } from "./member-changes.ts";
import { MemberMessages } from "./member-messages.ts";
import { OrderedMembers } from "./members.ts";
import { ReadAhead } from "./read-ahead.ts";
import type { OrderedProgram } from "./ordered-program.ts";
import { hashText, type Layout } from "./place.ts";
import { OrderedQuestions } from "./questions.ts";
import type { OrderedLinks, OrderedService, WantedTransaction } from "./service.ts";
import { Submissions } from "./submissions.ts";

/** What an ordered plane is made of. */
export type PlaneParts = {
  readonly of: OrderedProgram;
  readonly layout: Layout;
  readonly log: OrderedLog;
  readonly logKind: "file" | "etcd" | "http";
  /** The rows, and where they go on. */
  readonly keeper: Keeper;
  readonly batches: BatchFolder;
  readonly limits: OrderedLimits;
  /** How often a checkpoint is made. */
  readonly checkpointMs: number;
  /** How many planes of this process were before this one: its batches are others. */
  readonly generation: number;
  /** Another replica's checkpoint was installed: a plane is to begin with it, in place of this. */
  readonly onInstalled: (keeper: Keeper) => void;
};

/** What an ordered plane has done so far. */
export type OrderedCounts = {
  epochs: number;
  done: number;
  aborted: number;
  failed: number;
  restarts: number;
  conflicts: number;
  unknown: number;
  remoteReads: number;
  pulls: number;
};

/** How often what cannot be waited for is looked at. */
const tickMs = 50;

/** How often a batch is proposed again that is not in the log. */
const proposeMs = 5;

/** How long carrying out may go on before others have a turn. */
const turnMs = 20;

/** The ordered plane of a node. */
export class OrderedPlane implements Omit<OrderedService, "routes" | "metrics"> {
  readonly parts: PlaneParts;
  readonly members: OrderedMembers;
  readonly reads: GatheredReads;
  readonly questions: OrderedQuestions;
  readonly submissions: Submissions;
  readonly replica: Replica;
  readonly sequencer: Sequencer;
  readonly counts: OrderedCounts = {
    ...{ epochs: 0, done: 0, aborted: 0, failed: 0, restarts: 0 },
    ...{ conflicts: 0, unknown: 0, remoteReads: 0, pulls: 0 },
  };
  private readonly messages: MemberMessages;
  private readonly long: LongBatches;
  private readonly service: NodeService;
  private readonly links: OrderedLinks;
  private readonly engine: string;
  private readonly origin: Origin;
  private readonly ended = new AbortController();
  private readonly fed: Promise<void>;
  private readonly clock: NodeJS.Timeout;
  private batchTimer: NodeJS.Timeout | undefined;
  private appending: Promise<void> | undefined;
  /** The epoch that another record has taken: it is read before another one is proposed. */
  private conflict = { epoch: 0, sinceMs: 0 };
  /** Batches of this node that are not in the log. */
  private readonly own = new Set<number>();
  /** When batches of others came that are not in the log. */
  private readonly foreign = new Map<string, number>();
  private readonly hashes = new Map<number, number>();
  private readonly recordHashes = new Map<number, string>();
  private frontierSinceMs: number | undefined;
  private toldMs = 0;
  private checkpointedMs = performance.now();
  private checkpointing: Promise<Kept> | undefined;
  private inserted: { readonly position: number; readonly row: Row }[] = [];
  /** Facts that transactions have inserted, and that are not durable as free facts yet. */
  private readonly telling = new Set<Promise<unknown>>();
  /** Whether no epoch is taken in until they are. */
  private settling = false;
  private stopped = false;

  constructor(parts: PlaneParts, service: NodeService, links: OrderedLinks) {
    const { of, layout, keeper, limits } = parts;
    this.parts = parts;
    this.service = service;
    this.links = links;
    this.engine = `${service.version} ${service.program.hash}`;
    const partitions = new Partitions(layout.partitions, of.keys);
    const { partition } = layout.place;
    const { begin } = keeper;
    const { storage } = keeper;
    const isFree = (relation: number): boolean =>
      of.program.relations[relation]?.place?.ordered === undefined;
    const inserts = (at: number, rows: readonly Row[]): void => {
      for (const row of rows) if (isFree(row.relation)) this.inserted.push({ position: at, row });
    };
    this.replica = new Replica({
      ...{ partition, partitions, keys: of.keys, codes: of.codes, isTold: isFree },
      storage: {
        tuples: (pattern, before) => storage.tuples(pattern, before),
        apply: (at, changes) => {
          storage.apply(at, changes);
          // What a frontier adds is applied at the place before all transactions of the epoch.
          if (at > 0 && at % 2 ** 20 !== 0) inserts(at, changes.inserted);
        },
        versions: (horizon) => storage.versions(horizon),
        forget: (horizon) => {
          storage.forget(horizon);
        },
      },
      ...(begin && { from: begin.state, horizon: begin.horizon }),
    });
    const members = new OrderedMembers(service, layout, () => this.replica.members);
    this.members = members;
    const { origin: life } = service.node;
    this.origin = parts.generation === 0 ? life : `${life}.${parts.generation}`;
    this.sequencer = new Sequencer({
      ...{ origin: this.origin, engine: this.engine, hash: textHash, recordHash },
      // Who they are is known once they have said so.
      get members() {
        return members.all ?? [];
      },
      ...(begin && { from: { ...begin.state, hash: begin.recordHash } }),
    });
    this.reads = new GatheredReads({
      ...{ partition, partitions, replica: this.replica, members: this.members, links, limits },
    });
    if (begin !== undefined) this.reads.noteFrontier(begin.state.epoch, begin.state.frontier);
    else this.reads.noteFrontier(0, new Map());
    const cuts = new Cuts({
      ...{ reads: this.reads, log: parts.log, links, holds: () => this.held() },
      others: () => this.members.others,
    });
    const queries = new CutQueries(of.program, this.reads, of.evaluation);
    this.questions = new OrderedQuestions({ reads: this.reads, cuts, queries });
    this.submissions = new Submissions({
      ...{ of, limits },
      sequence: (request) => {
        const taken = this.sequencer.submit(request, nowMs());
        if (taken) this.sequence();
        return taken;
      },
      rowsNow: (pattern) => this.reads.rowsNow(pattern),
    });
    this.long = new LongBatches({
      ...{ service, links, members, limits, folder: parts.batches, sequencer: this.sequencer },
      begin: begin?.state ?? { epoch: 0, batches: [] },
      onHeld: () => {
        this.sequence();
      },
      onFailure: (error) => {
        this.stop(error);
      },
      signal: this.ended.signal,
    });
    this.messages = new MemberMessages({
      long: this.long,
      ...{ service, links, members, layout, limits, keeper },
      ...{ replica: this.replica, reads: this.reads, counts: this.counts },
      held: () => this.held(),
      carry: (work) => {
        this.carry(work);
      },
      onState: (peer, state) => {
        this.learn(peer, state);
      },
      onBatch: (batch) => {
        this.takeBatch(batch);
      },
      onAnswer: (answer) => {
        this.submissions.answered(answer);
      },
    });
    this.taken = begin?.state.epoch ?? 0;
    this.clock = setInterval(() => {
      this.tick();
    }, tickMs);
    this.fed = this.feed();
  }

  async submit(wanted: WantedTransaction): Promise<Answer> {
    return this.submissions.submit(wanted);
  }

  /** Has the log name other members; returns them once it does. Throws a `Problem`. */
  changeMembers(wanted: WantedChange): Promise<readonly OrderedMember[]> {
    const { sequencer, members, parts } = this;
    const propose = (): void => {
      this.propose(true);
    };
    const { signal } = this.ended;
    return changeMembers(wanted, { sequencer, members, limits: parts.limits, propose, signal });
  }

  /** The hash of this partition after an epoch; undefined where it is not carried out, or not
   * remembered. */
  hashAt(epoch: number): number | undefined {
    return this.hashes.get(epoch);
  }

  /** Goes on with nothing: another plane is to take its place. */
  retire(): void {
    this.stopped = true;
    clearInterval(this.clock);
    clearTimeout(this.batchTimer);
    this.ended.abort();
    this.messages.close();
    this.submissions.close();
    this.reads.close();
  }

  async close(): Promise<void> {
    this.retire();
    await this.fed;
    await this.checkpointing?.catch(() => undefined);
    await this.parts.log.close();
    await this.appending;
    await this.parts.keeper.close();
  }

  // ---- what members say ----

  answer(_peer: string, ask: unknown): Promise<unknown> {
    return this.messages.answer(ask);
  }

  told(peer: string, told: unknown): void {
    if (!this.stopped) this.messages.told(peer, told);
  }

  private takeBatch(batch: OrderedBatch): void {
    this.long.learn(batch);
    const name = `${batch.sequencer} ${batch.number}`;
    if (!this.foreign.has(name)) this.foreign.set(name, nowMs());
  }

  private learn(peer: string, state: MemberState): void {
    const wrong = this.members.learn(peer, state);
    if (wrong !== undefined) {
      this.stop(new Error(wrong));
      return;
    }
    if (state.place.partition !== this.parts.layout.place.partition) return;
    for (const [epoch, hash] of state.hashes) {
      const own = this.hashes.get(epoch);
      if (own === undefined || own === hash || this.stopped) continue;
      // Nobody knows which of the two is wrong: the other one is to stop, too.
      this.messages.tellState(this.hashes);
      this.stop(
        new Error(
          `after epoch ${epoch} the state of partition ${state.place.partition} is ` +
            `${hashText(own)} here and ${hashText(hash)} at node ${peer}: one of the two is ` +
            "damaged; find out which by a third replica or the log, remove its data, and start " +
            "it again",
        ),
      );
    }
  }

  // ---- time ----

  private tick(): void {
    if (this.stopped) return;
    this.sequence();
    this.messages.pull();
    const now = performance.now();
    if (now - this.toldMs >= this.parts.limits.stateMs) {
      this.toldMs = now;
      this.messages.tellState(this.hashes);
      this.long.announce();
    }
    const { keeper, checkpointMs } = this.parts;
    if (now - this.checkpointedMs >= checkpointMs) {
      this.checkpointedMs = now;
      if (this.replica.completed.epoch === keeper.checkpointed) return;
      this.checkpoint().catch((error: unknown) => {
        const text = error instanceof Error ? error.message : String(error);
        this.service.logger.warn(`a checkpoint cannot be made, the one before stays: ${text}`);
      });
    }
  }

  // ---- the log ----

  /** Closes a batch that is due, and proposes an epoch where there is something for one. */
  private sequence(): void {
    if (this.stopped) return;
    const now = nowMs();
    const batch = this.sequencer.close(now);
    if (batch !== undefined) {
      this.own.add(batch.number);
      this.long.learn(batch);
      this.messages.tellBatch(batch);
    }
    const { dueMs = Infinity } = this.sequencer;
    const waitMs = Math.min(dueMs - now, this.own.size > 0 ? proposeMs : Infinity);
    if (this.batchTimer === undefined && waitMs < Infinity)
      this.batchTimer = setTimeout(
        () => {
          this.batchTimer = undefined;
          this.sequence();
        },
        Math.max(1, waitMs),
      );
    const { foreignMs } = this.parts.limits;
    const late = [...this.foreign.values()].some((since) => now - since >= foreignMs);
    const idle = this.frontierWaits(now);
    if (this.own.size > 0 || late || idle) this.propose(idle);
  }

  /** How many facts of each origin are durable here. */
  private held(): VersionVector {
    return this.service.node.acknowledged().get(this.service.name) ?? new Map<string, number>();
  }

  /** Whether free facts are to be seen, and no transaction takes them along. */
  private frontierWaits(now: number): boolean {
    const { limits } = this.parts;
    const names = this.sequencer.members.map(({ name }) => name);
    const held = majorityFrontier(names, this.service.node.acknowledged());
    if (reaches(this.sequencer.state.frontier, held)) {
      this.frontierSinceMs = undefined;
      return false;
    }
    this.frontierSinceMs ??= now;
    // One after the other, or all would append at once.
    const turn = 1 + names.indexOf(this.service.name);
    return now - this.frontierSinceMs >= turn * limits.frontierMs;
  }

  private propose(idle: boolean): void {
    if (this.appending !== undefined || this.stopped) return;
    const now = nowMs();
    const { conflict, sequencer } = this;
    // The first record says who the members are.
    if (sequencer.epoch === 0 && this.members.all === undefined) return;
    if (sequencer.epoch < conflict.epoch && now - conflict.sinceMs < this.parts.limits.foreignMs)
      return;
    const seed = randomInt(2 ** 47);
    const acknowledged = this.service.node.acknowledged();
    const record = sequencer.propose({ nowMs: now, seed, acknowledged }, idle);
    if (record === undefined) return;
    this.appending = this.append(record)
      .catch((error: unknown) => {
        this.logFailed(error);
      })
      .finally(() => {
        this.appending = undefined;
        this.sequence();
      });
  }

  private async append(record: EpochRecord): Promise<void> {
    const { log, limits } = this.parts;
    for (;;) {
      const appended = await log.append(record);
      if (this.over()) return;
      if (appended === "appended") {
        this.logged(record);
        return;
      }
      if (appended === "conflict") {
        this.counts.conflicts++;
        this.conflict = { epoch: record.epoch, sinceMs: nowMs() };
        this.sequencer.declined();
        return;
      }
      this.counts.unknown++;
      await pause(limits.retryMs, this.ended.signal);
      if (this.over() || this.sequencer.epoch >= record.epoch) {
        this.sequencer.declined();
        return;
      }
    }
  }

  /** Takes note of the next record of the log, whether it was appended here or read. */
  private logged(record: EpochRecord): void {
    if (record.epoch !== this.sequencer.epoch + 1) return;
    this.sequencer.appended(record);
    this.recordHashes.set(record.epoch, this.sequencer.state.hash);
    for (const { sequencer, number } of record.batches) {
      if (sequencer === this.origin) this.own.delete(number);
      this.foreign.delete(`${sequencer} ${number}`);
    }
    this.frontierSinceMs = undefined;
  }

  /** Reads the log and carries it out, as long as the node runs. */
  private async feed(): Promise<void> {
    const { log, limits } = this.parts;
    const { signal } = this.ended;
    const over = (): boolean => signal.aborted;
    let sinceMs = performance.now();
    const carryOut = async (record: WholeRecord): Promise<void> => {
      await this.readyFor(record);
      if (over()) return;
      this.apply(record);
      if (performance.now() - sinceMs < turnMs) return;
      await turn();
      sinceMs = performance.now();
    };
    while (!over())
      try {
        const ahead = this.readAhead(carryOut);
        const take = async (record: EpochRecord): Promise<void> => {
          this.checkEngine(record);
          this.logged(record);
          // Where nobody has a batch any more, the log has forgotten its record, too.
          const whole = await this.long.whole(record, () => log.read(record.epoch, 1));
          if (over()) return;
          await (ahead === undefined ? carryOut(whole) : ahead.take(whole));
        };
        try {
          await log.subscribe(this.taken + 1, take, signal);
        } finally {
          await ahead?.end();
        }
      } catch (error) {
        if (over()) return;
        if (error instanceof OrderedLogError && error.code === "truncated") await this.install();
        else this.logFailed(error);
        if (!over()) await pause(limits.retryMs * 10, signal);
      }
  }

  /** Where rows are on disk: has those of epochs fetched that are not carried out yet. */
  private readAhead(
    carryOut: (record: WholeRecord) => Promise<void>,
  ): ReadAhead<WholeRecord> | undefined {
    const { prefetch } = this.parts.keeper;
    if (prefetch === undefined) return undefined;
    const { aheadMax, fetchingMax } = this.parts.limits;
    const fetch = async (record: WholeRecord): Promise<void> => {
      if (!this.over()) await prefetch(this.replica.touchedBy(record));
    };
    return new ReadAhead({ aheadMax, fetchingMax, fetch, carryOut });
  }

  /** The last epoch that was taken in. */
  private taken = 0;

  private logFailed(error: unknown): void {
    if (this.stopped) return;
    const known = error instanceof Error ? error : new Error(String(error));
    const passing: readonly unknown[] = ["refused", "unreachable"];
    const passes = !(error instanceof OrderedLogError) || passing.includes(error.code);
    if (!passes || error instanceof TypeError) this.stop(known);
    else this.service.logger.warn(`the ordered log does not answer: ${known.message}`);
  }

  private checkEngine({ epoch, engine }: EpochRecord): void {
    if (engine === this.engine) return;
    const error = new Error(
      `epoch ${epoch} was made by another version or program (${engine}), this is ` +
        `${this.engine}: run the version that made it until a checkpoint is behind it`,
    );
    this.stop(error);
    throw error;
  }

  /** Waits until an epoch can be taken in: not too many are under way, and the free facts are here
   * that its frontier names. */
  private async readyFor({ frontier }: WholeRecord): Promise<void> {
    const full = (): boolean => this.replica.pending >= this.parts.limits.runningMax;
    const lacks = (): boolean => !reaches(this.service.node.holds, frontier);
    const { keeper } = this.parts;
    while (!this.stopped && (full() || lacks() || keeper.frozen || this.settling))
      await pause(5, this.ended.signal);
  }

  // ---- carrying out ----

  private apply(record: WholeRecord): void {
    const { of } = this.parts;
    this.messages.noteAskers(record);
    const { node } = this.service;
    const facts = [
      ...addedFacts(this.replica.frontier, record.frontier, (origin, after, upTo) =>
        node.batches(origin, after, upTo),
      ),
    ].filter(({ relation }) => of.base(relation));
    this.reads.noteFrontier(record.epoch, record.frontier);
    this.taken = record.epoch;
    this.carry(() => this.replica.apply(record, facts));
  }

  /** Carries on with the partition, and passes on what comes of it. */
  private carry(work: () => ReplicaOutput): void {
    try {
      const { reads, answers, completed } = this.parts.keeper.carry(work);
      this.messages.send(reads);
      for (const answer of answers) this.count(answer);
      this.messages.spread(answers);
      for (const { epoch, hash } of completed) this.finished(epoch, hash);
      this.insertFree();
    } catch (error) {
      this.stop(error instanceof Error ? error : new Error(String(error)));
    }
  }

  private count({ result }: Answer): void {
    if (result.kind === "restart") this.counts.restarts++;
    else this.counts[result.kind]++;
  }

  private finished(epoch: number, hash: number): void {
    this.counts.epochs++;
    this.hashes.set(epoch, hash);
    const { hashesMax } = this.parts.limits;
    if (this.hashes.size > hashesMax) this.hashes.delete(epoch - hashesMax);
    this.recordHashes.delete(epoch - hashesMax);
    this.messages.forgetAskers(epoch);
    this.reads.notice(epoch);
  }

  /** Facts of free relations that transactions have inserted are told to all as any fact is. */
  private insertFree(): void {
    const { transducer, driver } = this.service;
    for (const { position, row } of this.inserted.splice(0)) {
      if (transducer.has(row)) continue;
      const request = `ordered ${position} ${textHash(keyOf(row))}`;
      const told = driver.insert(request, [row]).catch(() => undefined);
      this.telling.add(told);
      void told.then(() => this.telling.delete(told));
    }
  }

  // ---- checkpoints ----

  /** The log has forgotten what comes next here: another replica has what it led to. */
  private async install(): Promise<void> {
    const { keeper, layout, onInstalled } = this.parts;
    const { logger } = this.service;
    for (const member of this.members.ofPartition(layout.place.partition))
      try {
        const installed = await keeper.install(this.pieces(member));
        const epoch = installed.begin?.state.epoch ?? 0;
        if (this.over()) return;
        if (epoch <= this.taken) continue;
        logger.info("goes on with the checkpoint of another replica", { member, epoch });
        onInstalled(installed);
        return;
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        logger.warn(`the checkpoint of another replica cannot be taken: ${text}`, { member });
      }
    logger.warn("the log begins later than this partition goes on, and no replica has helped yet", {
      epoch: this.taken,
    });
  }

  /** The last checkpoint of another member, piece by piece. */
  private async *pieces(member: string): AsyncGenerator<Uint8Array> {
    let epoch: number | undefined;
    for (let from = 0; ;) {
      const ask = { kind: "ordered-checkpoint", epoch, from };
      const answer = await this.links.ask(member, ask, this.parts.limits.answerMs);
      const { piece } = memberAnswers["ordered-checkpoint"].parse(answer);
      if (piece === undefined) throw new Error("it has none, or no more");
      const bytes = Buffer.from(piece.bytes, "base64");
      epoch = piece.epoch;
      from += bytes.length;
      yield bytes;
      if (piece.last) return;
    }
  }

  /** Makes a checkpoint of what is carried out now; one that is under way is the same. */
  checkpoint(): Promise<Kept> {
    this.checkpointing ??= this.keep().finally(() => (this.checkpointing = undefined));
    return this.checkpointing;
  }

  private async keep(): Promise<Kept> {
    const { keeper, log } = this.parts;
    const { begin } = keeper;
    await this.settle();
    const kept = await keeper.keep({
      replica: this.replica,
      recordHash: (epoch) => {
        const own = begin?.state.epoch === epoch ? begin.recordHash : "";
        return this.recordHashes.get(epoch) ?? own;
      },
      oldest: this.oldestCheckpoint(),
      carriedOut: async (epoch) => {
        while (this.replica.completed.epoch < epoch && !this.stopped)
          await pause(5, this.ended.signal);
        if (this.replica.completed.epoch < epoch)
          throw new Error(`the node ends before epoch ${epoch} is carried out`);
        // Who comes back from it carries out nothing that would tell them again.
        await this.allTold();
      },
    });
    this.service.logger.info("has made a checkpoint", { epoch: kept.epoch, rows: kept.rows });
    const least = this.oldestCheckpoint();
    if (least > 0 && !this.stopped) {
      await log.truncateBefore(least + 1);
      await this.long.forgetBefore(least + 1);
    }
    return kept;
  }

  /** Where rows are on disk, they are caught as they are: before that, what transactions have
   * inserted into free relations is durable there. */
  private async settle(): Promise<void> {
    if (this.parts.keeper.prefetch === undefined) return;
    this.settling = true;
    try {
      while (this.telling.size > 0) await this.allTold();
    } finally {
      this.settling = false;
    }
  }

  /** Returns once what was inserted into free relations until now is durable there. */
  private async allTold(): Promise<void> {
    const over = new AbortController();
    const { signal } = this.ended;
    const ended = pause(this.parts.limits.answerMs, AbortSignal.any([signal, over.signal]));
    const told = Promise.all(this.telling).then(() => true);
    const durable = await Promise.race([told, ended]);
    over.abort();
    if (durable !== true) throw new Error("what transactions have inserted is not durable yet");
  }

  /** The least epoch that any member comes back from; 0 while one has not said. */
  private oldestCheckpoint(): number {
    const { members, parts, replica } = this;
    const durable = members.others.map(
      (name) => [name, members.state(name)?.checkpoint ?? 0] as const,
    );
    const own = [this.service.name, parts.keeper.checkpointed] as const;
    return epochOfAll(replica.members, new Map([...durable, own]));
  }

  private over(): boolean {
    return this.stopped;
  }

  private stop(error: Error): void {
    if (this.stopped) return;
    this.stopped = true;
    this.ended.abort();
    this.links.stop(error);
  }
}

/** The time, which goes on steadily also where the machine's clock is set. */
function nowMs(): number {
  return Math.round(performance.timeOrigin + performance.now());
}
