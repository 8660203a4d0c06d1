// The store of a node: puts, removes and reads as facts and questions of its program. What a read
// shows, what a put replaces and what wins is the program's; dots and durability are ours.
import { randomUUID } from "node:crypto";

import { Problem } from "../http/problem.ts";
import type { NodeService } from "../node-service.ts";
import { overloaded, stoppedProblem } from "../routes/insert.ts";
import {
  type Cell,
  comparePairs,
  compareTexts,
  type Pair,
  pairText,
  type Put,
  type Told,
  type Version,
  type Written,
} from "./pair.ts";
import { PairListing } from "./pair-listing.ts";
import { type PairRequest, PairRequests } from "./pair-requests.ts";
import type { StoreLimits } from "./limits.ts";
import type { StoreRelations } from "./relations.ts";

/** The store of one node. */
export class Store {
  readonly service: NodeService;
  readonly relations: StoreRelations;
  readonly limits: StoreLimits;

  private readonly requests: PairRequests;
  private readonly listing: PairListing;

  constructor(service: NodeService, relations: StoreRelations, limits: StoreLimits) {
    this.service = service;
    this.relations = relations;
    this.limits = limits;
    this.requests = new PairRequests(this);
    this.listing = new PairListing(() =>
      (service.transducer.tuples(relations.cell) as readonly string[][]).map(
        ([k1 = "", k2 = ""]) => ({ k1, k2 }),
      ),
    );
  }

  /** Puts a value, in one step with the tombstones of what it replaces; resolves when that is
   * durable. The same `request` puts once. */
  put(put: Put, request?: string): Promise<Written> {
    return this.asked((told) => ({ kind: "put", ...put, request, ...told }));
  }

  /** Removes the values of these dots at a pair, or those that are seen there; resolves when that
   * is durable. */
  remove({ k1, k2 }: Pair, dots: readonly string[] | undefined, request?: string) {
    return this.asked<Written>((told) => ({ kind: "remove", k1, k2, dots, request, ...told }));
  }

  /** What is at a pair, once all that was asked before is done and nothing that it follows from can
   * be lost. */
  read(k1: string, k2: string): Promise<Cell | undefined> {
    return this.asked((told) => ({ kind: "read", k1, k2, ...told }));
  }

  /** Has the original protocol show a first key for good. */
  async name(k1: string): Promise<void> {
    const { named } = this.relations;
    if (this.matching(named, [0], [k1]).length > 0) return;
    try {
      await this.service.driver.insert(randomUUID(), [{ relation: named, values: [k1] }], true);
    } catch (error) {
      throw stoppedProblem(error);
    }
  }

  /** What is at a pair now; undefined where nothing is. */
  cell(k1: string, k2: string): Cell | undefined {
    return this.cellsAt([{ k1, k2 }])[0];
  }

  /** What is at each of some pairs now. */
  cellsAt(pairs: readonly Pair[]): (Cell | undefined)[] {
    const { live, winner } = this.relations;
    const rows = this.rowsAt(live, pairs);
    // Who is alone has nobody to win against.
    const several = pairs.filter((pair) => (rows.get(pairText(pair)) ?? []).length > 1);
    const winners = this.rowsAt(winner, several);
    return pairs.map(({ k1, k2 }) => {
      const pair = pairText({ k1, k2 });
      const versions = rows.get(pair)?.map(versionOf);
      const first = winners.get(pair)?.map(([, , dot]) => dot as string) ?? [];
      return versions && { k1, k2, versions: inOrder(versions, first) };
    });
  }

  /** The dots that are seen at pairs, by their texts (`pairText`). */
  seenAt(pairs: readonly Pair[]): ReadonlyMap<string, readonly string[]> {
    const seen = new Map<string, string[]>();
    if (pairs.length === 0) return seen;
    for (const row of this.tuplesAt(this.relations.seen, pairs)) {
      const [k1 = "", k2 = "", dot = ""] = row as readonly string[];
      const pair = pairText({ k1, k2 });
      const known = seen.get(pair);
      if (known === undefined) seen.set(pair, [dot]);
      else known.push(dot);
    }
    return seen;
  }

  /** What is at the pairs with a first key, a second one, or at all of them, in no order. */
  cells({ k1, k2 }: Partial<Pair>): Cell[] {
    const { live, winner } = this.relations;
    const given = [k1, k2].flatMap((key, column) => (key === undefined ? [] : [{ key, column }]));
    const columns = given.map(({ column }) => column);
    const keys = given.map(({ key }) => key);
    const winners = this.matching(winner, columns, keys).map(([, , dot]) => dot as string);
    const winning = new Set(winners);
    const pairs = groups(
      this.matching(live, columns, keys),
      ([one, other]) => `${JSON.stringify(one)} ${JSON.stringify(other)}`,
    );
    return pairs.map((rows) => {
      const [[one = "", other = ""] = []] = rows as string[][];
      const versions = rows.map(versionOf);
      const first = versions.flatMap(({ dot }) => (winning.has(dot) ? [dot] : []));
      return { k1: one, k2: other, versions: inOrder(versions, first) };
    });
  }

  /** The pairs with a first key, a second one, or all of them, in the order of their bytes. */
  pairs({ k1, k2 }: Partial<Pair>): Pair[] {
    const given = [k1, k2].flatMap((key, column) => (key === undefined ? [] : [{ key, column }]));
    const columns = given.map(({ column }) => column);
    const keys = given.map(({ key }) => key);
    const found = this.matching(this.relations.seen, columns, keys) as readonly string[][];
    const sorted = found
      .map(([one = "", other = ""]) => ({ k1: one, k2: other }))
      .toSorted(comparePairs);
    return sorted.filter((pair, at) => {
      const before = sorted[at - 1];
      return before === undefined || comparePairs(before, pair) !== 0;
    });
  }

  /** Yields pairs with a first key, a second one, or all of them, after one of them where one is
   * given, in the order of their bytes: those that there are, and maybe others at which nothing is.
   * What comes after the first was asked for is not among them. */
  *pairsAfter({ k1, k2 }: Partial<Pair>, after: Pair | undefined): Generator<Pair> {
    if (k2 === undefined && this.relations.seenInCells) {
      yield* this.listing.after(after, k1);
      return;
    }
    for (const pair of this.pairs({ ...(k1 !== undefined && { k1 }), ...(k2 && { k2 }) }))
      if (after === undefined || comparePairs(pair, after) > 0) yield pair;
  }

  /** Something has changed at a pair, durably. */
  changed(pair: Pair): void {
    this.listing.changed(pair);
  }

  /** Whether it is to be told at which pairs something has changed. */
  get listed(): boolean {
    return this.listing.made;
  }

  /** The first keys that are there, or were. */
  known(): string[] {
    return this.matching(this.relations.known, [], []).map(([k1]) => k1 as string);
  }

  /** Whether a first key is there, or was. */
  isKnown(k1: string): boolean {
    return this.matching(this.relations.known, [0], [k1]).length > 0;
  }

  /** What is read now, once all that was asked before is done and nothing that it follows from can
   * be lost. */
  async durable<T>(read: () => T): Promise<T> {
    try {
      this.requests.perform();
      return await this.service.driver.whenDurable(read);
    } catch (error) {
      throw stoppedProblem(error);
    }
  }

  /** Throws the problem that keeps the node from taking writes, if there is one. */
  checkWritable(): void {
    overloaded(this.service);
    if (!this.service.draining()) return;
    throw new Problem(503, "draining", "the node is about to stop", {
      hint: "send the write to another node",
    });
  }

  /** Has a request done that says whom to tell what came of it, without a promise. Why it failed
   * is no problem yet where the node has stopped (`stoppedProblem`). */
  begin(request: PairRequest): void {
    this.requests.add(request);
  }

  /** Has a request done; resolves with what came of it. */
  asked<T>(request: (told: Told<T>) => PairRequest): Promise<T> {
    return new Promise((done, failed) => {
      const told = {
        done,
        failed: (error: unknown) => {
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
          failed(stoppedProblem(error));
        },
      };
      this.begin(request(told));
    });
  }

  private matching(relation: number, columns: readonly number[], keys: readonly string[]) {
    return this.service.transducer.matching(relation, columns, keys);
  }

  private tuplesAt(relation: number, pairs: readonly Pair[]) {
    const keys = pairs.map(({ k1, k2 }) => [k1, k2]);
    return this.service.transducer.matchingAny(relation, [0, 1], keys);
  }

  /** The rows of a relation at pairs, which are its first two columns, by the texts of pairs. */
  private rowsAt(relation: number, pairs: readonly Pair[]): Map<string, (readonly unknown[])[]> {
    const rows = new Map<string, (readonly unknown[])[]>();
    if (pairs.length === 0) return rows;
    for (const row of this.tuplesAt(relation, pairs)) {
      const [k1, k2] = row as readonly string[];
      const pair = pairText({ k1: k1 ?? "", k2: k2 ?? "" });
      const known = rows.get(pair);
      if (known === undefined) rows.set(pair, [row]);
      else known.push(row);
    }
    return rows;
  }
}

function versionOf(row: readonly unknown[]): Version {
  const [, , dot, type, data] = row as string[];
  return { dot: dot ?? "", type: type ?? "", data: data ?? "" };
}

/** The winner first; where the program names none, or several, the least dot of those. */
function inOrder(versions: readonly Version[], winners: readonly string[]): readonly Version[] {
  if (versions.length === 1) return versions;
  const rank = ({ dot }: Version): number => (winners.includes(dot) ? 0 : 1);
  return versions.toSorted((a, b) => rank(a) - rank(b) || compareTexts(a.dot, b.dot));
}

function groups<T>(items: readonly T[], keyOf: (item: T) => string): T[][] {
  const found = new Map<string, T[]>();
  for (const item of items) {
    const group = found.get(keyOf(item));
    if (group === undefined) found.set(keyOf(item), [item]);
    else group.push(item);
  }
  return [...found.values()];
}
