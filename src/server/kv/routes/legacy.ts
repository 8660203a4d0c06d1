// The protocol of the original calmDB: one JSON object a request, all on `POST /`.
import type { IncomingMessage } from "node:http";

import * as z from "zod";
import { firstJson } from "../first-json.ts";
import { checkKeys } from "./pair.ts";
import { readBody } from "../../http/body.ts";
import { Problem } from "../../http/problem.ts";
import type { Reply, Route } from "../../http/router.ts";
import { compareTexts, type Cell } from "../pair.ts";
import type { Store } from "../store.ts";

/** A request, its absent parts empty. */
type Query = Record<(typeof fields)[number], string>;

const fields = ["oper", "k1", "k2", "data"] as const;

/** The route of the original protocol. */
export function legacyRoutes(store: Store): Route[] {
  return [
    {
      method: "POST",
      path: "/",
      summary: "Takes the requests of the original calmDB",
      takes: {
        "application/json": z.object({
          oper: z.enum(["INSERT", "SELECT", "DELETE"]),
          k1: z.string().nullable().optional(),
          k2: z.string().nullable().optional(),
          data: z.string().nullable().optional(),
        }),
      },
      gives: {
        "application/json": z.record(z.string(), z.record(z.string(), z.string()).nullable()),
      },
      statuses: [200, 201],
      problems: [400, 401, 403, 405, 422, 501, 503],
      handle: ({ message }) => legacy(message, store),
    },
  ];
}

async function legacy(message: IncomingMessage, store: Store): Promise<Reply> {
  const query = await readQuery(message, store);
  const { oper, k1, k2, data } = query;
  switch (oper) {
    case "INSERT":
      wanted(query, ["k1", "k2", "data"]);
      checkKeys([k1, k2], store.limits);
      store.checkWritable();
      await Promise.all([
        store.name(k1),
        store.put({ k1, k2, content: { type: "text/plain; charset=utf-8", data } }),
      ]);
      return empty(201);
    case "DELETE":
      wanted(query, ["k1", "k2"]);
      store.checkWritable();
      await store.remove({ k1, k2 }, undefined);
      return empty(200);
    case "SELECT": {
      const shown = await store.durable(() => select(k1, k2, store));
      return { type: "application/json", body: shown };
    }
    default:
      return empty(501);
  }
}

function select(k1: string, k2: string, store: Store): string {
  if (k1 !== "" && k2 !== "") {
    const cell = store.cell(k1, k2);
    return table([[k1, row([[k2, cell === undefined ? "" : textOf(cell)]])]]);
  }
  if (k1 !== "") {
    const cells = store.cells({ k1 });
    return table([[k1, cells.length > 0 || store.isKnown(k1) ? rowOf(cells) : "null"]]);
  }
  const cells = store.cells(k2 === "" ? {} : { k2 });
  const rows = new Map<string, Cell[]>();
  for (const name of k2 === "" ? store.known() : []) rows.set(name, []);
  for (const cell of cells) {
    const others = rows.get(cell.k1);
    if (others === undefined) rows.set(cell.k1, [cell]);
    else others.push(cell);
  }
  const sorted = [...rows].toSorted(([a], [b]) => compareTexts(a, b));
  return table(sorted.map(([name, of]) => [name, rowOf(of)]));
}

function rowOf(cells: readonly Cell[]): string {
  const sorted = cells.toSorted((a, b) => compareTexts(a.k2, b.k2));
  return row(sorted.map((cell) => [cell.k2, textOf(cell)]));
}

/** JSON and bytes are shown as the texts that facts have them as: JSON's, and base64. */
function textOf({ versions }: Cell): string {
  return versions[0]?.data ?? "";
}

function row(cells: readonly (readonly [string, string])[]): string {
  return table(cells.map(([name, value]) => [name, text(value)]));
}

/** An object in the order of its members: one of JavaScript's has an order of its own. */
function table(members: readonly (readonly [string, string])[]): string {
  return `{${members.map(([name, json]) => `${text(name)}:${json}`).join()}}`;
}

/** As Go writes it: safe inside of HTML and JavaScript. */
function text(of: string): string {
  return JSON.stringify(of).replace(
    /[<>&\u2028\u2029]/g,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

async function readQuery(message: IncomingMessage, { limits }: Store): Promise<Query> {
  const query: Query = { oper: "", k1: "", k2: "", data: "" };
  for (const [name, value] of Object.entries(await objectIn(message, limits.legacyBytesMax))) {
    const field = fields.find((one) => one === name.toLowerCase());
    if (field === undefined || value === null) continue;
    if (typeof value !== "string")
      throw new Problem(400, "bad-request", `"${field}" is a string, or null`);
    query[field] = value;
  }
  return query;
}

async function objectIn(message: IncomingMessage, bytesMax: number): Promise<object> {
  let bytes: Uint8Array;
  try {
    bytes = await readBody(message, bytesMax);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    throw new Problem(400, "too-large", error.message, error.more);
  }
  let value: unknown;
  try {
    value = JSON.parse(firstJson(new TextDecoder().decode(bytes)));
  } catch {
    throw new Problem(400, "bad-request", "the body is no JSON");
  }
  if (typeof value === "object" && !Array.isArray(value)) return value ?? {};
  throw new Problem(400, "bad-request", "the body is no JSON object");
}

function wanted(query: Query, names: readonly (typeof fields)[number][]): void {
  const missing = names.filter((name) => query[name] === "");
  if (missing.length === 0) return;
  const text = `${query.oper} wants ${names.join(", ")}; missing or empty: ${missing.join(", ")}`;
  throw new Problem(400, "bad-request", text);
}

function empty(status: number): Reply {
  return { status, type: "", body: "" };
}
