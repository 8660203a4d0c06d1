// The connections of a node with its peers, as its driver sees them.
//
//     const network = connectPeers({ name, incarnation, cluster, program, peers, …,
//       onConnected: (peer) => perform(node.step({ kind: "connected", peer })),
//       onDisconnected: (peer) => perform(node.step({ kind: "disconnected", peer })),
//       onFrame: (peer, frame) => perform(node.step({ kind: "frame", peer, frame })),
//       onEvent: (event) => logger.info(event) });
//     server.on("upgrade", (request, socket, head) => {
//       if (!network.upgrade(request, socket, head)) …  // another path: live queries of clients
//     });
//     for (const { to, frame } of output.frames) network.send(to, frame);
//     await network.close();
//
// The callbacks are called one at a time, never within `send`; `onConnected` comes before the first
// frame, `onDisconnected` after the last, in turns.
//
// Both nodes of a pair dial where they know the other's address, so that it is enough that one
// does. When two connections meet, the one that the smaller name dialed stays; of two that the same
// node dialed, the later one.
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { SecureContextOptions } from "node:tls";

import type { Frame } from "../../transducer/protocol.ts";
import type { FactSchema } from "../fact-bytes.ts";
import type { Identity } from "./identity.ts";
import type { PeerLimits } from "./limits.ts";
import type { PinnedKeys } from "./pinned-keys.ts";

/** The path on which peers ask for a connection. */
export const peerPath = "/v1/peer";

/** Another node. Without an address it is waited for. */
export type Peer = {
  readonly name: string;
  /** `ws://host:port` or `wss://host:port`. */
  readonly url?: string;
};

/** What a node's connections are made with. */
export type PeersOptions = {
  readonly name: string;
  /** That of the log (`openLog`). */
  readonly incarnation: number;
  /** The name of the cluster: nodes of others are refused. */
  readonly cluster: string;
  /** The hash of the program (`programHash`): frames are of its relations. */
  readonly program: string;
  /** A secret that all members share. Both sides prove that they have it; it is not sent. Without
   * one, whoever reaches the port is a member: for loopback and mutual TLS alone. */
  readonly token?: string;
  readonly peers: readonly Peer[];
  /** With the relations accepted that peers may send: inputs (where they flood) and messages. */
  readonly schema: FactSchema;
  /** The node's keys, and those of others. With them every batch has to be signed by its origin,
   * forwarded ones too, and a peer is who it was when it was first met. Without them all members
   * are trusted with each other's names. All members are of one kind. */
  readonly signing?: { readonly identity: Identity; readonly pins: PinnedKeys };
  /** How many facts of an origin the node holds. What repeats them changes nothing, and its
   * signature is not checked again; what comes before its turn is left out, as it comes again. */
  readonly holds?: (origin: string) => number;
  /** For peers at `wss:` addresses: whom to trust, and the certificate to show. */
  readonly tls?: SecureContextOptions;
  readonly limits?: Partial<PeerLimits>;
  readonly onConnected: (peer: string) => void;
  readonly onDisconnected: (peer: string) => void;
  /** A frame of a connected peer: well-formed, of accepted relations, of that peer's own life
   * where it speaks for itself, signed where batches are. */
  readonly onFrame: (peer: string, frame: Frame) => void;
  /** A text of a connected peer (`sendText`); returns whether it was understood: otherwise the
   * connection ends. Without it nobody understands any. */
  readonly onText?: (peer: string, text: string) => boolean;
  /** Told for logs. */
  readonly onEvent?: (event: PeerEvent) => void;
};

/** The connections of a node. */
export type PeerNetwork = {
  /** Takes over a request to upgrade to a WebSocket, when it is on `peerPath`; otherwise returns
   * false and leaves it alone. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /** Sends a frame. Returns false, and drops it, where the peer is not connected or does not keep
   * up; in the latter case the peer gets disconnected after what is on its way, so that all the
   * rest goes to it again. */
  send(peer: string, frame: Frame): boolean;
  /** Sends a text beside the frames, in order with them: what the drivers of nodes ask each other.
   * Returns false as `send` does, and where the text is too long for a frame. */
  sendText(peer: string, text: string): boolean;
  /** Stops, and goes on with, reading from peers: while the log has too much to write. Peers that
   * are not read from for `silentMs` take the node for dead. */
  pause(): void;
  resume(): void;
  /** Shows another certificate to the peers that it connects with from now on. */
  certify(tls: SecureContextOptions): void;
  /** Adds a peer, or tells the new address of one: membership has changed. */
  add(peer: Peer): void;
  /** Removes a peer; a connection with it ends, and when it calls again, it is told why not. */
  remove(name: string, detail: string): void;
  /** How things stand with each peer. */
  status(): readonly PeerStatus[];
  /** Says goodbye, and ends all connections. */
  close(): Promise<void>;
};

/** How things stand with a peer. */
export type PeerStatus = {
  readonly name: string;
  readonly url?: string;
  readonly connected: boolean;
  /** The peer's life, when it is or was connected. */
  readonly incarnation?: number;
  /** Bytes that wait to be sent. */
  readonly bufferedBytes: number;
  readonly framesIn: number;
  readonly framesOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Frames that were not sent, since the peer was not connected or did not keep up. */
  readonly dropped: number;
  /** Batches that were not taken, since their signature does not hold. */
  readonly unsigned: number;
  /** How often a connection was made. */
  readonly connections: number;
  /** Why the last connection ended, or did not come about. */
  readonly lastEnd?: PeerEnd;
};

/** What happened to connections, for logs. */
export type PeerEvent =
  | { readonly kind: "connected"; readonly peer: string; readonly incarnation: number }
  | ({ readonly kind: "disconnected"; readonly peer: string } & PeerEnd)
  /** A connection did not come about; `peer` is not known when a stranger failed to introduce
   * itself. */
  | ({ readonly kind: "refused"; readonly peer: string | undefined } & PeerEnd)
  /** A key was met for the first time, and holds from now on. */
  | { readonly kind: "pinned"; readonly node: string; readonly key: string }
  /** A batch whose signature does not hold was left out. */
  | { readonly kind: "batch-refused"; readonly peer: string; readonly origin: string }
  /** A frame that is, or may be, above the limit of a frame was not sent, and never will be. */
  | { readonly kind: "too-large"; readonly peer: string; readonly bytes: number };

/** Why a connection ended. `remote`: the other side ended it so. */
export type PeerEnd = {
  readonly reason: EndReason;
  readonly remote: boolean;
  readonly detail: string;
};

/** Why a connection ends, with the code that closes the WebSocket. */
export const endCodes = {
  /** The node shuts down. */
  "going-away": 1001,
  "other-version": 4000,
  "other-cluster": 4001,
  "other-program": 4002,
  "wrong-token": 4003,
  /** Two nodes have one name. */
  "same-name": 4004,
  "unknown-peer": 4005,
  /** A name came with another key than before, or one signs and the other does not. */
  "wrong-key": 4006,
  /** The handshake, or a frame, is not what it should be. */
  malformed: 4007,
  /** A later life of the node is known: the data folder or the clock was set back. */
  "old-life": 4008,
  /** There is another connection between the two. */
  duplicate: 4009,
  /** The other side does not take in what is sent. */
  slow: 4010,
  /** The other side takes too long for the handshake. */
  "no-handshake": 4011,
  /** Nothing was heard of the other side, not even that it lives. */
  silent: 4012,
  /** A node has left the network, or was forgotten. */
  "no-member": 4013,
} as const;

/** Why a connection ends; `lost` is what the network did to it. */
export type EndReason = keyof typeof endCodes | "lost";
