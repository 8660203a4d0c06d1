// Redis and etcd, started here with the same durability and spoken to over their own protocols.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { connect, createServer, type AddressInfo } from "node:net";
import { join } from "node:path";

import type { Connection } from "./kv-load.ts";

/** A store that was started. */
export type Rival = {
  readonly name: string;
  /** The numbers of its processes. */
  readonly pids: readonly (number | undefined)[];
  readonly open: () => Promise<Connection>;
  /** Whether it can be asked for what was put; it can unless said otherwise. */
  readonly answersGets?: boolean;
  readonly stop: () => Promise<void>;
};

/** When what was written is on the disk. */
export type Durability = "always" | "interval" | "ephemeral";

/** Whether a program is there. */
export function installed(program: string): boolean {
  return spawnSync(program, ["--version"]).status === 0;
}

/** Starts a Redis with a data folder of its own. */
export async function redis(folder: string, durability: Durability): Promise<Rival> {
  const port = await freePort();
  const kept = durability === "ephemeral" ? "no" : "yes";
  const fsync = durability === "always" ? "always" : "everysec";
  const argv = ["--port", `${port}`, "--dir", folder, "--save", "", "--bind", "127.0.0.1"];
  const process = spawn("redis-server", [...argv, "--appendonly", kept, "--appendfsync", fsync], {
    stdio: "ignore",
  });
  await reachable(port);
  const pids = [process.pid];
  return { name: "redis", pids, open: () => redisConnection(port), stop: () => stopped(process) };
}

/** Starts an etcd of one member; it syncs every write, and knows no other way. */
export async function etcd(folder: string): Promise<Rival> {
  const [port, peers] = [await freePort(), await freePort()];
  const [client, peer] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${peers}`];
  const argv = [
    ...["--data-dir", join(folder, "etcd"), "--log-level", "error"],
    ...["--listen-client-urls", client, "--advertise-client-urls", client],
    ...["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer],
    ...["--initial-cluster", `default=${peer}`],
  ];
  const process = spawn("etcd", argv, { stdio: "ignore" });
  await reachable(port);
  const open = (): Promise<Connection> => Promise.resolve(etcdConnection(port));
  const first = etcdConnection(port);
  // It listens before it has elected itself.
  for (;;) {
    const done = await first.put("ready", "1").catch(() => undefined);
    if (done !== undefined) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  first.close();
  return { name: "etcd", pids: [process.pid], open, stop: () => stopped(process) };
}

/** A client of Redis's protocol (RESP): what is asked is sent at once, answers come in order. */
export async function redisConnection(port: number): Promise<Connection> {
  const socket = connect(port, "127.0.0.1").setNoDelay(true);
  await once(socket, "connect");
  const waiting: ((answer: string | null) => void)[] = [];
  let bytes: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
    for (;;) {
      const end = bytes.indexOf("\r\n");
      if (end < 0) return;
      const head = bytes.toString("latin1", 0, end);
      const length = head.startsWith("$") ? Number(head.slice(1)) : -1;
      const whole = length < 0 ? end + 2 : end + 2 + length + 2;
      if (bytes.length < whole) return;
      if (head.startsWith("-")) throw new Error(head);
      waiting.shift()?.(length < 0 ? null : bytes.toString("utf8", end + 2, end + 2 + length));
      bytes = bytes.subarray(whole);
    }
  });
  const ask = (...words: readonly string[]): Promise<unknown> =>
    new Promise((resolve) => {
      waiting.push(resolve);
      const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
      socket.write(`*${words.length}\r\n${parts.join("")}`);
    });
  return {
    put: (key, value) => ask("SET", key, value),
    get: (key) => ask("GET", key),
    close: () => socket.destroy(),
  };
}

/** A client of etcd's gateway: JSON over HTTP, which is kept alive. */
export function etcdConnection(port: number): Connection {
  const agent = new Agent({ keepAlive: true });
  const coded = (text: string): string => Buffer.from(text).toString("base64");
  const ask = (path: string, said: object): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const body = JSON.stringify(said);
      const headers = { "content-length": Buffer.byteLength(body) };
      const options = { port, host: "127.0.0.1", path, method: "POST", agent, headers };
      const sent = request(options, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        response.on("end", () => {
          if (response.statusCode === 200) resolve(JSON.parse(text));
          else reject(new Error(text));
        });
      });
      sent.on("error", reject);
      sent.end(body);
    });
  return {
    put: (key, value) => ask("/v3/kv/put", { key: coded(key), value: coded(value) }),
    get: (key) => ask("/v3/kv/range", { key: coded(key) }),
    close: () => {
      agent.destroy();
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

async function reachable(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    const open = await Promise.race([
      once(socket, "connect").then(
        () => true,
        () => false,
      ),
    ]);
    socket.destroy();
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Has a process end. */
export async function stopped(process: ChildProcess): Promise<void> {
  const ended = once(process, "exit");
  process.kill("SIGTERM");
  await ended;
}
