// Many pairs of keys: those with a first key, a second one, or all.
import { Problem } from "../../http/problem.ts";
import { checked, json, type Reply, type Request, type Route } from "../../http/router.ts";
import { countStrictly } from "../conditions.ts";
import { counted, page, readHeaders, scanQuery } from "../schemas.ts";
import { epochSession, sessionHeader, sessionOf } from "../../session.ts";
import type { Cell, Pair } from "../pair.ts";
import { firstOf, ReadAhead } from "../read-ahead.ts";
import type { Store } from "../store.ts";
import type { Waits } from "../../waits.ts";
import { cellJson, checkKeys, following } from "./pair.ts";
import * as z from "zod";

/** The routes that list pairs. */
export function scanRoutes(store: Store, waits: Waits): Route[] {
  const paths = [
    { path: "/kv/*/{k2}", summary: "Lists the pairs with a second key" },
    { path: "/kv/{k1}", summary: "Lists the pairs with a first key" },
    { path: "/kv", summary: "Lists all pairs" },
  ];
  return paths.map(({ path, summary }) => ({
    method: "GET",
    ...{ path, summary, query: scanQuery, headers: readHeaders },
    gives: { "application/json": z.union([page, counted]), "application/x-ndjson": z.string() },
    problems: [400, 401, 403, 422, 501, 503],
    handle: (request) => scan(request, store, waits),
  }));
}

async function scan({ message, parameters }: Request, store: Store, waits: Waits): Promise<Reply> {
  const { k1, k2 } = parameters;
  const keys = { ...(k1 !== undefined && { k1 }), ...(k2 !== undefined && { k2 }) };
  checkKeys(Object.values(keys), store.limits);
  const { format = "json", values = true, limit, cursor, count } = checked(scanQuery, parameters);
  if (count === true) {
    const found = await countStrictly(keys, store);
    return json(found, 200, { [sessionHeader]: epochSession(found.epoch) });
  }
  await following(message.headers, store, waits);
  const after = cursor === undefined ? undefined : pairIn(cursor);
  const most = limit ?? (format === "json" ? store.limits.pageCells : Infinity);
  const found = await store.durable(() => ({
    ...cellsAfter(keys, after, most, format === "json", store),
    session: sessionOf(store.service.node),
  }));
  const headers = found.session === "" ? {} : { [sessionHeader]: found.session };
  const { cells, next } = found;
  if (format === "json")
    return { ...json({ cells: cells.map((cell) => cellJson(cell, values)), next }), headers };
  return { type: "application/x-ndjson", body: lines(cells, values), headers };
}

/** A line for each pair, made when it is sent: all of them at once may be more than there is room
 * for. */
function* lines(cells: readonly Cell[], values: boolean): Generator<string> {
  for (const cell of cells) yield `${JSON.stringify(cellJson(cell, values))}\n`;
}

/** The cells of a page: at most so many, and, where it is `bounded`, of about so many bytes. */
function cellsAfter(
  keys: Partial<Pair>,
  after: Pair | undefined,
  most: number,
  bounded: boolean,
  store: Store,
): { readonly cells: readonly Cell[]; readonly next: string | undefined } {
  const pairs = store.pairsAfter(keys, after);
  const cells: Cell[] = [];
  const ahead = new ReadAhead(store.limits.readPairsMax);
  let bytes = 0;
  const together = (): Pair[] => {
    const fits = ahead.pairs(store.limits.pageBytesMax - bytes);
    // One more than the page has says whether there is another.
    return [...firstOf(pairs, Math.min(fits, most - cells.length + 1))];
  };
  for (let read = together(); read.length > 0; read = together()) {
    for (const cell of store.cellsAt(read)) {
      if (cell === undefined) continue;
      if (cells.length === most || (bounded && bytes > store.limits.pageBytesMax)) {
        const last = cells.at(-1);
        return { cells, next: last && cursorOf(last) };
      }
      cells.push(cell);
      bytes += ahead.note(cell);
    }
  }
  return { cells, next: undefined };
}

function cursorOf({ k1, k2 }: Pair): string {
  return Buffer.from(JSON.stringify([k1, k2])).toString("base64url");
}

const cursorPair = z.tuple([z.string(), z.string()]);

function pairIn(cursor: string): Pair {
  try {
    const said: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
    const [k1, k2] = cursorPair.parse(said);
    return { k1, k2 };
  } catch {
    throw new Problem(400, "bad-request", "a cursor is what a page gave as next");
  }
}
