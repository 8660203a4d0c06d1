// Live queries over HTTP: server-sent events, and the same messages over WebSockets.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";

import { tokenProtocol } from "../http/access.ts";
import { Problem } from "../http/problem.ts";
import { checked, type Match, type Reply, type Request, type Route } from "../http/router.ts";
import type { Follower, LiveSink } from "../live.ts";
import type { LiveMessage } from "../live-relation.ts";
import { type NodeService, relationNamed } from "../node-service.ts";
import { liveHeaders, liveMessage, liveQuery } from "../schemas.ts";

/** The path of live queries. */
export const livePath = "/v1/live/{relation}";

/** The protocol of WebSockets that follow an output. */
const liveProtocol = "calm.live.v1";

/** The route of those who follow an output by server-sent events. */
export function liveRoute(service: NodeService): Route {
  return {
    method: "GET",
    path: livePath,
    summary: "Tells what an output holds, and then what it becomes",
    query: liveQuery,
    headers: liveHeaders,
    gives: { "text/event-stream": liveMessage },
    problems: [400, 401, 403, 404, 409, 503],
    handle: (request) => events(request, service),
  };
}

function events({ message, parameters }: Request, service: NodeService): Reply {
  const at = followed(parameters, service);
  const position =
    checked(liveQuery, parameters).from ?? checked(liveHeaders, message.headers)["last-event-id"];
  return {
    stream: (response) => {
      stream(response, service, (sink) => follow(service, at, position, sink));
    },
  };
}

function stream(
  response: ServerResponse,
  service: NodeService,
  begin: (sink: LiveSink) => Follower | undefined,
): void {
  const { followerBytesMax, heartbeatMs } = service.limits;
  response.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    // Some proxies keep what they pass on for a while, unless they are told.
    "x-accel-buffering": "no",
  });
  response.flushHeaders();
  const follower = begin({
    write: (message) => {
      response.write(eventText(message));
      return response.writableLength < followerBytesMax;
    },
    end: () => void response.end(),
  });
  response.on("drain", () => follower?.resume());
  const heart = setInterval(() => {
    if (response.writableLength === 0) response.write(": the connection lives\n\n");
  }, heartbeatMs);
  response.on("close", () => {
    clearInterval(heart);
    follower?.leave();
  });
}

/** What opens has the empty position, so that who gets no further begins anew. */
function eventText({ kind, position, text }: LiveMessage): string {
  const id = position === undefined ? (kind === "start" ? "id:\n" : "") : `id: ${position}\n`;
  return `${id}event: ${kind}\ndata: ${text}\n\n`;
}

/** Follows outputs for those who upgrade to a WebSocket. */
export class LiveSockets {
  private readonly service: NodeService;
  private readonly sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    // Followers say nothing.
    maxPayload: 1 << 10,
    handleProtocols: (offered) => (offered.has(liveProtocol) ? liveProtocol : first(offered)),
  });

  constructor(service: NodeService) {
    this.service = service;
  }

  /** Takes over the request to upgrade of a live query. Throws a `Problem`. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, { parameters }: Match): void {
    const at = followed(parameters, this.service);
    const { from } = checked(liveQuery, parameters);
    this.sockets.handleUpgrade(request, socket, head, (open) => {
      this.open(open, at, from);
    });
  }

  private open(socket: WebSocket, at: number, position: string | undefined): void {
    const { followerBytesMax, heartbeatMs } = this.service.limits;
    let alive = true;
    const follower = follow(this.service, at, position, {
      write: ({ text }) => {
        socket.send(text, () => {
          if (socket.bufferedAmount === 0) follower?.resume();
        });
        return socket.bufferedAmount < followerBytesMax;
      },
      end: (reason) => {
        socket.close(reason === "stopped" ? 1001 : 1013, reason);
      },
    });
    const heart = setInterval(() => {
      if (!alive) socket.terminate();
      alive = false;
      socket.ping();
    }, heartbeatMs);
    socket.on("pong", () => (alive = true));
    socket.on("error", () => {
      socket.terminate();
    });
    socket.on("close", () => {
      clearInterval(heart);
      follower?.leave();
    });
  }
}

function first(offered: ReadonlySet<string>): string | false {
  // A protocol that was asked for has to be named; the one with the token is of no use to others.
  for (const name of offered) if (!name.startsWith(tokenProtocol)) return name;
  return false;
}

/** The place of the output that is followed. Throws a `Problem`. */
function followed({ relation = "" }: Request["parameters"], service: NodeService): number {
  const at = relationNamed(service, relation);
  if (service.program.network.roles[at]?.output !== true || service.reserved.has(at))
    throw new Problem(409, "not-an-output", `relation "${relation}" is not put out`, {
      hint: `declare it with .output ${relation}`,
    });
  if (service.live.size >= service.limits.followersMax)
    throw new Problem(503, "overloaded", "there are as many live queries as may be", {
      headers: { "retry-after": "5" },
    });
  return at;
}

function follow(
  { live, driver, node, parts }: NodeService,
  at: number,
  position: string | undefined,
  sink: LiveSink,
): Follower | undefined {
  if (parts?.shards.inParts(at) === true) return parts.follow(at, position, sink);
  return live.follow(at, position, driver, () => node.tuples(at), sink);
}
