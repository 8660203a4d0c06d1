// Servers that do nothing but answer, as contenders of the store: what a put takes on Node at least.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { WebSocket } from "ws";

import { KvSocket, type SocketLike } from "../src/client/kv-socket.ts";
import { type Connection } from "./kv-load.ts";
import {
  type Durability,
  etcdConnection,
  redisConnection,
  type Rival,
  stopped,
} from "./kv-rivals.ts";

/** What bare servers are asked over: RESP, WebSockets as the store is, also with all that the store
 * does about these, HTTP as etcd is. */
export const floorKinds = ["net", "ws", "store", "http"] as const;
type FloorKind = (typeof floorKinds)[number];

/** The `WebSocket` that clients of stores are given here. */
export const socketOfWs = WebSocket as unknown as new (
  url: string,
  protocols: string[],
) => SocketLike;

/** Starts a bare server. With `always` it syncs what it is told before it answers, otherwise it
 * keeps nothing. */
export async function bare(
  kind: FloorKind,
  folder: string,
  durability: Durability,
): Promise<Rival> {
  const script = fileURLToPath(new URL("kv-floor-server.ts", import.meta.url));
  const kept = durability === "always" ? ["--fsync", join(folder, `bare-${kind}`)] : [];
  const argv = ["--import", "tsx", script, "--over", kind, ...kept];
  const process = spawn(globalThis.process.execPath, argv, {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(createInterface({ input: process.stdout }), "line")) as [string];
  const port = Number(line);
  const overWebSocket = async (): Promise<Connection> => {
    const socket = await KvSocket.open(`http://127.0.0.1:${port}`, { WebSocket: socketOfWs });
    return {
      put: (key, text) => socket.put(key, "v", text),
      get: (key) => socket.get(key, "v"),
      close: () => {
        socket.close();
      },
    };
  };
  const open: Readonly<Record<FloorKind, () => Promise<Connection>>> = {
    net: () => redisConnection(port),
    http: () => Promise.resolve(etcdConnection(port)),
    ws: overWebSocket,
    store: overWebSocket,
  };
  return {
    name: `bare ${kind}`,
    pids: [process.pid],
    open: open[kind],
    answersGets: false,
    stop: () => stopped(process),
  };
}
