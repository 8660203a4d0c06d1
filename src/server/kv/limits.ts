/** The limits of the store. */
export type StoreLimits = {
  /** Bytes of a value. */
  readonly valueBytesMax: number;
  /** Characters of a value that is put on condition: it goes through the log. */
  readonly conditionalMax: number;
  readonly keyBytesMax: number;
  /** Dots that one write names. */
  readonly dotsMax: number;
  /** Writes of one request. */
  readonly operationsMax: number;
  /** The body of one request of many writes. */
  readonly bulkBytesMax: number;
  /** The body of a request of the original protocol. */
  readonly legacyBytesMax: number;
  /** Pairs of one page, unless fewer are asked for. */
  readonly pageCells: number;
  readonly pageCellsMax: number;
  /** Bytes of values of one page: what comes after is on the next. */
  readonly pageBytesMax: number;
  /** Pairs that are read at once, for a page or one who watches. */
  readonly readPairsMax: number;
  readonly cursorBytesMax: number;
  readonly sessionBytesMax: number;
  /** How long a write waits for other nodes, and a read for what it has to follow. */
  readonly waitMs: number;
  readonly waitMsMax: number;
  /** Requests about pairs that are done in one step. */
  readonly togetherMax: number;
  /** Requests about pairs that wait while the disk works: with so many a step is worth it. */
  readonly waitingMax: number;
  /** Requests about pairs for which others are waited for no more, as far as these are there. */
  readonly gatheredMax: number;
  /** Requests of one WebSocket that wait for their answers. */
  readonly pipelinedMax: number;
  /** Reads of one WebSocket whose values are in memory at a time: others wait until those were
   * sent. */
  readonly readsTogetherMax: number;
  readonly watchersMax: number;
  /** Bytes of values that are read at once for one who watches. */
  readonly watchBytes: number;
  /** Backups at a time. */
  readonly backupsMax: number;
  /** Changes that are kept for watchers who come back, or do not keep up. */
  readonly watchedMax: number;
};

/** The limits of the store unless others are given. */
export const storeLimits: StoreLimits = {
  valueBytesMax: 8 << 20,
  conditionalMax: 128 << 10,
  keyBytesMax: 1 << 10,
  dotsMax: 1_000,
  operationsMax: 10_000,
  bulkBytesMax: 32 << 20,
  legacyBytesMax: 1 << 20,
  pageCells: 1_000,
  pageCellsMax: 10_000,
  pageBytesMax: 8 << 20,
  readPairsMax: 256,
  cursorBytesMax: 8 << 10,
  sessionBytesMax: 8 << 10,
  waitMs: 5_000,
  waitMsMax: 60_000,
  togetherMax: 1_000,
  waitingMax: 8,
  gatheredMax: 64,
  pipelinedMax: 1_000,
  readsTogetherMax: 32,
  watchersMax: 1_000,
  watchBytes: 1 << 20,
  backupsMax: 2,
  watchedMax: 100_000,
};
