// What the nodes of a program in parts ask each other.
import * as z from "zod";

const request = z.string().min(1).max(1_024);
const relation = z.int().min(0);
const life = z.string().max(64);
const position = z.string().max(128);

/** What a node asks another one. */
export const partAsk = z.discriminatedUnion("kind", [
  /** Accept facts that are yours (`factsText`), or keys as sealed; answer when they are durable. */
  z.object({ kind: z.literal("insert"), request, facts: z.string() }),
  /** What tuples of a relation are there, which fit a goal? From that one on of `life`. */
  z.object({
    ...{ kind: z.literal("tuples"), relation, life: life.optional() },
    goal: z.string().max(65_536).optional(),
    from: z.int().min(0),
  }),
  /** Has everything been taken that you had to send when you were asked in this round first, and
   * are these the members that you know? */
  z.object({
    ...{ kind: z.literal("handed"), round: z.string().max(64) },
    members: z.array(z.string()).max(10_000),
  }),
  /** What does an output hold and become? Opens a stream, or goes on with one. */
  z.object({ kind: z.literal("follow"), relation, from: position.optional() }),
  z.object({ kind: z.literal("pull"), stream: z.int() }),
  z.object({ kind: z.literal("leave"), stream: z.int() }),
]);

/** One of the things that a node asks. */
export type PartAsk = z.infer<typeof partAsk>;

/** The answers, by the kind of what was asked. */
export const partAnswers = {
  insert: z.object({
    ...{ request, origin: z.string(), from: z.int(), to: z.int() },
  }),
  tuples: z.object({
    life,
    facts: z.string(),
    /** Where the next ones are; absent where these were the last. */
    next: z.int().optional(),
  }),
  handed: z.object({ done: z.boolean() }),
  follow: z.object({ stream: z.int() }),
  /** Messages as followers are told them; after the `end` there are no more. */
  pull: z.object({
    messages: z.array(z.string()),
    end: z.enum(["behind", "stopped"]).optional(),
  }),
  leave: z.object({}),
} as const;

/** The answer to what is asked. */
export type PartAnswer<K extends PartAsk["kind"]> = z.infer<(typeof partAnswers)[K]>;

/** The nodes of a program in parts, as what can be asked. */
export type AskedNodes = {
  /** Asks a node. Throws a `Problem`, or `PeerAway`. */
  ask<K extends PartAsk["kind"]>(
    member: string,
    ask: PartAsk & { readonly kind: K },
  ): Promise<PartAnswer<K>>;
};
