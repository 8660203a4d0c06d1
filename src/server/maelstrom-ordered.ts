// A node of Maelstrom that runs a program with transactions: all nodes carry out the epochs of a
// log that the service lin-kv keeps, and each holds all rows.
import { randomInt } from "node:crypto";
import { MemoryStorage } from "../calvin/memory-storage.ts";
import { Partitions } from "../calvin/partitions.ts";
import { Reconnaissance } from "../calvin/reconnaissance.ts";
import {
  type EpochRecord,
  type OrderedBatch,
  type OrderedRequest,
  spelledOut,
} from "../calvin/record.ts";
import { type Answer, Replica } from "../calvin/replica.ts";
import { Sequencer } from "../calvin/sequencer.ts";
import { startOf } from "../calvin/storage.ts";
import type { Footprint } from "../calvin/transaction.ts";
import { ByteSink, ByteSource, WireError } from "../runtime/bytes.ts";
import { readOrderedBatch, writeOrderedBatch } from "../runtime/epoch-bytes.ts";
import { pause } from "../runtime/node/pause.ts";
import { recordHash, textHash } from "../runtime/node/record-hash.ts";
import { OrderedLogError } from "../runtime/ordered-log-error.ts";
import { firstLink, RecordChain } from "../runtime/record-chain.ts";
import type { Value } from "../value/schema.ts";
import type { Implementations } from "../value/user-functor.ts";
import { ServiceLog, serviceName } from "./maelstrom-log.ts";
import type { Body, Message } from "./maelstrom-messages.ts";
import { type Refused, type Reply, replyBody } from "./maelstrom-requests.ts";
import { TransactionRequests } from "./maelstrom-transactions.ts";
import type { MaelstromLines, MaelstromNode } from "./maelstrom.ts";
import type { NodeProgram } from "./node-program.ts";
import { type OrderedProgram, orderedProgram } from "./ordered/ordered-program.ts";

/** What a node with transactions is made of. */
export type OrderedNodeOptions = MaelstromLines & {
  /** With an ordered plane. */
  readonly program: NodeProgram;
  readonly functors: Implementations;
  readonly nowMs: () => number;
};

/** The type of the messages by which nodes tell each other of batches. */
const batchType = "calm-batch";

/** How long the service may take to reply. */
const callMs = 1_000;

/** How often the service is asked again meanwhile: it may not have heard. */
const askMs = 100;

/** How long a batch collects requests. */
const epochMs = 10;

/** Bytes of a record. Nodes keep nothing, so no batch goes by its hash: who would have its requests
 * once all have ended? A batch has a quarter of a MiB and one request at most. */
const recordBytes = 1 << 26;

/** How often a node looks for epochs that others have appended. */
const pollMs = 50;

/** How many epochs are asked for at once by a node that is behind. */
const readEpochsMax = 64;

/** After so many restarts, a transaction locks relations as a whole. */
const restartsMax = 3;

/** Every so many epochs what nobody reads any more is forgotten. */
const forgetEpochs = 256;

/** A request that is not answered. */
type Open = {
  readonly message: Message;
  readonly transaction: string;
  readonly args: readonly Value[];
};

/** A node that has been told who it is. */
export class OrderedMaelstromNode implements MaelstromNode<Error> {
  readonly name: string;
  private readonly options: OrderedNodeOptions;
  private readonly peers: readonly string[];
  private readonly of: OrderedProgram;
  private readonly requests: TransactionRequests;
  private readonly log: ServiceLog;
  private readonly chain = new RecordChain(recordHash, firstLink);
  private readonly storage: MemoryStorage;
  private readonly replica: Replica;
  private readonly sequencer: Sequencer;
  private readonly origin: string;
  private readonly open = new Map<string, Open>();
  /** What the service was asked, by the numbers of the messages. */
  private readonly asked = new Map<number, (reply: Body | undefined) => void>();
  private askedLast = 0;
  private readonly ended = new AbortController();
  private cause: Error | undefined;
  private running: Promise<void> = Promise.resolve();
  private wake: () => void = () => undefined;

  static start(
    name: string,
    members: readonly string[],
    options: OrderedNodeOptions,
  ): OrderedMaelstromNode {
    const node = new OrderedMaelstromNode(name, members, options);
    node.running = node.run();
    return node;
  }

  private constructor(name: string, members: readonly string[], options: OrderedNodeOptions) {
    const { program, functors } = options;
    this.name = name;
    this.options = options;
    this.peers = members.filter((member) => member !== name);
    this.of = orderedProgram(program.program, { functors });
    this.requests = new TransactionRequests(program.program);
    this.log = new ServiceLog({ ask: (body) => this.ask(body) });
    const { keys, codes, stated } = this.of;
    const storage = new MemoryStorage(stated.map((row) => ({ row, from: 0, to: Infinity })));
    const partitions = new Partitions(1, keys);
    this.storage = storage;
    this.replica = new Replica({
      ...{ partition: 0, partitions, keys, codes, storage, tellsChanges: true },
    });
    // Numbers of lives that began in the same millisecond are apart by chance.
    this.origin = `${name}/${Date.now() * 1000 + randomInt(1000)}`;
    this.sequencer = new Sequencer({
      ...{
        origin: this.origin,
        engine: program.hash,
        hash: textHash,
        recordHash,
        limits: { epochMs, recordBytes },
      },
    });
  }

  get stopped(): Error | undefined {
    return this.cause;
  }

  receive(message: Message): void {
    const { src, dest, body } = message;
    if (dest !== this.name) this.options.log(`${src} takes ${this.name} for ${dest}`);
    else if (body.type === batchType) this.hear(src, body);
    else if (body.in_reply_to === undefined) this.serve(message);
    else if (src === serviceName) this.settle(body.in_reply_to, body);
  }

  unpaused(): Promise<void> {
    return Promise.resolve();
  }

  async close(): Promise<void> {
    this.ended.abort();
    for (const number of this.asked.keys()) this.settle(number, undefined);
    this.wake();
    await this.running;
  }

  // ---- clients ----

  private serve(message: Message): void {
    const understood = this.requests.understand(message);
    if (understood.kind === "refused") this.reply(message, understood);
    else if (understood.kind === "nothing") this.reply(message, { kind: "reply", fields: {} });
    else {
      const { src, body } = message;
      const number = body.msg_id ?? `${this.origin}/${++this.askedLast}`;
      const id = `${src}/${number}`;
      const { transaction, args } = understood;
      if (!readable({ id, transaction, args, attempt: 0 })) {
        const error = { error: "malformed-request", text: "a value is too long or deep" } as const;
        this.reply(message, { kind: "refused", ...error });
        return;
      }
      this.open.set(id, { message, transaction, args });
      this.submit(id, 0);
    }
  }

  private submit(id: string, attempt: number): void {
    const { message, transaction, args } = this.open.get(id) ?? {};
    if (message === undefined || transaction === undefined || args === undefined) return;
    const footprint = attempt < restartsMax ? this.footprint(transaction, args) : undefined;
    const request: OrderedRequest = {
      ...{ id, transaction, args, attempt },
      ...(footprint !== undefined && { footprint }),
    };
    if (this.sequencer.submit(request, this.options.nowMs())) this.wake();
    else {
      this.open.delete(id);
      const text = "too many requests wait for the log";
      this.reply(message, { kind: "refused", error: "temporarily-unavailable", text });
    }
  }

  /** What a transaction touches, as far as the last epoch that is carried out here tells. */
  private footprint(transaction: string, args: readonly Value[]): Footprint | undefined {
    const code = this.of.codes.get(transaction);
    if (code === undefined) return undefined;
    const view = this.replica.view(this.replica.completed.epoch);
    const found = new Reconnaissance(code, args, this.of.keys);
    for (let step = found.step(); ; step = found.step()) {
      if (step.kind === "known") return step.footprint;
      for (const pattern of step.patterns) found.learn(pattern, [...view.tuples(pattern)]);
    }
  }

  private answer({ id, attempt, result, changes }: Answer): void {
    const open = this.open.get(id);
    if (open === undefined) return;
    if (result.kind === "restart") {
      this.submit(id, attempt + 1);
      return;
    }
    this.open.delete(id);
    if (result.kind !== "done") this.reply(open.message, this.requests.reply(open.message, result));
    // Whoever waits does so since before it was carried out: this is no repetition.
    else if (changes !== undefined)
      this.reply(open.message, this.requests.reply(open.message, { ...changes, kind: "done" }));
  }

  private reply(to: Message, reply: Reply | Refused): void {
    const body = replyBody(to.body, reply);
    if (body !== undefined) this.say(to.src, body);
    else if (reply.kind === "refused") this.options.log(`${to.src}: ${reply.text}`);
  }

  // ---- the service and peers ----

  private ask(body: object): Promise<Body | undefined> {
    const number = ++this.askedLast;
    return new Promise((resolve) => {
      const say = (): void => {
        this.say(serviceName, { ...body, msg_id: number });
      };
      const again = setInterval(say, askMs);
      const timer = setTimeout(() => {
        this.settle(number, undefined);
      }, callMs);
      this.asked.set(number, (reply) => {
        clearInterval(again);
        clearTimeout(timer);
        resolve(reply);
      });
      say();
    });
  }

  private settle(number: number, reply: Body | undefined): void {
    const done = this.asked.get(number);
    this.asked.delete(number);
    done?.(reply);
  }

  private hear(src: string, body: Body): void {
    const batch = batchFrom(body["batch"]);
    if (batch === undefined || !this.peers.includes(src))
      this.options.log(`no batch of a peer: ${JSON.stringify(body).slice(0, 200)}`);
    else this.sequencer.learn(batch);
  }

  private say(dest: string, body: object): void {
    this.options.write(JSON.stringify({ src: this.name, dest, body }));
  }

  // ---- the log ----

  private async run(): Promise<void> {
    try {
      await this.catchUp();
      while (!this.ended.signal.aborted) {
        await this.turn();
        await this.sleep();
      }
    } catch (error) {
      this.cause = error instanceof Error ? error : new Error(String(error));
      this.options.input.destroy();
    }
  }

  /** Appends what there is to append, or looks what others have appended. */
  private async turn(): Promise<void> {
    const batch = this.sequencer.close(this.options.nowMs());
    if (batch !== undefined)
      for (const peer of this.peers) this.say(peer, { type: batchType, batch: base64(batch) });
    // Who sent a batch has most likely appended it by now.
    if (this.sequencer.pending === 0) await this.catchUp();
    const seed = randomInt(2 ** 31);
    const nowMs = this.options.nowMs();
    const record = this.sequencer.propose({ nowMs, seed, acknowledged: new Map() });
    const appended = record === undefined ? undefined : await this.append(record);
    if (record !== undefined && appended === "appended") this.take(record);
    else {
      this.sequencer.declined();
      await this.catchUp();
    }
  }

  private async append(record: EpochRecord): Promise<"appended" | "conflict" | undefined> {
    for (;;) {
      const appended = await this.log.append(record);
      if (appended !== "unknown") return appended;
      if (this.ended.signal.aborted) return undefined;
    }
  }

  private async catchUp(): Promise<void> {
    for (let limit = 1; !this.ended.signal.aborted; limit = Math.min(2 * limit, readEpochsMax)) {
      const records = await this.log.read(this.sequencer.epoch + 1, limit);
      for (const record of records) this.take(record);
      if (records.length < limit) return;
    }
  }

  private take(record: EpochRecord): void {
    if (record.engine !== this.options.program.hash)
      throw new OrderedLogError(
        "other-program",
        `epoch ${record.epoch} is of another program: all nodes of a test run the same`,
      );
    this.chain.next(record, serviceName);
    this.sequencer.appended(record);
    for (const answer of this.replica.apply(spelledOut(record), []).answers) this.answer(answer);
    if (record.epoch % forgetEpochs === 0)
      this.storage.forget(startOf(this.replica.completed.epoch + 1));
  }

  /** Until a request or a batch comes, whose epoch is then collected for a while; or until it is
   * time to look what others have done. */
  private async sleep(): Promise<void> {
    const { ended } = this;
    const waiting = (): boolean => this.sequencer.pending > 0;
    if (!waiting()) {
      const woken = new AbortController();
      this.wake = () => {
        woken.abort();
      };
      await pause(pollMs, AbortSignal.any([woken.signal, ended.signal]));
      this.wake = () => undefined;
    }
    if (waiting()) await pause(epochMs, ended.signal);
  }
}

/** Whether other nodes can read a request. */
function readable(request: OrderedRequest): boolean {
  try {
    return batchFrom(base64({ sequencer: "n", number: 1, requests: [request] })) !== undefined;
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return false;
  }
}

function base64(batch: OrderedBatch): string {
  const sink = new ByteSink();
  writeOrderedBatch(batch, sink);
  return Buffer.from(sink.finish()).toString("base64");
}

function batchFrom(text: unknown): OrderedBatch | undefined {
  if (typeof text !== "string") return undefined;
  try {
    const source = new ByteSource(Buffer.from(text, "base64"));
    const batch = readOrderedBatch(source);
    source.end();
    return batch;
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return undefined;
  }
}
