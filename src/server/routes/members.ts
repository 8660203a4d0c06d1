// How members come and go: one asks to be admitted, an operator has a node leave, or forgets one.
import * as z from "zod";

import { memberName } from "../../runtime/member-bytes.ts";
import { admission, farewell, type Members } from "../../transducer/membership.ts";
import { readBody } from "../http/body.ts";
import { Problem } from "../http/problem.ts";
import { checked, json, type Reply, type Request, type Route } from "../http/router.ts";
import { signedJoin } from "../joining.ts";
import { type Join, joinBody, joined, knownMembers, type members } from "../member-schemas.ts";
import type { NodeService } from "../node-service.ts";
import { drainQuery } from "../schemas.ts";
import { stoppedProblem } from "./insert.ts";
import { peersOf } from "./operations.ts";

const forgetBody = z
  .object({ name: z.string().regex(memberName) })
  .meta({ id: "Forget", description: "A member that does not come back." });

const left = z
  .object({
    left: z.boolean().meta({ description: "Whether it has left, and others know; it ends then." }),
    reason: z.string().optional().meta({ description: "What it still waits for." }),
  })
  .meta({ id: "Left" });

/** A request about members is not longer. */
const bodyBytesMax = 64 << 10;

/** How often is looked whether others have what they need. */
const lookMs = 20;

/** The routes of joining, leaving and forgetting. */
export function memberRoutes(service: NodeService): Route[] {
  return [
    {
      method: "POST",
      path: "/v1/join",
      summary: "Admits a node as a member; answers who the members are, once that is durable",
      operator: true,
      takes: { "application/json": joinBody },
      gives: { "application/json": joined },
      problems: [400, 401, 403, 409, 413, 503],
      handle: (request) => join(request, service),
    },
    {
      method: "POST",
      path: "/v1/leave",
      summary: "Has the node leave the network, once others hold all that it does; then it ends",
      operator: true,
      query: drainQuery,
      gives: { "application/json": left },
      problems: [400, 401, 403, 409, 503],
      handle: (request) => leave(request, service),
    },
    {
      method: "POST",
      path: "/v1/forget",
      summary: "Forgets a member that does not come back; its facts stay",
      operator: true,
      takes: { "application/json": forgetBody },
      gives: { "application/json": knownMembers },
      problems: [400, 401, 403, 404, 409, 413, 503],
      handle: (request) => forget(request, service),
    },
  ];
}

/** Returns what a node knows of members, as it is told. */
function membersJson(known: Members): z.infer<typeof members> {
  return Object.fromEntries(known);
}

async function join(request: Request, service: NodeService): Promise<Reply> {
  const said = await bodyOf(request, joinBody);
  const { name, life, key } = said;
  refuse(said, service);
  const { driver, node, logger } = service;
  logger.info("is asked to admit a member", { name });
  await durably(driver.learn(admission(node.members, name, { life, key })));
  const { members, holds } = service.node;
  // From now on others count it among those who are to hold what they leave out of sessions.
  return json({ members: membersJson(members), holds: Object.fromEntries(holds) });
}

/** Throws a problem where a node cannot become a member. */
function refuse(said: Join, { name: own, cluster, program, pins, node }: NodeService): void {
  const { name, key } = said;
  if (said.cluster !== cluster)
    throw new Problem(409, "not-admitted", `this is a node of cluster "${cluster}"`);
  if (program.sealing.awaited !== undefined)
    throw new Problem(409, "not-admitted", "all members seal their input: they are declared", {
      hint: "start all nodes with --peer for each of the others",
    });
  if (said.program !== program.hash)
    throw new Problem(409, "not-admitted", "the members run another program", {
      hint: "start the node with the same text and functors",
    });
  if (!signedJoin(said))
    throw new Problem(403, "forbidden", `"${name}" does not hold the key that it names`);
  const known = pins.get(name) ?? node.members.get(name)?.key;
  if (name === own || (known !== undefined && known !== key))
    throw new Problem(409, "not-admitted", `"${name}" is the name of another node`, {
      hint: "give the node a name of its own, or the data folder that it had",
    });
}

async function leave({ parameters, message }: Request, service: NodeService): Promise<Reply> {
  const { wait = 10 } = checked(drainQuery, parameters);
  const { name, driver, nowMs } = service;
  if (service.node.peers().length === 0)
    throw new Problem(
      409,
      "no-members",
      "the node is the only member: nobody would have its facts",
      {
        hint: "stop it, in place of leaving",
      },
    );
  sealedBefore(service);
  service.drain();
  await service.handOver();
  const until = nowMs() + wait * 1000;
  for (;;) {
    const { node } = service;
    const gone = node.members.get(name)?.status === "left";
    if (gone && othersKnow(service)) break;
    if (!gone && node.handedOver && driver.unpersisted === 0 && !driver.renewing)
      await durably(driver.learn(farewell(node.members, name, "left")));
    if (driver.stopped !== undefined) throw new Problem(503, "stopped", "the node has stopped");
    if (nowMs() >= until || message.destroyed) return json({ left: false, reason: waits(service) });
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
  // Whoever asked is told before connections end.
  setImmediate(() => {
    driver.stop({ kind: "left", error: new Error("the node has left the network") });
  });
  return json({ left: true });
}

/** Throws a problem where others wait for what only this node can seal: nobody could later. */
function sealedBefore({ node, program: { floods, network, sealing } }: NodeService): void {
  const open = (floods ? (sealing.awaited ?? []) : []).filter((at) => !node.hasSealed(at));
  if (open.length === 0) return;
  const names = open.map((at) => network.roles[at]?.name ?? "");
  throw new Problem(
    409,
    "not-sealed",
    `the others wait for this node to seal ${names.join(", ")}: it has not`,
    { hint: `seal first: \`calm node seal ${names.join(" ")}\`` },
  );
}

/** Whether another member knows all that the node does of the members, or refuses it already. */
function othersKnow({ node, network }: NodeService): boolean {
  return (
    node.peers().some(({ informed }) => informed) ||
    network.status().some(({ lastEnd }) => lastEnd?.remote && lastEnd.reason === "no-member")
  );
}

/** What a node that is to leave still waits for. */
function waits(service: NodeService): string {
  const { node, name } = service;
  if (node.members.get(name)?.status === "left") return "no other member knows of it yet";
  const peers = peersOf(service);
  const lacking = peers.map((peer) => `${peer.name} lacks ${peer.lacks} facts`);
  const waiting = peers.filter(({ unacknowledged }) => unacknowledged > 0);
  return waiting.length > 0
    ? waiting.map((peer) => `${peer.name} has ${peer.unacknowledged} messages to take`).join(", ")
    : `no other member is known to hold all: ${lacking.join(", ")}`;
}

async function forget(request: Request, service: NodeService): Promise<Reply> {
  const { name } = await bodyOf(request, forgetBody);
  const { driver, node, logger } = service;
  if (name === service.name)
    throw new Problem(409, "no-members", "a node does not forget itself", {
      hint: "have it leave, or ask another member",
    });
  const news = farewell(node.members, name, "forgotten");
  if (news.size === 0) {
    const known = [...node.members.keys()].join(", ");
    throw new Problem(404, "unknown-member", `"${name}" never was a member`, {
      hint: `the names that are known: ${known}`,
    });
  }
  logger.warn("is told to forget a member", { name });
  await durably(driver.learn(news));
  return json({ members: membersJson(service.node.members) });
}

async function durably(learned: Promise<void>): Promise<void> {
  try {
    await learned;
  } catch (error) {
    throw stoppedProblem(error);
  }
}

async function bodyOf<T>({ message }: Request, schema: z.ZodType<T>): Promise<T> {
  const bytes = await readBody(message, bodyBytesMax);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new Problem(400, "bad-request", "the body is no JSON");
  }
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  throw new Problem(400, "bad-request", "the body is not what it should be", {
    errors: read.error.issues.map(({ path, message: detail }) => ({ at: path.join("."), detail })),
  });
}
