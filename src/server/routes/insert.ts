import { createHash, randomUUID } from "node:crypto";

import { readBody } from "../http/body.ts";
import { Problem } from "../http/problem.ts";
import { checked, json, type Reply, type Request, type Route } from "../http/router.ts";
import { NodeStopped, SealedInput } from "../node-driver.ts";
import { StepFault } from "../../transducer/transducer.ts";
import { type NodeService, relationNamed } from "../node-service.ts";
import { factTypes, readFacts } from "../read-facts.ts";
import { factsBody, inserted, requestHeaders } from "../schemas.ts";
import { sessionHeader } from "../session.ts";
import * as z from "zod";

/** The route on which clients insert facts. */
export function insertRoute(service: NodeService): Route {
  const text = z.string();
  return {
    method: "POST",
    path: "/v1/facts/{relation}",
    summary: "Inserts facts; answers when they are durable",
    headers: requestHeaders,
    takes: {
      "application/json": factsBody,
      "text/csv": text,
      "text/tab-separated-values": text,
    },
    gives: { "application/json": inserted },
    problems: [400, 401, 403, 404, 409, 413, 415, 422, 429, 503],
    handle: (request) => insert(request, service),
  };
}

async function insert({ message, parameters }: Request, service: NodeService): Promise<Reply> {
  const { driver, limits, program } = service;
  const { relation = "" } = parameters;
  const at = relationNamed(service, relation);
  if (program.network.roles[at]?.input !== true)
    throw new Problem(409, "not-an-input", `relation "${relation}" takes no facts`, {
      hint: `declare it with .input ${relation}`,
    });
  if (program.ordered?.inserted.has(at) === true)
    throw new Problem(409, "not-an-input", `transactions alone insert into "${relation}"`, {
      hint: `declare it with .input ${relation}, too`,
    });
  if (service.reserved.has(at))
    throw new Problem(409, "not-an-input", `relation "${relation}" is the store's own`, {
      hint: "put and remove values: POST and DELETE /kv/{k1}/{k2}",
    });
  if (service.draining())
    throw new Problem(503, "draining", "the node is about to stop", {
      hint: "send the facts to another node",
    });
  const key = checked(requestHeaders, message.headers)["idempotency-key"];
  const { type, headers } = typeOf(message.headers["content-type"]);
  const encoding = message.headers["content-encoding"] ?? "identity";
  if (encoding !== "identity")
    throw new Problem(415, "unsupported-type", `bodies are taken as they are, not as ${encoding}`);
  overloaded(service);
  const bytes = await readBody(message, limits.bodyBytesMax);
  const { facts, errors } = readFacts({ bytes, type, headers }, at, program.schema);
  if (errors.length > 0)
    throw new Problem(
      400,
      "bad-facts",
      `facts of relation "${relation}" are not what they should \
be: ${errors.length} mistakes, and none was inserted`,
      {
        errors: errors.map(({ path: _, ...error }) => error),
      },
    );
  if (facts.length > limits.requestFactsMax)
    throw new Problem(413, "too-large", `a request may have ${limits.requestFactsMax} facts`, {
      hint: "send the facts in several requests",
    });
  if (facts.length === 0) return json({ relation, facts: 0 });
  overloaded(service);
  // The same key with other facts is another request: nothing that is sent gets lost.
  const digest = createHash("sha256").update(relation).update("\n").update(bytes);
  const name = key === undefined ? randomUUID() : `${key} ${digest.digest("base64url")}`;
  try {
    const accepted =
      service.parts === undefined
        ? [await driver.insert(name, facts)]
        : await service.parts.insert(name, facts);
    const shares = accepted.map(({ origin, from, to }) => ({ origin, from, to }));
    const where = shares.length === 1 ? shares[0] : { shares };
    const session = shares.map(({ origin, to }) => `${origin}:${to}`).join(",");
    return json({ relation, facts: facts.length, ...where }, 200, { [sessionHeader]: session });
  } catch (error) {
    throw refusal(error, service);
  }
}

/** Returns the problem that a request meets which changes something. */
export function refusal(error: unknown, { program }: NodeService): unknown {
  if (!(error instanceof SealedInput))
    return stoppedProblem(evaluationProblem(error, "nothing of the request is kept"));
  const name = program.network.roles[error.relation]?.name ?? "";
  if (program.parts?.seals.has(error.relation) === true)
    return new Problem(409, "sealed", `keys of relation "${name}" are sealed`, {
      hint: "what is of a sealed key is not taken any more; facts of other owners may have been",
    });
  return new Problem(409, "sealed", `relation "${name}" is sealed at this node`, {
    hint: "what is sealed takes no more facts, and none of the request was inserted",
  });
}

/** Returns the problem that an evaluation is which met a limit, or a functor that failed; anything
 * else as it is. */
export function evaluationProblem(error: unknown, hint: string): unknown {
  if (!(error instanceof StepFault)) return error;
  return new Problem(422, "evaluation-failed", `it cannot be evaluated: ${error.message}`, {
    hint,
    errors: error.diagnostics.map(({ code, message, hint }) => ({ code, message, hint })),
  });
}

/** Throws a problem where the disk does not keep up with what is sent. */
export function overloaded({ driver, limits }: NodeService): void {
  if (driver.stopped !== undefined)
    throw new Problem(503, "stopped", "the node has stopped: it takes no facts");
  if (!driver.busy && driver.unpersisted < limits.waitingRequestsMax) return;
  throw new Problem(429, "overloaded", "more facts come than the disk takes", {
    hint: "send them again a little later",
    headers: { "retry-after": "1" },
  });
}

/** Returns the problem that a node which has stopped is. */
export function stoppedProblem(error: unknown): unknown {
  if (!(error instanceof NodeStopped)) return error;
  return new Problem(503, "stopped", error.message, {
    hint: "whether the facts are kept is not known: send them again, under the same key",
  });
}

function typeOf(text: string | undefined): {
  readonly type: (typeof factTypes)[number];
  readonly headers: boolean;
} {
  const [name = "", ...parameters] = (text ?? "").toLowerCase().split(/\s*;\s*/);
  const type = factTypes.find((one) => one === name.trim());
  if (type !== undefined) return { type, headers: parameters.includes("header=present") };
  throw new Problem(415, "unsupported-type", `facts are not taken as ${name || "no type"}`, {
    hint: `say content-type: ${factTypes.join(", or ")}`,
  });
}
