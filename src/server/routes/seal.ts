import { createHash, randomUUID } from "node:crypto";
import type { z } from "zod";

import { readBody } from "../http/body.ts";
import { Problem } from "../http/problem.ts";
import { checked, json, type Reply, type Request, type Route } from "../http/router.ts";
import { type NodeService, relationNamed } from "../node-service.ts";
import { relationSeals } from "../readiness.ts";
import { requestHeaders, sealBody, sealed } from "../schemas.ts";
import { keptInputs } from "../sealing-program.ts";
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
    problems: [400, 401, 403, 404, 409, 413, 415, 501, 503],
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
  const { relations } = checked(sealBody, parsed(bytes));
  const { program, network } = service.program;
  const places =
    relations === "all"
      ? keptInputs(program, network)
      : relations.map((of) => sealedPlace(of, service));
  if (service.draining()) throw new Problem(503, "draining", "the node is about to stop");
  const digest = createHash("sha256").update(bytes).digest("base64url");
  try {
    await driver.seal(`seal ${key} ${digest}`, places);
  } catch (error) {
    throw refusal(error, service);
  }
  const names = new Set(places.map((at) => network.roles[at]?.name));
  return json({
    node,
    relations: relationSeals(service).filter(({ relation }) => names.has(relation)),
  });
}

function parsed(bytes: Uint8Array): object {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // What cannot be read is refused as what is read, and is no object.
  }
  throw new Problem(400, "bad-request", "the body is no JSON object", {
    hint: 'send {"relations": ["…"]}',
  });
}

/** The place of a relation that is to be sealed as a whole. Throws a `Problem`. */
function sealedPlace(
  of: Exclude<z.infer<typeof sealBody>["relations"], string>[number],
  service: NodeService,
): number {
  const { relation, key } = typeof of === "string" ? { relation: of, key: undefined } : of;
  const at = relationNamed(service, relation);
  const { program, network } = service.program;
  if (network.roles[at]?.input !== true)
    throw new Problem(409, "not-an-input", `relation "${relation}" is no input`, {
      hint: "seal the inputs that it is from",
    });
  if (!network.roles[at].kept)
    throw new Problem(409, "not-an-input", `relation "${relation}" is of events, which go by`, {
      hint: "seal what stays",
    });
  const parts = program.relations[at]?.place?.partitions !== undefined;
  if (parts)
    throw new Problem(501, "not-supported", `relation "${relation}" is in parts`, {
      hint: "nodes do not seal keys yet",
    });
  if (key !== undefined)
    throw new Problem(400, "bad-request", `relation "${relation}" has no key to seal`, {
      hint: `leave the key out to seal all of it, or declare it with \`partition\``,
    });
  return at;
}
