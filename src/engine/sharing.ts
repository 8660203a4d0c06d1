/** When rows are shared among threads, and how. */
export type SharingRules = {
  /** Fewer rows are not given out, */
  readonly rowsMin: number;
  /** nor are rows with less work, in rows and in tuples that are derived from them: waking a thread
   * takes as long as that does. */
  readonly workMin: number;
  /** So much work a row is thought to be while nothing is known of a rule, which finds it out. */
  readonly workAtFirst: number;
  /** Blocks have as many rows as let each thread come back for more so many times, so that none is
   * left with much in the end, */
  readonly blocksPerThread: number;
  readonly blockRowsMin: number;
  readonly blockRowsMax: number;
  /** So many blocks are open for each thread: what is gathered waits for its turn. */
  readonly slotsPerThread: number;
  /** There is room for so many words to be gathered of a block, before they have to be taken. */
  readonly gatheredWords: number;
  /** Setting a bit takes as long as deriving a tuple, so that there is nothing to win where more of
   * what is derived is new than this share; */
  readonly newBitsMax: number;
  /** that is looked at when so many tuples are derived. */
  readonly judgedMin: number;
  /** While blocks are given out, arrays that were replaced are kept. With more bytes of them
   * nothing is given out until they are gone. */
  readonly releasedBytesMax: number;
  /** Whether the thread that evaluates takes blocks itself. */
  readonly takesPart: boolean;
};

/** The rules for those who have no reason for others. */
export const sharingRules: SharingRules = {
  rowsMin: 1 << 8,
  workMin: 1 << 15,
  workAtFirst: 64,
  blocksPerThread: 8,
  blockRowsMin: 1 << 5,
  blockRowsMax: 1 << 12,
  slotsPerThread: 4,
  gatheredWords: 1 << 16,
  newBitsMax: 0.5,
  judgedMin: 1 << 16,
  releasedBytesMax: 1 << 26,
  takesPart: true,
};
