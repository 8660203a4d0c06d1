// What a node of a program in parts does for the other nodes: it accepts what it owns, and says
// what it has.
import { factBytesBound } from "../runtime/fact-bound.ts";
import { incarnationOf } from "../transducer/protocol.ts";
import type { Accepted } from "../transducer/protocol.ts";
import type { Fact } from "../transducer/fact.ts";
import type { Value } from "../value/schema.ts";
import { factsFromText, factsText } from "./facts-text.ts";
import { fitting, given, readGoal } from "./goal.ts";
import { Problem } from "./http/problem.ts";
import type { JoinedRows } from "./joined-rows.ts";
import { LiveStream } from "./live-stream.ts";
import type { OwnNode } from "./own-node.ts";
import { type PartAnswer, type PartAsk, partAsk } from "./part-calls.ts";
import type { Answering, Shards } from "./shards.ts";

/** What the answers are made of. */
export type OwnerParts = OwnNode & {
  readonly shards: () => Shards;
  readonly rows: JoinedRows;
};

/** The limits of one answer. */
const pageLimits = { facts: 1 << 14, bytes: 4 << 20 } as const;

/** How long a stream stays that nobody asks to go on. */
const idleMs = 60_000;

/** How many rounds are known: one or two of each member. */
const roundsMax = 1_000;

/** Answers what other nodes ask. */
export class OwnerAnswers {
  private readonly parts: OwnerParts;
  private readonly streams = new Map<number, { readonly peer: string; readonly of: LiveStream }>();
  private last = 0;
  /** For each round of a life what each peer had been sent when it began. */
  private rounds = { origin: "", of: new Map<string, ReadonlyMap<string, number>>() };

  constructor(parts: OwnerParts) {
    this.parts = parts;
  }

  /** Returns the answer to what a node asks. Throws a `Problem`. */
  async answer(peer: string, asked: unknown): Promise<PartAnswer<PartAsk["kind"]>> {
    const { success, data: ask } = partAsk.safeParse(asked);
    if (!success) throw new Problem(400, "bad-request", "this node is not asked so");
    switch (ask.kind) {
      case "insert": {
        const facts = factsFromText(ask.facts, this.parts.program.schema);
        if (facts === undefined) throw new Problem(400, "bad-facts", "these are no facts");
        return this.insert(ask.request, facts);
      }
      case "tuples":
        return this.page(ask);
      case "handed":
        return { done: await this.handed(ask) };
      case "follow":
        return { stream: this.follow(peer, ask.relation, ask.from) };
      case "pull":
        return this.stream(peer, ask.stream).pull();
      case "leave":
        this.streams.get(ask.stream)?.of.leave();
        return {};
    }
  }

  /** Accepts facts that this node owns. Throws a `Problem`. */
  insert(request: string, facts: readonly Fact[]): Promise<Accepted> {
    const { driver, draining, name, shards } = this.parts;
    if (draining()) throw new Problem(503, "draining", `node ${name} is about to stop`, soon);
    if (facts.length === 0 || !facts.every((fact) => this.takes(fact)))
      throw new Problem(400, "bad-facts", "these facts are not to be inserted");
    const owners = shards();
    if (facts.some((fact) => owners.homeOf(fact) !== name))
      throw new Problem(503, "not-the-owner", `node ${name} does not own these facts`, soon);
    return driver.insert(request, facts);
  }

  /** Returns the tuples of a relation that are durable here, and fit a goal. */
  async tuples(relation: number, goal?: string): Promise<readonly (readonly Value[])[]> {
    const { program, driver } = this.parts;
    const { attributes = [], lattices = [] } = program.program.relations[relation] ?? {};
    // What it is in the lattices is known when the rows of all nodes are.
    const fixed = attributes.length - lattices.length;
    const read = goal === undefined ? undefined : readGoal(goal, program.schema);
    if (read !== undefined && "kind" in read)
      throw new Problem(400, "bad-goal", read.messages.join("; "));
    const { columns, values } = read === undefined ? { columns: [], values: [] } : given(read);
    const bound = columns.filter((column) => column < fixed);
    const found = await driver.whenDurable(() =>
      this.found(relation, bound, values.slice(0, bound.length)),
    );
    return read === undefined ? found : fitting(read, found, fixed);
  }

  /** What is here with these values, and was told before owners changed. */
  private found(relation: number, columns: readonly number[], values: readonly Value[]) {
    const { name, node, transducer, shards, rows } = this.parts;
    const from = (one: Answering): readonly (readonly Value[])[] =>
      columns.length === 0 ? one.tuples(relation) : one.matching(relation, columns, values);
    const { former } = shards();
    if (former === "unknown")
      throw new Problem(503, "incomplete", `node ${name} gets what it owns from others`, soon);
    const now = columns.length === 0 ? node.tuples(relation) : from(transducer);
    if (former.length === 0) return now;
    return rows.of(relation, [...former.map(from), now].flat());
  }

  /** The node's life, in which its tuples have an order. */
  get life(): string {
    return String(incarnationOf(this.parts.node.origin));
  }

  /** A peer has gone. */
  disconnected(peer: string): void {
    for (const stream of this.streams.values()) if (stream.peer === peer) stream.of.leave();
  }

  /** Ends all streams. */
  close(): void {
    for (const { of } of this.streams.values()) of.leave();
  }

  private takes({ relation }: Fact): boolean {
    const { program } = this.parts;
    const given = program.program.relations[relation]?.inlined === false;
    const seals = [...(program.parts?.seals.values() ?? [])].includes(relation);
    return seals || (given && program.network.roles[relation]?.input === true);
  }

  private async page({
    relation,
    goal,
    from,
    life,
  }: PartAsk & { readonly kind: "tuples" }): Promise<PartAnswer<"tuples">> {
    if (life !== undefined && life !== this.life)
      throw new Problem(410, "cursor-expired", "the node has begun another life");
    this.known(relation);
    const all = await this.tuples(relation, goal);
    const facts: Fact[] = [];
    let bytes = 0;
    for (let at = from; at < all.length && facts.length < pageLimits.facts; at++) {
      const fact: Fact = { relation, values: all[at] ?? [] };
      bytes += factBytesBound([fact]);
      if (bytes > pageLimits.bytes && facts.length > 0) break;
      facts.push(fact);
    }
    const next = from + facts.length;
    return {
      ...{ life: this.life, facts: factsText(facts, this.parts.program.schema) },
      ...(next < all.length && { next }),
    };
  }

  private follow(peer: string, relation: number, from: string | undefined): number {
    const { live, driver, node, limits, shards } = this.parts;
    this.known(relation);
    if (live.size >= limits.followersMax)
      throw new Problem(503, "overloaded", "there are as many live queries as may be", soon);
    const stream = ++this.last;
    const opened = new LiveStream(idleMs, () => this.streams.delete(stream));
    this.streams.set(stream, { peer, of: opened });
    const tuples = (): readonly (readonly Value[])[] =>
      shards().told(relation, node.tuples(relation));
    opened.follower = live.follow(relation, from, driver, tuples, opened);
    return stream;
  }

  private async handed({
    round,
    members,
  }: PartAsk & { readonly kind: "handed" }): Promise<boolean> {
    const { driver } = this.parts;
    // What this life begins with is sent once it is durable.
    await new Promise<void>((done) => {
      driver.onLiving(done);
    });
    await driver.whenDurable(() => undefined);
    const { node, shards } = this.parts;
    if (members.join(" ") !== shards().owners.members.join(" ")) return false;
    if (this.rounds.origin !== node.origin) this.rounds = { origin: node.origin, of: new Map() };
    const { of } = this.rounds;
    const peers = node.peers();
    let sent = of.get(round);
    if (sent === undefined) {
      sent = new Map(peers.map((peer) => [peer.name, peer.acknowledged + peer.unacknowledged]));
      of.set(round, sent);
      const [oldest] = of.keys();
      if (of.size > roundsMax && oldest !== undefined) of.delete(oldest);
    }
    return peers.every(({ name, acknowledged }) => acknowledged >= (sent.get(name) ?? 0));
  }

  private stream(peer: string, number: number): LiveStream {
    const found = this.streams.get(number);
    if (found?.peer === peer) return found.of;
    throw new Problem(410, "cursor-expired", "the stream has ended");
  }

  private known(relation: number): void {
    if (this.parts.program.program.relations[relation]?.inlined === false) return;
    throw new Problem(404, "unknown-relation", "there is no such relation");
  }
}

const soon = { headers: { "retry-after": "1" } };
