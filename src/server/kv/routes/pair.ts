// One pair of keys: what is put there, read and removed.
import { createHash } from "node:crypto";

import { readBody } from "../../http/body.ts";
import { Problem } from "../../http/problem.ts";
import { checked, json, type Reply, type Request, type Route } from "../../http/router.ts";
import { bytesOf, contentJson, contentOf } from "../content.ts";
import {
  cell as cellSchema,
  getQuery,
  pairQuery,
  put as putSchema,
  putQuery,
  readHeaders,
  removed,
  removeQuery,
  writeHeaders,
} from "../schemas.ts";
import { follows, readSession, sessionHeader, sessionOf } from "../../session.ts";
import { conditionOf, type WantedWrite, writeIf } from "../conditions.ts";
import type { Cell, Pair, Written } from "../pair.ts";
import type { Store } from "../store.ts";
import type { Waits } from "../../waits.ts";
import * as z from "zod";

/** Where a pair is: in the path, or in what follows the question mark, as every address is read as
 * if the keys `.` and `..` in its path named folders. */
const places = [
  { path: "/kv/{k1}/{k2}", keys: {}, where: "" },
  { path: "/v1/pair", keys: pairQuery.shape, where: ", at any keys" },
];

const problems = [400, 401, 403, 412, 413, 415, 422, 429, 501, 503];

/** The routes of one pair of keys. */
export function pairRoutes(store: Store, waits: Waits): Route[] {
  return places.flatMap(({ path, keys, where }): Route[] => [
    {
      method: "POST",
      ...{ path, query: putQuery.extend(keys), headers: writeHeaders },
      summary: `Puts the body${where}; answers when it is durable`,
      takes: { "*/*": z.string() },
      gives: { "application/json": putSchema },
      statuses: [201, 202],
      problems,
      handle: (request) => put(request, store, waits),
    },
    {
      method: "GET",
      ...{ path, query: getQuery.extend(keys), headers: readHeaders },
      summary: `Gives the winner${where}, or all values`,
      gives: { "*/*": z.string(), "application/json": cellSchema },
      statuses: [200, 304],
      problems: [400, 401, 403, 404, 422, 503],
      handle: (request) => get(request, store, waits),
    },
    {
      method: "DELETE",
      ...{ path, query: removeQuery.extend(keys), headers: writeHeaders },
      summary: `Removes the values that are there${where}; answers when that is durable`,
      gives: { "application/json": removed },
      statuses: [200, 202],
      problems,
      handle: (request) => remove(request, store, waits),
    },
  ]);
}

async function put({ message, parameters }: Request, store: Store, waits: Waits): Promise<Reply> {
  const pair = pairOf(parameters, store);
  const query = checked(putQuery, parameters);
  const condition = conditionOf(message.headers, query);
  const encoding = message.headers["content-encoding"] ?? "identity";
  if (encoding !== "identity")
    throw new Problem(415, "unsupported-type", `bodies are taken as they are, not as ${encoding}`);
  store.checkWritable();
  const bytes = await readBody(message, store.limits.valueBytesMax);
  store.checkWritable();
  const content = contentOf(message.headers["content-type"], bytes);
  const name = requestName(message.headers, ["put", pair.k1, pair.k2, content.type, content.data]);
  if (condition !== undefined) {
    await following(message.headers, store, waits);
    return conditional({ ...pair, content, condition, request: name }, store, waits);
  }
  const written = await store.put({ ...pair, content, replaces: query.replaces }, name);
  const { dot, replaced } = written;
  const { nodes, all } = await held(written, query, store, waits);
  const body = { ...pair, dot, replaced, ...(nodes !== undefined && { nodes }) };
  return withSession(json(body, all ? 201 : 202), written);
}

async function get({ message, parameters }: Request, store: Store, waits: Waits): Promise<Reply> {
  const { k1, k2 } = pairOf(parameters, store);
  const { format } = checked(getQuery, parameters);
  await following(message.headers, store, waits);
  const found = await store.durable(() => ({
    cell: store.cell(k1, k2),
    session: sessionOf(store.service.node),
  }));
  const headers: Record<string, string> =
    found.session === "" ? {} : { [sessionHeader]: found.session };
  const [winner, ...siblings] = found.cell?.versions ?? [];
  if (found.cell === undefined || winner === undefined)
    throw new Problem(404, "not-found", "there is no value at this pair of keys", { headers });
  const etag = etagOf(found.cell);
  Object.assign(headers, { etag, "calm-dot": encodeURI(winner.dot), "cache-control": "no-cache" });
  if (matches(message.headers["if-none-match"], etag))
    return { status: 304, type: "", body: "", headers };
  const wanted = format ?? (asksCell(message.headers.accept) ? "json" : "raw");
  if (wanted === "json") return { ...json(cellJson(found.cell)), headers };
  const { type, bytes } = bytesOf(winner);
  if (siblings.length > 0) headers["calm-siblings"] = String(siblings.length);
  headers["content-length"] = String(bytes.length);
  // Whoever puts a page does not get its scripts to run in the name of the store.
  headers["x-content-type-options"] = "nosniff";
  headers["content-security-policy"] = "sandbox";
  return { type, body: [bytes], headers };
}

async function remove({ message, parameters }: Request, store: Store, waits: Waits) {
  const pair = pairOf(parameters, store);
  const query = checked(removeQuery, parameters);
  const condition = conditionOf(message.headers, query);
  if (condition?.kind === "absent")
    throw new Problem(400, "bad-request", "where nothing is there is nothing to remove");
  store.checkWritable();
  const { dots } = query;
  const name = requestName(message.headers, ["remove", pair.k1, pair.k2, String(dots)]);
  if (condition !== undefined) {
    await following(message.headers, store, waits);
    return conditional({ ...pair, condition, request: name }, store, waits);
  }
  const written = await store.remove(pair, dots, name);
  const { dot, replaced } = written;
  const { nodes, all } = await held(written, query, store, waits);
  const said = { ...(dot !== undefined && { dot }), ...(nodes !== undefined && { nodes }) };
  return withSession(json({ ...pair, ...said, removed: replaced }, all ? 200 : 202), written);
}

/** A pair as JSON. */
export function cellJson(cell: Cell, values = true): object {
  const [winner, ...siblings] = cell.versions.map(({ dot, ...content }) => {
    const { type, ...said } = contentJson(content);
    return { dot, type, ...(values && said) };
  });
  const { k1, k2 } = cell;
  const etag = etagOf(cell);
  return { k1, k2, etag, ...winner, ...(siblings.length > 0 && { siblings }) };
}

/** What says whether the values of a pair are the same: their dots name them for good. */
function etagOf({ versions }: Cell): string {
  const dots = versions.map(({ dot }) => dot).join();
  return `"${createHash("sha256").update(dots).digest("base64url").slice(0, 22)}"`;
}

function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  const tags = header.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.includes("*") || tags.includes(etag);
}

function asksCell(accept = ""): boolean {
  return accept.includes("application/vnd.calm.cell+json");
}

function pairOf(parameters: Request["parameters"], { limits }: Store): Pair {
  const { k1 = "", k2 = "" } = parameters;
  checkKeys([k1, k2], limits);
  return { k1, k2 };
}

/** Throws the problem that keeps texts from being keys, if there is one. */
export function checkKeys(keys: readonly string[], { keyBytesMax }: Store["limits"]): void {
  for (const key of keys) {
    if (key === "") throw new Problem(400, "bad-request", "a key has at least one character");
    if (Buffer.byteLength(key) > keyBytesMax)
      throw new Problem(400, "bad-request", `a key has at most ${keyBytesMax} bytes`);
  }
}

/** Does a write on condition; its answer says the epoch and how far that has seen other writes. */
async function conditional(
  wanted: Omit<WantedWrite, "etagOf">,
  store: Store,
  waits: Waits,
): Promise<Reply> {
  const { k1, k2, content } = wanted;
  const done = await writeIf({ ...wanted, etagOf }, store, waits);
  const { dot, replaced, epoch, frontier, session, shown } = done;
  const what = content === undefined ? { removed: replaced } : { replaced };
  const status = shown ? (content === undefined ? 200 : 201) : 202;
  return json({ k1, k2, dot, ...what, epoch, frontier }, status, { [sessionHeader]: session });
}

/** The name under which a write is done once: of the client's key and all that is written, so that
 * nothing else that is sent under the same key gets lost. */
export function requestName(
  headers: Request["message"]["headers"],
  parts: readonly string[],
): string | undefined {
  const key = checked(writeHeaders, headers)["idempotency-key"];
  if (key === undefined) return undefined;
  const digest = createHash("sha256").update(JSON.stringify(parts)).digest("base64url");
  return `${key} ${digest}`;
}

type Waited = { readonly wait?: "all" | number | undefined; readonly timeout?: number | undefined };

/** Waits until as many nodes hold a write as are wanted. */
export async function held(
  { dot, last }: Written,
  { wait, timeout }: Waited,
  { service: { node }, limits }: Store,
  waits: Waits,
): Promise<{ readonly nodes?: number; readonly all: boolean }> {
  if (wait === undefined || dot === undefined || last === undefined) return { all: true };
  const wanted = (): number => (wait === "all" ? node.peers().length + 1 : wait);
  const holders = (): number => node.holders(last.origin, last.number);
  const all = await waits.until(() => holders() >= wanted(), timeout ?? limits.waitMs);
  return { nodes: holders(), all };
}

/** Waits until a node holds what a request's session says. */
export async function following(
  headers: Request["message"]["headers"],
  { service, limits }: Store,
  waits: Waits,
): Promise<void> {
  const text = checked(readHeaders, headers)[sessionHeader];
  if (text === undefined) return;
  const session = readSession(text);
  if (await waits.until(() => follows(service, session), limits.waitMs)) return;
  throw new Problem(503, "behind", "the node does not hold yet what the session has seen", {
    hint: "ask again later, or the node that the session wrote to",
    headers: { "retry-after": "1" },
  });
}

function withSession(reply: Reply, { last }: Written): Reply {
  if (last === undefined || "stream" in reply) return reply;
  return { ...reply, headers: { [sessionHeader]: `${last.origin}:${last.number}` } };
}
