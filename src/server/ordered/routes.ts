// What clients and operators ask of the ordered plane.
import { randomUUID } from "node:crypto";
import type * as z from "zod";

import { suggest } from "../../base/suggest.ts";
import type { Answer } from "../../calvin/replica.ts";
import { epochOf } from "../../calvin/storage.ts";
import type { TransactionCode } from "../../calvin/transaction.ts";
import { jsonObject, readBody } from "../http/body.ts";
import { Problem } from "../http/problem.ts";
import { checked, json, type Reply, type Request, type Route } from "../http/router.ts";
import { jsonColumns } from "../json-value.ts";
import type { NodeService } from "../node-service.ts";
import { OrderedLogError } from "../../runtime/ordered-log-error.ts";
import { requestHeaders } from "../schemas.ts";
import { epochSession, sessionHeader } from "../session.ts";
import { readArguments } from "./arguments.ts";
import { ahead, forgotten } from "./gathered-reads.ts";
import { hashText } from "./place.ts";
import type { OrderedPlane } from "./plane.ts";
import * as schemas from "./schemas.ts";

/** Returns the routes of an ordered plane. */
export function orderedRoutes(plane: () => OrderedPlane, service: NodeService): Route[] {
  return [
    {
      method: "POST",
      path: "/v1/transactions/{name}",
      summary: "Carries out a transaction; answers when it is carried out",
      headers: requestHeaders,
      takes: { "application/json": schemas.transactionBody },
      gives: { "application/json": schemas.transactionDone },
      problems: [400, 401, 403, 404, 409, 413, 422, 429, 503],
      handle: (request) => transaction(request, plane(), service),
    },
    {
      method: "GET",
      path: "/v1/transactions",
      summary: "Lists the transactions of the program",
      gives: { "application/json": schemas.transactions },
      problems: [401, 403],
      handle: () =>
        json({
          transactions: [...plane().parts.of.codes.values()].map(({ name, parameters }) => ({
            ...{ name, parameters: jsonColumns(parameters) },
          })),
        }),
    },
    {
      method: "GET",
      path: "/v1/ordered",
      summary: "Says how things stand with the ordered plane",
      gives: { "application/json": schemas.orderedStatus },
      problems: [401, 403],
      handle: () => json(statusOf(plane(), service)),
    },
    {
      method: "GET",
      path: "/v1/ordered/state/{epoch}",
      summary: "Gives the hash of this partition after an epoch",
      gives: { "application/json": schemas.orderedState },
      problems: [400, 401, 403, 404, 410],
      handle: ({ parameters }) => state(parameters["epoch"] ?? "", plane()),
    },
    {
      method: "POST",
      path: "/v1/ordered/checkpoint",
      operator: true,
      summary: "Makes a checkpoint of this partition; answers when the disk has it",
      gives: { "application/json": schemas.orderedCheckpoint },
      problems: [401, 403, 503, 507],
      handle: async () => {
        const { epoch, hash, rows, bytes } = await onDisk(plane().checkpoint());
        return json({ epoch, hash: hashText(hash), rows, bytes });
      },
    },
    {
      method: "POST",
      path: "/v1/ordered/members",
      operator: true,
      summary: "Adds or removes a member; answers when the log says so",
      takes: { "application/json": schemas.memberChange },
      gives: { "application/json": schemas.memberPlaces },
      problems: [400, 401, 403, 404, 409, 413, 422, 503],
      handle: async ({ message }) => {
        const hint = 'send {"add": "NAME"} or {"remove": "NAME"}';
        const bytes = await readBody(message, changeBytesMax);
        const { data } = schemas.memberChange.safeParse(jsonObject(bytes, hint));
        if (data === undefined)
          throw new Problem(422, "bad-request", "the body says no change of members", { hint });
        return json({ members: await plane().changeMembers(data) });
      },
    },
  ];
}

/** What the disk does not take is a mistake of nobody: the checkpoint before is there still. */
async function onDisk<T>(making: Promise<T>): Promise<T> {
  try {
    return await making;
  } catch (error) {
    if (!(error instanceof OrderedLogError)) throw error;
    const [status, code] =
      error.code === "disk-full" ? ([507, "disk-full"] as const) : ([503, "disk-failed"] as const);
    const hint = "the checkpoint before is there still; make room, or mend the disk, and ask again";
    throw new Problem(status, code, error.message, { hint });
  }
}

/** The body of a request to change the members. */
const changeBytesMax = 4 << 10;

async function transaction(
  { message, parameters }: Request,
  plane: OrderedPlane,
  service: NodeService,
): Promise<Reply> {
  const { of, limits } = plane.parts;
  const name = parameters["name"] ?? "";
  const code = of.codes.get(name);
  if (code === undefined) throw unknown(name, [...of.codes.keys()]);
  if (service.draining())
    throw new Problem(503, "draining", "the node is about to stop", {
      hint: "send the transaction to another node",
      headers: { "retry-after": "1" },
    });
  if (!plane.members.takesPart)
    throw new Problem(503, "not-admitted", "this node is no member of the ordered plane", {
      hint: "send the transaction to a member: GET /v1/ordered names them",
      headers: { "retry-after": "1" },
    });
  const id = checked(requestHeaders, message.headers)["idempotency-key"] ?? randomUUID();
  const args = argumentsOf(await readBody(message, limits.requestBytesMax), code, service);
  const answer = await plane.submit({ id, transaction: name, args });
  return replyOf(answer);
}

function argumentsOf(
  bytes: Uint8Array,
  { name, parameters }: TransactionCode,
  { program }: NodeService,
) {
  const hint = `send {"args": [${parameters.map((one) => `<${one.name}>`).join(", ")}]}`;
  const body = schemas.transactionBody.safeParse(jsonObject(bytes, hint));
  if (!body.success)
    throw new Problem(422, "bad-arguments", "the body says no arguments", {
      ...{
        hint,
        errors: body.error.issues.map(({ path, message }) => ({ at: path.join("."), message })),
      },
    });
  const { args, errors } = readArguments(body.data.args, parameters, program.schema);
  if (errors.length === 0) return args;
  const wanted = parameters.map((one) => `${one.name}: ${one.type}`).join(", ");
  throw new Problem(422, "bad-arguments", `these are no arguments of ${name}(${wanted})`, {
    ...{ errors, hint },
  });
}

function replyOf({ id, position, result }: Answer): Reply {
  const epoch = epochOf(position);
  const headers = { [sessionHeader]: epochSession(epoch) };
  switch (result.kind) {
    case "done": {
      const { removed, inserted } = result;
      return json({ id, status: "done", epoch, position, removed, inserted }, 200, headers);
    }
    case "aborted":
      throw new Problem(409, "aborted", `the transaction aborted: ${result.reason}`, {
        ...{ headers, members: { reason: result.reason, id, epoch, position } },
      });
    case "failed":
      throw new Problem(422, "evaluation-failed", `it cannot be evaluated: ${result.reason}`, {
        ...{ hint: "nothing is changed", members: { id, epoch, position } },
      });
    case "restart":
      throw new Problem(503, "unavailable", "the transaction was begun again too often");
  }
}

function unknown(name: string, names: readonly string[]): Problem {
  const near = suggest(name, names);
  const hint =
    near === undefined
      ? "GET /v1/transactions lists those of the program"
      : `did you mean "${near}"?`;
  return new Problem(404, "unknown-transaction", `there is no transaction "${name}"`, { hint });
}

function state(text: string, plane: OrderedPlane): Reply {
  if (!/^\d{1,15}$/.test(text))
    throw new Problem(400, "bad-request", `"${text}" is no epoch: epochs are 1, 2, 3, …`);
  const epoch = Number(text);
  const { completed } = plane.reads;
  if (epoch > completed) throw ahead(epoch, completed);
  const hash = plane.hashAt(epoch);
  if (hash === undefined) throw forgotten(epoch, plane.reads.oldest);
  return json({ place: plane.parts.layout.place, epoch, hash: hashText(hash) });
}

/** How things stand. */
function statusOf(
  plane: OrderedPlane,
  service: NodeService,
): z.infer<typeof schemas.orderedStatus> {
  const { parts, replica, sequencer, submissions, members } = plane;
  const { place, partitions, replicas } = parts.layout;
  const { epoch, hash } = replica.completed;
  const connected = new Set(
    service.network.status().flatMap((of) => (of.connected ? [of.name] : [])),
  );
  return {
    name: service.name,
    ...{ place, partitions, replicas },
    log: { kind: parts.logKind, tail: sequencer.epoch },
    completed: { epoch, hash: hashText(hash) },
    pending: {
      sequencer: sequencer.pending,
      partition: replica.pending,
      clients: submissions.size,
    },
    ...(parts.keeper.checkpointed > 0 && { checkpoint: parts.keeper.checkpointed }),
    horizon: plane.reads.oldest,
    frontier: Object.fromEntries(replica.frontier),
    restarts: submissions.restarts,
    members: members.others.map((name) => {
      const known = members.state(name);
      return {
        ...{ name, connected: connected.has(name), member: members.isNamed(name) },
        ...(known && {
          place: known.place,
          completed: { epoch: known.completed.epoch, hash: hashText(known.completed.hash) },
          ...(known.checkpoint > 0 && { checkpoint: known.checkpoint }),
        }),
      };
    }),
  };
}
