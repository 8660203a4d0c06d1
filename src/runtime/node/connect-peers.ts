// This file is longer than most because the rules for when there is a connection, and which, are
// one subject: who dials, when again, which of two stays, and what is told of it.
import type { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { SecureContextOptions } from "node:tls";

import { WebSocket, WebSocketServer } from "ws";

import { assert } from "../../base/assert.ts";
import { type Batch, type Frame, incarnationOf, nameOf } from "../../transducer/protocol.ts";
import { factBytesBound, frameRestBytesMax } from "../fact-bound.ts";
import { Connection, type ConnectionOptions } from "./connection.ts";
import { type Introduction, nonce, type Refusal, type Side, wireVersion } from "./handshake.ts";
import { type PeerLimits, peerLimits } from "./limits.ts";
import {
  type EndReason,
  type Peer,
  type PeerEnd,
  type PeerNetwork,
  peerPath,
  type PeersOptions,
  type PeerStatus,
} from "./peer-network.ts";
import { BatchChecks } from "./signing.ts";

/** Connects a node with its peers; see `peer-network.ts`. */
export function connectPeers(options: PeersOptions): PeerNetwork {
  return new Peers(options);
}

/** A peer, and what there is with it. */
type Entry = {
  peer: Peer;
  address: URL | undefined;
  /** The connection that frames come and go on. */
  current: Connection | undefined;
  /** What was dialed and is not gone. */
  dialed: Connection | undefined;
  /** What was `current`, and still sends what was on its way. */
  ending: Connection | undefined;
  timer: NodeJS.Timeout | undefined;
  failures: number;
  connectedMs: number;
  incarnation: number | undefined;
  lastEnd: PeerEnd | undefined;
  readonly counts: Record<Count, number>;
};

type Count =
  ("framesIn" | "framesOut" | "bytesIn" | "bytesOut") | ("dropped" | "unsigned" | "connections");

class Peers implements PeerNetwork {
  private readonly options: PeersOptions;
  private tls: SecureContextOptions | undefined;
  private readonly limits: PeerLimits;
  private readonly entries = new Map<string, Entry>();
  private readonly connections = new Set<Connection>();
  /** What those are told who are no peers any more. */
  private readonly former = new Map<string, string>();
  private readonly checks: BatchChecks | undefined;
  private readonly sockets: WebSocketServer;
  private handshakes = 0;
  private paused = false;
  private closing: (() => void) | undefined;

  constructor(options: PeersOptions) {
    const { name, signing } = options;
    this.options = options;
    this.tls = options.tls;
    this.limits = { ...peerLimits, ...options.limits };
    this.sockets = new WebSocketServer({ noServer: true, ...this.socketOptions() });
    if (signing !== undefined) {
      const own = Buffer.from(signing.identity.publicKey).toString("base64");
      if (signing.pins.get(name) !== own) signing.pins.forget(name);
      signing.pins.pin(name, own);
      this.checks = new BatchChecks(signing.pins, options);
    }
    for (const peer of options.peers) this.add(peer);
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    if (request.url?.split("?")[0] !== peerPath) return false;
    // A page in a browser cannot leave its origin out; a node has none.
    if (request.headers.origin !== undefined) refuse(socket, "403 Forbidden");
    else if (this.closing !== undefined || this.handshakes >= this.limits.handshakesMax)
      refuse(socket, "503 Service Unavailable");
    else if (!(socket instanceof Socket)) refuse(socket, "400 Bad Request");
    else
      this.sockets.handleUpgrade(request, socket, head, (webSocket) => {
        const connection = this.connection(webSocket, () => socket, "dialed", undefined);
        this.guardHandshake(connection, socket);
      });
    return true;
  }

  send(peer: string, frame: Frame): boolean {
    const { entry, connection } = this.open(peer);
    if (entry === undefined || connection === undefined) return false;
    const { frameBytesMax } = this.limits;
    let sent = true;
    for (const part of partsOf(frame, frameBytesMax)) {
      const bytes = bytesBound(part);
      if (bytes <= frameBytesMax) connection.send(part);
      else {
        entry.counts.dropped++;
        this.options.onEvent?.({ kind: "too-large", peer, bytes });
        sent = false;
      }
    }
    return sent;
  }

  sendText(peer: string, text: string): boolean {
    const { connection } = this.open(peer);
    if (connection === undefined || Buffer.byteLength(text) > this.limits.frameBytesMax)
      return false;
    connection.sendText(text);
    return true;
  }

  /** What there is with a peer, and the connection if something can be sent on it. */
  private open(peer: string): { readonly entry?: Entry; readonly connection?: Connection } {
    const entry = this.entries.get(peer);
    if (entry === undefined) return {};
    const connection = entry.current;
    if (connection?.ready === true && connection.bufferedBytes <= this.limits.bufferedBytesMax)
      return { entry, connection };
    entry.counts.dropped++;
    // Who sends is told later.
    if (connection?.ready === true)
      queueMicrotask(() => connection.end("slow", `${connection.bufferedBytes} bytes wait`));
    return { entry };
  }

  certify(tls: SecureContextOptions): void {
    this.tls = tls;
  }

  add(peer: Peer): void {
    const { name } = this.options;
    if (peer.name === name) return;
    this.former.delete(peer.name);
    const entry = this.entries.get(peer.name) ?? entryOf(peer);
    this.entries.set(peer.name, entry);
    entry.peer = peer;
    entry.address = peer.url === undefined ? undefined : new URL(peerPath, peer.url);
    if (entry.current === undefined && entry.dialed === undefined)
      this.dialAfter(entry, name < peer.name ? 0 : this.limits.deferMs);
  }

  remove(name: string, detail: string): void {
    this.former.set(name, detail);
    const entry = this.entries.get(name);
    if (entry === undefined) return;
    clearTimeout(entry.timer);
    for (const connection of [entry.current, entry.dialed]) connection?.end("no-member", detail);
    this.entries.delete(name);
  }

  pause(): void {
    this.paused = true;
    for (const connection of this.connections) connection.pause();
  }

  resume(): void {
    this.paused = false;
    for (const connection of this.connections) connection.resume();
  }

  status(): readonly PeerStatus[] {
    return [...this.entries.values()].map((entry) => {
      const { peer, current, counts, incarnation, lastEnd } = entry;
      return {
        name: peer.name,
        ...(peer.url !== undefined && { url: peer.url }),
        connected: current !== undefined,
        ...(incarnation !== undefined && { incarnation }),
        bufferedBytes: current?.bufferedBytes ?? 0,
        ...counts,
        framesIn: counts.framesIn + (current?.framesIn ?? 0),
        framesOut: counts.framesOut + (current?.framesOut ?? 0),
        bytesIn: counts.bytesIn + (current?.bytesIn ?? 0),
        bytesOut: counts.bytesOut + (current?.bytesOut ?? 0),
        ...(lastEnd !== undefined && { lastEnd }),
      };
    });
  }

  async close(): Promise<void> {
    if (this.closing !== undefined) return;
    const closed = new Promise<void>((resolve) => (this.closing = resolve));
    for (const { timer } of this.entries.values()) clearTimeout(timer);
    for (const connection of [...this.connections]) connection.end("going-away", "shutting down");
    if (this.connections.size === 0) return;
    const cut = (): void => this.connections.forEach((connection) => connection.terminate());
    const timer = setTimeout(cut, this.limits.goodbyeMs);
    await closed;
    clearTimeout(timer);
  }

  // ---- making connections ----

  private dialAfter(entry: Entry, delayMs: number): void {
    if (entry.address === undefined || this.closing !== undefined) return;
    clearTimeout(entry.timer);
    entry.timer = setTimeout(() => this.dial(entry), delayMs);
  }

  private dial(entry: Entry): void {
    const { address, peer } = entry;
    if (entry.current !== undefined || entry.dialed !== undefined || address === undefined) return;
    const { handshakeMs } = this.limits;
    const socket = new WebSocket(address, {
      ...this.socketOptions(),
      ...this.tls,
      ...{ handshakeTimeout: handshakeMs, followRedirects: false },
    });
    let wire: Socket | undefined;
    socket.on("upgrade", (response) => (wire = response.socket));
    entry.dialed = this.connection(socket, () => wire, "dialer", peer.name);
  }

  private socketOptions(): { perMessageDeflate: false; maxPayload: number; closeTimeout: number } {
    const { frameBytesMax, closeMs } = this.limits;
    const maxPayload = frameBytesMax + tagRoomBytes;
    return { perMessageDeflate: false, maxPayload, closeTimeout: closeMs };
  }

  /** When to dial again: doubled each time, and by chance half of that, so that nodes that lost
   * each other at once do not all come back at once. */
  private redial(entry: Entry): void {
    const { redialMs, redialMsMax, deferMs } = this.limits;
    const longest = Math.min(redialMsMax, redialMs * 2 ** Math.min(entry.failures, 30));
    entry.failures++;
    const defers = this.options.name > entry.peer.name ? deferMs : 0;
    this.dialAfter(entry, longest * (0.5 + Math.random() / 2) + defers);
  }

  private connection(
    socket: WebSocket,
    wire: () => Socket | undefined,
    side: Side,
    expected: string | undefined,
  ): Connection {
    const { name, incarnation, cluster, program, token = "", schema, signing } = this.options;
    const key = signing && Buffer.from(signing.identity.publicKey).toString("base64");
    const own: Introduction = {
      ...{ version: wireVersion, cluster, program, node: name, incarnation, nonce: nonce() },
      ...(key !== undefined && { key }),
    };
    const options: ConnectionOptions = {
      ...{ side, own, token, schema, limits: this.limits, identity: signing?.identity },
      unwelcome: (other) => this.unwelcome(other, expected),
      onReady: (ready) => this.ready(ready),
      onFrame: (from, frame) => this.take(from, frame),
      onText: (from, text) => this.hear(from, text),
      onEnd: (ended, end) => this.ended(ended, end, expected),
      onClosed: (closed) => this.closed(closed, expected),
    };
    const connection = new Connection(socket, wire, options);
    this.connections.add(connection);
    if (this.paused) connection.pause();
    return connection;
  }

  /** A stranger says little before it has said who it is. */
  private guardHandshake(connection: Connection, wire: Socket): void {
    this.handshakes++;
    // Frames may come in the same packet as the end of the handshake.
    const bytesMax = wire.bytesRead + 2 * this.limits.handshakeBytesMax + (128 << 10);
    const guard = (): void => {
      if (!connection.ready && wire.bytesRead > bytesMax) wire.destroy();
      else if (connection.ready) done();
    };
    const done = (): void => {
      wire.off("data", guard).off("close", done);
      this.handshakes--;
    };
    wire.on("data", guard).on("close", done);
  }

  /** Why a node is not welcome. */
  private unwelcome(other: Introduction, expected: string | undefined): Refusal | undefined {
    const { node, incarnation, key } = other;
    const entry = this.entries.get(node);
    const former = this.former.get(node);
    if (former !== undefined) return refusal("no-member", former);
    if (entry === undefined || (expected !== undefined && expected !== node))
      return refusal("unknown-peer", `${node} is not ${expected ?? "a peer"}`);
    const known = entry.incarnation ?? 0;
    if (incarnation < known) return refusal("old-life", `life ${known} is known`);
    const pinned = this.options.signing?.pins.get(node);
    if (pinned !== undefined && pinned !== key)
      return refusal("wrong-key", `${node} had another key`);
    return undefined;
  }

  /** A connection could be used: it is, unless there is another one that stays. */
  private ready(connection: Connection): Refusal | undefined {
    const { node = "", incarnation = 0, key } = connection.other ?? {};
    const entry = this.entries.get(node);
    assert(entry !== undefined, "who is ready was welcome");
    const known = entry.incarnation ?? 0;
    // Another may have come while this one was proved.
    if (incarnation < known) return refusal("old-life", `life ${known} is known`);
    const { current } = entry;
    const smallest = this.options.name < node ? "dialer" : "dialed";
    const stays =
      current !== undefined && current.side !== connection.side && incarnation === known;
    if (stays && current.side === smallest) return refusal("duplicate", "another one stays");
    current?.end("duplicate", "another one takes its place");

    entry.current = connection;
    entry.incarnation = incarnation;
    entry.connectedMs = performance.now();
    entry.counts.connections++;
    clearTimeout(entry.timer);
    if (key !== undefined) this.pin(node, key);
    this.options.onEvent?.({ kind: "connected", peer: node, incarnation });
    this.options.onConnected(node);
    return undefined;
  }

  private pin(node: string, key: string): void {
    const pins = this.options.signing?.pins;
    if (pins === undefined || pins.get(node) !== undefined) return;
    pins.pin(node, key);
    this.options.onEvent?.({ kind: "pinned", node, key });
  }

  // ---- what comes ----

  private take(connection: Connection, frame: Frame): void {
    const { node, incarnation } = connection.other ?? { node: "", incarnation: 0 };
    const entry = this.entries.get(node);
    if (entry?.current !== connection) return;
    if (frame.kind === "hello" || frame.kind === "messages" || frame.kind === "gone") {
      const { origin } = frame;
      if (nameOf(origin) !== node || incarnationOf(origin) !== incarnation) {
        connection.end("malformed", `${node} speaks for ${origin}`);
        return;
      }
    }
    if (frame.kind === "batch") {
      // To check a signature costs more than all else that is done with a batch, and under load
      // most of what comes are repetitions.
      const turn = this.turnOf(frame.batch);
      if (turn === "later") return;
      if (turn === "now" && !this.signed(frame, node)) {
        entry.counts.unsigned++;
        return;
      }
    }
    this.options.onFrame(node, frame);
  }

  private hear(connection: Connection, text: string): boolean {
    const { node = "" } = connection.other ?? {};
    // What comes on a connection that another one replaces is of no use to anybody.
    if (this.entries.get(node)?.current !== connection) return true;
    return this.options.onText?.(node, text) === true;
  }

  /** Whether a batch is what its origin made. One that is not is left out, and the connection
   * stays: a peer that met another key first is no enemy. */
  private signed({ batch }: Frame & { readonly kind: "batch" }, peer: string): boolean {
    if (this.checks === undefined) return true;
    const checked = this.checks.check(batch);
    if (checked === "wrong")
      this.options.onEvent?.({ kind: "batch-refused", peer, origin: batch.origin });
    if (checked === "met") {
      const key = Buffer.from(batch.signature ?? "", "base64").subarray(0, 32);
      this.pin(nameOf(batch.origin), key.toString("base64"));
    }
    return checked !== "wrong";
  }

  /** Whether the node holds a batch, takes it next, or can take it only after others. */
  private turnOf({ origin, from, facts }: Batch): "held" | "now" | "later" {
    const held = this.options.holds?.(origin);
    if (held === undefined) return "now";
    if (from + facts.length - 1 <= held) return "held";
    return from > held + 1 ? "later" : "now";
  }

  // ---- how connections end ----

  private ended(connection: Connection, end: PeerEnd, expected: string | undefined): void {
    const node = connection.other?.node ?? expected;
    const entry = this.entries.get(node ?? "");
    const { onEvent, onDisconnected } = this.options;
    if (entry !== undefined) entry.lastEnd = end;
    if (node === undefined || entry?.current !== connection) {
      onEvent?.({ kind: "refused", peer: node, ...end });
      return;
    }
    entry.current = undefined;
    entry.ending = connection;
    for (const count of ["framesIn", "framesOut", "bytesIn", "bytesOut"] as const)
      entry.counts[count] += connection[count];
    if (performance.now() - entry.connectedMs >= this.limits.stableMs) entry.failures = 0;
    onEvent?.({ kind: "disconnected", peer: node, ...end });
    onDisconnected(node);
  }

  private closed(connection: Connection, expected: string | undefined): void {
    this.connections.delete(connection);
    const entry = this.entries.get(connection.other?.node ?? expected ?? "");
    if (this.connections.size === 0) this.closing?.();
    // Others may call, and be refused, as often as they like.
    if (entry?.dialed !== connection && entry?.ending !== connection) return;
    if (entry.dialed === connection) entry.dialed = undefined;
    if (entry.ending === connection) entry.ending = undefined;
    if (entry.current === undefined && entry.dialed === undefined && entry.ending === undefined)
      this.redial(entry);
  }
}

/** Bytes that the tag of a frame, or a text, has at most. */
const tagRoomBytes = 64;

function entryOf(peer: Peer): Entry {
  return {
    ...{ peer, address: undefined },
    ...{ current: undefined, dialed: undefined, ending: undefined, timer: undefined },
    ...{ failures: 0, connectedMs: 0, incarnation: undefined, lastEnd: undefined },
    counts: {
      ...{ framesIn: 0, framesOut: 0, bytesIn: 0, bytesOut: 0 },
      ...{ dropped: 0, unsigned: 0, connections: 0 },
    },
  };
}

function refusal(reason: EndReason, detail: string): Refusal {
  return { reason, detail };
}

/** Answers a request that does not become a WebSocket. */
function refuse(socket: Duplex, status: string): void {
  socket.on("error", () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** Returns a frame in parts that are within the limit, where that can be: messages are numbered one
 * by one, while a batch stays together. */
function* partsOf(frame: Frame, bytesMax: number): Generator<Frame> {
  if (frame.kind !== "messages" || frame.facts.length < 2 || bytesBound(frame) <= bytesMax)
    yield frame;
  else {
    const middle = frame.facts.length >> 1;
    yield* partsOf({ ...frame, facts: frame.facts.slice(0, middle) }, bytesMax);
    const rest = { ...frame, from: frame.from + middle, facts: frame.facts.slice(middle) };
    yield* partsOf(rest, bytesMax);
  }
}

/** How many bytes a frame has at most, of those that carry facts. */
function bytesBound(frame: Frame): number {
  if (frame.kind === "messages") return factBytesBound(frame.facts) + frameRestBytesMax;
  if (frame.kind !== "batch") return 0;
  const { facts, signature = "" } = frame.batch;
  return factBytesBound(facts) + signature.length + frameRestBytesMax;
}
