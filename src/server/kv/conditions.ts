// Writes on condition: put if nothing is there, compare and set. They are transactions of the
// program (`kv-conditional.dl`): atomic against each other, and against other puts as far as these
// are seen in their epoch.
import { createHash, randomUUID } from "node:crypto";

import { epochOf } from "../../calvin/storage.ts";
import type { Row } from "../../calvin/transaction.ts";
import type { Value } from "../../value/schema.ts";
import { Problem } from "../http/problem.ts";
import type { Request } from "../http/router.ts";
import { epochSession, sessionOf } from "../session.ts";
import type { Waits } from "../waits.ts";
import type { Content } from "./content.ts";
import type { Cell, Pair } from "./pair.ts";
import type { Store } from "./store.ts";

/** What has to be at a pair: nothing, or what these tags are of. */
export type Condition =
  { readonly kind: "absent" } | { readonly kind: "match"; readonly tags: readonly string[] };

/** What is counted: pairs that have a value, at an epoch. */
export type Count = {
  readonly count: number;
  readonly epoch: number;
  readonly frontier: Readonly<Record<string, number>>;
};

/** What came of a write on condition. */
export type ConditionalWrite = {
  readonly dot: string;
  readonly replaced: readonly string[];
  readonly epoch: number;
  /** How many facts of each origin were seen. */
  readonly frontier: Readonly<Record<string, number>>;
  readonly session: string;
  /** Whether reads at this node show it already. */
  readonly shown: boolean;
};

/** What is written, and on which condition. */
export type WantedWrite = Pair & {
  /** What is put; what is there is removed where it is absent. */
  readonly content?: Content;
  readonly condition: Condition;
  /** Under one name it is done once. */
  readonly request: string | undefined;
  /** The tag of what is at a pair. */
  readonly etagOf: (cell: Cell) => string;
};

/** Returns the condition of a write; undefined where it has none. Throws a problem where it cannot
 * be understood. */
export function conditionOf(
  headers: Request["message"]["headers"],
  query: { readonly replaces?: unknown; readonly dots?: unknown; readonly wait?: unknown },
): Condition | undefined {
  const { "if-match": match, "if-none-match": none } = headers;
  const beside = (["replaces", "dots", "wait"] as const).find((of) => query[of] !== undefined);
  if (beside !== undefined && (match ?? none) !== undefined)
    throw new Problem(400, "bad-request", `a write on condition takes no ?${beside}=`);
  if (none !== undefined && (none.trim() !== "*" || match !== undefined))
    throw new Problem(400, "bad-request", "a write takes if-none-match: *, or if-match alone");
  if (none !== undefined) return { kind: "absent" };
  if (match === undefined) return undefined;
  return { kind: "match", tags: match.split(",").map((tag) => tag.trim()) };
}

/** Does a write if its condition holds; answers when it is carried out. Throws a problem: 412 where
 * the condition does not hold, 501 where there is no order of writes. */
export async function writeIf(
  { k1, k2, content, condition, request, etagOf }: WantedWrite,
  store: Store,
  waits: Waits,
): Promise<ConditionalWrite> {
  const { service, limits } = store;
  const { ordered, program, node } = service;
  const name = transactionOf(condition, content);
  const known = program.program.transactions.some((of) => of.name === name);
  if (ordered === undefined || !known) throw withoutOrder("a write on condition");
  if (content !== undefined && content.data.length > limits.conditionalMax)
    throw new Problem(413, "too-large", "the value is too long to be put on condition", {
      hint: `it goes through the log: ${limits.conditionalMax} characters at most`,
    });
  const cell = await store.durable(() => store.cell(k1, k2));
  const dots = cell?.versions.map(({ dot }) => dot) ?? [];
  const id = `kv ${createHash("sha256")
    .update(request ?? randomUUID())
    .digest("base64url")}`;
  const holds =
    condition.kind === "absent"
      ? cell === undefined
      : cell !== undefined && tagged(condition.tags, etagOf(cell));
  // What was sent before is answered as it was, whatever is there by now.
  if (!holds && request === undefined) throw changed(cell && etagOf(cell));
  // No value has this dot.
  const expected = holds ? dots : [""];
  if (condition.kind === "match" && holds) await seen(k1, k2, dots, store);
  const [dot, by] = [nextDot(node.origin), nextDot(node.origin)];
  const put = content === undefined ? [] : [dot, content.type, content.data];
  const list = expected.reduceRight<Value>((rest, of) => [of, rest], null);
  const args = condition.kind === "absent" ? [k1, k2, ...put] : [k1, k2, ...put, by, list];
  const { position, result } = await ordered.submit({ id, transaction: name, args });
  if (result.kind === "aborted") throw changed(undefined);
  if (result.kind !== "done")
    throw new Problem(422, "evaluation-failed", "the condition cannot be evaluated");
  const { told: inserted } = result;
  const epoch = epochOf(position);
  const shown = await waits.until(() => all(inserted, store), limits.waitMs);
  await ordered.reads.reached(epoch, limits.waitMs).catch(() => undefined);
  const session = [await store.durable(() => sessionOf(node)), epochSession(epoch)];
  const { relations } = store;
  const of = (relation: number, column: number): string[] =>
    inserted.flatMap((row) => {
      const value = row.values[column];
      return row.relation === relation && typeof value === "string" ? [value] : [];
    });
  return {
    dot: (content === undefined ? of(relations.remove, 3) : of(relations.put, 2))[0] ?? "",
    replaced: of(relations.remove, 2),
    epoch,
    frontier: Object.fromEntries(ordered.reads.frontierAt(epoch) ?? []),
    session: session.filter((one) => one !== "").join(),
    shown,
  };
}

/** Counts the pairs with these keys that have a value: all that anybody was told of before is
 * counted. Throws a problem: 503 where that is not known, 501 where there is no order of writes. */
export async function countStrictly(
  { k1, k2 }: Partial<Pair>,
  { service: { ordered }, relations, limits }: Store,
): Promise<Count> {
  if (ordered === undefined) throw withoutOrder("a count");
  const any = { kind: "any" } as const;
  const of = (key: string | undefined) =>
    key === undefined ? any : { kind: "value" as const, value: key };
  const { tuples, epoch, frontier } = await ordered.questions.ask({
    goal: { relation: relations.seen, pattern: [of(k1), of(k2), any], columns: [] },
    level: "strict",
    session: { facts: new Map(), epoch: 0 },
    waitMs: limits.waitMs,
  });
  const pairs = new Set(tuples.map(([one, other]) => JSON.stringify([one, other])));
  return { count: pairs.size, epoch, frontier: Object.fromEntries(frontier) };
}

function transactionOf(condition: Condition, content: Content | undefined): string {
  if (content === undefined) return "removeIfMatch";
  return condition.kind === "absent" ? "putIfAbsent" : "putIfMatch";
}

/** Waits until the ordered plane sees the values that this node does: a client that has put one can
 * compare it at once. */
async function seen(k1: string, k2: string, dots: readonly string[], store: Store): Promise<void> {
  const { service, relations, limits } = store;
  const { ordered, node } = service;
  if (ordered === undefined) return;
  const pattern = { relation: relations.put, columns: [0, 1], values: [k1, k2] };
  const rows = await ordered.reads.rowsAt(pattern, ordered.reads.completed);
  const there = new Set(rows.map(([, , dot]) => dot));
  if (dots.every((dot) => there.has(dot))) return;
  const of = (value: Value) => ({ kind: "value" as const, value });
  const any = { kind: "any" } as const;
  await ordered.questions.ask({
    goal: { relation: relations.put, pattern: [of(k1), of(k2), any, any, any], columns: [] },
    level: "session",
    session: { facts: await store.durable(() => new Map(node.holds)), epoch: 0 },
    waitMs: limits.waitMs,
  });
}

function all(rows: readonly Row[], { service: { transducer } }: Store): boolean {
  return rows.every((row) => transducer.has(row));
}

function tagged(tags: readonly string[], etag: string): boolean {
  return tags.includes("*") || tags.includes(etag);
}

let lastDot = 0;

/** A dot that no node gives otherwise: names of nodes have no `@`. */
function nextDot(origin: string): string {
  lastDot++;
  return `@${origin}:${lastDot}`;
}

function changed(etag: string | undefined): Problem {
  return new Problem(412, "precondition-failed", "what is at the pair is not what it was to be", {
    hint: "read the pair again, and decide anew",
    ...(etag !== undefined && { headers: { etag } }),
  });
}

function withoutOrder(what: string): Problem {
  return new Problem(501, "not-implemented", `${what} needs an order of writes`, {
    hint:
      "start the store with --ordered --log file:DIR; ?replaces= names the values that a put " +
      "takes the place of",
  });
}
