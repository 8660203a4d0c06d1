// Many writes in one request.
import { readBody } from "../../http/body.ts";
import { Problem } from "../../http/problem.ts";
import { checked, json, type Reply, type Request, type Route } from "../../http/router.ts";
import { contentFromJson } from "../content.ts";
import type { operation } from "../schemas.ts";
import { done, operations, wait, writeHeaders } from "../schemas.ts";
import { sessionHeader } from "../../session.ts";
import type { Told, Written } from "../pair.ts";
import type { PairRequest } from "../pair-requests.ts";
import type { Store } from "../store.ts";
import type { Waits } from "../../waits.ts";
import { held, requestName } from "./pair.ts";
import * as z from "zod";

/** One write, as a client says it. */
export type Operation = z.infer<typeof operation>;

const query = z.object({ wait, timeout: z.coerce.number().int().min(0).max(60_000).optional() });

/** What is to be known of a request that a rule of the program fails on. */
export const failedHint =
  "a rule of the program fails on it, or on what is there; what it was to write is not kept, " +
  "of many writes others may be";

/** The route of many writes. */
export function bulkRoute(store: Store, waits: Waits): Route {
  return {
    method: "POST",
    path: "/kv",
    summary: "Does many writes, in order, each by itself; answers when all are durable",
    query,
    headers: writeHeaders,
    takes: { "application/json": operations, "application/x-ndjson": z.string() },
    gives: { "application/json": done },
    statuses: [200, 202],
    problems: [400, 401, 403, 413, 415, 422, 429, 503],
    handle: (request) => bulk(request, store, waits),
  };
}

async function bulk({ message, parameters }: Request, store: Store, waits: Waits): Promise<Reply> {
  const asked = checked(query, parameters);
  store.checkWritable();
  const bytes = await readBody(message, store.limits.bulkBytesMax);
  store.checkWritable();
  const text = new TextDecoder().decode(bytes);
  const lines = (message.headers["content-type"] ?? "").includes("ndjson");
  const writes = operationsIn(lines ? `[${text.trim().replace(/\r?\n\s*/g, ",")}]` : text);
  const name = requestName(message.headers, [text]);
  const nameAt = (at: number): string | undefined =>
    name === undefined ? undefined : `${name} ${at}`;
  const written = await Promise.all(
    writes.map((one, at) => store.asked<Written>((told) => writeOf(one, nameAt(at), told))),
  );
  const last = written.findLast((one) => one.last !== undefined);
  const { nodes, all } = last === undefined ? { all: true } : await held(last, asked, store, waits);
  const results = written.map((one, at) => resultOf(writes[at], one));
  const reply = json({ results, ...(nodes !== undefined && { nodes }) }, all ? 200 : 202);
  if (last?.last === undefined || "stream" in reply) return reply;
  return { ...reply, headers: { [sessionHeader]: `${last.last.origin}:${last.last.number}` } };
}

/** Returns a write as a store does it. Throws a `Problem` where its value is none. */
export function writeOf(
  of: Operation,
  request: string | undefined,
  { done, failed }: Told<Written>,
): PairRequest {
  const { k1, k2 } = of;
  if (of.op === "remove") return { kind: "remove", k1, k2, dots: of.dots, request, done, failed };
  const content = contentFromJson(of);
  return { kind: "put", k1, k2, content, replaces: of.replaces, request, done, failed };
}

/** Returns what came of a write as clients are told. */
function resultOf(of: Operation | undefined, { dot, replaced }: Written): object {
  const { k1, k2, op } = of ?? {};
  if (op === "put") return { k1, k2, dot, replaced };
  return { k1, k2, ...(dot !== undefined && { dot }), removed: replaced };
}

function operationsIn(text: string): Operation[] {
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    throw new Problem(400, "bad-request", "the body is no JSON");
  }
  const { success, data, error } = operations.safeParse(said);
  const errors = error?.issues.map(({ path, message }) => ({ at: path.join("."), message })) ?? [];
  if (!success)
    throw new Problem(400, "bad-request", "the writes are not what they should be", { errors });
  // Nothing is done where one of them cannot be.
  for (const one of data) if (one.op === "put") contentFromJson(one);
  return data;
}
