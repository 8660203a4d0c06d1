import { keyOf } from "../../transducer/fact.ts";
import { leftOf } from "../../transducer/batch-parts.ts";
import { type Gone, joinedGone } from "../../transducer/ranges.ts";
import { joinedMembers, type Members } from "../../transducer/membership.ts";
import type { LogRecord } from "../../transducer/protocol.ts";

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
  private gone: Gone = new Map();

  constructor(kept: readonly boolean[]) {
    this.kept = kept;
  }

  /** Takes note of a record, before any is added: what is gone goes from records before, too. */
  foresee(record: LogRecord): void {
    if (record.kind === "gone") this.gone = joinedGone(this.gone, record.gone);
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
    const { members, gone } = this;
    const known: LogRecord[] = members.size === 0 ? [] : [{ kind: "members", members }];
    if (gone.size > 0) known.push({ kind: "gone", gone });
    return [...known, ...this.heard.values()];
  }
}
