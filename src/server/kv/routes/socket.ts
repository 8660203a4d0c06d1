// Requests on a WebSocket, as many at a time as a client likes. Answers come when they are ready,
// in any order, with the ids of their requests.
import type { Duplex } from "node:stream";

import { type WebSocket, WebSocketServer } from "ws";
import type { Upgrade } from "../../application.ts";
import { tokenProtocol } from "../../http/access.ts";
import { Problem } from "../../http/problem.ts";
import type { Route } from "../../http/router.ts";
import { plainRequest, type SocketRequest } from "../plain-request.ts";
import { socketRequest } from "../schemas.ts";
import { follows, readSession } from "../../session.ts";
import type { Cell, Pair, Written } from "../pair.ts";
import { type Answer, type Begun, Pipeline } from "../pipeline.ts";
import type { Store } from "../store.ts";
import type { Waits } from "../../waits.ts";
import { evaluationProblem, stoppedProblem } from "../../routes/insert.ts";
import { failedHint, writeOf } from "./bulk.ts";
import { cellJson, held } from "./pair.ts";

/** The path of the WebSocket. */
export const socketPath = "/v1/kv";

/** The protocol of the WebSocket. */
const socketProtocol = "calm.kv.v1";

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
  const { heartbeatMs, followerBytesMax } = store.service.limits;
  let alive = true;
  const requests = new Pipeline(
    { ...store.limits, sentBytesMax: followerBytesMax },
    {
      bytes: () => wire.writableLength,
      // What is ready at the same time is written at once. `WebSocket.send` writes each answer by
      // itself, in two pieces: nearly half of what a small answer costs. It sends nothing else but
      // pings, and these as a whole.
      write: (texts) => {
        if (socket.readyState !== socket.OPEN) return;
        const frames = texts.map(textFrame);
        wire.write(frames.length === 1 ? frames[0] : Buffer.concat(frames));
      },
      onRoom: (room) => {
        if (room) socket.resume();
        else socket.pause();
      },
    },
  );
  wire.on("drain", () => {
    requests.flush();
  });
  socket.on("message", (data: Buffer, binary: boolean) => {
    requests.add(requestIn(binary ? undefined : data.toString(), store, waits));
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

/** Returns what a request asks for; what is wrong with it is an answer, too. */
function requestIn(text: string | undefined, store: Store, waits: Waits): Begun {
  let id: unknown = null;
  const problem = (error: unknown): Answer => {
    const said = problemText(id, error, store);
    return () => said;
  };
  try {
    const said = jsonOf(text);
    id = idOf(said);
    const request = plainRequest(said, store.limits) ?? checkedRequest(said);
    const reads = request.op === "get";
    return {
      reads,
      // No promise, and one object that is what is written: this is what every request pays for.
      run: (told) => {
        const failed = (error: unknown): void => {
          told(problem(stoppedProblem(error)));
        };
        try {
          if (reads) read(request, store, waits, told, failed);
          else write(request, store, waits, told, failed);
        } catch (error) {
          failed(error);
        }
      },
    };
  } catch (error) {
    const answer = problem(error);
    return {
      reads: false,
      run: (told) => {
        told(answer);
      },
    };
  }
}

/** Returns what a request says, whatever it is; throws a problem that says all that is wrong. */
function checkedRequest(said: unknown): SocketRequest {
  const { success, data, error } = socketRequest.safeParse(said);
  if (success) return data;
  const errors = error.issues.map(({ path, message }) => ({ at: path.join("."), message }));
  throw new Problem(400, "bad-request", "the request is not what it should be", { errors });
}

/** Who is told the answer to a request, or why there is none. */
type Tell = (answer: Answer) => void;
type Fail = (error: unknown) => void;

function read(request: Read, store: Store, waits: Waits, told: Tell, failed: Fail): void {
  const { id, k1, k2, session } = request;
  const cell = (): void => {
    const done = (found: Cell | undefined): void => {
      told(() => cellText(id, { k1, k2 }, found, store));
    };
    store.begin({ kind: "read", k1, k2, done, failed });
  };
  if (session === undefined) cell();
  else followed(session, store, waits).then(cell).catch(failed);
}

function cellText(id: Read["id"], pair: Pair, cell: Cell | undefined, store: Store): string {
  if (cell === undefined) return JSON.stringify({ id, status: 404, ...pair });
  try {
    return JSON.stringify({ id, status: 200, ...cellJson(cell) });
  } catch (error) {
    // All siblings together may be longer than a text can be.
    return problemText(id, error, store);
  }
}

function write(request: Write, store: Store, waits: Waits, told: Tell, failed: Fail): void {
  store.checkWritable();
  const done = (written: Written): void => {
    if (request.wait === undefined) told(() => writtenText(request, written, { all: true }));
    else
      held(written, request, store, waits).then((by) => {
        told(() => writtenText(request, written, by));
      }, failed);
  };
  store.begin(writeOf(request, request.request, { done, failed }));
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
  if (await waits.until(() => follows(service, session), limits.waitMs)) return;
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
