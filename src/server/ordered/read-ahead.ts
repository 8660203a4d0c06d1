// Records of the log on their way to where they are carried out. What their transactions touch is
// brought into memory meanwhile (Calvin, section 4: disk-resident data), so that who has locks does
// not wait for a disk. How long that takes says when records are carried out, and never in which
// order.

/** What becomes of records that are read ahead. */
export type ReadAheadOptions<Item> = {
  /** How many may be taken before the first of them is carried out. */
  readonly aheadMax: number;
  /** Of how many at a time what they touch is fetched: what else the disk is asked for, as by the
   * log, does not wait behind all of them. */
  readonly fetchingMax: number;
  /** Brings what an item touches into memory. That it fails changes nothing but the time. */
  readonly fetch: (item: Item) => Promise<void>;
  /** Carries an item out. */
  readonly carryOut: (item: Item) => Promise<void>;
};

/** A bounded queue of what is read ahead: each is carried out after those that were taken before
 * it, once what it touches was fetched. */
export class ReadAhead<Item> {
  private readonly options: ReadAheadOptions<Item>;
  /** The last fetches that were begun, of which the first has to end before the next begins. */
  private readonly fetches: Promise<void>[] = [];
  /** Those that were taken last, until they are carried out. */
  private readonly ahead: Promise<void>[] = [];
  private last: Promise<void> = Promise.resolve();

  constructor(options: ReadAheadOptions<Item>) {
    this.options = options;
  }

  /** Takes the next item; returns once there is room for one more. Rejects where one that was taken
   * earlier could not be carried out: those after it are not, either. */
  async take(item: Item): Promise<void> {
    const { aheadMax, fetchingMax, fetch, carryOut } = this.options;
    const turn = this.fetches.length < fetchingMax ? undefined : this.fetches.shift();
    const fetched = Promise.resolve(turn)
      .then(() => fetch(item))
      .catch(() => undefined);
    this.fetches.push(fetched);
    const carried = this.last.then(async () => {
      await fetched;
      await carryOut(item);
    });
    // Who takes the next items, or waits for the end, is told.
    carried.catch(() => undefined);
    this.last = carried;
    this.ahead.push(carried);
    if (this.ahead.length >= aheadMax) await this.ahead.shift();
  }

  /** Returns once all that was taken is carried out; rejects where it could not be. */
  async end(): Promise<void> {
    await this.last;
  }
}
