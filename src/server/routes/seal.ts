import { createHash, randomUUID } from "node:crypto";
import type * as z from "zod";

import { jsonObject, readBody } from "../http/body.ts";
import { Problem } from "../http/problem.ts";
import { checked, json, type Reply, type Request, type Route } from "../http/router.ts";
import { type NodeService, relationNamed } from "../node-service.ts";
import { relationSeals } from "../readiness.ts";
import { requestHeaders, sealBody, sealed } from "../schemas.ts";
import { keptInputs } from "../sealing-program.ts";
import type { Fact } from "../../transducer/fact.ts";
import { valueFromJson } from "../value-from-json.ts";
import { refusal } from "./insert.ts";

/** The route on which a member says that its share of inputs is complete. */
export function sealRoute(service: NodeService): Route {
  return {
    method: "POST",
    path: "/v1/seal",
    summary: "Says that this node's share of inputs is complete; answers when that is durable",
    headers: requestHeaders,
    takes: { "application/json": sealBody },
    gives: { "application/json": sealed },
    problems: [400, 401, 403, 404, 409, 413, 415, 422, 503],
    handle: (request) => seal(request, service),
  };
}

async function seal({ message }: Request, service: NodeService): Promise<Reply> {
  const { driver, limits, name: node } = service;
  const key = checked(requestHeaders, message.headers)["idempotency-key"] ?? randomUUID();
  const type = message.headers["content-type"] ?? "";
  if (!/^application\/json\b/i.test(type))
    throw new Problem(415, "unsupported-type", `seals are not taken as ${type || "no type"}`, {
      hint: "say content-type: application/json",
    });
  const bytes = await readBody(message, limits.bodyBytesMax);
  const { relations } = checked(sealBody, jsonObject(bytes, 'send {"relations": ["…"]}'));
  const { program, network } = service.program;
  const named = relations === "all" ? [] : relations.map((of) => toSeal(of, service));
  const places =
    relations === "all"
      ? keptInputs(program, network).filter(
          (at) => !keyed(at, service) && !service.reserved.has(at),
        )
      : named.flatMap(({ at, key: of }) => (of === undefined ? [at] : []));
  const keys = named.flatMap(({ fact }) => fact ?? []);
  if (service.draining()) throw new Problem(503, "draining", "the node is about to stop");
  const digest = createHash("sha256").update(bytes).digest("base64url");
  const request = `seal ${key} ${digest}`;
  try {
    if (keys.length > 0) await service.parts?.seal(request, keys);
    if (places.length > 0) await driver.seal(request, places);
  } catch (error) {
    throw refusal(error, service);
  }
  const names = new Set(places.map((at) => network.roles[at]?.name));
  const sealedKeys = named.flatMap(({ relation, key: of, fact }) =>
    fact === undefined ? [] : [{ relation, key: of, owner: service.parts?.shards.homeOf(fact) }],
  );
  return json({
    node,
    relations: relationSeals(service).filter(({ relation }) => names.has(relation)),
    ...(sealedKeys.length > 0 && { keys: sealedKeys }),
  });
}

/** Whether a relation is sealed key by key. */
function keyed(at: number, { program: { program } }: NodeService): boolean {
  return program.relations[at]?.place?.partitions !== undefined;
}

/** What is to be sealed: a relation as a whole, or a key, with the fact that says so. */
type ToSeal = {
  readonly relation: string;
  readonly at: number;
  readonly key?: readonly unknown[];
  readonly fact?: Fact;
};

/** Returns what a client wants to be sealed. Throws a `Problem`. */
function toSeal(
  of: Exclude<z.infer<typeof sealBody>["relations"], string>[number],
  service: NodeService,
): ToSeal {
  const { relation, key } = typeof of === "string" ? { relation: of, key: undefined } : of;
  const at = relationNamed(service, relation);
  const { network } = service.program;
  if (network.roles[at]?.input !== true)
    throw new Problem(409, "not-an-input", `relation "${relation}" is no input`, {
      hint: "seal the inputs that it is from",
    });
  if (!network.roles[at].kept)
    throw new Problem(409, "not-an-input", `relation "${relation}" is of events, which go by`, {
      hint: "seal what stays",
    });
  // What is put and removed never comes to an end.
  if (service.reserved.has(at))
    throw new Problem(409, "not-an-input", `relation "${relation}" is the store's own`, {
      hint: "seal the inputs that the program adds to the store's",
    });
  if (service.parts !== undefined && keyed(at, service))
    return { relation, at, key: key ?? [], fact: sealingFact(relation, at, key, service) };
  if (key !== undefined)
    throw new Problem(400, "bad-request", `relation "${relation}" has no key to seal`, {
      hint: `leave the key out to seal all of it, or declare it with \`partition\``,
    });
  return { relation, at };
}

/** The fact that seals a key of a relation in parts. Throws a `Problem`. */
function sealingFact(
  relation: string,
  at: number,
  key: readonly unknown[] | undefined,
  { parts, program: { schema } }: NodeService,
): Fact {
  const attributes = schema.relations[at]?.attributes ?? [];
  const columns = (parts?.shards.keyOf(at) ?? []).flatMap((column) => attributes[column] ?? []);
  const wanted = columns.map(({ name, type }) => `${name}: ${type}`).join(", ");
  const values = columns.flatMap(({ kind }, of) => {
    const value = valueFromJson(kind, key?.[of], schema);
    return value === undefined ? [] : [value];
  });
  if (key?.length !== columns.length || values.length !== columns.length)
    throw new Problem(400, "bad-request", `relation "${relation}" is sealed by key: (${wanted})`, {
      hint: `send {"relations": [{"relation": "${relation}", "key": […]}]}`,
    });
  const [fact] = parts?.shards.sealing(at, [values]) ?? [];
  if (fact !== undefined) return fact;
  throw new Problem(400, "bad-request", `no rule waits for the seals of relation "${relation}"`, {
    hint: "keys are sealed of what a rule negates, or aggregates over",
  });
}
