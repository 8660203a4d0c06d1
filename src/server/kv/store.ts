// The store of a node: puts, removes and reads as facts and questions of its program. What a read
// shows, what a put replaces and what wins is the program's; dots and durability are ours.
import { randomUUID } from "node:crypto";

import type { Fact } from "../../transducer/fact.ts";
import type { Accepted } from "../../transducer/protocol.ts";
import { Problem } from "../http/problem.ts";
import type { NodeService } from "../node-service.ts";
import { overloaded, stoppedProblem } from "../routes/insert.ts";
import type { Content } from "./content.ts";
import type { StoreLimits } from "./limits.ts";
import type { StoreRelations } from "./relations.ts";

/** A pair of keys. */
export type Pair = { readonly k1: string; readonly k2: string };

/** A value with its dot. */
export type Version = Content & { readonly dot: string };

/** What is at a pair: the winner first, then its siblings in the order of their dots. */
export type Cell = Pair & { readonly versions: readonly Version[] };

/** What is put, and what it replaces: what is seen at the pair, nothing, or these dots. */
export type Put = Pair & {
  readonly content: Content;
  readonly replaces?: "seen" | "none" | readonly string[] | undefined;
};

/** What came of a put or a remove: its dots, the last of which is of what was done last. */
export type Written = {
  /** Of the put, or the remove; none where there was nothing to remove. */
  readonly dot: string | undefined;
  readonly replaced: readonly string[];
  /** The last fact that was written. */
  readonly last: { readonly origin: string; readonly number: number } | undefined;
};

/** The store of one node. */
export class Store {
  readonly service: NodeService;
  readonly relations: StoreRelations;
  readonly limits: StoreLimits;

  constructor(service: NodeService, relations: StoreRelations, limits: StoreLimits) {
    this.service = service;
    this.relations = relations;
    this.limits = limits;
  }

  /** Puts a value; resolves when it, and what it replaces, is durable. The same `request` puts
   * once: where it has been put already, what it was to replace is replaced now. */
  async put({ k1, k2, content, replaces = "seen" }: Put, request?: string): Promise<Written> {
    this.checkLife();
    const { put } = this.relations;
    const name = request ?? randomUUID();
    const once = request === undefined;
    const known = this.service.node.accepted(name);
    const dot = known === undefined ? this.nextDot() : dotOf(known);
    const replaced = Array.isArray(replaces)
      ? [...new Set(replaces as readonly string[])]
      : replaces === "none"
        ? []
        : this.seen(k1, k2).filter((one) => one !== dot);
    // A put that was replaced meanwhile replaces nothing any more.
    const late = known !== undefined && !this.seen(k1, k2).includes(dot);
    const values = [k1, k2, dot, content.type, content.data];
    const done = [this.insert(name, [{ relation: put, values }], once)];
    // A put that was refused replaces nothing.
    if (replaced.length > 0 && !late && !this.service.driver.renewing)
      done.push(this.insert(`${name} replaces`, this.tombstones(k1, k2, replaced), true));
    return await this.written(done, dot, late ? [] : replaced);
  }

  /** Removes the values of these dots at a pair, or those that are seen there; resolves when that
   * is durable. */
  async remove({ k1, k2 }: Pair, dots: readonly string[] | undefined, request?: string) {
    this.checkLife();
    const name = request ?? randomUUID();
    const known = this.service.node.accepted(name);
    const removed = known === undefined ? [...new Set(dots ?? this.seen(k1, k2))] : [];
    if (known !== undefined) return await this.written([this.again(name)], dotOf(known), removed);
    if (removed.length === 0) return await this.written([this.settled()], undefined, removed);
    const dot = this.nextDot();
    const done = this.insert(name, this.tombstones(k1, k2, removed), request === undefined);
    return await this.written([done], dot, removed);
  }

  /** Has the original protocol show a first key for good. */
  async name(k1: string): Promise<void> {
    this.checkLife();
    const { named } = this.relations;
    if (this.matching(named, [0], [k1]).length > 0) return;
    await this.insert(randomUUID(), [{ relation: named, values: [k1] }], true);
  }

  /** What is at a pair now; undefined where nothing is. */
  cell(k1: string, k2: string): Cell | undefined {
    const { live, winner } = this.relations;
    const versions = this.matching(live, [0, 1], [k1, k2]).map(versionOf);
    if (versions.length === 0) return undefined;
    const winners = this.matching(winner, [0, 1], [k1, k2]).map(([, , dot]) => dot as string);
    return { k1, k2, versions: inOrder(versions, winners) };
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

  /** The first keys that are there, or were. */
  known(): string[] {
    return this.matching(this.relations.known, [], []).map(([k1]) => k1 as string);
  }

  /** Whether a first key is there, or was. */
  isKnown(k1: string): boolean {
    return this.matching(this.relations.known, [0], [k1]).length > 0;
  }

  /** What is read now, once nothing that it follows from can be lost. */
  async durable<T>(read: () => T): Promise<T> {
    try {
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

  /** Dots name a life of the node: nothing is written between two. Throws a `Problem`. */
  private checkLife(): void {
    if (!this.service.driver.renewing) return;
    throw new Problem(503, "behind", "the node begins anew, without what it could not evaluate", {
      hint: "send the write again",
      headers: { "retry-after": "1" },
    });
  }

  private seen(k1: string, k2: string): string[] {
    return this.matching(this.relations.seen, [0, 1], [k1, k2]).map(([, , dot]) => dot as string);
  }

  private matching(relation: number, columns: readonly number[], keys: readonly string[]) {
    return this.service.transducer.matching(relation, columns, keys);
  }

  private tombstones(k1: string, k2: string, dots: readonly string[]): Fact[] {
    const by = this.nextDot();
    return dots.map((dot) => ({ relation: this.relations.remove, values: [k1, k2, dot, by] }));
  }

  /** The dot of what is inserted next. */
  private nextDot(): string {
    const { node } = this.service;
    return `${node.origin}:${node.nextNumber}`;
  }

  private insert(request: string, facts: readonly Fact[], once = false): Promise<Accepted> {
    return this.service.driver.insert(request, facts, once);
  }

  /** A request that is known is told again: its facts do not count. */
  private again(request: string): Promise<Accepted> {
    return this.insert(request, []);
  }

  private settled(): Promise<undefined> {
    return this.service.driver.whenDurable(() => undefined);
  }

  private async written(
    done: readonly Promise<Accepted | undefined>[],
    dot: string | undefined,
    replaced: readonly string[],
  ): Promise<Written> {
    try {
      const accepted = (await Promise.all(done)).at(-1);
      const last = accepted && { origin: accepted.origin, number: accepted.to };
      return { dot, replaced, last };
    } catch (error) {
      throw stoppedProblem(error);
    }
  }
}

/** The order of values: that of their bytes as UTF-8. */
export function compareTexts(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** The order of pairs: by the first key and then the second. */
export function comparePairs(a: Pair, b: Pair): number {
  return compareTexts(a.k1, b.k1) || compareTexts(a.k2, b.k2);
}

function dotOf({ origin, from }: Accepted): string {
  return `${origin}:${from}`;
}

function versionOf(row: readonly unknown[]): Version {
  const [, , dot, type, data] = row as string[];
  return { dot: dot ?? "", type: type ?? "", data: data ?? "" };
}

/** The winner first; where the program names none, or several, the least dot of those. */
function inOrder(versions: readonly Version[], winners: readonly string[]): Version[] {
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
