// What a node of Maelstrom does with its messages, once it knows who it is.
import { join } from "node:path";
import type { DurableLog, FsyncPolicy, LogOptions } from "../runtime/node/durable-log.ts";
import { logLimits } from "../runtime/node/limits.ts";
import { openLog } from "../runtime/node/open-log.ts";
import { IncrementalTransducer } from "../transducer/incremental.ts";
import { Node } from "../transducer/node.ts";
import { type Frame, incarnationOf, nameOf, type Origin } from "../transducer/protocol.ts";
import type { Implementations } from "../value/user-functor.ts";
import { InOrder } from "./in-order.ts";
import { framesBody, framesFrom, framesMax, frameType } from "./maelstrom-frames.ts";
import type { Body, Message } from "./maelstrom-messages.ts";
import type { MaelstromLines, MaelstromNode } from "./maelstrom.ts";
import { type Refused, type Reply, replyBody, Requests } from "./maelstrom-requests.ts";
import { memoryLog } from "./memory-log.ts";
import { NodeDriver, type StopCause } from "./node-driver.ts";
import type { NodeProgram } from "./node-program.ts";

/** What a node of Maelstrom is made of. */
export type MaelstromOptions = MaelstromLines & {
  readonly program: NodeProgram;
  readonly functors: Implementations;
  /** Each node has a folder of its name in this one; without it, a node that ends has lost what
   * it knew. */
  readonly data?: string;
  readonly fsync?: FsyncPolicy;
  readonly nowMs: () => number;
};

/** How often a node looks at the time. */
const tickMs = 100;

/** How long nothing is acknowledged until it goes again. */
const resendMs = 400;

/** What a node knows of a peer, beside what it sends it. */
type Peer = {
  /** The latest life that was heard of. */
  life: number;
  inbox: InOrder<readonly Frame[]>;
  outbox: Frame[];
  /** Messages that it was sent. */
  sent: number;
};

/** A node that has been told who it is. Throws a `LogError` where its folder cannot be used. */
export class MaelstromMember implements MaelstromNode<StopCause> {
  readonly name: string;
  private readonly driver: NodeDriver;
  private readonly options: MaelstromOptions;
  private readonly requests: Requests;
  private readonly log: DurableLog;
  private readonly origin: Origin;
  private readonly peers: ReadonlyMap<string, Peer>;
  private readonly timer: NodeJS.Timeout;
  private sending: NodeJS.Immediate | undefined;
  /** How many requests had no number. */
  private unnumbered = 0;
  /** While the disk has too much to do. */
  private paused: Promise<void> | undefined;
  private resume: () => void = () => undefined;

  static async start(
    name: string,
    members: readonly string[],
    options: MaelstromOptions,
  ): Promise<MaelstromMember> {
    const flushed = { call: (_: number): void => undefined };
    const failed = { call: (_: StopCause): void => undefined };
    const log = await opened(name, options, {
      onFlushed: (count) => flushed.call(count),
      onFailed: (error) => failed.call({ kind: "log", error }),
    });
    const member = new MaelstromMember(name, members, log, options);
    flushed.call = (count) => {
      member.driver.flushed(count);
    };
    failed.call = (cause) => {
      member.driver.stop(cause);
    };
    for (const repair of log.repairs)
      options.log(
        repair.kind === "torn-tail"
          ? `${repair.path} ended within a write, which was cut off`
          : `${repair.path} is damaged; from there on all is set aside in ${repair.setAside}`,
      );
    for (const peer of member.peers.keys()) member.driver.connected(peer);
    return member;
  }

  private constructor(
    name: string,
    members: readonly string[],
    log: DurableLog,
    options: MaelstromOptions,
  ) {
    const { program, nowMs } = options;
    const peers = members.filter((one) => one !== name);
    const { network, plan, grows, floods } = program;
    const { functors } = options;
    const parts = { network, plan, grows, functors };
    const transducer = new IncrementalTransducer(parts, name, members);
    const kept = network.roles.map((role) => role.kept);
    const node = new Node(
      {
        ...{ name, peers, transducer, kept, floods },
        incarnation: log.incarnation,
        limits: { resendMs },
      },
      log.records,
    );
    this.name = name;
    this.options = options;
    this.log = log;
    this.origin = node.origin;
    this.peers = new Map(
      peers.map((peer) => [peer, { life: 0, inbox: new InOrder(), outbox: [], sent: 0 }]),
    );
    this.requests = new Requests(program, (relation) => node.tuples(relation));
    this.driver = new NodeDriver({
      ...{ node, log, nowMs },
      queuedBytesMax: logLimits.queuedBytesMax,
      network: {
        send: (dest, frame) => {
          this.post(dest, frame);
          return true;
        },
        pause: () => {
          this.paused ??= new Promise((resolve) => (this.resume = resolve));
        },
        resume: () => {
          this.go();
        },
      },
      onChanges: (changes) => {
        this.requests.take(changes);
      },
      onStopped: () => {
        this.go();
        options.input.destroy();
      },
    });
    this.timer = setInterval(() => {
      this.tick();
    }, tickMs);
  }

  receive(message: Message): void {
    const { src, dest, body } = message;
    if (dest !== this.name) this.options.log(`${src} takes ${this.name} for ${dest}`);
    else if (body.type === frameType) this.hear(src, body);
    else if (body.in_reply_to === undefined) this.serve(message);
  }

  get stopped(): StopCause | undefined {
    return this.driver.stopped;
  }

  async unpaused(): Promise<void> {
    await this.paused;
  }

  /** Ends the node, when what it was told is durable. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.log.close();
    this.send();
  }

  private serve(message: Message): void {
    const understood = this.requests.understand(message);
    switch (understood.kind) {
      case "refused":
        this.reply(message, understood);
        return;
      case "asked":
        this.reply(message, this.requests.reply(message));
        return;
      case "told":
        this.driver.insert(this.requestName(message), [understood.fact]).then(
          () => {
            this.reply(message, this.requests.reply(message));
          },
          (error: unknown) => {
            this.reply(message, refused(error));
          },
        );
    }
  }

  /** What repeating a request changes nothing under; one without a number is never the same. */
  private requestName({ src, body }: Message): string {
    if (body.msg_id !== undefined) return `${src}/${body.msg_id}`;
    this.unnumbered++;
    return `${this.origin}/${this.unnumbered}`;
  }

  private reply(to: Message, reply: Reply | Refused): void {
    const body = replyBody(to.body, reply);
    if (body !== undefined) this.say(to.src, body);
    else if (reply.kind === "refused") this.options.log(`${to.src}: ${reply.text}`);
  }

  /** Takes in what a peer says. What an earlier life of it said comes too late; a later one knows
   * nothing of what this node takes it to know. */
  private hear(name: string, body: Body): void {
    const said = framesFrom(body, this.options.program.schema);
    const peer = this.peers.get(name);
    if (said === undefined || peer === undefined || nameOf(said.origin) !== name) {
      this.options.log(`no frames of a peer: ${JSON.stringify(body).slice(0, 200)}`);
      return;
    }
    const life = incarnationOf(said.origin);
    if (life < peer.life) return;
    if (life > peer.life) {
      if (peer.life > 0) {
        this.driver.disconnected(name);
        this.driver.connected(name);
      }
      peer.life = life;
      peer.inbox = new InOrder();
    }
    this.deliver(name, peer.inbox.take(said.number, said.frames, this.options.nowMs()));
  }

  private deliver(name: string, inOrder: readonly (readonly Frame[])[]): void {
    for (const frames of inOrder) for (const frame of frames) this.driver.frame(name, frame);
  }

  private tick(): void {
    const nowMs = this.options.nowMs();
    for (const [name, { inbox }] of this.peers) this.deliver(name, inbox.expired(nowMs));
    this.driver.tick();
  }

  /** What a node says to another in one turn of the event loop goes in one message. */
  private post(name: string, frame: Frame): void {
    const peer = this.peers.get(name);
    if (peer === undefined) return;
    // An acknowledgement holds what those before it did.
    if (frame.kind === "ack") peer.outbox = peer.outbox.filter(({ kind }) => kind !== "ack");
    peer.outbox.push(frame);
    this.sending ??= setImmediate(() => this.send());
  }

  private send(): void {
    this.sending = undefined;
    const { origin } = this;
    for (const [name, peer] of this.peers) {
      const frames = peer.outbox;
      peer.outbox = [];
      for (let at = 0; at < frames.length; at += framesMax) {
        const some = frames.slice(at, at + framesMax);
        const said = { origin, number: ++peer.sent, frames: some };
        this.say(name, framesBody(said, this.options.program.schema));
      }
    }
  }

  private say(dest: string, body: object): void {
    this.options.write(JSON.stringify({ src: this.name, dest, body }));
  }

  private go(): void {
    this.paused = undefined;
    this.resume();
  }
}

/** The log of a node; one in memory where there is no data folder. */
async function opened(
  name: string,
  { program: { hash, schema, network }, data, fsync = "always" }: MaelstromOptions,
  told: Pick<LogOptions, "onFlushed" | "onFailed">,
): Promise<DurableLog> {
  const kept = network.roles.map((role) => role.kept);
  if (data === undefined) return memoryLog({ ...told, kept });
  return openLog(join(data, name), { name, program: hash, schema, kept, fsync, ...told });
}

function refused(error: unknown): Refused {
  const text = error instanceof Error ? error.message : String(error);
  return { kind: "refused", error: "crash", text };
}
