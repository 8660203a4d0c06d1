// What a member of the ordered plane sends the others, and does with what they send: batches, reads
// of other partitions, answers, and how each stands.
import type { PositionedReads } from "../../calvin/gathered.ts";
import type { OrderedBatch, WholeRecord } from "../../calvin/record.ts";
import type { Answer, Replica, ReplicaOutput } from "../../calvin/replica.ts";
import { WireError } from "../../runtime/bytes.ts";
import {
  answerBytes,
  batchBytes,
  patternBytes,
  readAnswers,
  readBatch,
  readPatternBytes,
  readReads,
  readsBytes,
} from "../../runtime/ordered-bytes.ts";
import { nameOf, type VersionVector } from "../../transducer/protocol.ts";
import { Problem } from "../http/problem.ts";
import type { NodeService } from "../node-service.ts";
import { PeerAway } from "../peer-calls.ts";
import { type GatheredReads, pageAnswer } from "./gathered-reads.ts";
import type { Keeper } from "./keeper.ts";
import type { OrderedLimits } from "./limits.ts";
import type { LongBatches } from "./long-batches.ts";
import {
  memberAnswers,
  memberAsk,
  memberNews,
  type MemberNews,
  type MemberState,
} from "./member-calls.ts";
import type { OrderedMembers } from "./members.ts";
import type { Layout } from "./place.ts";
import type { OrderedLinks } from "./service.ts";

/** What messages come from, and go to. */
export type MessageParts = {
  readonly service: Pick<NodeService, "name" | "logger">;
  readonly links: Pick<OrderedLinks, "ask" | "tell">;
  readonly members: OrderedMembers;
  readonly layout: Layout;
  readonly limits: OrderedLimits;
  readonly replica: Replica;
  readonly reads: GatheredReads;
  readonly keeper: Keeper;
  readonly counts: { remoteReads: number; pulls: number };
  /** How many facts of each origin are durable here. */
  readonly held: () => VersionVector;
  /** Carries on with the partition. */
  readonly carry: (work: () => ReplicaOutput) => void;
  readonly onState: (peer: string, state: MemberState) => void;
  readonly onBatch: (batch: OrderedBatch) => void;
  readonly long: LongBatches;
  readonly onAnswer: (answer: Answer) => void;
};

/** Hashes that are told at once. */
const hashesTold = 64;

/** The messages between this member and the others. */
export class MemberMessages {
  private readonly parts: MessageParts;
  /** Who is to be told how a request ended, by request and attempt. */
  private readonly askers = new Map<string, Set<string>>();
  private readonly askedIn: { readonly epoch: number; readonly names: readonly string[] }[] = [];
  /** Since when reads of others are waited for. */
  private awaited = new Map<string, number>();
  /** How many are asked for now. */
  private pulling = 0;
  private closed = false;

  constructor(parts: MessageParts) {
    this.parts = parts;
  }

  /** Takes nothing in any more. */
  close(): void {
    this.closed = true;
  }

  // ---- what others ask and tell ----

  /** Answers what another member asks. Throws a `Problem`. */
  async answer(ask: unknown): Promise<unknown> {
    const { success, data } = memberAsk.safeParse(ask);
    if (!success) throw new Problem(400, "bad-request", "that is nothing members ask");
    const { replica, reads, held } = this.parts;
    if (data.kind === "ordered-body") {
      const bytes = this.parts.long.bytesOf(data.hash);
      return bytes === undefined ? {} : { batch: base64(bytes) };
    }
    if (data.kind === "ordered-held") return { holds: Object.fromEntries(held()) };
    try {
      if (data.kind === "ordered-checkpoint") return await this.piece(data);
      const patterns = readPatternBytes(
        Buffer.from(data.kind === "ordered-pull" ? data.patterns : data.pattern, "base64"),
      );
      if (data.kind === "ordered-pull") {
        const found = replica.read(data.position, patterns);
        if (found === undefined) return {};
        return { reads: base64(readsBytes([{ position: data.position, found }])) };
      }
      const [pattern] = patterns;
      if (pattern === undefined) throw new Problem(400, "bad-request", "there is no pattern");
      return pageAnswer(await reads.page(pattern, data.epoch, data.after));
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      throw new Problem(400, "bad-request", error.message);
    }
  }

  private async piece({ epoch, from }: { epoch?: number | undefined; from: number }) {
    const piece = await this.parts.keeper.piece(epoch, from);
    return piece === undefined ? {} : { piece: { ...piece, bytes: base64(piece.bytes) } };
  }

  /** Takes in what another member tells; what cannot be read is passed over. */
  told(peer: string, told: unknown): void {
    const { success, data } = memberNews.safeParse(told);
    if (!success || this.closed) return;
    try {
      this.take(peer, data);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      const { logger } = this.parts.service;
      logger.warn(`what a member tells cannot be read: ${error.message}`, { peer });
    }
  }

  private take(peer: string, news: MemberNews): void {
    const { onState, onBatch, onAnswer } = this.parts;
    switch (news.kind) {
      case "ordered-state":
        onState(peer, news);
        break;
      case "ordered-batch":
        onBatch(readBatch(Buffer.from(news.batch, "base64")));
        break;
      case "ordered-held-batch":
        this.parts.long.heldBy(peer, news);
        break;
      case "ordered-reads":
        this.receive(news.from, news.reads);
        break;
      case "ordered-answers":
        for (const answer of readAnswers(Buffer.from(news.answers, "base64"))) onAnswer(answer);
        break;
    }
  }

  /** Takes in what another partition has read. */
  private receive(from: number, bytes: string): void {
    const { replica, carry } = this.parts;
    const reads = readReads(Buffer.from(bytes, "base64"));
    carry(() => replica.receive(from, reads));
  }

  // ---- what is told ----

  /** Tells all others how this member stands. */
  tellState(allHashes: ReadonlyMap<number, number>): void {
    const { layout, keeper, replica } = this.parts;
    const { place, partitions, replicas } = layout;
    const hashes = [...allHashes].slice(-hashesTold);
    const { completed } = replica;
    const { checkpointed: checkpoint } = keeper;
    this.tellAll({
      ...{ kind: "ordered-state", place, partitions, replicas, completed, hashes, checkpoint },
    });
  }

  /** Tells all others of a batch of this member's sequencer. */
  tellBatch(batch: OrderedBatch): void {
    this.tellAll({ kind: "ordered-batch", batch: base64(batchBytes(batch)) });
  }

  private tellAll(news: object): void {
    const { members, links } = this.parts;
    for (const other of members.others) links.tell(other, news);
  }

  /** Sends what other partitions of this replica need for their transactions. */
  send(reads: ReplicaOutput["reads"]): void {
    const { layout, members, counts, links } = this.parts;
    const { replica, partition } = layout.place;
    const byPartition = new Map<number, PositionedReads[]>();
    for (const { to, ...of } of reads) byPartition.set(to, [...(byPartition.get(to) ?? []), of]);
    for (const [to, of] of byPartition) {
      const member = members.at({ replica, partition: to });
      if (member === undefined) continue;
      counts.remoteReads += of.length;
      links.tell(member, { kind: "ordered-reads", from: partition, reads: base64(readsBytes(of)) });
    }
  }

  // ---- who is told how requests ended ----

  /** Takes note of whose requests an epoch has. */
  noteAskers({ epoch, batches }: WholeRecord): void {
    const names: string[] = [];
    for (const { sequencer, requests } of batches)
      for (const { id, attempt } of requests) {
        const name = `${id} ${attempt}`;
        const askers = this.askers.get(name) ?? new Set();
        this.askers.set(name, askers.add(nameOf(sequencer)));
        names.push(name);
      }
    if (names.length > 0) this.askedIn.push({ epoch, names });
  }

  /** Forgets whose requests were in the epochs up to one: they are answered. */
  forgetAskers(epoch: number): void {
    while ((this.askedIn[0]?.epoch ?? Infinity) <= epoch)
      for (const name of this.askedIn.shift()?.names ?? []) this.askers.delete(name);
  }

  /** Tells those who took requests how they ended. */
  spread(answers: readonly Answer[]): void {
    const { service, links, onAnswer } = this.parts;
    const byNode = new Map<string, Answer[]>();
    for (const answer of answers)
      for (const node of this.askers.get(`${answer.id} ${answer.attempt}`) ?? []) {
        const told = byNode.get(node);
        if (told === undefined) byNode.set(node, [answer]);
        else told.push(answer);
      }
    for (const [node, told] of byNode)
      if (node === service.name) for (const one of told) onAnswer(one);
      else links.tell(node, { kind: "ordered-answers", answers: base64(answerBytes(told)) });
  }

  // ---- what is asked for ----

  /** Asks for reads of other partitions that do not come. */
  pull(): void {
    const { replica, limits } = this.parts;
    const now = performance.now();
    const before = this.awaited;
    this.awaited = new Map();
    for (const { of, position, patterns } of replica.awaited()) {
      const name = `${of} ${position}`;
      const since = before.get(name) ?? now;
      const due = now - since >= limits.pullMs && this.pulling < limits.pullsMax;
      this.awaited.set(name, due ? now : since);
      if (!due) continue;
      this.pulling++;
      void this.pullFrom(of, position, base64(patternBytes(patterns))).finally(
        () => this.pulling--,
      );
    }
  }

  private async pullFrom(of: number, position: number, patterns: string): Promise<void> {
    const { links, members, limits, counts, service } = this.parts;
    const ask = { kind: "ordered-pull", position, patterns };
    for (const member of members.ofPartition(of))
      try {
        const answer = await links.ask(member, ask, limits.epochMs);
        const { reads } = memberAnswers["ordered-pull"].parse(answer);
        counts.pulls++;
        if (reads === undefined || this.closed) continue;
        this.receive(of, reads);
        return;
      } catch (error) {
        // Another replica may have them; otherwise they are asked for again.
        if (error instanceof PeerAway || error instanceof Problem) continue;
        const text = error instanceof Error ? error.message : String(error);
        service.logger.warn(`reads of another member cannot be used: ${text}`, { member });
      }
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}
