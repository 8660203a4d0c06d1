import type { Socket } from "node:net";

import type { RawData, WebSocket } from "ws";

import { assert } from "../../base/assert.ts";
import type { Frame } from "../../transducer/protocol.ts";
import { WireError } from "../bytes.ts";
import type { FactSchema } from "../fact-bytes.ts";
import { FrameReader, FrameWriter, isOfBatch } from "../frame-bytes.ts";
import { FrameTags, tagBytes } from "./frame-tags.ts";
import {
  disproof,
  frameKey,
  type Introduced,
  type Introduction,
  mismatch,
  parseIntroduction,
  parseProof,
  proofOf,
  type Refusal,
  type Side,
} from "./handshake.ts";
import type { Identity } from "./identity.ts";
import type { PeerLimits } from "./limits.ts";
import { endCodes, type EndReason, type PeerEnd } from "./peer-network.ts";

/** What a connection is made with, beside its socket. */
export type ConnectionOptions = {
  readonly side: Side;
  /** With a nonce of its own. */
  readonly own: Introduction;
  readonly token: string;
  readonly identity: Identity | undefined;
  readonly schema: FactSchema;
  readonly limits: PeerLimits;
  /** Returns why a node is not welcome, when it has said who it is. */
  readonly unwelcome: (other: Introduction) => Refusal | undefined;
  /** The other side has proved who it is; returns why the connection is not wanted all the same. */
  readonly onReady: (connection: Connection) => Refusal | undefined;
  readonly onFrame: (connection: Connection, frame: Frame) => void;
  /** A text came; returns whether it was understood. */
  readonly onText: (connection: Connection, text: string) => boolean;
  /** Nothing comes or goes any more; what was sent may still be on its way. */
  readonly onEnd: (connection: Connection, end: PeerEnd) => void;
  /** The socket is gone. Comes once, after `onEnd`. */
  readonly onClosed: (connection: Connection) => void;
};

/** One connection with another node: the handshake, then frames; heartbeats all the time. */
export class Connection {
  readonly side: Side;
  framesIn = 0;
  framesOut = 0;
  bytesIn = 0;
  bytesOut = 0;
  private readonly options: ConnectionOptions;
  private readonly socket: WebSocket;
  private readonly wire: () => Socket | undefined;
  private readonly writer: FrameWriter;
  private readonly reader: FrameReader;
  private introduced: Introduced | undefined;
  /** Of what is said after the handshake: from here, and there. */
  private tags: { readonly out: FrameTags; readonly into: FrameTags } | undefined;
  private state: "opening" | "ready" | "ended" = "opening";
  private handshakeTimer: NodeJS.Timeout | undefined;
  private heartbeatTimer: NodeJS.Timeout | undefined;
  private refusedTimer: NodeJS.Timeout | undefined;
  private paused = false;
  private gathers = false;
  private heardBytes = 0;
  private heardMs = 0;

  /** `wire` is what the socket goes over, once there is one. */
  constructor(socket: WebSocket, wire: () => Socket | undefined, options: ConnectionOptions) {
    const { limits, schema, side } = options;
    this.socket = socket;
    this.wire = wire;
    this.options = options;
    this.side = side;
    this.writer = new FrameWriter(schema);
    this.reader = new FrameReader(schema);
    socket.on("message", (data, binary) => this.receive(data, binary));
    socket.on("close", (code, reason) => this.closed(code, reason.toString()));
    socket.on("error", (error) => this.ended({ ...lost(error.message), remote: false }));
    const slow = (): void => this.end("no-handshake", `none within ${limits.handshakeMs} ms`);
    this.handshakeTimer = setTimeout(slow, limits.handshakeMs);
    if (socket.readyState === socket.OPEN) this.introduce();
    else socket.on("open", () => this.introduce());
  }

  /** Whether frames come and go. */
  get ready(): boolean {
    return this.state === "ready";
  }

  /** Who the other side is, once it has said so. */
  get other(): Introduction | undefined {
    const { introduced, side } = this;
    return introduced?.[side === "dialer" ? "dialed" : "dialer"];
  }

  /** Bytes that wait to be sent. */
  get bufferedBytes(): number {
    return this.socket.bufferedAmount;
  }

  /** Sends a frame, of a size that was seen to. */
  send(frame: Frame): void {
    const frameBytes = this.writer.write(frame);
    const bytes = this.isTagged(frameBytes)
      ? Buffer.concat([frameBytes, this.outTag(frameBytes)])
      : frameBytes;
    this.framesOut++;
    this.bytesOut += bytes.length;
    this.gather();
    this.socket.send(bytes, ignore);
  }

  /** Has what is sent in this turn written at once. */
  private gather(): void {
    const wire = this.wire();
    if (this.gathers || wire === undefined) return;
    this.gathers = true;
    wire.cork();
    process.nextTick(() => {
      this.gathers = false;
      wire.uncork();
    });
  }

  /** Sends a text, of a size that was seen to. */
  sendText(text: string): void {
    const tagged = this.outTag(text).toString("base64") + text;
    this.bytesOut += Buffer.byteLength(tagged);
    this.socket.send(tagged, ignore);
  }

  /** Whether a frame has a tag. Those have none that their origin signs; what is told of symbols in
   * these is of use in others of them alone, as a program's nodes send batches or messages. */
  private isTagged(bytes: Uint8Array): boolean {
    return this.options.identity === undefined || !isOfBatch(bytes);
  }

  private outTag(said: Uint8Array | string): Buffer {
    assert(this.tags !== undefined, "what is sent comes after the handshake");
    return this.tags.out.next(said);
  }

  /** Ends the connection after what was sent. */
  end(reason: EndReason, detail: string): void {
    if (this.state === "ended") return;
    this.ended({ reason, remote: false, detail });
    // The socket sees to it that this does not take for ever (`closeMs`), if it was open.
    if (reason === "silent" || reason === "lost") this.socket.terminate();
    else this.socket.close(endCodes[reason], detail.slice(0, 100));
    // Who does not keep up can still take in what it was sent.
    if (reason === "slow" || reason === "going-away") return;
    this.refusedTimer = setTimeout(() => {
      this.socket.terminate();
    }, this.options.limits.refusedMs);
  }

  /** Ends the connection at once. */
  terminate(): void {
    this.socket.terminate();
  }

  pause(): void {
    this.paused = true;
    if (this.ready) this.socket.pause();
  }

  resume(): void {
    this.paused = false;
    this.heardMs = performance.now();
    this.socket.resume();
  }

  private introduce(): void {
    this.socket.send(JSON.stringify(this.options.own), ignore);
    const { heartbeatMs } = this.options.limits;
    this.heardMs = performance.now();
    this.heartbeatTimer = setInterval(() => this.beat(), heartbeatMs);
  }

  private receive(data: RawData, binary: boolean): void {
    if (this.state === "ended") return;
    const bytes = Array.isArray(data) ? Buffer.concat(data) : (data as Buffer);
    this.bytesIn += bytes.length;
    if (this.state === "ready" && !binary) this.text(bytes.toString());
    else if (this.state === "ready") this.frame(bytes);
    else if (binary || bytes.length > this.options.limits.handshakeBytesMax)
      this.end("malformed", "this is no handshake");
    else if (this.introduced === undefined) this.meet(bytes.toString());
    else this.believe(this.introduced, bytes.toString());
  }

  private meet(text: string): void {
    const { own, side, token, identity, unwelcome } = this.options;
    const other = parseIntroduction(text);
    if (other === undefined) {
      this.end("malformed", "this is no introduction");
      return;
    }
    const introduced =
      side === "dialer" ? { dialer: own, dialed: other } : { dialer: other, dialed: own };
    const refusal = mismatch(own, other) ?? unwelcome(other);
    this.introduced = introduced;
    if (refusal !== undefined) this.end(refusal.reason, refusal.detail);
    else this.socket.send(JSON.stringify(proofOf(side, introduced, token, identity)), ignore);
  }

  private believe(introduced: Introduced, text: string): void {
    const { side, token, onReady } = this.options;
    const proof = parseProof(text);
    const otherSide = side === "dialer" ? "dialed" : "dialer";
    const refusal =
      proof === undefined
        ? ({ reason: "malformed", detail: "this is no proof" } as const)
        : disproof(otherSide, introduced, proof, token);
    if (refusal !== undefined) {
      this.end(refusal.reason, refusal.detail);
      return;
    }
    clearTimeout(this.handshakeTimer);
    this.state = "ready";
    this.tags = {
      out: new FrameTags(frameKey(side, introduced, token)),
      into: new FrameTags(frameKey(otherSide, introduced, token)),
    };
    if (this.paused) this.socket.pause();
    const unwanted = onReady(this);
    if (unwanted !== undefined) this.end(unwanted.reason, unwanted.detail);
  }

  private text(tagged: string): void {
    const text = tagged.slice(tagTextLength);
    const tag = Buffer.from(tagged.slice(0, tagTextLength), "base64");
    if (this.tags?.into.fits(text, tag) !== true) this.end("malformed", forged);
    else if (!this.options.onText(this, text)) this.end("malformed", "a text that is no call");
  }

  private frame(received: Uint8Array): void {
    let bytes = received;
    if (this.isTagged(received)) {
      bytes = received.subarray(0, -tagBytes);
      if (this.tags?.into.fits(bytes, received.subarray(-tagBytes)) !== true) {
        this.end("malformed", forged);
        return;
      }
    }
    let frame: Frame;
    try {
      frame = this.reader.read(bytes);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.end("malformed", error.message);
      return;
    }
    this.framesIn++;
    this.options.onFrame(this, frame);
  }

  /** Asks whether the other side lives. Any byte from it says so, of a long frame, too. */
  private beat(): void {
    if (this.paused || this.state === "ended") return;
    const { silentMs } = this.options.limits;
    const bytes = this.wire()?.bytesRead ?? 0;
    const nowMs = performance.now();
    if (bytes !== this.heardBytes) [this.heardBytes, this.heardMs] = [bytes, nowMs];
    if (nowMs - this.heardMs >= silentMs) this.end("silent", `nothing for ${silentMs} ms`);
    else this.socket.ping(undefined, undefined, ignore);
  }

  private ended(end: PeerEnd): void {
    if (this.state === "ended") return;
    const before = this.state;
    this.state = "ended";
    clearTimeout(this.handshakeTimer);
    clearInterval(this.heartbeatTimer);
    // A socket that was paused has to hear that the other side closes it.
    if (before === "ready") this.socket.resume();
    this.options.onEnd(this, end);
  }

  private closed(code: number, detail: string): void {
    const reason = reasons.get(code);
    const end = reason === undefined ? lost(detail || `code ${code}`) : { reason, detail };
    this.ended({ ...end, remote: true });
    clearTimeout(this.refusedTimer);
    this.options.onClosed(this);
  }
}

/** Characters of a tag before a text. */
const tagTextLength = 4 * Math.ceil(tagBytes / 3);

const forged = "this is not what the other side has said";

const reasons = new Map<number, EndReason>(
  Object.entries(endCodes).map(([reason, code]) => [code, reason as EndReason]),
);

function lost(detail: string): { readonly reason: "lost"; readonly detail: string } {
  return { reason: "lost", detail };
}

/** What a socket cannot send it tells by its end. */
function ignore(): void {
  // Nothing is left to do.
}
