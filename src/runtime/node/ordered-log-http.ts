// The ordered log that another node keeps in files, over HTTP. What is appended is acknowledged by
// its leader; what is read is what the leader has on the disk. Where a follower is promoted, this
// goes on with it as soon as it answers, provided that it has all that was seen here.
import type { Appended, OrderedLog } from "../../calvin/ordered-log.ts";
import type { EpochRecord } from "../../calvin/record.ts";
import { WireError } from "../bytes.ts";
import { epochBytes } from "../epoch-bytes.ts";
import { OrderedLogError } from "../ordered-log-error.ts";
import { firstLink, type Link, RecordChain, type RecordHash } from "../record-chain.ts";
import { feed } from "../record-feed.ts";
import { type Fetched, readFetched } from "../termed-bytes.ts";
import { LogNodes, type LogNodesOptions, NoLeader } from "./log-nodes.ts";
import type { FollowSource } from "./ordered-log-follow.ts";
import { pause } from "./pause.ts";

/** What a log that other nodes keep is opened with. */
export type HttpLogOptions = LogNodesOptions & {
  readonly hash: RecordHash;
  /** The last record that was carried out here, if it is known: a log that has another one at its
   * place is refused. */
  readonly known?: Link;
  /** False where it is opened although nobody may lead yet. */
  readonly begun?: boolean;
  readonly limits?: Partial<HttpLogLimits>;
};

/** The limits of a log that other nodes keep. */
export type HttpLogLimits = {
  /** One record: no more than the node that keeps the log takes. */
  readonly recordBytesMax: number;
  /** One answer; nodes give at most some MiB, and one record in any case. */
  readonly answerBytesMax: number;
  /** How long one call to one node may take. */
  readonly callMs: number;
  /** How long a node that has nothing new lets a subscriber wait for its answer. */
  readonly waitMs: number;
  /** How long reads are tried while nobody leads. */
  readonly readMs: number;
  /** How long is waited before a call is tried again. */
  readonly retryMs: number;
};

/** The limits of a log that other nodes keep unless others are given. */
const httpLogLimits: HttpLogLimits = {
  recordBytesMax: 1 << 20,
  answerBytesMax: 64 << 20,
  callMs: 5_000,
  waitMs: 10_000,
  readMs: 30_000,
  retryMs: 100,
};

/** What a fetch asks for; without `from` the term and the tail alone. */
type Wanted = {
  readonly from?: number;
  readonly limit?: number;
  readonly waitMs?: number;
  readonly signal?: AbortSignal;
};

/** Opens the log that the nodes at some addresses keep. */
export async function openHttpLog(options: HttpLogOptions): Promise<OrderedLog> {
  const log = new HttpLog(options);
  try {
    if (options.begun !== false) await log.begin();
    return log;
  } catch (error) {
    await log.close();
    throw error;
  }
}

/** Where a follower fetches from that keeps a log of its own. */
export type FollowedSource = FollowSource & {
  /** Tells the nodes of a term; returns that of the one that leads, if there is one. */
  termOf(term: number, signal: AbortSignal): Promise<number>;
  close(): void;
};

/** Returns the leader among some nodes, for a follower. */
export function httpFollowSource(
  options: LogNodesOptions & { readonly limits?: Partial<HttpLogLimits> },
): FollowedSource {
  const limits = { ...httpLogLimits, ...options.limits };
  const nodes = new LogNodes(options);
  return {
    fetch: (from, limit, term, signal) =>
      from === undefined
        ? fetchFrom(nodes, limits, term, { signal })
        : fetchFrom(nodes, limits, term, { from, limit, waitMs: limits.waitMs, signal }),
    termOf: async (term, signal) => (await fetchFrom(nodes, limits, term, { signal })).term,
    close: () => {
      nodes.close();
    },
  };
}

class HttpLog implements OrderedLog {
  private readonly options: HttpLogOptions;
  private readonly limits: HttpLogLimits;
  private readonly nodes: LogNodes;
  private readonly ended = new AbortController();
  private readonly where: string;
  /** The term of the leader that is known; one of an earlier term is none. */
  private term = 0;
  /** The last record that was seen here: a leader of a later term has it, or is refused. */
  private known: Link;
  private adopting: Promise<void> | undefined;

  constructor(options: HttpLogOptions) {
    this.options = options;
    this.limits = { ...httpLogLimits, ...options.limits };
    this.nodes = new LogNodes(options);
    this.known = options.known ?? firstLink;
    this.where = `the ordered log at ${options.urls.join(", ")}`;
  }

  /** Finds who leads. */
  async begin(): Promise<void> {
    await this.untilLed(() => this.adopt(0), this.limits.readMs);
  }

  async append(record: EpochRecord): Promise<Appended> {
    this.usable();
    const body = epochBytes(record);
    const { callMs: ms, recordBytesMax } = this.limits;
    if (body.length > recordBytesMax)
      throw new OrderedLogError(
        "too-large",
        `the record of epoch ${record.epoch} has ${body.length} bytes, the limit ` +
          `(recordBytesMax) is ${recordBytesMax}: put fewer requests into an epoch`,
      );
    const headers = { "content-type": "application/octet-stream" };
    const call = { method: "POST", headers, body, ms, bytesMax: 1 << 16 } as const;
    try {
      const answer = await this.led((term, later) =>
        this.nodes.leader({ ...call, query: { term } }, later),
      );
      const appended = appendedOf(answer);
      if (appended === "appended")
        this.see({ epoch: record.epoch, hash: this.options.hash(record) });
      if (appended !== undefined) return appended;
    } catch (error) {
      if (!(error instanceof NoLeader)) throw error;
    }
    await pause(this.limits.retryMs, this.ended.signal);
    return "unknown";
  }

  async read(from: number, limit: number): Promise<readonly EpochRecord[]> {
    this.usable();
    return this.untilLed(() => this.records({ from, limit }), this.limits.readMs);
  }

  async tail(): Promise<number> {
    this.usable();
    const { tail } = await this.untilLed(() => this.fetch({}), this.limits.readMs);
    return tail;
  }

  async subscribe(
    from: number,
    onRecord: (record: EpochRecord) => void | Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const both = AbortSignal.any([signal, this.ended.signal]);
    const { waitMs, retryMs } = this.limits;
    // Until an operator promotes a follower, hours may pass.
    const read = (at: number, limit: number): Promise<readonly EpochRecord[]> => {
      const wanted = { from: at, limit, waitMs, signal: both };
      return this.untilLed(() => this.records(wanted), Infinity, both);
    };
    // The node that leads has let this wait; one that does not is not asked all the time.
    const wait = (): Promise<void> => pause(retryMs, both);
    await feed({ log: { read }, hash: this.options.hash, wait }, from, onRecord, both).catch(
      (error: unknown) => {
        if (!both.aborted) throw error;
      },
    );
  }

  async truncateBefore(epoch: number): Promise<void> {
    this.usable();
    const call = { method: "DELETE", ms: this.limits.callMs, bytesMax: 1 << 16 } as const;
    const cut = (): Promise<Buffer> =>
      this.led((term, later) =>
        this.nodes.leader({ ...call, query: { term, before: epoch } }, later),
      );
    await this.untilLed(cut, this.limits.readMs);
  }

  close(): Promise<void> {
    this.ended.abort();
    this.nodes.close();
    return Promise.resolve();
  }

  private async records(wanted: Wanted & { readonly from: number }): Promise<EpochRecord[]> {
    const { records } = await this.fetch(wanted);
    const { known, where } = this;
    const hash = known.epoch === wanted.from - 1 ? { hash: known.hash } : {};
    const chain = new RecordChain(this.options.hash, { epoch: wanted.from - 1, ...hash });
    for (const { record } of records) this.see(chain.next(record, where));
    return records.map(({ record }) => record);
  }

  private async fetch(wanted: Wanted): Promise<Fetched> {
    for (;;) {
      const fetched = await this.led((term, later) =>
        fetchFrom(this.nodes, this.limits, term, wanted, later),
      );
      if (fetched.term <= this.term) return fetched;
      await this.adopt(fetched.term);
    }
  }

  /** Calls the leader; where it turns out that there is one of a later term, that one. */
  private async led<T>(
    call: (term: number, later: (term: number) => void) => Promise<T>,
  ): Promise<T> {
    for (;;) {
      let later = 0;
      const { term } = this;
      try {
        return await call(term, (heard) => (later = Math.max(later, heard)));
      } catch (error) {
        if (!(error instanceof NoLeader) || later <= term) throw error;
        await this.adopt(later);
      }
    }
  }

  /** Takes who leads in a term, or a later one, for the leader, if it has what was seen here. */
  private adopt(term: number): Promise<void> {
    this.adopting ??= this.compare(term).finally(() => (this.adopting = undefined));
    return this.adopting;
  }

  private async compare(term: number): Promise<void> {
    const { known, limits, nodes } = this;
    const wanted = known.epoch === 0 ? {} : { from: known.epoch, limit: 1 };
    const fetched = await fetchFrom(nodes, limits, term, wanted).catch((error: unknown) => {
      // What was cut off was carried out by all.
      if (error instanceof OrderedLogError && error.code === "truncated")
        return fetchFrom(nodes, limits, term, {});
      throw error;
    });
    const { record } = fetched.records[0] ?? {};
    const other = record !== undefined && this.options.hash(record) !== known.hash;
    if (fetched.tail < known.epoch || other)
      throw new OrderedLogError(
        "diverged",
        `${this.where} has not the epoch ${known.epoch} that was seen here: it was lost when a ` +
          "follower was promoted; begin anew with a checkpoint of a node that has not seen it",
      );
    this.term = Math.max(this.term, fetched.term);
  }

  private see(link: Link): void {
    if (link.epoch > this.known.epoch) this.known = link;
  }

  /** Calls again while nobody leads: for what may be done twice. */
  private async untilLed<T>(
    call: () => Promise<T>,
    ms: number,
    signal = this.ended.signal,
  ): Promise<T> {
    const since = performance.now();
    for (;;)
      try {
        return await call();
      } catch (error) {
        if (!(error instanceof NoLeader)) throw error;
        if (signal.aborted || this.ended.signal.aborted) throw this.closed();
        if (performance.now() - since > ms)
          throw new OrderedLogError("unreachable", `${error.message}; is one to be promoted?`);
        await pause(this.limits.retryMs, signal);
      }
  }

  private usable(): void {
    if (this.ended.signal.aborted) throw this.closed();
  }

  private closed(): OrderedLogError {
    return new OrderedLogError("closed", `${this.where} is closed here`);
  }
}

async function fetchFrom(
  nodes: LogNodes,
  { callMs, answerBytesMax }: HttpLogLimits,
  term: number,
  { from, limit, waitMs = 0, signal }: Wanted,
  later?: (term: number) => void,
): Promise<Fetched> {
  const query = {
    term,
    ...(from !== undefined && { from }),
    ...(limit !== undefined && { limit }),
    ...(waitMs > 0 && { wait: waitMs }),
  };
  const bounds = { ms: callMs + waitMs, bytesMax: answerBytesMax, ...(signal && { signal }) };
  const bytes = await nodes.leader({ method: "GET", query, ...bounds }, later);
  try {
    return readFetched(bytes);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw new NoLeader(`an answer that cannot be read: ${error.message}`);
  }
}

function appendedOf(bytes: Buffer): Appended | undefined {
  const results: readonly Appended[] = ["appended", "conflict", "unknown"];
  return results.find((result) => bytes.toString().trim() === `{"appended":"${result}"}`);
}
