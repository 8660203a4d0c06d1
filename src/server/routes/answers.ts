// What clients ask: relations and their tuples.
import * as z from "zod";

import { Database } from "../../engine/database.ts";
import { writeCsv } from "../../io/write-csv.ts";
import { insertFact } from "../../transducer/stored.ts";
import type { Value } from "../../value/schema.ts";
import { Problem } from "../http/problem.ts";
import { checked, json, type Reply, type Request, type Route } from "../http/router.ts";
import { jsonColumns, jsonTuple } from "../json-value.ts";
import { asked, type NodeService, relationNamed } from "../node-service.ts";
import type { GatheredPage } from "../parts.ts";
import { needsInput } from "../readiness.ts";
import { relations, tuples, tuplesQuery } from "../schemas.ts";
import { evaluationProblem, stoppedProblem } from "./insert.ts";

/** The routes on which clients ask. */
export function answerRoutes(service: NodeService): Route[] {
  return [
    {
      method: "GET",
      path: "/v1/relations",
      summary: "Lists the relations of the program",
      gives: { "application/json": relations },
      problems: [401, 403],
      handle: () => json({ relations: relationList(service) }),
    },
    {
      method: "GET",
      path: "/v1/relations/{relation}",
      summary: "Gives the tuples of a relation",
      query: tuplesQuery,
      gives: {
        "application/json": tuples,
        "text/csv": z.string(),
        "application/x-ndjson": z.string(),
      },
      problems: [400, 401, 403, 404, 410, 422, 503],
      handle: (request) => relationTuples(request, service),
    },
  ];
}

function relationList(service: NodeService): object[] {
  const { program, verdict, network } = service.program;
  return program.relations.flatMap((relation, at) => {
    if (!asked(relation)) return [];
    const { name } = relation;
    const { input = false, output = false } = network.roles[at] ?? {};
    const { level = "M", final = false } = verdict.relations[at] ?? {};
    const size = service.transducer.size(at);
    return [{ name, columns: columns(service, at), input, output, level, final, tuples: size }];
  });
}

function columns({ program: { schema } }: NodeService, at: number): object[] {
  return jsonColumns(schema.relations[at]?.attributes ?? []);
}

async function relationTuples(request: Request, service: NodeService): Promise<Reply> {
  const { parameters, message } = request;
  const { format = wanted(message.headers.accept), ...query } = checked(tuplesQuery, parameters);
  const { relation = "" } = parameters;
  const at = relationNamed(service, relation);
  needsInput(service);
  const most = format === "json" ? service.limits.answerTuplesMax : Infinity;
  const limit = Math.min(query.limit ?? most, most);
  const page = { cursor: query.cursor, limit, partial: query.partial === "true" };
  const { tuples: found, next, missing } = await pageOf(service, at, page);
  if (format === "json") {
    const { level, final } = service.program.verdict.relations[at] ?? {};
    const shown = found.map((values) => tupleJson(service, at, values));
    const said = { relation, level, final, columns: columns(service, at) };
    return json({ ...said, tuples: shown, next, ...missingOf(missing) });
  }
  const link = `</v1/relations/${encodeURIComponent(relation)}?format=${format}&limit=${limit}\
&cursor=${String(next)}>; rel="next"`;
  return {
    type: format === "csv" ? "text/csv; charset=utf-8; header=present" : "application/x-ndjson",
    body: format === "csv" ? csv(service, at, found) : lines(service, at, found),
    headers: {
      ...(next !== undefined && { link }),
      ...(missing.length > 0 && { "calm-missing": missing.map(encodeURIComponent).join(", ") }),
    },
  };
}

/** A page of a relation: of what this node has, or of what all have together. */
async function pageOf(
  service: NodeService,
  at: number,
  { cursor, limit, partial }: { cursor: string | undefined; limit: number; partial: boolean },
): Promise<GatheredPage> {
  const { parts, node } = service;
  if (parts?.shards.inParts(at) === true)
    return durable(() => parts.page(at, cursor, limit, partial));
  const from = cursor === undefined ? 0 : offsetOf(cursor, service);
  const all = await durable(() => service.driver.whenDurable(() => node.tuples(at)));
  const next = from + limit < all.length ? { next: cursorOf(from + limit, service) } : {};
  return { tuples: all.slice(from, from + limit), missing: [], ...next };
}

/** Returns what an answer says where it lacks something. */
export function missingOf(missing: readonly string[]): { readonly missing?: readonly string[] } {
  return missing.length > 0 ? { missing } : {};
}

/** The format that a client's `Accept` wants. */
function wanted(accept = ""): "json" | "csv" | "ndjson" {
  if (accept.includes("text/csv")) return "csv";
  return accept.includes("ndjson") ? "ndjson" : "json";
}

function cursorOf(offset: number, { node }: NodeService): string {
  return `${node.origin.slice(node.origin.lastIndexOf("/") + 1)}-${offset}`;
}

/** Where to go on: tuples of a relation that only grows stay in their order in a life of a node. */
function offsetOf(cursor: string, service: NodeService): number {
  const [, digits] = /-(\d{1,15})$/.exec(cursor) ?? [];
  const offset = Number(digits);
  if (digits !== undefined && cursorOf(offset, service) === cursor) return offset;
  throw new Problem(410, "cursor-expired", "the cursor is not of this life of the node", {
    hint: "begin again without it",
  });
}

function* csv(service: NodeService, at: number, found: readonly (readonly Value[])[]) {
  const { domain, structures, relations: schemas } = service.program.schema;
  const schema = schemas[at];
  if (schema === undefined) return;
  const database = new Database({ domain, structures, relations: [schema] });
  for (const values of found) insertFact(database, { relation: 0, values });
  const format = { delimiter: ",", headers: true, rfc4180: true };
  const [relation] = database.relations;
  if (relation !== undefined) yield* writeCsv(relation, format, database.values);
}

function* lines(service: NodeService, at: number, found: readonly (readonly Value[])[]) {
  const names = (service.program.schema.relations[at]?.attributes ?? []).map(({ name }) => name);
  for (const values of found) {
    const shown = tupleJson(service, at, values);
    yield `${JSON.stringify(Object.fromEntries(names.map((name, of) => [name, shown[of]])))}\n`;
  }
}

/** Returns what is read, once nothing that it follows from can be lost. */
export async function durable<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw stoppedProblem(evaluationProblem(error, "a rule of the program fails on what is there"));
  }
}

function tupleJson({ program: { schema } }: NodeService, at: number, values: readonly Value[]) {
  return jsonTuple(schema.relations[at]?.attributes ?? [], values, schema.structures);
}
