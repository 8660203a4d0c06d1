// The ordered log in etcd: Calvin's synchronous replication. A record is a key of its own, created
// if it is absent and the record before is there: of two who append one epoch, one wins, also where
// one of them was paused for an hour. What is read are linearisable ranges of keys without gaps; a
// watch only says that it may be worth to read.
//
//     PREFIX/log                 the format and the program
//     PREFIX/epochs/0000…17      the record of epoch 17 (`epoch-bytes.ts`)
import type { Appended, OrderedLog } from "../../calvin/ordered-log.ts";
import type { EpochRecord } from "../../calvin/record.ts";
import { WireError } from "../bytes.ts";
import { epochBytes, readEpoch } from "../epoch-bytes.ts";
import { OrderedLogError } from "../ordered-log-error.ts";
import { firstLink, type Link, RecordChain, type RecordHash } from "../record-chain.ts";
import { feed } from "../record-feed.ts";
import {
  base64,
  type EtcdAnswer,
  EtcdClient,
  EtcdUnknown,
  type EtcdOptions,
} from "./etcd-client.ts";
import { pause } from "./pause.ts";

/** What a log in etcd is opened with. */
export type EtcdLogOptions = Omit<EtcdOptions, "callMs"> & {
  /** The log's place among the keys: one for each cluster. */
  readonly prefix: string;
  readonly program: string;
  readonly hash: RecordHash;
  readonly limits?: Partial<EtcdLogLimits>;
};

/** The limits of a log in etcd. */
export type EtcdLogLimits = {
  /** One record: etcd takes requests of 1.5 MiB, and as text a record is longer by a third. */
  readonly recordBytesMax: number;
  /** Records of one read. */
  readonly readRecords: number;
  /** How long one call to one member may take. */
  readonly callMs: number;
  /** How long reads are tried while no member answers. */
  readonly readMs: number;
  /** How often a subscriber reads where no hint comes. */
  readonly pollMs: number;
};

/** The limits of a log in etcd unless others are given. */
const etcdLogLimits: EtcdLogLimits = {
  recordBytesMax: 1 << 20,
  readRecords: 64,
  callMs: 2_000,
  readMs: 30_000,
  pollMs: 100,
};

const format = 1;
/** The digits of an epoch in its key: all safe integers, in their order. */
const digits = 16;

/** A record as etcd has it. */
type Entry = { readonly epoch: number; readonly value: string };

/** Opens the log under a prefix; begins it where there is none. */
export async function openEtcdLog(options: EtcdLogOptions): Promise<OrderedLog> {
  const log = new EtcdLog(options);
  try {
    await log.begin();
    return log;
  } catch (error) {
    await log.close();
    throw error;
  }
}

class EtcdLog implements OrderedLog {
  private readonly options: EtcdLogOptions;
  private readonly limits: EtcdLogLimits;
  private readonly client: EtcdClient;
  private readonly ended = new AbortController();
  /** A record that is there: a record stays what and where it is. */
  private known: Link = firstLink;

  constructor(options: EtcdLogOptions) {
    this.options = options;
    this.limits = { ...etcdLogLimits, ...options.limits };
    this.client = new EtcdClient({ ...options, callMs: this.limits.callMs });
  }

  /** Makes sure that the log under the prefix is one of this program. */
  async begin(): Promise<void> {
    const key = base64(`${this.options.prefix}/log`);
    const own = JSON.stringify({ format, program: this.options.program });
    const answer = await this.untilKnown("/v3/kv/txn", {
      compare: [{ key, target: "CREATE", create_revision: "0" }],
      success: [{ request_put: { key, value: base64(own) } }],
      failure: [{ request_range: { key } }],
    });
    if (answer["succeeded"] === true) return;
    const [found] = valuesOf(rangeOf(answer));
    const said = Buffer.from(found ?? "", "base64").toString();
    if (said === own) return;
    const other = /^\{"format":1,/.test(said) ? "other-program" : "unknown-format";
    throw new OrderedLogError(
      other,
      `the log ${this.options.prefix} in etcd is of another program or version (${said}): start ` +
        "that one, or take another prefix",
    );
  }

  async append(record: EpochRecord): Promise<Appended> {
    this.usable();
    const bytes = epochBytes(record);
    if (bytes.length > this.limits.recordBytesMax)
      throw new OrderedLogError(
        "too-large",
        `the record of epoch ${record.epoch} has ${bytes.length} bytes, the limit ` +
          `(recordBytesMax) is ${this.limits.recordBytesMax}: put fewer requests into an epoch`,
      );
    const { epoch } = record;
    try {
      if (epoch > 1 && !(await this.follows(record))) return "conflict";
      const key = base64(this.keyOf(epoch));
      const value = base64(bytes);
      const absent = { key, target: "CREATE", create_revision: "0" };
      // Where epochs were cut off, the first place is free again and is none.
      const none = { ...absent, key: base64(this.keyOf(0)), range_end: base64(this.end) };
      const before = { key: base64(this.keyOf(epoch - 1)), target: "CREATE", result: "GREATER" };
      const answer = await this.client.call("/v3/kv/txn", {
        compare: epoch === 1 ? [none] : [absent, { ...before, create_revision: "0" }],
        success: [{ request_put: { key, value } }],
        failure: [{ request_range: { key } }],
      });
      const [there] = valuesOf(rangeOf(answer));
      if (answer["succeeded"] !== true && there !== value) return "conflict";
      this.known = { epoch, hash: this.options.hash(record) };
      return "appended";
    } catch (error) {
      if (error instanceof EtcdUnknown) return "unknown";
      throw error;
    }
  }

  async read(from: number, limit: number): Promise<readonly EpochRecord[]> {
    this.usable();
    const count = Math.min(limit, this.limits.readRecords);
    const entries = await this.entries(from, count);
    const [first] = entries;
    if (first?.epoch !== from) {
      const least = first?.epoch ?? (await this.entries(1, 1))[0]?.epoch ?? 1;
      if (from >= least) return [];
      throw new OrderedLogError(
        "truncated",
        `the log ${this.options.prefix} in etcd begins with epoch ${least}, and epoch ${from} is ` +
          "asked for: begin with a checkpoint of another replica",
      );
    }
    const chain = new RecordChain(this.options.hash, { epoch: from - 1 });
    return entries.map(({ epoch, value }) => {
      const record = this.recordOf(epoch, value);
      this.known = chain.next(record, this.keyOf(epoch));
      return record;
    });
  }

  async tail(): Promise<number> {
    this.usable();
    const answer = await this.untilKnown("/v3/kv/range", {
      key: base64(this.keyOf(0)),
      range_end: base64(this.end),
      ...{ sort_order: "DESCEND", sort_target: "KEY", limit: "1", keys_only: true },
    });
    return entriesOf(answer)[0]?.epoch ?? 0;
  }

  async subscribe(
    from: number,
    onRecord: (record: EpochRecord) => void | Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const both = AbortSignal.any([signal, this.ended.signal]);
    const wait = async (epoch: number): Promise<void> => {
      await this.client.watch(this.keyOf(epoch), this.end, this.limits.pollMs, both);
    };
    await feed({ log: this, hash: this.options.hash, wait }, from, onRecord, both).catch(
      (error: unknown) => {
        if (!both.aborted) throw error;
      },
    );
  }

  async truncateBefore(epoch: number): Promise<void> {
    this.usable();
    const end = Math.min(epoch, await this.tail());
    if (end <= 1) return;
    const answer = await this.untilKnown("/v3/kv/deleterange", {
      key: base64(this.keyOf(0)),
      range_end: base64(this.keyOf(end)),
    });
    // Deleted keys take space until the history of keys is cut off, too. Others may have cut it.
    const { revision } = (answer["header"] ?? {}) as { revision?: unknown };
    await this.client.call("/v3/kv/compaction", { revision }).catch(() => undefined);
  }

  close(): Promise<void> {
    this.ended.abort();
    this.client.close();
    return Promise.resolve();
  }

  /** Whether the record before is the one that this one names. */
  private async follows({ epoch, previous }: EpochRecord): Promise<boolean> {
    if (this.known.epoch === epoch - 1) return this.known.hash === previous;
    const answer = await this.client.call("/v3/kv/range", this.rangeFrom(epoch - 1, 1));
    const [before] = entriesOf(answer);
    if (before?.epoch !== epoch - 1) return false;
    return this.options.hash(this.recordOf(epoch - 1, before.value)) === previous;
  }

  private recordOf(epoch: number, value: string): EpochRecord {
    try {
      return readEpoch(Buffer.from(value, "base64"));
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      const key = `the key ${this.keyOf(epoch)} in etcd`;
      if (error.code === "unknown-format")
        throw new OrderedLogError(error.code, `${key}: ${error.message}`, error);
      throw new OrderedLogError(
        "damaged",
        `${key} holds no record (${error.message}): restore etcd from a snapshot`,
      );
    }
  }

  private async entries(from: number, limit: number): Promise<Entry[]> {
    return entriesOf(await this.untilKnown("/v3/kv/range", this.rangeFrom(from, limit)));
  }

  private rangeFrom(from: number, limit: number): object {
    const [key, end] = [base64(this.keyOf(from)), base64(this.end)];
    return { key, range_end: end, limit: String(limit) };
  }

  /** Calls again while no member answers: for what may be done twice. */
  private async untilKnown(path: string, body: object): Promise<EtcdAnswer> {
    const since = performance.now();
    for (let waitMs = 20; ; waitMs = Math.min(2 * waitMs, 500)) {
      try {
        return await this.client.call(path, body);
      } catch (error) {
        const over = performance.now() - since > this.limits.readMs || this.ended.signal.aborted;
        if (!(error instanceof EtcdUnknown)) throw error;
        if (over)
          throw new OrderedLogError(
            "unreachable",
            `${error.message}: start etcd, or see the addresses and certificates`,
            error,
          );
        await pause(waitMs, this.ended.signal);
      }
    }
  }

  private keyOf(epoch: number): string {
    return `${this.options.prefix}/epochs/${String(epoch).padStart(digits, "0")}`;
  }

  /** What follows all epochs. */
  private get end(): string {
    return `${this.options.prefix}/epochs/:`;
  }

  private usable(): void {
    if (!this.ended.signal.aborted) return;
    throw new OrderedLogError("closed", `the log ${this.options.prefix} in etcd is closed`);
  }
}

/** The answer to the range that is the only one of a transaction. */
function rangeOf(answer: EtcdAnswer): EtcdAnswer {
  const [first] = (answer["responses"] ?? []) as { readonly response_range?: EtcdAnswer }[];
  return first?.response_range ?? {};
}

function valuesOf(range: EtcdAnswer): (string | undefined)[] {
  const found = (range["kvs"] ?? []) as { readonly value?: unknown }[];
  return found.map(({ value }) => (typeof value === "string" ? value : undefined));
}

function entriesOf(range: EtcdAnswer): Entry[] {
  const found = (range["kvs"] ?? []) as { readonly key?: unknown; readonly value?: unknown }[];
  return found.map(({ key, value }) => {
    const name = typeof key === "string" ? Buffer.from(key, "base64").toString() : "";
    return { epoch: Number(name.slice(-digits)), value: typeof value === "string" ? value : "" };
  });
}
