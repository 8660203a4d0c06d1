// Batches that are too long for a record: each member keeps them on its disk and says so, and once
// a majority has, a record names them by their hash. Who lacks one asks those who hold it.
import {
  type BatchReference,
  batchText,
  type EpochRecord,
  type OrderedBatch,
  type WholeRecord,
} from "../../calvin/record.ts";
import type { Sequencer, SequencerState } from "../../calvin/sequencer.ts";
import { pause } from "../../runtime/node/pause.ts";
import { textHash } from "../../runtime/node/record-hash.ts";
import { batchBytes, readBatch } from "../../runtime/ordered-bytes.ts";
import { incarnationOf, nameOf, type Origin } from "../../transducer/protocol.ts";
import type { NodeService } from "../node-service.ts";
import type { BatchFolder } from "./batch-folder.ts";
import { memberAnswers } from "./member-calls.ts";
import type { OrderedMembers } from "./members.ts";
import type { OrderedLinks } from "./service.ts";

/** What long batches are kept with, and told of. */
export type LongBatchParts = {
  readonly service: Pick<NodeService, "name" | "logger">;
  readonly folder: BatchFolder;
  readonly sequencer: Sequencer;
  /** Where the replica began: batches up to there are named by no record that comes. */
  readonly begin: Pick<SequencerState, "epoch" | "batches">;
  readonly members: OrderedMembers;
  readonly links: Pick<OrderedLinks, "ask" | "tell">;
  /** How long a member may take to answer, and how long to wait until all are asked again. */
  readonly limits: { readonly epochMs: number; readonly retryMs: number };
  /** Something may be proposed now. */
  readonly onHeld: () => void;
  readonly onFailure: (error: Error) => void;
  readonly signal: AbortSignal;
};

/** Which of a sequencer's batches one is. */
type BatchPlace = Pick<BatchReference, "sequencer" | "number">;

/** The long batches of one member. */
export class LongBatches {
  private readonly parts: LongBatchParts;
  /** Those that are held here and not in the log, by their hashes. */
  private readonly waiting = new Map<string, BatchReference>();
  /** Those that a disk or another member is asked for now. */
  private readonly busy = new Set<string>();

  constructor(parts: LongBatchParts) {
    this.parts = parts;
  }

  /** Takes note of a batch, whoever's: a long one is kept, and told of once the disk has it. */
  learn(batch: OrderedBatch): void {
    const { sequencer, folder, onFailure } = this.parts;
    if (this.isOver(batch)) return;
    const reference = sequencer.learn(batch);
    if (reference === undefined || this.busy.has(reference.hash)) return;
    this.busy.add(reference.hash);
    folder
      .keep(batch, reference.hash)
      .then(() => {
        this.waiting.set(reference.hash, reference);
        sequencer.held(reference, this.parts.service.name);
        this.tell(reference);
        this.parts.onHeld();
      })
      .catch((error: unknown) => {
        onFailure(error instanceof Error ? error : new Error(String(error)));
      })
      .finally(() => this.busy.delete(reference.hash));
  }

  /** Another member holds a batch: who lacks it asks for it. */
  heldBy(peer: string, reference: BatchReference): void {
    const { sequencer, folder, onHeld } = this.parts;
    if (this.isOver(reference)) return;
    sequencer.held(reference, peer);
    const { hash } = reference;
    const body = folder.bodies.get(hash);
    if (body !== undefined) {
      // It may have been held here since before a crash.
      if (!this.waiting.has(hash)) this.learn(body);
      onHeld();
    } else if (!this.busy.has(hash)) {
      this.busy.add(hash);
      void this.asked(peer, hash).then((batch) => {
        this.busy.delete(hash);
        if (batch !== undefined) this.learn(batch);
      });
    }
  }

  /** Says again what is held here and not in the log: of each sequencer the next one, without which
   * what comes after it is not logged. */
  announce(): void {
    const next = new Map<Origin, BatchReference>();
    for (const reference of this.waiting.values()) {
      const { sequencer, number } = reference;
      if (this.isOver(reference)) this.waiting.delete(reference.hash);
      else if (number < (next.get(sequencer)?.number ?? Infinity)) next.set(sequencer, reference);
    }
    for (const reference of next.values()) this.tell(reference);
  }

  /** Returns the bytes of a batch that is held here. */
  bytesOf(hash: string): Uint8Array | undefined {
    const batch = this.parts.folder.bodies.get(hash);
    return batch && batchBytes(batch);
  }

  /** Returns a record with its long batches: those that are not here are asked for, of one member
   * after the other. `onMissing` is called after each time that nobody had one. */
  async whole(record: EpochRecord, onMissing: () => Promise<unknown>): Promise<WholeRecord> {
    const { folder, members, limits, signal } = this.parts;
    for (;;) {
      const found = folder.bodies.whole(record);
      if (found !== undefined) return found;
      for (const { hash } of folder.bodies.missing(record))
        for (const member of members.others) {
          const batch = await this.asked(member, hash);
          if (batch === undefined) continue;
          await folder.keep(batch, hash);
          break;
        }
      if (folder.bodies.missing(record).length === 0) continue;
      await onMissing();
      await pause(limits.retryMs, signal);
      signal.throwIfAborted();
    }
  }

  /** Lets go what no member comes back to, and what lives that are over have left. */
  async forgetBefore(epoch: number): Promise<void> {
    const { folder, begin } = this.parts;
    const before = new Map(begin.batches);
    await folder.forgetBefore(epoch, (batch) => {
      const { sequencer, number } = batch;
      if (number <= (before.get(sequencer) ?? 0)) return begin.epoch < epoch;
      return !this.isLogged(batch) && this.isOver(batch);
    });
  }

  private tell({ sequencer, number, hash }: BatchReference): void {
    const { members, links } = this.parts;
    const news = { kind: "ordered-held-batch", sequencer, number, hash };
    for (const other of members.others) links.tell(other, news);
  }

  private isLogged({ sequencer: of, number }: BatchPlace): boolean {
    const logged = this.parts.sequencer.state.batches.find(([origin]) => origin === of);
    return number <= (logged?.[1] ?? 0);
  }

  /** Whether a batch is not to be logged: since it is, or since its sequencer has begun a new life,
   * and what it sent before it may follow what died with it. */
  private isOver(batch: BatchPlace): boolean {
    const of = batch.sequencer;
    const later = ([origin]: readonly [Origin, number]): boolean =>
      nameOf(origin) === nameOf(of) && incarnationOf(origin) > incarnationOf(of);
    return this.isLogged(batch) || this.parts.sequencer.state.batches.some(later);
  }

  /** Returns a batch of another member; undefined where it has none, or does not answer. */
  private async asked(member: string, hash: string): Promise<OrderedBatch | undefined> {
    const { links, limits, service } = this.parts;
    try {
      const answer = await links.ask(member, { kind: "ordered-body", hash }, limits.epochMs);
      const { batch } = memberAnswers["ordered-body"].parse(answer);
      if (batch === undefined) return undefined;
      const read = readBatch(Buffer.from(batch, "base64"));
      if (textHash(batchText(read)) !== hash) throw new Error("it has another hash");
      return read;
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      service.logger.debug(`a long batch does not come: ${text}`, { member });
      return undefined;
    }
  }
}
