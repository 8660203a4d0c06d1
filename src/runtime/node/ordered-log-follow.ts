// Asynchronous replication of a log on the disk, after Calvin's asynchronous mode: a follower
// fetches what its leader has on the disk, and an operator promotes it once the leader is dead.
// What the leader had acknowledged and the follower had not fetched by then is lost.
import { OrderedLogError, type OrderedLogErrorCode } from "../ordered-log-error.ts";
import type { Link } from "../record-chain.ts";
import type { Fetched } from "../termed-bytes.ts";
import { replacedLog } from "./ordered-folder.ts";
import type { FileLog } from "./ordered-log-file.ts";
import { pause } from "./pause.ts";

/** Where a follower fetches from: a leader's log, here or at another node. */
export type FollowSource = {
  /** The records from an epoch on, at most so many; without one none, but how the log stands.
   * `term` is what the follower knows: a leader of an earlier one learns that it was replaced.
   * Rejects while the leader cannot be reached. */
  fetch(
    from: number | undefined,
    limit: number,
    term: number,
    signal: AbortSignal,
  ): Promise<Fetched>;
};

/** Returns what a log is for its followers: what a server serves. */
export function followSource(log: FileLog): FollowSource {
  return {
    async fetch(from, limit, term) {
      await log.fence(term);
      if (log.role === "fenced") throw replacedLog("that is followed", log.term);
      // Beyond the tail there is nothing, whatever was cut off.
      const records = await log.readTermed(from ?? log.link.epoch + 1, limit);
      return { term: log.term, tail: log.link.epoch, base: log.base, records };
    },
  };
}

/** How a log follows another one. */
export type FollowOptions = {
  readonly fetchRecords: number;
  /** How long to wait where there is nothing new, and after a failure. */
  readonly pollMs: number;
  readonly retryMs: number;
  /** Told after each fetch: how many epochs the leader is ahead; undefined while it cannot be
   * reached. */
  readonly onLag: (epochs: number | undefined, error?: unknown) => void;
};

/** How a log follows another one unless it is said otherwise. */
const followOptions: FollowOptions = {
  fetchRecords: 64,
  pollMs: 50,
  retryMs: 500,
  onLag: () => undefined,
};

/** Errors of a leader that do not pass. */
const final: ReadonlySet<OrderedLogErrorCode> = new Set(["fenced", "damaged"]);

/** Follows a leader until the signal is aborted or the log is promoted. Where the leader has cut
 * off what comes next, it goes on behind that. Rejects where following on would be wrong: the
 * leader is of an earlier term, or has other records than were followed. */
export async function followLog(
  log: FileLog,
  source: FollowSource,
  signal: AbortSignal,
  options: Partial<FollowOptions> = {},
): Promise<void> {
  const { fetchRecords, pollMs, retryMs, onLag } = { ...followOptions, ...options };
  const over = (): boolean => signal.aborted || log.role !== "follower";
  // After each failure the last record is fetched again: that there is another leader now, which
  // has another record there, is seen at once.
  let compared = log.link.epoch === 0;
  while (!over()) {
    const from = log.link.epoch + (compared ? 1 : 0);
    let fetched: Fetched | undefined;
    let stands: Fetched;
    try {
      fetched = await source.fetch(from, fetchRecords, log.term, signal).catch(whereCutOff);
      stands = fetched ?? (await source.fetch(undefined, 1, log.term, signal));
    } catch (error) {
      if (error instanceof OrderedLogError && final.has(error.code)) throw error;
      onLag(undefined, error);
      compared = log.link.epoch === 0;
      await pause(retryMs, signal);
      continue;
    }
    if (over()) return;
    if (stands.term < log.term) throw replacedLog("that is followed", log.term);
    if (stands.tail < log.link.epoch)
      throw new OrderedLogError(
        "diverged",
        `the leader has epochs up to ${stands.tail}, and ${log.link.epoch} of it were followed: ` +
          "it is another log, or was put back; follow it from the beginning, in a new folder",
      );
    await log.enter(stands.term);
    if (over()) return;
    if (fetched === undefined) await skipTo(stands.base, log);
    else await log.follow(fetched.records);
    compared = true;
    const lag = stands.tail - log.link.epoch;
    onLag(lag);
    if (lag <= 0) await pause(pollMs, signal);
  }
}

/** Returns nothing where the leader has cut off what was asked for. */
function whereCutOff(error: unknown): undefined {
  if (!(error instanceof OrderedLogError) || error.code !== "truncated") throw error;
}

/** Has a log go on where its leader's begins. */
async function skipTo(base: Link, log: FileLog): Promise<void> {
  const { epoch, hash } = log.link;
  if (base.epoch === epoch && base.hash !== hash)
    throw new OrderedLogError(
      "diverged",
      `the leader's epoch ${epoch} is not the one that was followed: follow it from the ` +
        "beginning, in a new folder",
    );
  await log.beginAfter(base);
}
