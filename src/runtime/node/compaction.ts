import { keyOf } from "../../transducer/fact.ts";
import { leftOf } from "../../transducer/batch-parts.ts";
import { joinedMembers, type Members } from "../../transducer/membership.ts";
import { recordedGone } from "../../transducer/node.ts";
import type { LogRecord } from "../../transducer/protocol.ts";
import type { Gone } from "../../transducer/ranges.ts";

/** Yields what is left of the records of a log. */
export function* compacted(
  records: Iterable<LogRecord>,
  kept: readonly boolean[],
): Generator<LogRecord> {
  const compaction = new Compaction(kept, recordedGone(records));
  yield* compaction.begin();
  for (const record of records) {
    const left = compaction.add(record);
    if (left !== undefined) yield left;
  }
  yield* compaction.finish();
}

/** Leaves out of a log's records what is of no use: messages that the node had already, from
 * another peer or an earlier life of the same one, and what was known of members before the last
 * that is. A node that is given what is left knows, and has heard, the same.
 *
 * Batches stay as they are unless they are gone: peers may still need them, and their origins have
 * signed them. Messages of relations that are not `kept` stay, too: each was a step. */
export class Compaction {
  private readonly kept: readonly boolean[];
  private readonly known = new Set<string>();
  /** What peers were heard of last, where all that they said had been known. */
  private readonly heard = new Map<string, LogRecord>();
  private members: Members = new Map();
  private readonly gone: Gone;

  /** What is gone by any of the records goes from those before, too. */
  constructor(kept: readonly boolean[], gone: Gone) {
    this.kept = kept;
    this.gone = gone;
  }

  /** Returns what has to come before all that `add` returns: where the end of the log is lost, what
   * is gone of the rest has to be known. */
  begin(): LogRecord[] {
    return this.gone.size === 0 ? [] : [{ kind: "gone", gone: this.gone }];
  }

  /** Returns what is left of the next record, if anything is. */
  add(record: LogRecord): LogRecord | undefined {
    if (record.kind === "gone") return undefined;
    if (record.kind === "batch") {
      const { origin, from } = record.batch;
      const batch = leftOf(record.batch, this.gone.get(origin) ?? [], from);
      return batch === record.batch ? record : batch && { kind: "batch", batch };
    }
    if (record.kind === "members") {
      this.members = joinedMembers(this.members, record.members);
      return undefined;
    }
    const { peer, from, facts } = record;
    const fresh = facts.filter((fact) => {
      if (this.kept[fact.relation] !== true) return true;
      const key = keyOf(fact);
      if (this.known.has(key)) return false;
      this.known.add(key);
      return true;
    });
    // The number of the last message is what was heard: it stays.
    const left = { ...record, from: from + facts.length - fresh.length, facts: fresh };
    this.heard.delete(peer);
    if (fresh.length > 0) return left;
    this.heard.set(peer, left);
    return undefined;
  }

  /** Returns what has to follow all that `add` returned. */
  finish(): LogRecord[] {
    const { members } = this;
    const known: LogRecord[] = members.size === 0 ? [] : [{ kind: "members", members }];
    return [...known, ...this.heard.values()];
  }
}
