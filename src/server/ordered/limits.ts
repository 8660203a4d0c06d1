/** The limits of a node's ordered plane. */
export type OrderedLimits = {
  /** The body of a request for a transaction. */
  readonly requestBytesMax: number;
  /** A request with all that it may touch. A batch that ends with one goes to each member in one
   * frame (`frameBytesMax`), and into the log by its hash where it is long. */
  readonly sequencedBytesMax: number;
  /** How long a client waits for its answer. */
  readonly answerMs: number;
  /** How long nothing is heard of a request until it is put into the log again. */
  readonly resendMs: number;
  /** How often a transaction that touches what it had not locked starts over before it locks
   * relations as a whole. */
  readonly restartsMax: number;
  /** Requests of clients that wait for their answers at one node. */
  readonly waitingMax: number;
  /** Transactions that are taken in and not carried out: further epochs wait. */
  readonly runningMax: number;
  /** Epochs that are read ahead where rows are on disk, while what they touch is fetched. */
  readonly aheadMax: number;
  /** Of how many of them that is done at a time. */
  readonly fetchingMax: number;
  /** How long reads of another partition are waited for until they are asked for. */
  readonly pullMs: number;
  /** How many are asked for at once. */
  readonly pullsMax: number;
  /** How long the batch of another sequencer waits until this node proposes it. */
  readonly foreignMs: number;
  /** How often members tell each other how they stand. */
  readonly stateMs: number;
  /** How long after an append of which nobody knows it is tried again. */
  readonly retryMs: number;
  /** How long a frontier that went on waits for an epoch, where nothing else needs one. */
  readonly frontierMs: number;
  /** Bytes of rows in one answer to another member, about. */
  readonly rowsBytes: number;
  /** How long another member may take to come to an epoch. */
  readonly epochMs: number;
  /** Epochs whose hashes and frontiers are remembered. */
  readonly hashesMax: number;
};

/** The limits of a node's ordered plane unless others are given. */
export const orderedLimits: OrderedLimits = {
  requestBytesMax: 4 << 20,
  sequencedBytesMax: 3 << 20,
  answerMs: 30_000,
  resendMs: 5_000,
  restartsMax: 3,
  waitingMax: 1 << 14,
  runningMax: 1 << 14,
  aheadMax: 16,
  fetchingMax: 2,
  pullMs: 200,
  pullsMax: 256,
  foreignMs: 150,
  stateMs: 200,
  retryMs: 50,
  frontierMs: 100,
  rowsBytes: 4 << 20,
  epochMs: 5_000,
  hashesMax: 1 << 14,
};
