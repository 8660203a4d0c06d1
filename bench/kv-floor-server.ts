// A server that does nothing but answer, over `node:net`, WebSockets of `ws`, the store's own
// handling of its WebSocket or `node:http`, and with `--fsync` writes what it is told to a file and syncs that before it answers: what a server
// on Node takes for a put before it does anything for it. Started by `kv-floor.ts`.
import { closeSync, constants, fdatasync, openSync, writeSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer as createNetServer } from "node:net";
import { parseArgs } from "node:util";
import { type WebSocket, WebSocketServer } from "ws";

import { storeLimits } from "../src/server/kv/limits.ts";
import type { PairRequest } from "../src/server/kv/pair-requests.ts";
import { socketUpgrade } from "../src/server/kv/routes/socket.ts";
import type { Store } from "../src/server/kv/store.ts";
import { Waits } from "../src/server/waits.ts";

const { values } = parseArgs({
  options: { over: { type: "string", default: "net" }, fsync: { type: "string" } },
});

/** Calls `done` once what was told is as durable as was asked for. */
type Keep = (told: Uint8Array, done: () => void) => void;

/** What comes while the disk works is written and synced together afterwards, as stores do. */
function syncing(path: string): Keep {
  const file = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND);
  let queue: { readonly told: Uint8Array; readonly done: () => void }[] = [];
  let working = false;
  const work = (): void => {
    const now = queue;
    queue = [];
    writeSync(file, Buffer.concat(now.map(({ told }) => told)));
    fdatasync(file, (error) => {
      if (error !== null) throw error;
      for (const { done } of now) done();
      working = queue.length > 0;
      if (working) setImmediate(work);
    });
  };
  process.once("exit", () => {
    closeSync(file);
  });
  return (told, done) => {
    queue.push({ told, done });
    if (working) return;
    working = true;
    // What else comes in this turn of the event loop goes along.
    setImmediate(work);
  };
}

const keep: Keep =
  values.fsync === undefined
    ? (_, done) => {
        done();
      }
    : syncing(values.fsync);

function listening(server: { address(): AddressInfo | string | null }): void {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
}

/** Commands of RESP, of which only their ends are looked for: each is three lines of values. */
function overNet(): void {
  const ends = 7;
  const server = createNetServer({ noDelay: true }, (socket) => {
    let lines = 0;
    socket.on("data", (bytes) => {
      for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) {
        if (++lines < ends) continue;
        lines = 0;
        keep(bytes, () => socket.write("+OK\r\n"));
      }
    });
  });
  server.listen(0, "127.0.0.1", () => {
    listening(server);
  });
}

function overWebSockets(): void {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
  server.on("connection", (socket: WebSocket) => {
    socket.on("message", (bytes: Buffer) => {
      const { id } = JSON.parse(bytes.toString()) as { readonly id: number };
      keep(bytes, () => {
        socket.send(JSON.stringify({ id, status: 201 }));
      });
    });
  });
  server.on("listening", () => {
    listening(server);
  });
}

/** What the store itself does about requests on its WebSocket, with nothing behind it: those of a
 * turn are kept together, and each has a dot. */
function overStore(): void {
  let number = 0;
  let queue: PairRequest[] = [];
  const answer = (asked: readonly PairRequest[]): void => {
    for (const request of asked) {
      if (request.kind === "read") continue;
      const dot = `n1/1:${++number}`;
      request.done({ dot, replaced: [dot], last: { origin: "n1/1", number } });
    }
  };
  const store = {
    limits: storeLimits,
    service: { limits: { heartbeatMs: 10_000, followerBytesMax: 1 << 20 } },
    checkWritable: () => undefined,
    begin: (request: PairRequest) => {
      if (queue.push(request) > 1) return;
      setImmediate(() => {
        const asked = queue;
        queue = [];
        const told =
          values.fsync === undefined ? "" : asked.map((one) => JSON.stringify(one)).join();
        keep(Buffer.from(told), () => {
          answer(asked);
        });
      });
    },
  };
  const server = createHttpServer();
  server.on("upgrade", socketUpgrade(store as unknown as Store, new Waits()));
  server.listen(0, "127.0.0.1", () => {
    listening(server);
  });
}

function overHttp(): void {
  const server = createHttpServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      keep(Buffer.concat(chunks), () => {
        response.writeHead(200, { "content-type": "application/json", "content-length": "2" });
        response.end("{}");
      });
    });
  });
  server.listen(0, "127.0.0.1", () => {
    listening(server);
  });
}

if (values.over === "net") overNet();
else if (values.over === "ws") overWebSockets();
else if (values.over === "store") overStore();
else overHttp();
