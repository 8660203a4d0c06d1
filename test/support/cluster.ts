// Nodes as real processes on loopback, with connections that can be cut: for tests and the demo.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { createServer, type Server, type Socket, connect } from "node:net";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";

import { assert } from "../../src/base/assert.ts";
import { builtCommand } from "./built-command.ts";

/** How often what cannot be waited for is asked for again. */
const pollMs = 50;

/** A node of a cluster: a process that can be killed, and started again on the same port. */
export class ClusterNode {
  readonly name: string;
  /** The arguments of its command beside its name, port and form of log. */
  private readonly settings: readonly string[];
  private readonly command: readonly string[];
  private process: ChildProcess | undefined;
  private port = 0;
  /** What it said last, for when a start fails. */
  private readonly said: string[] = [];

  constructor(name: string, settings: readonly string[], command: readonly string[] = ["node"]) {
    this.name = name;
    this.settings = settings;
    this.command = command;
  }

  /** Where it is asked. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The port that it listens on, also while it is down. */
  get listens(): number {
    return this.port;
  }

  get up(): boolean {
    return this.process !== undefined;
  }

  /** The number of its process, while it has one. */
  get pid(): number | undefined {
    return this.process?.pid;
  }

  /** Whether it was started, and has not ended by itself since. */
  get running(): boolean {
    return this.process?.exitCode === null && this.process.signalCode === null;
  }

  /** What it has said last, line by line. */
  get lastSaid(): readonly string[] {
    return this.said;
  }

  /** Starts it; returns when it listens. */
  async start(): Promise<void> {
    if (this.port === 0) this.port = await steadyPort();
    const listen = `127.0.0.1:${this.port}`;
    const fixed = ["--id", this.name, "--listen", listen, "--log-format", "json"];
    const argv = [builtCommand(), ...this.command, ...this.settings, ...fixed];
    const process = spawn(globalThis.process.execPath, argv, {
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.process = process;
    const ended = once(process, "exit").then(() => "ended" as const);
    const lines = createInterface({ input: process.stderr });
    const listening = new Promise<"listens">((resolve) => {
      lines.on("line", (line) => {
        this.said.push(line);
        if (this.said.length > 20) this.said.shift();
        const [, url] = /"msg":"listens","url":"([^"]+)"/.exec(line) ?? [];
        if (url === undefined) return;
        this.port = Number(new URL(url).port);
        resolve("listens");
      });
    });
    const came = await Promise.race([listening, ended]);
    assert(came === "listens", `node ${this.name} starts:\n${this.said.join("\n")}`);
  }

  /** Ends it as a loss of power would. */
  async kill(): Promise<void> {
    await this.end("SIGKILL");
  }

  /** Stops it for a while, or has it go on. */
  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.process?.kill(signal);
  }

  /** Stops it for a while, and returns once all its threads stand still: each does only when it is
   * given the processor the next time. */
  async halt(): Promise<void> {
    this.signal("SIGSTOP");
    const threads = process.platform === "linux" ? ["-L"] : [];
    const args = [...threads, "-o", "stat=", "-p", String(this.process?.pid)];
    await until(`node ${this.name} stands still`, Date.now() + 100_000, async () => {
      const { stdout } = await promisify(execFile)("ps", args);
      const states = stdout.trim().split(/\s+/);
      return states.every((state) => state.startsWith("T"));
    });
  }

  /** Has it end by itself; returns its exit code. */
  async stop(): Promise<number | null> {
    return this.end("SIGTERM");
  }

  /** Returns its exit code when it has ended by itself. */
  async ended(): Promise<number | null> {
    const { process } = this;
    this.process = undefined;
    if (process === undefined || process.exitCode !== null) return process?.exitCode ?? null;
    await once(process, "exit");
    return process.exitCode;
  }

  private async end(signal: NodeJS.Signals): Promise<number | null> {
    const { process } = this;
    this.process = undefined;
    if (process === undefined || process.exitCode !== null) return process?.exitCode ?? null;
    const ended = once(process, "exit");
    process.kill(signal);
    await ended;
    return process.exitCode;
  }
}

/** Returns a port that nobody listens on, below those that systems give to whoever asks for any:
 * of these one may be another's by the time that a node that was killed comes back to it. */
async function steadyPort(): Promise<number> {
  for (;;) {
    const port = randomInt(15_000, 30_000);
    const server = createServer();
    const listening = await new Promise<boolean>((resolve) => {
      server.once("error", () => {
        resolve(false);
      });
      server.listen(port, "127.0.0.1", () => {
        resolve(true);
      });
    });
    if (!listening) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}

/** Starts the nodes of a network, named n1, n2, …: who starts later dials those that are there; of
 * the others it knows the names. `settings` are the arguments of one. */
export async function startNetwork(
  size: number,
  settings: (name: string) => readonly string[],
): Promise<ClusterNode[]> {
  const names = Array.from({ length: size }, (_, at) => `n${at + 1}`);
  const nodes: ClusterNode[] = [];
  for (const name of names) {
    const peers = names
      .filter((other) => other !== name)
      .flatMap((other) => {
        const up = nodes.find((node) => node.name === other);
        return ["--peer", up === undefined ? other : `${other}=ws://127.0.0.1:${up.listens}`];
      });
    const node = new ClusterNode(name, [...settings(name), ...peers]);
    nodes.push(node);
    await node.start();
  }
  return nodes;
}

/** Returns the sum of a metric of a node over its labels; of those alone that contain a text. */
export async function metricOf(node: ClusterNode, name: string, labels = ""): Promise<number> {
  const text = await (await fetch(`${node.url}/metrics`)).text();
  return text
    .split("\n")
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .filter((line) => line.includes(labels))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
}

/** A connection that can be cut: whoever connects to its port comes to another one. */
export class Proxy {
  private readonly server: Server;
  private readonly to: () => number;
  private readonly sockets = new Set<Socket>();
  private open = true;

  private constructor(to: () => number) {
    this.to = to;
    this.server = createServer((socket) => {
      this.pass(socket);
    });
  }

  static async to(port: () => number): Promise<Proxy> {
    const proxy = new Proxy(port);
    proxy.server.listen(0, "127.0.0.1");
    await once(proxy.server, "listening");
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  cut(): void {
    this.open = false;
    for (const socket of this.sockets) socket.destroy();
  }

  heal(): void {
    this.open = true;
  }

  close(): void {
    this.cut();
    this.server.close();
  }

  private pass(from: Socket): void {
    if (!this.open) {
      from.destroy();
      return;
    }
    const to = connect(this.to(), "127.0.0.1");
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      this.sockets.add(one);
      one.pipe(other);
      one.on("error", () => void other.destroy());
      one.on("close", () => {
        this.sockets.delete(one);
        other.destroy();
      });
    }
  }
}

/** Sends tuples to a node until they are acknowledged, under one key. */
export async function insertSurely(
  node: ClusterNode,
  relation: string,
  tuples: readonly (readonly unknown[])[],
  key: string,
  deadlineMs: number,
): Promise<void> {
  const headers = { "content-type": "application/json", "idempotency-key": key };
  const body = JSON.stringify(tuples);
  await until(`node ${node.name} acknowledges ${key}`, deadlineMs, async () => {
    const url = `${node.url}/v1/facts/${relation}`;
    const response = await fetch(url, { method: "POST", headers, body }).catch(() => undefined);
    await response?.arrayBuffer().catch(() => undefined);
    return response?.ok === true;
  });
}

/** Returns the tuples of a relation of a node as texts, sorted. */
export async function tuplesOf(node: ClusterNode, relation: string): Promise<string[]> {
  const response = await fetch(`${node.url}/v1/relations/${relation}?format=ndjson`);
  const text = await response.text();
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => Object.values(JSON.parse(line) as object).join("\t")).toSorted();
}

/** Returns when something holds; throws when it does not before `deadlineMs` (of `Date.now`). */
export async function until(
  what: string,
  deadlineMs: number,
  holds: () => Promise<boolean>,
): Promise<void> {
  while (!(await holds())) {
    if (Date.now() > deadlineMs) throw new Error(`in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
