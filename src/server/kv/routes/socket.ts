// Requests on a WebSocket, as many at a time as a client likes. Answers come when they are ready,
// in any order, with the ids of their requests.
import type { Duplex } from "node:stream";

import { type WebSocket, WebSocketServer } from "ws";
import type { z } from "zod";

import type { Upgrade } from "../../application.ts";
import { tokenProtocol } from "../../http/access.ts";
import { Problem } from "../../http/problem.ts";
import type { Route } from "../../http/router.ts";
import { socketRequest } from "../schemas.ts";
import { follows, readSession } from "../../session.ts";
import type { Written } from "../pair.ts";
import type { Store } from "../store.ts";
import type { Waits } from "../../waits.ts";
import { evaluationProblem } from "../../routes/insert.ts";
import { failedHint, perform } from "./bulk.ts";
import { cellJson, held } from "./pair.ts";

/** The path of the WebSocket. */
export const socketPath = "/v1/kv";

/** The protocol of the WebSocket. */
const socketProtocol = "calm.kv.v1";

type SocketRequest = z.infer<typeof socketRequest>;
type Read = SocketRequest & { readonly op: "get" };
type Write = Exclude<SocketRequest, Read>;

/** The route that says what the WebSocket is; who does not upgrade is told so. */
export function socketRoute(): Route {
  return {
    method: "GET",
    path: socketPath,
    summary: "Takes requests over a WebSocket",
    gives: { "application/json": socketRequest },
    problems: [400, 401, 403],
    handle: () => {
      throw new Problem(400, "bad-request", "this is asked over a WebSocket");
    },
  };
}

/** Returns what takes over requests to upgrade to the WebSocket. */
export function socketUpgrade(store: Store, waits: Waits): Upgrade {
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    // Bytes are a third longer as base64, and JSON has escapes.
    maxPayload: 2 * store.limits.valueBytesMax + (64 << 10),
    handleProtocols: (offered) => {
      if (offered.has(socketProtocol)) return socketProtocol;
      return [...offered].find((name) => !name.startsWith(tokenProtocol)) ?? false;
    },
  });
  return (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (open) => {
      serve(open, socket, store, waits);
    });
  };
}

function serve(socket: WebSocket, wire: Duplex, store: Store, waits: Waits): void {
  const { pipelinedMax } = store.limits;
  const { heartbeatMs, followerBytesMax } = store.service.limits;
  let running = 0;
  let alive = true;
  const full = (): boolean => running >= pipelinedMax || socket.bufferedAmount > followerBytesMax;
  const settle = (): void => {
    if (socket.isPaused && !full()) socket.resume();
  };
  let answers: string[] = [];
  // What is ready at the same time is written at once. `WebSocket.send` writes each answer by
  // itself, in two pieces: nearly half of what a small answer costs. It sends nothing else but
  // pings, and these as a whole.
  const write = (): void => {
    const frames = answers.map(textFrame);
    answers = [];
    const [only] = frames;
    if (only === undefined || socket.readyState !== socket.OPEN) return;
    wire.write(frames.length === 1 ? only : Buffer.concat(frames), settle);
  };
  socket.on("message", (data: Buffer, binary: boolean) => {
    running++;
    if (full()) socket.pause();
    answer(binary ? undefined : data.toString(), store, waits, (text) => {
      running--;
      if (answers.push(text) === 1) process.nextTick(write);
    });
  });
  const heart = setInterval(() => {
    if (!alive) socket.terminate();
    alive = socket.isPaused;
    socket.ping();
  }, heartbeatMs);
  socket.on("pong", () => (alive = true));
  socket.on("error", () => {
    socket.terminate();
  });
  socket.on("close", () => {
    clearInterval(heart);
  });
}

/** Returns a text as a frame of a server (RFC 6455, section 5.2): the last of its message, and not
 * masked. */
function textFrame(text: string): Buffer {
  const bytes = Buffer.byteLength(text);
  const head = bytes < 126 ? 2 : bytes < 1 << 16 ? 4 : 10;
  const frame = Buffer.allocUnsafe(head + bytes);
  frame[0] = 0x81;
  frame[1] = head === 2 ? bytes : head === 4 ? 126 : 127;
  if (head === 4) frame.writeUInt16BE(bytes, 2);
  if (head === 10) frame.writeBigUInt64BE(BigInt(bytes), 2);
  frame.write(text, head);
  return frame;
}

/** Answers one request; what is wrong with it is an answer, too. */
function answer(
  text: string | undefined,
  store: Store,
  waits: Waits,
  told: (text: string) => void,
): void {
  let id: unknown = null;
  const failed = (error: unknown): void => {
    told(problemText(id, error, store));
  };
  try {
    const said = jsonOf(text);
    id = idOf(said);
    const { success, data, error } = socketRequest.safeParse(said);
    if (!success) {
      const errors = error.issues.map(({ path, message }) => ({ at: path.join("."), message }));
      throw new Problem(400, "bad-request", "the request is not what it should be", { errors });
    }
    // One promise, and one object that is what is written: this is what every request pays for.
    if (data.op === "get") read(data, store, waits).then(told, failed);
    else write(data, store, waits).then(told, failed);
  } catch (error) {
    failed(error);
  }
}

function read(request: Read, store: Store, waits: Waits): Promise<string> {
  const { id, k1, k2, session } = request;
  const cell = (): Promise<string> =>
    store.read(k1, k2).then((found) => {
      const said = found === undefined ? { k1, k2 } : cellJson(found);
      return JSON.stringify({ id, status: found === undefined ? 404 : 200, ...said });
    });
  if (session === undefined || session === "") return cell();
  return followed(session, store, waits).then(cell);
}

function write(request: Write, store: Store, waits: Waits): Promise<string> {
  store.checkWritable();
  const { wait } = request;
  return perform(request, store, request.request).then((written) =>
    wait === undefined
      ? writtenText(request, written, { all: true })
      : held(written, request, store, waits).then((by) => writtenText(request, written, by)),
  );
}

/** What came of a write as a text; JSON leaves out what is undefined. */
function writtenText(
  { id, op, k1, k2 }: Write,
  { dot, replaced, last }: Written,
  { nodes, all }: { readonly nodes?: number | undefined; readonly all: boolean },
): string {
  const session = last && `${last.origin}:${last.number}`;
  if (op === "put")
    return JSON.stringify({ id, status: all ? 201 : 202, k1, k2, dot, replaced, session, nodes });
  const removed = replaced;
  return JSON.stringify({ id, status: all ? 200 : 202, k1, k2, dot, removed, session, nodes });
}

function problemText(id: unknown, thrown: unknown, store: Store): string {
  const error = evaluationProblem(thrown, failedHint);
  const problem =
    error instanceof Problem ? error : new Problem(500, "fault", "the node has made a mistake");
  if (problem !== error) store.service.logger.error("a mistake of ours", { error: String(error) });
  const { status, code, message, more } = problem;
  const { hint, errors } = more;
  return JSON.stringify({ id, status, code, detail: message, hint, errors });
}

async function followed(text: string, { service, limits }: Store, waits: Waits): Promise<void> {
  const session = readSession(text);
  if (await waits.until(() => follows(service.node, session), limits.waitMs)) return;
  throw new Problem(503, "behind", "the node does not hold yet what the session has seen");
}

function jsonOf(text: string | undefined): unknown {
  if (text === undefined) throw new Problem(400, "bad-request", "requests are texts");
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem(400, "bad-request", "the request is no JSON");
  }
}

function idOf(said: unknown): unknown {
  const id = typeof said === "object" && said !== null && "id" in said ? said.id : null;
  return typeof id === "string" || typeof id === "number" ? id : null;
}
