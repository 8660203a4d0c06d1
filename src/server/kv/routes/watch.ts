// Watching over HTTP: server-sent events, and the same over WebSockets.
import { type WebSocket, WebSocketServer } from "ws";

import type { Upgrade } from "../../application.ts";
import { tokenProtocol } from "../../http/access.ts";
import { Problem } from "../../http/problem.ts";
import { checked, type Reply, type Request, type Route } from "../../http/router.ts";
import { StepFault } from "../../../transducer/transducer.ts";
import { liveHeaders } from "../../schemas.ts";
import { watchEvent, watchQuery } from "../schemas.ts";
import type { Store } from "../store.ts";
import type { Watchers } from "../watchers.ts";
import type { Watched, Watching, WatchSink } from "../watching.ts";

/** The path of those who watch. */
export const watchPath = "/watch";

/** The protocol of WebSockets that watch. */
const watchProtocol = "calm.watch.v1";

/** The route of those who watch by server-sent events. */
export function watchRoute(store: Store, watchers: Watchers): Route {
  return {
    method: "GET",
    path: watchPath,
    summary: "Tells what is there, and then what changes",
    query: watchQuery,
    headers: liveHeaders,
    gives: { "text/event-stream": watchEvent },
    problems: [400, 401, 403, 422, 503],
    handle: (request) => events(request, store, watchers),
  };
}

function events({ message, parameters }: Request, store: Store, watchers: Watchers): Reply {
  const { watched, from } = asked(parameters, store, watchers);
  const position = from ?? checked(liveHeaders, message.headers)["last-event-id"];
  const { followerBytesMax, heartbeatMs } = store.service.limits;
  return {
    stream: (response) => {
      // Until there is something to tell, it may come to a problem instead.
      const begin = (): void => {
        if (response.headersSent) return;
        response.writeHead(200, {
          "content-type": "text/event-stream; charset=utf-8",
          "cache-control": "no-store",
          "x-accel-buffering": "no",
        });
        response.flushHeaders();
      };
      const watching = watchers.watch(watched, position, {
        write: (event) => {
          begin();
          const { kind, id } = event;
          // Who gets no further than the start begins anew.
          const said = id === undefined ? (kind === "start" ? "id:\n" : "") : `id: ${id}\n`;
          response.write(`${said}event: ${kind}\ndata: ${JSON.stringify(event)}\n\n`);
          return response.writableLength < followerBytesMax;
        },
        end: () => void response.end(),
      });
      begin();
      response.on("drain", () => {
        watching.resume();
      });
      const heart = setInterval(() => {
        if (response.writableLength === 0) response.write(": the connection lives\n\n");
      }, heartbeatMs);
      response.on("close", () => {
        clearInterval(heart);
        watching.leave();
      });
    },
  };
}

/** Returns what takes over requests to upgrade of those who watch. */
export function watchUpgrade(store: Store, watchers: Watchers): Upgrade {
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    // Watchers say nothing.
    maxPayload: 1 << 10,
    handleProtocols: (offered) => {
      if (offered.has(watchProtocol)) return watchProtocol;
      return [...offered].find((name) => !name.startsWith(tokenProtocol)) ?? false;
    },
  });
  const { followerBytesMax, heartbeatMs } = store.service.limits;
  return (request, socket, head, { parameters }) => {
    const { watched, from } = asked(parameters, store, watchers);
    sockets.handleUpgrade(request, socket, head, (open) => {
      open.on("error", () => {
        open.terminate();
      });
      let alive = true;
      const sink: WatchSink = {
        write: (event) => {
          open.send(JSON.stringify(event), () => {
            if (open.bufferedAmount === 0) watching?.resume();
          });
          return open.bufferedAmount < followerBytesMax;
        },
        end: (reason) => {
          open.close(reason === "stopped" ? 1001 : 1013, reason);
        },
      };
      const watching = begun(open, () => watchers.watch(watched, from, sink));
      const heart = setInterval(() => {
        if (!alive) open.terminate();
        alive = false;
        open.ping();
      }, heartbeatMs);
      open.on("pong", () => (alive = true));
      open.on("close", () => {
        clearInterval(heart);
        watching?.leave();
      });
    });
  };
}

/** What `begin` returns; where a rule of the program fails the connection ends, which is too late
 * to be refused. */
function begun(open: WebSocket, begin: () => Watching): Watching | undefined {
  try {
    return begin();
  } catch (error) {
    if (!(error instanceof StepFault)) throw error;
    open.close(1011, "evaluation-failed");
    return undefined;
  }
}

function asked(
  parameters: Request["parameters"],
  { limits }: Store,
  watchers: Watchers,
): { readonly watched: Watched; readonly from: string | undefined } {
  const { k1, k2, values = true, from } = checked(watchQuery, parameters);
  if (watchers.size >= limits.watchersMax)
    throw new Problem(503, "overloaded", "there are as many watchers as may be", {
      headers: { "retry-after": "5" },
    });
  const keys = { ...(k1 !== undefined && { k1 }), ...(k2 !== undefined && { k2 }) };
  return { watched: { ...keys, values }, from };
}
