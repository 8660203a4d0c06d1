// The limits of a node's log and connections, with what they are unless others are given.

/** The limits of a durable log. */
export type LogLimits = {
  /** A segment of the log is ended once it has so many bytes. */
  readonly segmentBytes: number;
  /** One record on the disk. */
  readonly recordBytesMax: number;
  /** Facts of one record. */
  readonly recordFactsMax: number;
  /** Bytes that wait for the disk, above which a driver takes no more. */
  readonly queuedBytesMax: number;
  /** How often the disk gets what was written, under the policy `interval`. */
  readonly syncIntervalMs: number;
  /** The log is compacted once it has grown to so many times what it was compacted to … */
  readonly compactionFactor: number;
  /** … and to so many bytes. */
  readonly compactionBytesMin: number;
  /** Segments above which a log is compacted when it is opened. */
  readonly segmentsMax: number;
};

/** The limits of a durable log unless others are given. */
export const logLimits: LogLimits = {
  segmentBytes: 64 << 20,
  recordBytesMax: 64 << 20,
  recordFactsMax: 1 << 20,
  queuedBytesMax: 16 << 20,
  syncIntervalMs: 1_000,
  compactionFactor: 4,
  compactionBytesMin: 64 << 20,
  segmentsMax: 16,
};

/** Returns how many bytes a log grows by until it is compacted again, by what it was compacted to
 * last: each byte is rewritten but a few times in its life. */
export function compactedAt(
  { compactionBytesMin, compactionFactor }: LogLimits,
  baseBytes: number,
): number {
  return Math.max(compactionBytesMin, compactionFactor * baseBytes);
}

/** The limits of connections with peers. */
export type PeerLimits = {
  /** One frame. A batch has to fit into one: a driver that takes facts of clients keeps what it
   * takes at once well below. */
  readonly frameBytesMax: number;
  /** Bytes that wait to be sent to one peer, above which it does not keep up. */
  readonly bufferedBytesMax: number;
  /** One message of the handshake. */
  readonly handshakeBytesMax: number;
  /** How long a handshake may take. */
  readonly handshakeMs: number;
  /** Connections of strangers that have not introduced themselves. */
  readonly handshakesMax: number;
  /** How often a peer is asked whether it lives. */
  readonly heartbeatMs: number;
  /** How long nothing is heard until a connection counts as dead. */
  readonly silentMs: number;
  /** How long to wait after a first failure before dialing again; doubled after each. */
  readonly redialMs: number;
  /** How long to wait at most. */
  readonly redialMsMax: number;
  /** A connection that lasted so long had no failure before it. */
  readonly stableMs: number;
  /** How long the greater of two names waits for the other to dial. */
  readonly deferMs: number;
  /** How long an ended connection may take to send what is on its way … */
  readonly closeMs: number;
  /** … and one where that is of no use: nobody is dialed meanwhile. */
  readonly refusedMs: number;
  /** How long ended connections may take when the node shuts down. */
  readonly goodbyeMs: number;
};

/** The limits of connections unless others are given. */
export const peerLimits: PeerLimits = {
  frameBytesMax: 32 << 20,
  bufferedBytesMax: 16 << 20,
  handshakeBytesMax: 4 << 10,
  handshakeMs: 5_000,
  handshakesMax: 64,
  heartbeatMs: 5_000,
  silentMs: 15_000,
  redialMs: 100,
  redialMsMax: 5_000,
  stableMs: 5_000,
  deferMs: 250,
  closeMs: 30_000,
  refusedMs: 1_000,
  goodbyeMs: 2_000,
};
