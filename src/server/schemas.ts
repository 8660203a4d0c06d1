// What clients send and are sent: what checks it, and what the description of the interface shows.
import * as z from "zod";

import { sessionHeader } from "./session.ts";

import { problemCodes } from "./http/problem.ts";
import { members } from "./member-schemas.ts";

const position = z.string().meta({ description: "Where to go on from: as the node gave it." });

/** A value: as JSON has it, and integers that a double does not hold as strings. */
const value = z.any().meta({
  id: "Value",
  description:
    "A number, a string, a record as the array of its fields (nil is null), a value of an " +
    "algebraic data type as {branch: [fields]}, a set as an array, a map as an array of " +
    "[key, value]. Integers beyond 2^53 and inf, -inf, nan are strings.",
});

const tuple = z.array(value).meta({ id: "Tuple", description: "The values of a tuple, in order." });

const column = z
  .object({
    name: z.string(),
    type: z.string().meta({ description: "The declared type." }),
    kind: z
      .enum(["number", "unsigned", "float", "symbol", "record"])
      .meta({ description: "How its values are represented." }),
  })
  .meta({ id: "Column" });

const level = z.enum(["M", "F1", "F2", "coordinating", "ordered"]);

/** A request of facts. */
export const factsBody = z
  .array(z.union([tuple, z.record(z.string(), value)]))
  .meta({ id: "Facts", description: "Tuples as arrays, or as objects with a member a column." });

/** Headers of a request that changes something. */
export const requestHeaders = z.object({
  "idempotency-key": z
    .string()
    .regex(/^[\x21-\x7e]{1,128}$/, "a key has 1 to 128 visible ASCII characters")
    .optional()
    .meta({ description: "The same request under the same key is done once, however often." }),
});

/** What is said of facts that are durable. */
export const inserted = z
  .object({
    relation: z.string(),
    facts: z.int().meta({ description: "How many there were in the request." }),
    origin: z.string().optional().meta({ description: "The node, and which of its lives." }),
    from: z.int().optional().meta({ description: "The number of the first fact of the origin." }),
    to: z.int().optional(),
    shares: z
      .array(z.object({ origin: z.string(), from: z.int(), to: z.int() }))
      .optional()
      .meta({ description: "Where several nodes own the facts: the origin and numbers at each." }),
  })
  .meta({ id: "Inserted" });

/** What is to be sealed: relations, or keys of relations in parts. */
export const sealBody = z
  .object({
    relations: z
      .union([
        z.literal("all"),
        z
          .array(z.union([z.string(), z.object({ relation: z.string(), key: tuple.optional() })]))
          .min(1)
          .max(4096),
      ])
      .meta({ description: "Names, or all inputs whose facts stay." }),
  })
  .meta({ id: "Seal" });

/** How things stand with the seals of a relation. */
const seals = z
  .object({
    relation: z.string(),
    awaited: z.boolean().meta({ description: "Whether the node answers nothing without them." }),
    sealed: z.array(z.string()).meta({ description: "The members that have sealed it." }),
    missing: z.array(z.string()).meta({ description: "Those that have not." }),
    complete: z.boolean().meta({ description: "Whether all have, and all of it is here." }),
  })
  .meta({ id: "Seals" });

/** What is said of seals that are durable. */
export const sealed = z
  .object({
    node: z.string(),
    relations: z.array(seals),
    keys: z
      .array(z.object({ relation: z.string(), key: tuple, owner: z.string() }))
      .optional()
      .meta({ description: "Keys of relations in parts, which their owners have sealed." }),
  })
  .meta({ id: "Sealed" });
const partial = z
  .enum(["true", "false"])
  .optional()
  .meta({ description: "Whether what some nodes have will do where others cannot be asked." });

const missing = z
  .array(z.string())
  .optional()
  .meta({ description: "The nodes that could not be asked: the answer lacks what they have." });

const limit = z.coerce.number().int().min(1).max(1_000_000).optional();

/** What can be said of tuples that are asked for. */
export const tuplesQuery = z.object({
  format: z.enum(["json", "csv", "ndjson"]).optional(),
  limit,
  cursor: position.optional(),
  partial,
});

/** The tuples of a relation. */
export const tuples = z
  .object({
    relation: z.string(),
    level,
    final: z.boolean().meta({ description: "Whether no tuple is ever withdrawn, nor grows." }),
    columns: z.array(column),
    tuples: z.array(tuple),
    next: position.optional(),
    missing,
  })
  .meta({ id: "Tuples" });

/** A relation of the program. */
const relation = z
  .object({
    name: z.string(),
    columns: z.array(column),
    input: z.boolean(),
    output: z.boolean(),
    level,
    final: z.boolean(),
    tuples: z.int(),
  })
  .meta({ id: "Relation" });

/** All of them. */
export const relations = z.object({ relations: z.array(relation) });

/** How long a question waits for what it is to follow, in milliseconds. */
export const queryWaitMs = 5_000;

/** What asks for the answers of a goal. */
export const goalQuery = z.object({
  goal: z.string().min(1).max(65_536).meta({ example: "path(1, X)" }),
  at: z
    .string()
    .regex(/^(local|session|strict|\d{1,15})$/, "local, session, strict, or the number of an epoch")
    .optional()
    .meta({
      description:
        "What the answer holds: what this node has (`local`), all that the session of the " +
        "headers has written and seen (`session`, where there is one), all that anybody was " +
        "told of before the question (`strict`), or what an epoch of the ordered plane has.",
    }),
  timeout: z.coerce
    .number()
    .int()
    .min(0)
    .max(60_000)
    .optional()
    .meta({
      description: `How long to wait for that, in milliseconds; ${queryWaitMs} unless given.`,
    }),
  limit,
  partial,
});

/** Headers of a question. */
export const goalHeaders = z.object({
  [sessionHeader]: z
    .string()
    .max(8 << 10)
    .optional()
    .meta({
      description: "What the client has written and seen: the header of earlier answers.",
    }),
});

/** The answers of a goal. */
export const goalAnswers = z
  .object({
    goal: z.string(),
    level,
    final: z.boolean(),
    holds: z.boolean().meta({ description: "Whether there is any answer." }),
    columns: z.array(column).meta({ description: "The variables of the goal." }),
    tuples: z.array(tuple).meta({ description: "What they stand for, each answer once." }),
    more: z.boolean().meta({ description: "Whether answers were left out at the limit." }),
    missing,
    at: z.string().meta({ description: "What the answers hold, as it was asked." }),
    epoch: z.int().optional().meta({
      description: "The epoch that they are of; absent where the node has answered by itself.",
    }),
    frontier: z.record(z.string(), z.int()).optional().meta({
      description: "The free facts that are seen in that epoch: how many of each origin.",
    }),
    session: z.string().meta({
      description: "What the client has seen by now, for its next question: the header, too.",
    }),
  })
  .meta({ id: "Answers" });

/** What asks why something holds, or does not. */
export const whyBody = z
  .object({
    goal: z.string().min(1).max(65_536).meta({ example: "path(1, 4)" }),
    depth: z.int().min(0).max(1_000).optional().meta({
      description: "How many steps of a proof are worked out, or how deep an absence is followed.",
    }),
    proofs: z.int().min(1).max(100).optional().meta({ description: "How many of each tuple." }),
    absence: z.boolean().optional().meta({ description: "Say why, if the one tuple is absent." }),
  })
  .meta({ id: "WhyRequest" });

/** A node of a proof; those of some kinds have more members. */
const proofNode = z
  .looseObject({
    kind: z.string().meta({
      description:
        "`given`, `rule`, `closure`, `join`, `cut`, `circle`, `dropped`: a tuple, and what its " +
        "last step is; `absent`, `condition`, `aggregate`, `reversed`: another premise.",
    }),
    text: z.string().meta({ description: "The line of the node." }),
    beside: z.string().meta({ description: "What is said of it." }),
    source: z
      .object({ kind: z.enum(["fact", "message"]), origin: z.string(), number: z.int() })
      .optional()
      .meta({
        description:
          "Of what is given: the dot of the input, or the message of a peer that brought it.",
      }),
    premises: z.array(z.int()).optional().meta({ description: "The places of what it rests on." }),
  })
  .meta({ id: "ProofNode" });

/** Why something holds, or does not. */
export const why = z
  .object({
    goal: z.string(),
    holds: z.boolean(),
    proofs: z.array(
      z
        .object({ tuple: z.string(), root: z.int(), nodes: z.array(proofNode) })
        .meta({ id: "Proof" }),
    ),
    absence: z
      .looseObject({ tuple: z.string(), shown: z.string().meta({ description: "For people." }) })
      .optional(),
  })
  .meta({ id: "Why" });

/** What asks to be told of an output. */
export const liveQuery = z.object({ from: position.optional() });

/** Headers of a request to be told. */
export const liveHeaders = z.object({ "last-event-id": position.optional() });

/** What those who follow an output are told, one by one. */
export const liveMessage = z
  .discriminatedUnion("kind", [
    z.object({
      kind: z.literal("start"),
      relation: z.string(),
      columns: z.array(column),
      mode: z.enum(["additions", "rows", "view"]),
      final: z.boolean(),
      reset: z.boolean().meta({ description: "Forget what was told before." }),
    }),
    z.object({
      kind: z.literal("added"),
      position: position.optional(),
      final: z.boolean(),
      tuples: z.array(tuple),
    }),
    z.object({
      kind: z.literal("changed"),
      position: position.optional(),
      final: z.boolean(),
      rows: z.array(z.object({ key: tuple, old: tuple.nullable(), new: tuple })),
    }),
    z.object({
      kind: z.literal("viewed"),
      position: position.optional(),
      final: z.boolean(),
      tuples: z.array(tuple),
      removed: z.array(tuple).optional(),
    }),
    z.object({ kind: z.literal("current"), position }),
  ])
  .meta({ id: "LiveMessage" });

/** How things stand with a peer. */
const peer = z
  .object({
    name: z.string(),
    url: z.string().optional(),
    connected: z.boolean(),
    ready: z.boolean().meta({ description: "Whether it has said what it holds." }),
    lacks: z.int().meta({ description: "Facts that it is not known to hold." }),
    unacknowledged: z.int().meta({ description: "Messages of rules that it has not taken." }),
    bufferedBytes: z.int(),
    lastEnd: z.string().optional(),
  })
  .meta({ id: "Peer" });

/** How things stand with the node. */
export const status = z
  .object({
    name: z.string(),
    origin: z.string(),
    version: z.string(),
    program: z.string().meta({ description: "The hash of the program." }),
    state: z.enum(["running", "draining", "stopped"]),
    ready: z.boolean().meta({ description: "Whether it answers: whether no seal is awaited." }),
    seals: z
      .array(seals)
      .meta({ description: "Relations that are awaited, or that some member has sealed." }),
    uptimeSeconds: z.number(),
    holds: z
      .record(z.string(), z.int())
      .meta({ description: "How many facts of each origin are durable here." }),
    unpersisted: z.int(),
    logBytes: z.int(),
    followers: z.int(),
    members: members.meta({ description: "Who is, and who was, a member, by their names." }),
    peers: z.array(peer),
  })
  .meta({ id: "Status" });

/** What is said of the program and the build. */
export const versions = z.object({ version: z.string(), program: z.string(), node: z.string() });

/** What says how long a drain may take. */
export const drainQuery = z.object({
  wait: z.coerce.number().min(0).max(600).optional().meta({ description: "In seconds." }),
});

/** What came of a drain. */
export const drained = z
  .object({
    drained: z.boolean().meta({ description: "Whether some peer holds all that this node does." }),
    peers: z.array(peer),
  })
  .meta({ id: "Drained" });

/** Why a request is not answered (RFC 9457). */
export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.enum(problemCodes),
    detail: z.string(),
    hint: z.string().optional(),
    errors: z.array(z.record(z.string(), z.any())).optional(),
    reason: z.string().optional().meta({ description: "Why a transaction was aborted." }),
    id: z.string().optional().meta({ description: "The name of a transaction's request." }),
    epoch: z.int().optional().meta({ description: "Where in the log it was carried out." }),
    position: z.int().optional().meta({ description: "Its place in the order." }),
  })
  .meta({ id: "Problem" });
