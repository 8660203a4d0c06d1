// What clients of the store send and are sent: what checks it, and what the description of the
// interface shows.
import * as z from "zod";

import { typePattern } from "./content.ts";
import { type StoreLimits, storeLimits } from "./limits.ts";

const keyText = (limits: StoreLimits) =>
  z
    .string()
    .min(1, "a key has at least one character")
    .refine((key) => Buffer.byteLength(key) <= limits.keyBytesMax, {
      message: `a key has at most ${limits.keyBytesMax} bytes`,
    });

/** A key. */
const key = keyText(storeLimits).meta({ id: "Key", description: "A text, not empty." });

/** What names one put or one remove: the node that took it, its life, and a number there. */
const dot = z
  .string()
  .regex(/^[^/\s:]+\/\d+:\d+$/, "a dot is a node's name/incarnation:number")
  .meta({ id: "Dot", example: "a/1:17" });

const dots = z
  .string()
  .transform((text) => text.split(",").map((one) => one.trim()))
  .pipe(z.array(dot).max(storeLimits.dotsMax));

/** How many nodes are to hold what is written before the answer is given. */
export const wait = z
  .union([z.literal("all"), z.coerce.number().int().min(1).max(1_000)])
  .optional()
  .meta({ description: "Answer when so many nodes hold it durably, this one among them." });

/** How long to wait for other nodes, in milliseconds. */
const timeout = z.coerce
  .number()
  .int()
  .min(0)
  .max(storeLimits.waitMsMax)
  .optional()
  .meta({
    description:
      "How long to wait for other nodes, in milliseconds; " + `${storeLimits.waitMs} unless given.`,
  });

/** The keys of a pair that are not in the path. */
export const pairQuery = z.object({ k1: key, k2: key });

/** What can be said of a put. */
export const putQuery = z.object({
  replaces: z
    .union([z.enum(["seen", "none"]), dots])
    .optional()
    .meta({
      description:
        "What the value takes the place of: the values that the node sees at the pair (`seen`, " +
        "unless given), none of them, or those of these dots, with commas between them.",
    }),
  wait,
  timeout,
});

/** What can be said of a remove. */
export const removeQuery = z.object({
  dots: dots.optional().meta({
    description: "The values to remove; those that the node sees at the pair unless given.",
  }),
  wait,
  timeout,
});

/** Headers of writes. */
export const writeHeaders = z.object({
  "idempotency-key": z
    .string()
    .regex(/^[\x21-\x7e]{1,128}$/, "a key has 1 to 128 visible ASCII characters")
    .optional()
    .meta({ description: "The same write under the same key is done once, however often sent." }),
  "if-none-match": z.string().optional().meta({
    description: "`*`: put if nothing is there (412 otherwise); wants the ordered plane (501).",
  }),
  "if-match": z.string().optional().meta({
    description: "Write if what is there has this ETag (412 otherwise); wants the ordered plane.",
  }),
});

/** Headers of reads. */
export const readHeaders = z.object({
  "calm-session": z.string().max(storeLimits.sessionBytesMax).optional().meta({
    description: "What the answer has to follow: the header of the same name of earlier answers.",
  }),
  "if-none-match": z.string().optional(),
});

const type = z.string().regex(typePattern, "a content type has at most 256 ASCII characters");

/** A value in JSON: a text, JSON, or the base64 of bytes. */
const content = {
  text: z.string().optional(),
  json: z.any().optional(),
  base64: z.base64().optional(),
};

/** One value with its dot. */
const version = z
  .object({ dot, type: z.string().meta({ description: "The content type." }), ...content })
  .meta({
    id: "Version",
    description: "A value as text, as JSON or as the base64 of bytes, by its content type.",
  });

const etag = z.string().meta({ description: "Tells whether the values at the pair are the same." });

/** What is at a pair of keys. */
export const cell = z
  .object({
    k1: key,
    k2: key,
    etag,
    ...version.shape,
    siblings: z
      .array(version)
      .optional()
      .meta({ description: "Other values, put at the same time; absent where there is none." }),
  })
  .meta({ id: "Cell", description: "A pair of keys with its winner, and the values beside it." });

const flag = z.enum(["true", "false"]).transform((text) => text === "true");

/** What can be said of the read of one pair. */
export const getQuery = z.object({
  format: z.enum(["raw", "json"]).optional().meta({
    description: "`raw`, unless given: the winner's bytes. `json`: all values, with their dots.",
  }),
});

/** What can be said of reads of many pairs. */
export const scanQuery = z.object({
  format: z.enum(["json", "ndjson"]).optional(),
  values: flag.optional().meta({ description: "Whether values are given with the keys: `true`." }),
  limit: z.coerce.number().int().min(1).max(storeLimits.pageCellsMax).optional(),
  cursor: z.string().max(storeLimits.cursorBytesMax).optional(),
  k1: key.optional().meta({ description: "Those with this first key: as in the path." }),
  k2: key.optional(),
  count: flag.optional().meta({
    description: "Count the pairs, strictly, in place of listing them; wants the ordered plane.",
  }),
});

/** How many pairs have a value, at an epoch. */
export const counted = z
  .object({ count: z.int(), epoch: z.int(), frontier: z.record(z.string(), z.int()) })
  .meta({ id: "Count" });

const listed = cell.partial({ text: true, json: true, base64: true });

/** A page of pairs, by k1 and then k2, in the order of their bytes. */
export const page = z
  .object({ cells: z.array(listed), next: z.string().optional() })
  .meta({ id: "Page", description: "`next` is the `cursor` of what follows, where more does." });

/** What is said of a write on condition, besides. */
const conditional = {
  epoch: z.int().optional().meta({ description: "Of a write on condition: where it was done." }),
  frontier: z
    .record(z.string(), z.int())
    .optional()
    .meta({ description: "Of a write on condition: how far it has seen other writes." }),
};

/** What was done. */
export const put = z
  .object({
    k1: key,
    k2: key,
    dot,
    replaced: z.array(dot).meta({ description: "The values whose place it took." }),
    nodes: z.int().optional().meta({ description: "With `wait`: how many nodes hold it." }),
    ...conditional,
  })
  .meta({ id: "Put" });

/** What was removed. */
export const removed = z
  .object({
    k1: key,
    k2: key,
    dot: dot.optional().meta({ description: "Of the remove; absent where nothing was there." }),
    removed: z.array(dot),
    nodes: z.int().optional(),
    ...conditional,
  })
  .meta({ id: "Removed" });

/** One write of many. */
export const operation = z
  .discriminatedUnion("op", [
    z
      .object({
        op: z.literal("put"),
        k1: key,
        k2: key,
        type: type.optional(),
        ...content,
        replaces: z.union([z.enum(["seen", "none"]), z.array(dot)]).optional(),
      })
      .strict(),
    z.object({ op: z.literal("remove"), k1: key, k2: key, dots: z.array(dot).optional() }).strict(),
  ])
  .meta({ id: "Operation", description: "A put has one of `text`, `json` and `base64`." });

/** Many writes, in order; each is one of its own. */
export const operations = z.array(operation).max(storeLimits.operationsMax);

/** What came of them, in their order. */
export const done = z
  .object({ results: z.array(z.union([put, removed])), nodes: z.int().optional() })
  .meta({ id: "Done" });

/** What asks to be told of changes. */
export const watchQuery = z.object({
  k1: key.optional(),
  k2: key.optional(),
  values: flag.optional(),
  from: z.string().max(128).optional().meta({ description: "The id of the last event." }),
});

/** What watchers are told, one by one. */
export const watchEvent = z
  .discriminatedUnion("kind", [
    z.object({
      kind: z.literal("start"),
      reset: z.boolean().meta({ description: "All pairs that are there follow: forget others." }),
    }),
    z.object({ kind: z.literal("put"), id: z.string().optional(), ...listed.shape }),
    z.object({ kind: z.literal("removed"), id: z.string().optional(), k1: key, k2: key }),
    z.object({
      kind: z.literal("failed"),
      id: z.string().optional(),
      k1: key,
      k2: key,
      detail: z.string().meta({ description: "Why a rule of the program fails on the pair." }),
    }),
    z.object({ kind: z.literal("current"), id: z.string() }),
  ])
  .meta({ id: "WatchEvent" });

const id = z.union([z.string().max(128), z.int()]);

/** One request on the WebSocket of `/v1/kv`; `id` is the client's, and the answer's. */
export const socketRequest = z
  .discriminatedUnion("op", [
    z.object({
      id,
      op: z.literal("put"),
      k1: key,
      k2: key,
      type: type.optional(),
      ...content,
      replaces: z.union([z.enum(["seen", "none"]), z.array(dot)]).optional(),
      request: z.string().max(128).optional(),
      wait,
    }),
    z.object({
      id,
      op: z.literal("remove"),
      k1: key,
      k2: key,
      dots: z.array(dot).optional(),
      request: z.string().max(128).optional(),
      wait,
    }),
    z.object({ id, op: z.literal("get"), k1: key, k2: key, session: z.string().optional() }),
  ])
  .meta({ id: "SocketRequest" });

/** How things stand with the store of a node. */
export const storeStatus = z
  .object({
    facts: z.int().meta({ description: "Puts and tombstones that are not cleaned up." }),
    tombstones: z.int().meta({ description: "Removes that some member may not know." }),
    gone: z.object({
      facts: z.int().meta({ description: "Puts and removes that were cleaned up." }),
      ranges: z.int().meta({ description: "What they are remembered as." }),
    }),
    gcIntervalMs: z.int(),
    watchers: z.int(),
  })
  .meta({ id: "StoreStatus" });
