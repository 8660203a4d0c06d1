// The log of a node that follows another node's: records are fetched into files of its own, from
// which this node carries them out; what it appends goes to the leader. So it has seen nothing that
// its own files lack, and goes on with them as soon as an operator promotes it.
import type { Appended, OrderedLog } from "../../calvin/ordered-log.ts";
import type { EpochRecord } from "../../calvin/record.ts";
import type { FileLogOptions } from "./file-log-options.ts";
import type { LogNodesOptions } from "./log-nodes.ts";
import { openFileLog } from "./open-file-log.ts";
import type { FileLog } from "./ordered-log-file.ts";
import { followLog } from "./ordered-log-follow.ts";
import { type FollowedSource, httpFollowSource, openHttpLog } from "./ordered-log-http.ts";
import { pause } from "./pause.ts";
import { recordHash } from "./record-hash.ts";

/** What a log that follows is opened with. */
export type FollowedLogOptions = Omit<FileLogOptions, "role"> & {
  /** Where its leader is, and who else may lead. */
  readonly leader: LogNodesOptions;
  /** How often a log that was promoted tells those that it followed of its term. */
  readonly announceMs?: number;
  /** Told after each fetch how many epochs the leader is ahead; undefined while nobody leads. */
  readonly onLag?: (epochs: number | undefined) => void;
};

const announceMs = 250;

/** Opens a log in a folder: it follows the one at some addresses, or was promoted and leads. */
export async function openFollowedLog(
  folder: string,
  { leader, onLag, announceMs: every = announceMs, ...options }: FollowedLogOptions,
): Promise<OrderedLog & { readonly own: FileLog }> {
  const own = await openFileLog(folder, { ...options, role: "follower" });
  const limits = { readMs: 2_000 };
  // A leader that is away is no reason not to begin: this one may be promoted.
  const log = await openHttpLog({ ...leader, hash: recordHash, limits, begun: false });
  // A promotion is seen between two fetches.
  const source = httpFollowSource({ ...leader, limits: { waitMs: 1_000 } });
  return new FollowedLog(own, log, source, { onLag, announceMs: every });
}

/** A log in files that follows, or leads since it was promoted. */
class FollowedLog implements OrderedLog {
  /** What is served to others, and promoted. */
  readonly own: FileLog;
  private readonly leader: OrderedLog;
  private readonly source: FollowedSource;
  private readonly ended = new AbortController();
  /** Rejects where following on would be wrong. */
  private readonly following: Promise<void>;

  constructor(
    own: FileLog,
    leader: OrderedLog,
    source: FollowedSource,
    options: { readonly onLag: FollowedLogOptions["onLag"]; readonly announceMs: number },
  ) {
    this.own = own;
    this.leader = leader;
    this.source = source;
    this.following = this.follow(options);
    this.following.catch(() => undefined);
  }

  async append(record: EpochRecord): Promise<Appended> {
    if (this.follows) {
      const appended = await this.leader.append(record);
      if (appended !== "appended") return appended;
      await Promise.race([this.fetched(record.epoch), this.following]);
      // Promoted meanwhile: what the leader had is here, or is appended again.
    }
    return this.follows ? "appended" : this.own.append(record);
  }

  read(from: number, limit: number): Promise<readonly EpochRecord[]> {
    return this.own.read(from, limit);
  }

  tail(): Promise<number> {
    return this.follows ? this.leader.tail() : this.own.tail();
  }

  async subscribe(
    from: number,
    onRecord: (record: EpochRecord) => void | Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const over = new AbortController();
    const both = AbortSignal.any([signal, over.signal]);
    const told = this.own.subscribe(from, onRecord, both);
    const failed = this.following.then(() => told);
    await Promise.race([told, failed]).finally(() => {
      over.abort();
    });
  }

  truncateBefore(epoch: number): Promise<void> {
    return this.own.truncateBefore(epoch);
  }

  async close(): Promise<void> {
    this.ended.abort();
    await this.leader.close();
    await this.following.catch(() => undefined);
    this.source.close();
    await this.own.close();
  }

  private get follows(): boolean {
    return this.own.role === "follower";
  }

  /** Returns once an epoch is on this disk, or this log leads. */
  private async fetched(epoch: number): Promise<void> {
    while (this.follows && this.own.link.epoch < epoch && !this.ended.signal.aborted) {
      // A promotion brings no record that would tell.
      const late = AbortSignal.any([this.ended.signal, AbortSignal.timeout(announceMs)]);
      await this.own.grown(epoch, late);
    }
  }

  private async follow({
    onLag = () => undefined,
    announceMs: every,
  }: {
    readonly onLag: FollowedLogOptions["onLag"];
    readonly announceMs: number;
  }): Promise<void> {
    const { own, source } = this;
    const { signal } = this.ended;
    await followLog(own, source, signal, { pollMs: 0, retryMs: every, onLag });
    // Who led before may come back, and knows nothing of the promotion.
    while (!signal.aborted && own.role === "leader") {
      const later = await source.termOf(own.term, signal).catch(() => 0);
      if (later > own.term) await own.fence(later);
      await pause(every, signal);
    }
  }
}
