// A workbench after Maelstrom: nodes are processes that speak by lines on pipes; what one says to
// another is delayed, repeated, lost, or cut off; processes are killed and started again.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";

import type { Random } from "../../src/base/random.ts";
import { project } from "../programs/folder.ts";

/** What a message says. */
export type Body = Readonly<Record<string, unknown>>;

/** What the network does to what nodes say to each other. */
export type Faults = {
  readonly delayMs: number;
  /** How often a message is lost, and how often it comes twice. */
  readonly loss: number;
  readonly duplication: number;
};

/** What the nodes run, and where. */
export type WorkbenchOptions = {
  /** The built command. */
  readonly command: string;
  readonly program: string;
  readonly names: readonly string[];
  /** Where nodes keep what they know; without it they keep nothing. */
  readonly data?: string;
  readonly random: Random;
  readonly faults: Faults;
};

const tornEnd = / ended within a write, which was cut off$/;

type Message = { readonly src: string; readonly dest: string; readonly body: Body };
type NodeProcess = ChildProcessByStdio<Writable, Readable, Readable>;
type Waiting = { readonly node: string; readonly done: (body: Body | undefined) => void };

/** The service of registers that Maelstrom offers to nodes. */
const serviceName = "lin-kv";

/** The nodes of a test, and all that is between them. */
export class Workbench {
  readonly counts = { delivered: 0, lost: 0, repeated: 0, cut: 0, kills: 0 };
  /** What nodes wrote to stderr, and what they did that no node may. */
  readonly complaints: string[] = [];
  private readonly options: WorkbenchOptions;
  private readonly processes = new Map<string, NodeProcess>();
  /** Pairs of nodes, the first of which does not reach the second. */
  private readonly cuts = new Set<string>();
  private readonly waiting = new Map<string, Waiting>();
  private readonly registers = new Map<unknown, unknown>();
  private requests = 0;
  private quiet = false;

  constructor(options: WorkbenchOptions) {
    this.options = options;
  }

  /** The nodes that run. */
  get living(): readonly string[] {
    return this.options.names.filter((name) => this.processes.has(name));
  }

  /** Starts a node and tells it who it is. */
  async start(name: string): Promise<void> {
    const { command, program, data, names } = this.options;
    const argv = [command, "maelstrom", program, ...(data === undefined ? [] : ["--data", data])];
    const child = spawn(process.execPath, argv, { cwd: project, stdio: ["pipe", "pipe", "pipe"] });
    this.processes.set(name, child);
    // A process that was killed does not read any more.
    child.stdin.on("error", () => undefined);
    child.stderr.on("data", (text: Buffer) => {
      // A process that was killed may have been writing.
      const lines = String(text).split("\n");
      const said = lines.filter((line) => line !== "" && !tornEnd.test(line));
      this.complaints.push(...said.map((line) => `${name}: ${line}`));
    });
    let rest = "";
    child.once("exit", () => {
      if (this.processes.get(name) === child) this.lose(name);
    });
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      if (this.processes.get(name) === child) for (const line of lines) this.route(name, line);
    });
    const init = { type: "init", node_id: name, node_ids: names };
    const reply = await this.request("c0", name, init, 10_000);
    if (reply?.["type"] !== "init_ok")
      throw new Error(`${name} did not start: ${this.complaints.join("")}`);
  }

  /** Ends a node at once: what it has not written to the disk is lost. */
  async kill(name: string): Promise<void> {
    const child = this.processes.get(name);
    if (child === undefined) return;
    this.counts.kills++;
    this.lose(name);
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  }

  /** A node is gone, and with it what it was asked. */
  private lose(name: string): void {
    this.processes.delete(name);
    for (const [key, { node, done }] of this.waiting) {
      if (node !== name) continue;
      this.waiting.delete(key);
      done(undefined);
    }
  }

  /** From now on nothing that `from` says reaches `to`. */
  cut(from: string, to: string): void {
    this.cuts.add(`${from} ${to}`);
  }

  /** All reach all again, and nothing is lost or late any more. */
  heal(): void {
    this.cuts.clear();
  }

  /** Faults come to an end. */
  calm(): void {
    this.heal();
    this.quiet = true;
  }

  /** Sends a client's request; undefined where no reply came, so that nobody knows. */
  request(client: string, node: string, body: Body, ms = 2_000): Promise<Body | undefined> {
    const msgId = ++this.requests;
    const key = `${client} ${msgId}`;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.waiting.delete(key);
        resolve(undefined);
      }, ms);
      const done = (reply: Body | undefined): void => {
        clearTimeout(timer);
        resolve(reply);
      };
      this.waiting.set(key, { node, done });
      this.deliver({ src: client, dest: node, body: { ...body, msg_id: msgId } });
    });
  }

  /** Gives a node a line as it is. */
  line(node: string, text: string): void {
    this.processes.get(node)?.stdin.write(`${text}\n`);
  }

  /** Ends the input of all nodes; returns their exit codes. */
  async stop(): Promise<(number | null)[]> {
    const children = [...this.processes.values()];
    this.quiet = true;
    const codes = children.map(
      (child) => new Promise<number | null>((resolve) => child.once("exit", resolve)),
    );
    for (const child of children) child.stdin.end();
    const ended = await Promise.all(codes);
    this.processes.clear();
    return ended;
  }

  private route(from: string, line: string): void {
    let message: Message;
    try {
      message = JSON.parse(line) as Message;
    } catch {
      this.complaints.push(`${from} wrote: ${line}`);
      return;
    }
    const { src, dest, body } = message;
    if (src !== from) this.complaints.push(`${from} says that it is ${src}`);
    if (dest === serviceName || this.options.names.includes(dest)) this.carry(message);
    else {
      const key = `${dest} ${String(body["in_reply_to"])}`;
      const waiting = this.waiting.get(key);
      this.waiting.delete(key);
      waiting?.done(body);
    }
  }

  /** Carries what one node says to another, as the network does. */
  private carry(message: Message): void {
    const { random, faults } = this.options;
    const { counts, quiet } = this;
    if (this.cuts.has(`${message.src} ${message.dest}`)) {
      counts.cut++;
      return;
    }
    if (!quiet && random.chance(faults.loss)) {
      counts.lost++;
      return;
    }
    const twice = !quiet && random.chance(faults.duplication);
    if (twice) counts.repeated++;
    for (let copies = twice ? 2 : 1; copies > 0; copies--) {
      // Those that are late are overtaken by others.
      const ms = random.below(faults.delayMs + 1);
      setTimeout(() => {
        this.deliver(message);
      }, ms);
    }
  }

  private deliver(message: Message): void {
    this.counts.delivered++;
    if (message.dest === serviceName) {
      const { src, dest, body } = message;
      const reply = { ...this.served(body), in_reply_to: body["msg_id"] };
      this.carry({ src: dest, dest: src, body: reply });
      return;
    }
    this.line(message.dest, JSON.stringify(message));
  }

  /** What the service does, and replies. */
  private served({ type, key, value, from, to, create_if_not_exists: create }: Body): Body {
    const { registers } = this;
    const error = (code: number): Body => ({ type: "error", code, text: `error ${code}` });
    switch (type) {
      case "read":
        return registers.has(key) ? { type: "read_ok", value: registers.get(key) } : error(20);
      case "write":
        registers.set(key, value);
        return { type: "write_ok" };
      case "cas":
        if (!registers.has(key) && create !== true) return error(20);
        if (registers.has(key) && registers.get(key) !== from) return error(22);
        registers.set(key, to);
        return { type: "cas_ok" };
      default:
        return error(10);
    }
  }
}
