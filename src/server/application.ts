import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

import type { Cleaning } from "../transducer/collector.ts";
import type { Change } from "../transducer/protocol.ts";
import type { Match, Route } from "./http/router.ts";
import type { NodeService } from "./node-service.ts";

/** What a node serves beside the routes of all nodes. */
export type Application = {
  /** They go before those of nodes. */
  readonly routes: readonly Route[];
  /** Takes over requests to upgrade to a WebSocket, by the paths of routes. Throws a `Problem`. */
  readonly upgrades: ReadonlyMap<string, Upgrade>;
  /** Is told what became of outputs, durable, in order. */
  readonly changed: (changes: readonly Change[]) => void;
  /** Whether it reads nothing of what becomes of a relation of its own, as things stand. When it
   * begins to, it looks at all there is first. */
  readonly unread?: (relation: number) => boolean;
  /** Is told that the node, or a peer, may hold more than before. */
  readonly progressed: () => void;
  /** Ends what goes on. */
  readonly close: () => void;
};

/** Takes over one request to upgrade. */
export type Upgrade = (
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  match: Match,
) => void;

/** An application before its node runs. */
export type ApplicationOf = {
  /** Relations that clients neither insert into nor follow: they are the application's own. */
  readonly reserved: ReadonlySet<number>;
  /** Where its rules say what can be cleaned up. */
  readonly cleaning?: Cleaning;
  readonly start: (service: NodeService) => Application;
};
