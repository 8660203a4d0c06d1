/** The limits of connections of clients. */
export type HttpLimits = {
  /** Connections at a time; others are closed at once. */
  readonly connectionsMax: number;
  /** How long the headers of a request may take. */
  readonly headersMs: number;
  /** How long a request may take to come, with its body. */
  readonly requestMs: number;
  /** How long a client may take nothing of an answer. */
  readonly stalledMs: number;
  /** What is left of a body that was refused is read, so that who sends it reads the answer, up to
   * so many bytes: then the connection is cut off. */
  readonly discardedBytesMax: number;
};

/** The limits of connections unless others are given. */
export const httpLimits: HttpLimits = {
  connectionsMax: 10_000,
  headersMs: 15_000,
  requestMs: 300_000,
  stalledMs: 60_000,
  discardedBytesMax: 64 << 20,
};
