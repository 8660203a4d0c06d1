// Members of a cluster for tests: real servers on loopback, each with its connections, and what
// they told. Nothing waits for a time; tests wait for what happens.
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";

import { WebSocket } from "ws";

import { assert } from "../../src/base/assert.ts";
import { connectPeers } from "../../src/runtime/node/connect-peers.ts";
import { FrameTags } from "../../src/runtime/node/frame-tags.ts";
import {
  frameKey,
  type Introduction,
  nonce,
  parseIntroduction,
  proofOf,
  wireVersion,
} from "../../src/runtime/node/handshake.ts";
import { type PeerLimits, peerLimits } from "../../src/runtime/node/limits.ts";
import {
  type Peer,
  type PeerEvent,
  type PeerNetwork,
  peerPath,
  type PeersOptions,
} from "../../src/runtime/node/peer-network.ts";
import type { Frame } from "../../src/transducer/protocol.ts";
import { smallSchema } from "./logs.ts";

/** A server, its connections, and what they told. */
export class Member {
  readonly name: string;
  readonly events: PeerEvent[] = [];
  readonly frames: { readonly from: string; readonly frame: Frame }[] = [];
  readonly connected = new Set<string>();
  network: PeerNetwork | undefined;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private readonly waiting = new Set<() => void>();

  constructor(name: string) {
    this.name = name;
    this.server = createServer();
    this.server.on("connection", (socket) => {
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
    });
    this.server.on("upgrade", (request, socket, head) => {
      if (this.network?.upgrade(request, socket, head) !== true) socket.destroy();
    });
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return this;
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  connect(peers: readonly Peer[], options: Partial<PeersOptions> = {}): void {
    this.network = connectPeers({
      ...{ name: this.name, incarnation: 1, cluster: "c", program: "p", token: "secret" },
      ...{ peers, schema: smallSchema },
      ...options,
      limits: { ...quick, ...options.limits },
      onConnected: (peer) => this.note(() => this.connected.add(peer), options.onConnected, peer),
      onDisconnected: (peer) =>
        this.note(() => this.connected.delete(peer), options.onDisconnected, peer),
      onFrame: (from, frame) => {
        this.frames.push({ from, frame });
        options.onFrame?.(from, frame);
        this.tell();
      },
      onEvent: (event) => {
        this.events.push(event);
        this.tell();
      },
    });
  }

  /** Returns when something is so. */
  async until(so: () => boolean): Promise<void> {
    while (!so()) await new Promise<void>((resolve) => this.waiting.add(resolve));
  }

  /** Returns when a connection did not come about, or ended, with why. */
  async end(remote: boolean): Promise<string> {
    const found = (): PeerEvent | undefined =>
      this.events.find((event) => "reason" in event && event.remote === remote);
    await this.until(() => found() !== undefined);
    const event = found();
    return event !== undefined && "reason" in event ? event.reason : "";
  }

  /** Cuts all connections that were dialed here. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    await this.network?.close();
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private note(change: () => unknown, also: ((peer: string) => void) | undefined, p: string): void {
    change();
    also?.(p);
    this.tell();
  }

  private tell(): void {
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const resolve of waiting) resolve();
  }
}

/** Limits with which tests are quick. */
export const quick: PeerLimits = { ...peerLimits, redialMs: 1, redialMsMax: 20, deferMs: 5 };

/** Makes members, and closes them after each test. */
export function members(): (...names: readonly string[]) => Promise<Member[]> {
  const all: Member[] = [];
  afterEach(async () => {
    await Promise.all(all.splice(0).map((member) => member.close()));
  });
  return async (...names) => {
    const made = await Promise.all(names.map((name) => new Member(name).listen()));
    all.push(...made);
    return made;
  };
}

/** A made-up node that a member counts as connected. */
export type Stranger = {
  readonly socket: WebSocket;
  /** The tags of what it says. */
  readonly tags: FrameTags;
};

/** Introduces a made-up node to a member, and proves it. */
export async function stranger(
  member: Member,
  said: Partial<Introduction> = {},
  options: ConstructorParameters<typeof WebSocket>[2] = {},
): Promise<Stranger> {
  const socket = new WebSocket(member.url + peerPath, options);
  const own: Introduction = {
    ...{
      version: wireVersion,
      cluster: "c",
      program: "p",
      node: "x",
      incarnation: 1,
      nonce: nonce(),
    },
    ...said,
  };
  socket.on("error", () => undefined);
  socket.on("open", () => socket.send(JSON.stringify(own)));
  const data = await new Promise<Buffer>((resolve) => socket.once("message", resolve));
  const other = parseIntroduction(data.toString());
  assert(other !== undefined, "members introduce themselves");
  const introduced = { dialer: own, dialed: other };
  socket.send(JSON.stringify(proofOf("dialer", introduced, "secret", undefined)));
  await member.until(() => member.connected.has(own.node));
  return { socket, tags: new FrameTags(frameKey("dialer", introduced, "secret")) };
}
