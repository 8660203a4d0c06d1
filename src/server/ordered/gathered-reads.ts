// Rows at an epoch, from all partitions: from this node's own, and from others' by asking them.
import type { Partitions } from "../../calvin/partitions.ts";
import type { Replica } from "../../calvin/replica.ts";
import type { Pattern } from "../../calvin/transaction.ts";
import { patternBytes, readTupleBytes, tupleBytes } from "../../runtime/ordered-bytes.ts";
import { keyOf } from "../../transducer/fact.ts";
import type { VersionVector } from "../../transducer/protocol.ts";
import type { Value } from "../../value/schema.ts";
import { Problem } from "../http/problem.ts";
import { PeerAway } from "../peer-calls.ts";
import type { OrderedLimits } from "./limits.ts";
import { memberAnswers } from "./member-calls.ts";
import type { OrderedMembers } from "./members.ts";
import type { OrderedReads } from "./reads.ts";
import type { OrderedLinks } from "./service.ts";
import { EpochWaits } from "./waiting.ts";

/** What rows are gathered from. */
export type ReadsParts = {
  readonly partition: number;
  readonly partitions: Partitions;
  readonly replica: Pick<Replica, "completed" | "oldest" | "view">;
  readonly members: OrderedMembers;
  readonly links: Pick<OrderedLinks, "ask">;
  readonly limits: OrderedLimits;
};

type Tuples = readonly (readonly Value[])[];

/** A part of the tuples of a partition. */
export type RowsPage = { readonly tuples: Tuples; readonly next?: string };

/** The reads of one node. */
export class GatheredReads implements OrderedReads {
  private readonly parts: ReadsParts;
  private readonly waits = new EpochWaits();
  private readonly frontiers: { readonly epoch: number; readonly frontier: VersionVector }[] = [];

  constructor(parts: ReadsParts) {
    this.parts = parts;
  }

  get completed(): number {
    return this.parts.replica.completed.epoch;
  }

  get oldest(): number {
    return this.parts.replica.oldest;
  }

  async rowsAt(pattern: Pattern, epoch: number): Promise<Tuples> {
    return this.gathered(pattern, epoch);
  }

  /** The tuples that fit a pattern now: as each partition has them after its last epoch. */
  async rowsNow(pattern: Pattern): Promise<Tuples> {
    return this.gathered(pattern, undefined);
  }

  frontierAt(epoch: number): VersionVector | undefined {
    if (epoch > this.completed) return undefined;
    return this.frontiers.findLast((one) => one.epoch <= epoch)?.frontier;
  }

  async reached(epoch: number, waitMs: number): Promise<void> {
    if (epoch <= this.completed) return;
    await this.waits.wait(epoch, waitMs, () => ahead(epoch, this.completed));
  }

  /** A page of what this node's partition has: the tuples whose texts come after one. */
  async page(pattern: Pattern, epoch: number | undefined, after = ""): Promise<RowsPage> {
    if (epoch !== undefined) await this.reached(epoch, this.parts.limits.epochMs);
    return pageOf(this.own(pattern, epoch), pattern.relation, after, this.parts.limits.rowsBytes);
  }

  /** Takes note of how far free facts are seen from an epoch on. */
  noteFrontier(epoch: number, frontier: VersionVector): void {
    const last = this.frontiers.at(-1);
    if (last === undefined || !same(last.frontier, frontier))
      this.frontiers.push({ epoch, frontier });
    if (this.frontiers.length > this.parts.limits.hashesMax) this.frontiers.shift();
  }

  /** The partition has carried out this epoch. */
  notice(epoch: number): void {
    this.waits.reached(epoch);
  }

  close(): void {
    this.waits.close(new Problem(503, "stopped", "the node is about to stop"));
  }

  private async gathered(pattern: Pattern, epoch: number | undefined): Promise<Tuples> {
    const { partitions, partition, limits } = this.parts;
    const asked = partitions.ofPattern(pattern);
    const found = await Promise.all(
      asked.map(async (of): Promise<Tuples> => {
        if (of !== partition) return this.remote(of, pattern, epoch);
        if (epoch !== undefined) await this.reached(epoch, limits.epochMs);
        return this.own(pattern, epoch);
      }),
    );
    const tuples = found.flat();
    const text = (values: readonly Value[]): string => keyOf({ relation: 0, values });
    return tuples.length < 2
      ? tuples
      : tuples
          .map((values) => ({ values, key: text(values) }))
          .toSorted((a, b) => (a.key < b.key ? -1 : 1))
          .map(({ values }) => values);
  }

  private own(pattern: Pattern, epoch = this.completed): Tuples {
    if (epoch < this.oldest) throw forgotten(epoch, this.oldest);
    return [...this.parts.replica.view(epoch).tuples(pattern)];
  }

  /** Asks the members that have a partition, one after the other. */
  private async remote(of: number, pattern: Pattern, epoch: number | undefined): Promise<Tuples> {
    let failed: unknown;
    for (const member of this.parts.members.ofPartition(of))
      try {
        return await this.pages(member, pattern, epoch);
      } catch (error) {
        if (!(error instanceof PeerAway) && !(error instanceof Problem)) throw error;
        failed = error;
      }
    if (failed instanceof Problem) throw failed;
    throw new Problem(503, "unavailable", `no replica of partition ${of} answers`, {
      headers: { "retry-after": "1" },
    });
  }

  private async pages(
    member: string,
    pattern: Pattern,
    epoch: number | undefined,
  ): Promise<readonly Value[][]> {
    const { links } = this.parts;
    const tuples: Value[][] = [];
    const bytes = Buffer.from(patternBytes([pattern])).toString("base64");
    for (let after: string | undefined; ;) {
      const asked = { kind: "ordered-rows", pattern: bytes, epoch, after };
      const page = memberAnswers["ordered-rows"].parse(await links.ask(member, asked));
      tuples.push(...readTupleBytes(Buffer.from(page.tuples, "base64")));
      if (page.next === undefined) return tuples;
      after = page.next;
    }
  }
}

function pageOf(tuples: Tuples, relation: number, after: string, bytesMax: number): RowsPage {
  const ordered = tuples
    .map((values) => ({ values, key: keyOf({ relation, values }) }))
    .filter(({ key }) => key > after)
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
  let bytes = 0;
  const end = ordered.findIndex(({ key }) => (bytes += key.length) > bytesMax);
  const page = end < 0 ? ordered : ordered.slice(0, end + 1);
  const last = page.at(-1)?.key;
  const more = page.length < ordered.length && last !== undefined;
  return { tuples: page.map(({ values }) => values), ...(more && { next: last }) };
}

/** Returns what a page is told as. */
export function pageAnswer({ tuples, next }: RowsPage): object {
  return { tuples: Buffer.from(tupleBytes(tuples)).toString("base64"), next };
}

function same(one: VersionVector, other: VersionVector): boolean {
  return (
    one.size === other.size && [...one].every(([origin, count]) => other.get(origin) === count)
  );
}

/** Returns the problem of an epoch that is not carried out yet. */
export function ahead(epoch: number, completed: number): Problem {
  return new Problem(404, "ahead", `epoch ${epoch} is not carried out here: ${completed} is`, {
    hint: "ask again a little later, or for an earlier epoch",
    headers: { "retry-after": "1" },
  });
}

/** Returns the problem of an epoch that is not kept any more. */
export function forgotten(epoch: number, oldest: number): Problem {
  return new Problem(410, "forgotten", `epoch ${epoch} is not kept any more`, {
    hint: `the oldest that is kept here is ${oldest}`,
  });
}
