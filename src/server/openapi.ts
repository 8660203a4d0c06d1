// The description of the interface, made of the schemas that check it.
import { STATUS_CODES } from "node:http";
import * as z from "zod";
import type { ZodObject, ZodType } from "zod";

import type { Route } from "./http/router.ts";
import { problemType } from "./http/problem.ts";
import { problem } from "./schemas.ts";

type Json = Record<string, unknown>;

/** The version of the interface, whatever the build. */
const version = "1.0.0";

/** Returns the OpenAPI 3.1 document of routes. */
export function openApi(routes: readonly Route[]): Json {
  const schemas: Json = {};
  const paths: Record<string, Json> = {};
  const named = new Set<string>();
  for (const route of routes) {
    const { path, method, summary, open = false, gives, takes, problems, statuses = [200] } = route;
    const answering = Object.fromEntries(
      statuses.map((status) => [
        status,
        {
          description: STATUS_CODES[status] ?? "",
          ...(status < 300 && { content: content(gives, schemas) }),
        },
      ]),
    );
    const failing = Object.fromEntries(
      problems.map((status) => [
        status,
        {
          description: STATUS_CODES[status] ?? "",
          content: content({ [problemType]: problem }, schemas),
        },
      ]),
    );
    paths[path] = {
      ...paths[path],
      [method.toLowerCase()]: {
        summary,
        operationId: operationId(method, path, named),
        ...(open && { security: [] }),
        parameters: parametersOf(route, schemas),
        ...(takes && { requestBody: { required: true, content: content(takes, schemas) } }),
        responses: { ...answering, ...failing },
      },
    };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "calm node",
      version,
      description: "Facts in, answers out: the interface of one node of a network.",
    },
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
      schemas: Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1))),
    },
  };
}

/** A name of an operation that no other has. */
function operationId(method: string, path: string, named: Set<string>): string {
  const words = path.split(/\W+/).filter((word) => word !== "");
  const short = [method.toLowerCase(), ...words.filter((word) => word !== "v1")].join("-");
  const name = named.has(short) ? [method.toLowerCase(), ...words].join("-") : short;
  named.add(name);
  return name;
}

function parametersOf({ path, query, headers }: Route, schemas: Json): Json[] {
  const open = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    ...{ name, in: "path", required: true },
    schema: { type: "string" },
  }));
  return [...open, ...fieldsOf("query", query, schemas), ...fieldsOf("header", headers, schemas)];
}

function fieldsOf(where: "query" | "header", schema: ZodObject | undefined, schemas: Json): Json[] {
  return Object.entries(schema?.shape ?? {}).map(([name, field]) => {
    const required = !(field as ZodType).safeParse(undefined).success;
    return { name, in: where, required, schema: schemaOf(field as ZodType, schemas) };
  });
}

function content(of: Readonly<Record<string, ZodType>>, schemas: Json): Json {
  return Object.fromEntries(
    Object.entries(of).map(([type, schema]) => [type, { schema: schemaOf(schema, schemas) }]),
  );
}

/** The JSON schema of what `schema` checks; those that have a name go to `schemas`. */
function schemaOf(schema: ZodType, schemas: Json): Json {
  const {
    $schema: _,
    $defs,
    ...made
  } = z.toJSONSchema(schema, {
    io: "input",
    reused: "inline",
  }) as Json & { readonly $defs?: Json };
  for (const [name, part] of Object.entries($defs ?? {})) schemas[name] = moved(part);
  const { id } = (schema.meta() ?? {}) as { readonly id?: string };
  if (id === undefined) return moved(made) as Json;
  // Where it is used inside, too, it is among the parts already.
  if (made["$ref"] === undefined) schemas[id] = moved(made);
  return { $ref: `#/components/schemas/${id}` };
}

/** With references to where the document has the schemas. */
function moved(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(moved);
  if (typeof part !== "object" || part === null) return part;
  return Object.fromEntries(
    Object.entries(part)
      .filter(([key]) => key !== "id")
      .map(([key, value]) => [
        key,
        key === "$ref" && typeof value === "string"
          ? value.replace("#/$defs/", "#/components/schemas/")
          : moved(value),
      ]),
  );
}
