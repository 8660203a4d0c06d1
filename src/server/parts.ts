// What any node of a program in parts does for its clients: facts go to their owners, and answers
// are gathered from those who have some.
import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";

import type { Accepted } from "../transducer/protocol.ts";
import { type Fact, keyOf } from "../transducer/fact.ts";
import type { Value } from "../value/schema.ts";
import { factsFromText, factsText } from "./facts-text.ts";
import { GatheredFollower } from "./gathered-live.ts";
import type { Goal } from "./goal.ts";
import { Problem } from "./http/problem.ts";
import type { Follower, LiveSink } from "./live.ts";
import type { OwnerAnswers } from "./owner-answers.ts";
import { type AskedNodes, type PartAnswer, partAnswers, type PartAsk } from "./part-calls.ts";
import type { JoinedRows } from "./joined-rows.ts";
import { PeerAway, type PeerCalls } from "./peer-calls.ts";
import type { NodeProgram } from "./node-program.ts";
import type { Shards } from "./shards.ts";

/** What the parts of a program are brought together with. */
export type PartsOptions = {
  readonly name: string;
  readonly program: NodeProgram;
  readonly shards: () => Shards;
  readonly calls: Pick<PeerCalls, "ask">;
  /** What this node has itself. */
  readonly own: OwnerAnswers;
  readonly rows: JoinedRows;
  readonly limits?: Partial<PartsLimits>;
};

/** The limits of what is done at other nodes. */
export type PartsLimits = {
  /** How long an owner that cannot be reached is tried to be, for facts … */
  readonly insertMs: number;
  /** … and for answers. */
  readonly gatherMs: number;
  /** How long to wait before an owner is tried again. */
  readonly againMs: number;
};

/** The limits of what is done at other nodes unless others are given. */
const partsLimits: PartsLimits = { insertMs: 2_000, gatherMs: 2_000, againMs: 50 };

/** Tuples of several nodes. */
export type Gathered = {
  readonly tuples: readonly (readonly Value[])[];
  /** The nodes that could not be asked. */
  readonly missing: readonly string[];
};

/** A page of them: where the next one begins, unless this was the last. */
export type GatheredPage = Gathered & { readonly next?: string };

/** The shards of a program, as a client of one node has them. */
export class Parts implements AskedNodes {
  private readonly options: PartsOptions;
  private readonly limits: PartsLimits;
  private readonly followers = new Set<GatheredFollower>();

  constructor(options: PartsOptions) {
    this.options = options;
    this.limits = { ...partsLimits, ...options.limits };
  }

  /** Who has what. */
  get shards(): Shards {
    return this.options.shards();
  }

  /** Inserts facts at their owners; resolves when they are durable there. The name of the request
   * is that of its share at each owner, together with what is in that: were it sent again while
   * owners change, nothing would be taken for what it is not. Throws a `Problem`: then some owners
   * may have taken their share. */
  async insert(request: string, facts: readonly Fact[]): Promise<readonly Accepted[]> {
    const accepted: Accepted[] = [];
    let left = facts;
    for (const until = performance.now() + this.limits.insertMs; ;) {
      const shares = [...this.sharesOf(left)];
      const done = await Promise.allSettled(
        shares.map(([home, share]) => this.insertAt(home, nameOf(request, share), share)),
      );
      for (const of of done) if (of.status === "fulfilled") accepted.push(of.value);
      const failed = [...done.entries()].filter(([, of]) => of.status === "rejected");
      if (failed.length === 0) return accepted;
      const final = !failed.every(([, of]) => of.status === "rejected" && passes(of.reason));
      if (final || performance.now() >= until) throw failureOf(done, accepted.length);
      // Who owns them may be another one soon.
      left = failed.flatMap(([at]) => shares[at]?.[1] ?? []);
      await pause(this.limits.againMs);
    }
  }

  /** Has the owners of keys seal them, once they have all that old owners had. Throws a
   * `Problem`. */
  async seal(request: string, keys: readonly Fact[]): Promise<void> {
    for (const until = performance.now() + this.limits.insertMs; !this.shards.settled;) {
      if (performance.now() >= until)
        throw new Problem(503, "handing-over", "facts of the keys may be on their way to owners", {
          hint: "members have come or gone: seal again a little later",
          headers: { "retry-after": "1" },
        });
      await pause(this.limits.againMs);
    }
    await this.insert(request, keys);
  }

  /** Returns the tuples of a relation that may fit a goal, of all nodes that have some; where they
   * cannot be asked, and `partial` does not say otherwise, throws a `Problem`. */
  async fitting(goal: Goal, text: string, partial: boolean): Promise<Gathered> {
    const { shards } = this;
    const owner = shards.ownerOf(goal);
    const members = owner === undefined ? shards.owners.members : [owner];
    const missing: string[] = [];
    const found = await Promise.all(
      members.map((member) =>
        this.unlessAway(member, partial, missing, () => this.all(member, goal.relation, text)),
      ),
    );
    const tuples = found.flatMap((of) => of ?? []);
    return {
      tuples: members.length === 1 ? tuples : this.options.rows.of(goal.relation, tuples),
      missing: missing.toSorted(),
    };
  }

  /** Returns a page of a relation's tuples: node by node, as each has them in its order. */
  async page(
    relation: number,
    cursor: string | undefined,
    limit: number,
    partial: boolean,
  ): Promise<GatheredPage> {
    const { shards } = this;
    const { rows } = this.options;
    const { members } = shards.owners;
    const begin = cursor === undefined ? undefined : placeOf(cursor);
    const missing: string[] = [];
    const found = new Map<string, readonly Value[]>();
    let place = begin ?? { member: members[0] ?? "", from: 0 };
    let at = members.indexOf(place.member);
    if (at < 0) throw expired();
    while (at < members.length) {
      const { member } = place;
      const page = await this.unlessAway(member, partial, missing, () =>
        this.ask(member, { kind: "tuples", relation, from: place.from, life: place.life }),
      );
      const facts = page === undefined ? [] : this.factsOf(page.facts);
      for (const [row, fact] of facts.entries()) {
        if (found.size === limit) {
          const next = cursorOf({ member, life: page?.life, from: place.from + row });
          return { tuples: rows.of(relation, [...found.values()]), missing, next };
        }
        // Each tuple is told by the first of its owners.
        if (shards.tellsOf(member, fact)) found.set(keyOf(fact), fact.values);
      }
      if (page?.next !== undefined) place = { member, life: page.life, from: page.next };
      else place = { member: members[++at] ?? "", from: 0 };
    }
    return { tuples: rows.of(relation, [...found.values()]), missing };
  }

  /** Tells a sink what an output holds and becomes, at all nodes that have some of it. */
  follow(relation: number, position: string | undefined, sink: LiveSink): Follower {
    const { members } = this.shards.owners;
    const follower = new GatheredFollower(
      {
        ...{ relation, members, sink, nodes: this },
        onLeft: (left) => this.followers.delete(left),
      },
      position,
    );
    this.followers.add(follower);
    return follower;
  }

  /** Ends the connections of all who follow. */
  close(): void {
    for (const follower of [...this.followers]) follower.end();
  }

  /** Asks a node, this one too. */
  async ask<K extends PartAsk["kind"]>(
    member: string,
    ask: PartAsk & { readonly kind: K },
  ): Promise<PartAnswer<K>> {
    const { name, own, calls } = this.options;
    const answer = member === name ? await own.answer(name, ask) : await calls.ask(member, ask);
    const { success, data } = partAnswers[ask.kind].safeParse(answer);
    if (!success) throw new PeerAway(member, "answers what is no answer");
    return data as PartAnswer<K>;
  }

  /** The facts by the nodes that accept them. */
  private sharesOf(facts: readonly Fact[]): ReadonlyMap<string, readonly Fact[]> {
    const { shards } = this;
    const shares = new Map<string, Fact[]>();
    for (const fact of facts) {
      const home = shards.homeOf(fact);
      const known = shares.get(home);
      if (known === undefined) shares.set(home, [fact]);
      else known.push(fact);
    }
    return shares;
  }

  private insertAt(home: string, request: string, facts: readonly Fact[]): Promise<Accepted> {
    const { name, own, program } = this.options;
    if (home === name) return own.insert(request, facts);
    const ask = { kind: "insert", request, facts: factsText(facts, program.schema) } as const;
    return this.ask(home, ask);
  }

  private async all(member: string, relation: number, goal: string) {
    const { name, own } = this.options;
    if (member === name) return own.tuples(relation, goal);
    const tuples: (readonly Value[])[] = [];
    let life: string | undefined;
    for (let from: number | undefined = 0; from !== undefined;) {
      const ask: PartAsk & { kind: "tuples" } = { kind: "tuples", relation, goal, from, life };
      const page: PartAnswer<"tuples"> = await this.ask(member, ask);
      for (const { values } of this.factsOf(page.facts)) tuples.push(values);
      life = page.life;
      from = page.next;
    }
    return tuples;
  }

  private factsOf(text: string): readonly Fact[] {
    return factsFromText(text, this.options.program.schema) ?? [];
  }

  /** What a node says, once it can be reached; undefined where it cannot and need not be. */
  private async unlessAway<T>(
    member: string,
    partial: boolean,
    missing: string[],
    ask: () => Promise<T>,
  ): Promise<T | undefined> {
    try {
      return await this.again(partial ? 0 : this.limits.gatherMs, ask);
    } catch (error) {
      if (!(error instanceof Error) || !away(error)) throw error;
      if (!partial)
        throw new Problem(503, "incomplete", `${error.message}: it has a part of the answer`, {
          hint: "ask again later, or with ?partial=true for what the others have",
          headers: { "retry-after": "1" },
        });
      missing.push(member);
      return undefined;
    }
  }

  /** Does something at a node, again and again while that cannot be reached. */
  private async again<T>(ms: number, ask: () => Promise<T>): Promise<T> {
    for (const until = performance.now() + ms; ;)
      try {
        return await ask();
      } catch (error) {
        if (!away(error) || performance.now() >= until) throw error;
        await pause(this.limits.againMs);
      }
  }
}

/** The name of the share of a request: the same facts have the same. */
function nameOf(request: string, share: readonly Fact[]): string {
  const hash = createHash("sha256");
  for (const key of share.map(keyOf).toSorted()) hash.update(`${key}\n`);
  return `${request} ${hash.digest("base64url")}`;
}

/** Whether facts that were not taken may be when they are sent again. */
function passes(error: unknown): boolean {
  const moving = error instanceof Problem && /^(not-the-owner|draining)$/.test(error.code);
  return moving || error instanceof PeerAway;
}

/** Whether a node has no answer now. */
function away(error: unknown): boolean {
  return error instanceof PeerAway || (error instanceof Problem && error.code === "incomplete");
}

/** Why a request was not accepted by all owners: what cannot be mended first. */
function failureOf(done: readonly PromiseSettledResult<unknown>[], accepted: number): unknown {
  const errors = done.flatMap((of): unknown[] => (of.status === "rejected" ? [of.reason] : []));
  const fault = errors.find((error) => !(error instanceof Problem || error instanceof PeerAway));
  const final = errors.find((error) => error instanceof Problem && error.status < 429);
  const worst = fault ?? final ?? errors[0];
  if (!(worst instanceof PeerAway)) return worst;
  const others = accepted === 0 ? "" : "; the other owners hold their share";
  return new Problem(503, "owner-away", `${worst.message}, which owns some of the facts${others}`, {
    hint: "send all of them again, under the same key",
    headers: { "retry-after": "1" },
  });
}

/** Where a page begins: at a tuple of a node, in a life of it. */
type Place = { readonly member: string; readonly life?: string | undefined; readonly from: number };

function cursorOf({ member, life = "", from }: Place): string {
  return `${encodeURIComponent(member)}/${life}-${from}`;
}

function placeOf(cursor: string): Place {
  const [, member, life, from] = /^([^/]+)\/(\w+)-(\d{1,15})$/.exec(cursor) ?? [];
  if (member === undefined) throw expired();
  try {
    return { member: decodeURIComponent(member), life, from: Number(from) };
  } catch {
    throw expired();
  }
}

function expired(): Problem {
  return new Problem(410, "cursor-expired", "the cursor is not of this life of the network", {
    hint: "begin again without it",
  });
}
