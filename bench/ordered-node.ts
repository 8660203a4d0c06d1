// One process of the ordered benchmark: a partition, its sequencer and its clients. The first
// process keeps the log and proposes epochs; the others send it their batches, and get its records.
// It is a driver as thin as can be over `src/calvin`: what is measured is the ordered plane, not
// the HTTP in front of it. Clients are closed loops: each asks again once it is answered.
import { connect, createServer } from "node:net";
import { join } from "node:path";

import { random } from "../src/base/random.ts";
import { checkpoint } from "../src/calvin/checkpoint.ts";
import { MemoryStorage } from "../src/calvin/memory-storage.ts";
import type { OrderedLog } from "../src/calvin/ordered-log.ts";
import { Partitions } from "../src/calvin/partitions.ts";
import { PlannedTransaction } from "../src/calvin/planned-transaction.ts";
import { type EpochRecord, spelledOut } from "../src/calvin/record.ts";
import { type Answer, Replica, type ReplicaOutput } from "../src/calvin/replica.ts";
import { Sequencer } from "../src/calvin/sequencer.ts";
import { startOf } from "../src/calvin/storage.ts";
import { keyColumns, transactionPlan } from "../src/plan/transaction.ts";
import { epochBytes, readEpoch } from "../src/runtime/epoch-bytes.ts";
import {
  answerBytes,
  batchBytes,
  readAnswers,
  readBatch,
  readReads,
  readsBytes,
} from "../src/runtime/ordered-bytes.ts";
import { writeCheckpoint } from "../src/runtime/node/checkpoint-files.ts";
import { openFileLog } from "../src/runtime/node/open-file-log.ts";
import { recordHash, textHash } from "../src/runtime/node/record-hash.ts";
import { type Frame, framed } from "./ordered-frames.ts";
import { programOf, requestsOf, rowsOf, type Workload } from "./ordered-load.ts";

/** What a process is told to be. */
export type NodeJob = {
  readonly workload: Workload;
  readonly partition: number;
  readonly partitions: number;
  /** The log's folder; without it nothing is durable. */
  readonly folder?: string;
  /** How many requests a process has on their way. */
  readonly clients: number;
  /** Instead of closed loops: so many requests a second. */
  readonly perSecond?: number;
  readonly warmSeconds: number;
  /** And so many requests, if they are answered within a minute: code is compiled by then. */
  readonly warmRequests: number;
  readonly seconds: number;
  /** Where the first process listens: others connect. */
  readonly socket?: string;
  /** Writes a checkpoint in the middle of what is measured. */
  readonly checkpoint?: boolean;
  /** Only carries out what the log in the folder has. */
  readonly replay?: boolean;
};

/** What a process measured. */
export type NodeResult = {
  readonly perSecond: number;
  /** Requests for each second of the processor, in all threads. */
  readonly perCpuSecond: number;
  /** How much slower it was while the checkpoint was written, from 0 to 1, and for how long. */
  readonly dip: number;
  readonly dipMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of appends: from the proposal until the disk has it. */
  readonly logP50Ms: number;
  /** Of the carrying out of an epoch, from its record on. */
  readonly applyP50Ms: number;
  readonly answers: number;
  readonly aborted: number;
  /** Requests that had to start over. */
  readonly restarted: number;
  readonly hash: number;
  readonly epoch: number;
};

/** What the processes say to each other: a frame's kind is its place here. */
const frames = ["batch", "record", "reads", "answers", "ready", "measure", "stop"] as const;

/** A batch of so many is closed early. */
const batchRequests = 256;
/** Epochs that are remembered: reads of the past, and requests that are asked again. */
const epochsKept = 50;

const job = JSON.parse(process.argv[2] ?? "{}") as NodeJob;
const { partition, workload } = job;
const program = programOf(workload);
const keys = program.relations.map((_, at) => keyColumns(program, at));
const partitions = new Partitions(job.partitions, keys);
const codes = new Map(
  program.transactions.map((of) => [of.name, new PlannedTransaction(transactionPlan(program, of))]),
);
const versions = [...rowsOf(workload, program, partitions, partition)].map((row) => ({
  ...{ row, from: 0, to: Infinity },
}));
const storage = new MemoryStorage(versions, keys);
const replica = new Replica({
  ...{ partition, partitions, keys, codes, storage, remembered: { rememberedEpochs: epochsKept } },
});

if (job.replay === true) await replay();
else await live();

/** Carries out the log as fast as it goes: recovery. */
async function replay(): Promise<void> {
  const [begin, cpu] = [performance.now(), process.cpuUsage()];
  const log = await opened(job.folder ?? "");
  let answers = 0;
  // Nobody reads what was before the end of the log.
  storage.forget(startOf((await log.tail()) + 1));
  for (let epoch = 1; ;) {
    const records = await log.read(epoch, 256);
    if (records.length === 0) break;
    for (const record of records) {
      answers += replica.apply(spelledOut(record), []).answers.length;
    }
    epoch += records.length;
  }
  const seconds = (performance.now() - begin) / 1000;
  await log.close();
  const { user, system } = process.cpuUsage(cpu);
  const perCpuSecond = answers / ((user + system) / 1e6);
  tell({ ...nothing(), perSecond: answers / seconds, perCpuSecond, answers });
}

async function live(): Promise<void> {
  const first = partition === 0;
  const log = first ? await ownLog() : undefined;
  const origin = `p${partition}/1`;
  const limits = { batchRequests };
  const sequencer = new Sequencer({ origin, engine: "bench", hash: textHash, recordHash, limits });
  const next = requestsOf(workload, partitions, partition, 17 + partition);
  const sent = new Map<string, number>();
  const latencies: number[] = [];
  const [appendsMs, appliesMs]: [number[], number[]] = [[], []];
  const out: ((frame: Frame) => void)[] = [];
  const say = (kind: (typeof frames)[number], body: Uint8Array = new Uint8Array()): void => {
    for (const send of out) send({ kind: frames.indexOf(kind), body });
  };
  let [number, answered, counted, aborted, restarted] = [0, 0, 0, 0, 0];
  let unbatched = 0;
  let timer: NodeJS.Timeout | undefined;
  let [measuring, stopped, proposing] = [false, false, false];

  const ask = (): void => {
    const id = `${partition}.${++number}`;
    sent.set(id, performance.now());
    sequencer.submit({ id, ...next(), attempt: 0 }, nowMs());
    timer ??= closeLater();
    // While one batch is carried out the next one goes to the disk.
    if (++unbatched >= batchRequests) closeDue();
  };
  const closeLater = (): NodeJS.Timeout | undefined => {
    const { dueMs } = sequencer;
    if (dueMs === undefined) return undefined;
    return setTimeout(closeDue, Math.max(1, dueMs - nowMs()));
  };
  const closeDue = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const batch = sequencer.close(nowMs());
    if (batch !== undefined) unbatched = 0;
    if (batch !== undefined && !first) say("batch", batchBytes(batch));
    if (first) void propose();
    timer = closeLater();
  };
  const propose = async (): Promise<void> => {
    if (proposing || stopped) return;
    const plan = { nowMs: Date.now(), seed: number, acknowledged: new Map() };
    const record = sequencer.propose(plan);
    if (record === undefined) return;
    proposing = true;
    const begin = performance.now();
    const appended = await log?.append(record);
    if (measuring) appendsMs.push(performance.now() - begin);
    if (appended !== "appended") throw new Error(`an append was a ${appended}`);
    proposing = false;
    sequencer.appended(record);
    // The next is on its way to the disk while this one is carried out.
    void propose();
    if (out.length > 0) say("record", epochBytes(record));
    apply(record);
  };
  const apply = (record: EpochRecord): void => {
    const begin = performance.now();
    done(replica.apply(spelledOut(record), []));
    if (measuring) appliesMs.push(performance.now() - begin);
    forget(replica.completed.epoch);
  };
  const done = ({ reads, answers }: ReplicaOutput): void => {
    if (reads.length > 0) say("reads", readsBytes(reads));
    const others: Answer[] = [];
    for (const answered of answers) {
      const { id, result } = answered;
      if (result.kind === "aborted" && measuring) aborted++;
      if (result.kind === "restart") restarted++;
      if (sent.has(id)) answer(id);
      else others.push(answered);
    }
    if (others.length > 0) say("answers", answerBytes(others));
  };
  const answer = (id: string): void => {
    const ms = performance.now() - (sent.get(id) ?? 0);
    sent.delete(id);
    answered++;
    if (measuring) latencies.push(ms);
    if (measuring) counted++;
    if (!stopped && job.perSecond === undefined) ask();
  };
  let begun: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => (begun = resolve));
  let warmed: () => void = () => undefined;
  const warm = new Promise<void>((resolve) => (warmed = resolve));
  let ended: () => void = () => undefined;
  const end = new Promise<void>((resolve) => (ended = resolve));
  const onFrame = ({ kind, body }: Frame): void => {
    switch (frames[kind]) {
      case "batch":
        sequencer.learn(readBatch(body));
        void propose();
        break;
      case "record": {
        const record = readEpoch(body);
        sequencer.appended(record);
        apply(record);
        break;
      }
      case "reads":
        done(replica.receive(1 - partition, readReads(body)));
        forget(replica.completed.epoch);
        break;
      case "answers":
        for (const { id } of readAnswers(body)) answer(id);
        break;
      case "ready":
        begun();
        break;
      case "measure":
        warmed();
        break;
      case "stop":
      case undefined:
        stopped = true;
        ended();
    }
  };
  const server = createServer((socket) => {
    out.push(framed(socket, onFrame));
    say("ready");
    begun();
  });
  if (job.partitions > 1 && first) server.listen(job.socket, () => process.send?.("listening"));
  if (!first) out.push(framed(connect(job.socket ?? ""), onFrame));
  if (job.partitions > 1) await ready;

  if (job.perSecond === undefined) for (let at = 0; at < job.clients; at++) ask();
  else atRate(() => !stopped, job.perSecond, ask);
  // All measure at the same time: when the first one is warm.
  if (!first) await warm;
  else {
    await pause(job.warmSeconds * 1000);
    for (let waited = 0; answered < job.warmRequests && waited < 60_000; waited += 50)
      await pause(50);
    say("measure");
  }
  measuring = true;
  const begin = performance.now();
  const cpu = process.cpuUsage();
  let [dip, dipMs] = [0, 0];
  if (job.checkpoint === true) {
    await pause(job.seconds * 500);
    const before = counted / (performance.now() - begin);
    const from = counted;
    dipMs = await checkpointed();
    dip = 1 - (counted - from) / dipMs / before;
  }
  await pause(job.seconds * (job.checkpoint === true ? 500 : 1000));
  measuring = false;
  const seconds = (performance.now() - begin) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  stopped = true;
  clearTimeout(timer);
  const { hash, epoch } = replica.completed;
  tell({
    ...{ perCpuSecond: counted / ((user + system) / 1e6), dip, dipMs },
    ...{ perSecond: counted / seconds, p50Ms: at(latencies, 0.5), p99Ms: at(latencies, 0.99) },
    ...{ logP50Ms: at(appendsMs, 0.5), applyP50Ms: at(appliesMs, 0.5), answers: answered },
    ...{ aborted, restarted, hash, epoch },
  });
  if (first) say("stop");
  else await end;
  await pause(100);
  await log?.close();
  process.exit();
}

/** Writes a checkpoint by versions, while the rest goes on; returns for how long. */
async function checkpointed(): Promise<number> {
  const begin = performance.now();
  const { epoch } = replica.completed;
  const made = checkpoint(replica, storage, epoch);
  const of = { program: "bench", partition, partitions: job.partitions, record: "" };
  await writeCheckpoint(join(job.folder ?? "", "checkpoints"), of, made);
  return performance.now() - begin;
}

/** The time, as exact as timers are. */
function nowMs(): number {
  return Math.round(performance.now());
}

function forget(epoch: number): void {
  if (epoch > epochsKept) storage.forget(startOf(epoch - epochsKept));
}

/** Calls at a rate, at any moment, as those do who know nothing of each other: some together where
 * timers are too coarse. */
function atRate(on: () => boolean, perSecond: number, call: () => void): void {
  const chance = random(29 + partition);
  const gapMs = (): number => (-Math.log(1 - chance.below(2 ** 24) / 2 ** 24) * 1000) / perSecond;
  let next = performance.now() + gapMs();
  const tick = (): void => {
    for (const now = performance.now(); next <= now; next += gapMs()) call();
    if (on()) setTimeout(tick, 1);
  };
  tick();
}

async function opened(folder: string): Promise<OrderedLog> {
  return openFileLog(join(folder, "log"), { program: "bench" });
}

/** The log in files, or one that keeps nothing. */
async function ownLog(): Promise<Pick<OrderedLog, "append" | "close">> {
  if (job.folder !== undefined) return opened(job.folder);
  // Not at once: clients, and timers, are to have their turn.
  const append = (): Promise<"appended"> =>
    new Promise((resolve) => setImmediate(resolve, "appended"));
  return { append, close: () => Promise.resolve() };
}

function at(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? 0;
}

function nothing(): NodeResult {
  const { hash, epoch } = replica.completed;
  return {
    ...{ perCpuSecond: 0, dip: 0, dipMs: 0 },
    ...{ perSecond: 0, p50Ms: 0, p99Ms: 0, logP50Ms: 0, applyP50Ms: 0 },
    ...{ answers: 0, aborted: 0, restarted: 0, hash, epoch },
  };
}

function tell(result: NodeResult): void {
  process.send?.(result);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
