// `node --import tsx bench/ordered-both.ts [--remote 0.1,1] [--transactions N] [--records N]
// [--rounds N] [--tree DIR]`: what a transaction of the ordered microbenchmark takes of the
// processor where two partitions share the rows, by how many of them take part in both. Both
// partitions are in one process and send each other bytes, without sockets, disks or timers, so that
// what is measured is the work alone. It is the least of all rounds, in turn.

import { MemoryStorage } from "../src/calvin/memory-storage.ts";
import { Partitions } from "../src/calvin/partitions.ts";
import { PlannedTransaction } from "../src/calvin/planned-transaction.ts";
import { type EpochRecord, type OrderedRequest, spelledOut } from "../src/calvin/record.ts";
import { type Answer, Replica, type ReplicaOutput } from "../src/calvin/replica.ts";
import { Sequencer } from "../src/calvin/sequencer.ts";
import { startOf } from "../src/calvin/storage.ts";
import { keyColumns, transactionPlan } from "../src/plan/transaction.ts";
import { epochBytes, readEpoch } from "../src/runtime/epoch-bytes.ts";
import { recordHash, textHash } from "../src/runtime/node/record-hash.ts";
import {
  answerBytes,
  batchBytes,
  readAnswers,
  readBatch,
  readReads,
  readsBytes,
} from "../src/runtime/ordered-bytes.ts";
import { programOf, requestsOf, rowsOf, type Workload } from "./ordered-load.ts";
import { scriptOptions } from "../scripts/script-options.mjs";

const { values: options } = scriptOptions({
  options: {
    remote: { type: "string", default: "0.1,1" },
    transactions: { type: "string", default: "60000" },
    records: { type: "string", default: "100000" },
    rounds: { type: "string", default: "3" },
  },
});
const [transactions, records] = [Number(options.transactions), Number(options.records)];
const shares = options.remote.split(",").map(Number);
/** Requests that each partition has on their way, and of how many a batch is. */
const [clients, batchRequests] = [1500, 256];
const epochsKept = 50;

/** What is counted where it was sent. */
type Counts = { frames: number; bytes: number; reads: number; answers: number };

type Frame = { readonly kind: "batch" | "record" | "reads" | "answers"; readonly body: Uint8Array };

/** One partition, with its sequencer and its clients. */
class Node {
  /** What is on its way here. */
  inbox: Frame[] = [];
  answered = 0;
  readonly sequencer: Sequencer;
  readonly replica: Replica;
  private readonly storage: MemoryStorage;
  private readonly partition: number;
  private readonly counts: Counts;
  private readonly requests: readonly OrderedRequest[];
  private readonly own = new Set<string>();
  private next = 0;
  private unbatched = 0;

  constructor(partition: number, workload: Workload, counts: Counts) {
    this.partition = partition;
    this.counts = counts;
    const program = programOf(workload);
    const keys = program.relations.map((_, at) => keyColumns(program, at));
    const partitions = new Partitions(2, keys);
    const versions = [...rowsOf(workload, program, partitions, partition)].map((row) => ({
      ...{ row, from: 0, to: Infinity },
    }));
    const codes = new Map(
      program.transactions.map((of) => [
        of.name,
        new PlannedTransaction(transactionPlan(program, of)),
      ]),
    );
    this.storage = new MemoryStorage(versions, keys);
    const remembered = { rememberedEpochs: epochsKept };
    this.replica = new Replica({
      ...{ partition, partitions, keys, codes, storage: this.storage, remembered },
    });
    const origin = `p${partition}/1`;
    const limits = { batchRequests };
    this.sequencer = new Sequencer({
      ...{ origin, engine: "bench", hash: textHash, recordHash, limits },
    });
    const draw = requestsOf(workload, partitions, partition, 17 + partition);
    this.requests = Array.from({ length: transactions / 2 + clients }, (_, at) => ({
      ...{ id: `${partition}.${at}`, ...draw(), attempt: 0 },
    }));
    for (let at = 0; at < clients; at++) this.ask();
  }

  /** Takes its turn: takes in what came, and proposes an epoch where it is the first partition.
   * Returns what it sends the other one. */
  turn(now: number): Frame[] {
    const sent: Frame[] = [];
    const say = (kind: Frame["kind"], body: Uint8Array): void => {
      this.counts.frames++;
      this.counts.bytes += body.length;
      sent.push({ kind, body });
    };
    const came = this.inbox;
    this.inbox = [];
    for (const { kind, body } of came)
      switch (kind) {
        case "batch":
          this.sequencer.learn(readBatch(body));
          break;
        case "record":
          this.apply(readEpoch(body), say);
          break;
        case "reads":
          this.done(this.replica.receive(1 - this.partition, readReads(body)), say);
          break;
        case "answers":
          for (const { id } of readAnswers(body)) this.answer(id);
      }
    if (this.unbatched >= batchRequests) {
      this.unbatched = 0;
      const batch = this.sequencer.close(now);
      if (batch !== undefined && this.partition > 0) say("batch", batchBytes(batch));
    }
    if (this.partition > 0) return sent;
    const record = this.sequencer.propose({ nowMs: now, seed: now, acknowledged: new Map() });
    if (record === undefined) return sent;
    say("record", epochBytes(record));
    this.apply(record, say);
    return sent;
  }

  private ask(): void {
    const request = this.requests[this.next++];
    if (request === undefined) return;
    this.own.add(request.id);
    this.unbatched++;
    this.sequencer.submit(request, 0);
  }

  private apply(record: EpochRecord, say: (kind: Frame["kind"], body: Uint8Array) => void): void {
    this.sequencer.appended(record);
    this.done(this.replica.apply(spelledOut(record), []), say);
  }

  private done(
    { reads, answers }: ReplicaOutput,
    say: (kind: Frame["kind"], body: Uint8Array) => void,
  ): void {
    this.counts.reads += reads.length;
    if (reads.length > 0) say("reads", readsBytes(reads));
    const others: Answer[] = [];
    for (const answered of answers)
      if (this.own.has(answered.id)) this.answer(answered.id);
      else others.push(answered);
    this.counts.answers += others.length;
    if (others.length > 0) say("answers", answerBytes(others));
    const { epoch } = this.replica.completed;
    if (epoch > epochsKept) this.storage.forget(startOf(epoch - epochsKept));
  }

  private answer(id: string): void {
    this.own.delete(id);
    this.answered++;
    this.ask();
  }
}

/** Runs the transactions, of which a share take part in both partitions. */
function measured(remote: number): { cpuUs: number; counts: Counts; hashes: number[] } {
  const counts: Counts = { frames: 0, bytes: 0, reads: 0, answers: 0 };
  const workload: Workload = { name: "micro", contention: 1e-4, remote, records };
  const nodes = [new Node(0, workload, counts), new Node(1, workload, counts)] as const;
  const [first, second] = nodes;
  const answered = (): number => first.answered + second.answered;
  const before = process.cpuUsage();
  const least = transactions - 2 * batchRequests;
  for (let now = 1; answered() < least; now++) {
    const sent = first.turn(now);
    const back = second.turn(now);
    second.inbox.push(...sent);
    first.inbox.push(...back);
  }
  const { user, system } = process.cpuUsage(before);
  const hashes = nodes.map(({ replica }) => replica.completed.hash);
  return { cpuUs: (user + system) / answered(), counts, hashes };
}

const least = shares.map(() => Infinity);
for (let round = 0; round < Number(options.rounds); round++)
  for (const [at, remote] of shares.entries()) {
    const { cpuUs, counts, hashes } = measured(remote);
    least[at] = Math.min(least[at] ?? Infinity, cpuUs);
    const per = (count: number): string => (count / transactions).toFixed(2);
    console.log(
      `${remote * 100} % in both: ${cpuUs.toFixed(2)} µs; frames ${per(counts.frames)}, ` +
        `bytes ${per(counts.bytes)}, reads ${per(counts.reads)}, ` +
        `answers ${per(counts.answers)}; ${hashes.join(" ")}`,
    );
  }
for (const [at, remote] of shares.entries())
  console.log(`${(least[at] ?? NaN).toFixed(2).padStart(6)} µs  ${remote * 100} % in both`);
const [low = NaN, high = NaN] = [least[0], least.at(-1)];
console.log(`${(low / high).toFixed(3)}  of the rate of the first for the last`);
