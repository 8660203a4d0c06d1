// What the members of the ordered plane tell and ask each other, over the connections of their
// nodes. What is long is bytes in base64 (`ordered-bytes.ts`).
import * as z from "zod";

const count = z.int().min(0);
const bytes = z.base64();
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const place = z.object({ replica: count, partition: count });

/** How a member stands: told to all, again and again. */
const state = z.object({
  kind: z.literal("ordered-state"),
  place,
  partitions: count,
  replicas: count,
  /** The last epoch that is carried out, and the hashes of those before it that are remembered. */
  completed: z.object({ epoch: count, hash: count }),
  hashes: z.array(z.tuple([count, count])).max(1_024),
  /** The epoch of its last checkpoint. */
  checkpoint: count,
});

/** What a member tells others, without an answer. */
export const memberNews = z.discriminatedUnion("kind", [
  state,
  /** A batch of its sequencer. */
  z.object({ kind: z.literal("ordered-batch"), batch: bytes }),
  /** It holds, on its disk, a batch that is too long for a record. */
  z.object({
    ...{ kind: z.literal("ordered-held-batch"), sequencer: z.string().max(256) },
    ...{ number: z.int().min(1), hash },
  }),
  /** What its partition has read for transactions of the receiver's. */
  z.object({ kind: z.literal("ordered-reads"), from: count, reads: bytes }),
  /** Answers to requests that the receiver took. */
  z.object({ kind: z.literal("ordered-answers"), answers: bytes }),
]);

/** One of the things that a member tells. */
export type MemberNews = z.infer<typeof memberNews>;

/** What a member says of how it stands. */
export type MemberState = z.infer<typeof state>;

/** What a member asks another one. */
export const memberAsk = z.discriminatedUnion("kind", [
  /** What did your partition read, for a transaction at this place, by these patterns? */
  z.object({ kind: z.literal("ordered-pull"), position: count, patterns: bytes }),
  /** Which tuples fit a pattern after an epoch, or after the last one? Those after a text
   * (`keyOf`). */
  z.object({
    ...{ kind: z.literal("ordered-rows"), pattern: bytes },
    epoch: count.optional(),
    after: z.string().optional(),
  }),
  /** What is your last checkpoint, or that of an epoch, from a byte on? Of the same partition. */
  z.object({ kind: z.literal("ordered-checkpoint"), epoch: count.optional(), from: count }),
  /** What is the long batch with this hash? */
  z.object({ kind: z.literal("ordered-body"), hash }),
  /** How many facts of each origin are durable at you? */
  z.object({ kind: z.literal("ordered-held") }),
]);

/** The answers, by the kind of what was asked. */
export const memberAnswers = {
  /** Without `reads` it has not come to that place, or has forgotten. */
  "ordered-pull": z.object({ reads: bytes.optional() }),
  "ordered-rows": z.object({ tuples: bytes, next: z.string().optional() }),
  /** Empty where there is none. */
  "ordered-checkpoint": z.object({
    piece: z.object({ epoch: count, bytes, last: z.boolean() }).optional(),
  }),
  /** Empty where it is not held. */
  "ordered-body": z.object({ batch: bytes.optional() }),
  "ordered-held": z.object({ holds: z.record(z.string(), count) }),
} as const;

/** Whether something told or asked by a peer is of the ordered plane. */
export function ofOrderedPlane(what: unknown): boolean {
  const kind = typeof what === "object" && what !== null && "kind" in what ? what.kind : undefined;
  return typeof kind === "string" && kind.startsWith("ordered-");
}
