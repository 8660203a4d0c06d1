// What those who operate a node ask: whether it lives, how it does, that it is to stop.
import * as z from "zod";

import { Problem } from "../http/problem.ts";
import { checked, json, type Reply, type Request, type Route } from "../http/router.ts";
import { metricsText, metricsType } from "../metrics.ts";
import { nodeMetrics } from "../node-metrics.ts";
import type { NodeService } from "../node-service.ts";
import { relationSeals, waitsFor } from "../readiness.ts";
import { drained, drainQuery, status, versions } from "../schemas.ts";

/** The routes for operators. */
export function operationRoutes(service: NodeService): Route[] {
  const text = { "text/plain": z.string() };
  return [
    {
      method: "GET",
      path: "/livez",
      summary: "Says that the process lives",
      open: true,
      gives: text,
      problems: [],
      handle: () => plain("ok\n"),
    },
    {
      method: "GET",
      path: "/readyz",
      summary: "Says whether the node takes facts",
      open: true,
      query: z.object({ verbose: z.string().optional() }),
      gives: text,
      problems: [503],
      handle: ({ parameters }) => ready(service, "verbose" in parameters),
    },
    {
      method: "GET",
      path: "/version",
      summary: "Says which build runs which program",
      open: true,
      gives: { "application/json": versions },
      problems: [],
      handle: () =>
        json({
          version: service.version,
          program: service.program.hash,
          node: service.name,
        }),
    },
    {
      method: "GET",
      path: "/metrics",
      summary: "Gives the metrics, as Prometheus reads them",
      gives: text,
      problems: [401, 403],
      handle: () => ({ type: metricsType, body: metricsText(nodeMetrics(service)) }),
    },
    {
      method: "GET",
      path: "/v1/status",
      summary: "Says how things stand with the node and its peers",
      gives: { "application/json": status },
      problems: [401, 403],
      handle: () => json(statusOf(service)),
    },
    {
      method: "POST",
      path: "/v1/drain",
      operator: true,
      summary: "Takes no more facts; answers when a peer holds all that there are",
      query: drainQuery,
      gives: { "application/json": drained },
      problems: [400, 401, 403, 503],
      handle: (request) => drain(request, service),
    },
  ];
}

function plain(body: string, code = 200): Reply {
  return { status: code, type: "text/plain; charset=utf-8", body };
}

function ready(service: NodeService, verbose: boolean): Reply {
  const { driver, draining } = service;
  // The log has been read before the node listens.
  const checks = [
    { name: "log", well: driver.stopped === undefined },
    { name: "disk-keeps-up", well: !driver.busy },
    { name: "not-draining", well: !draining() },
  ];
  const well = checks.every((check) => check.well);
  // Who waits for seals takes facts all the same: that is what it waits for.
  const waits = relationSeals(service).filter(({ awaited, complete }) => awaited && !complete);
  const lines = [
    ...checks.map((check) => `[${check.well ? "+" : "-"}]${check.name}\n`),
    ...(service.parts === undefined
      ? []
      : [`[${service.parts.shards.settled ? "+" : " "}]at-owners\n`]),
    ...waits.map((seals) => `[ ]answers: ${waitsFor(seals)}\n`),
  ].join("");
  const verdict = well ? "ok\n" : "not ready\n";
  return plain(verbose || !well ? `${lines}${verdict}` : verdict, well ? 200 : 503);
}

function statusOf(service: NodeService): z.infer<typeof status> {
  const { name, node, version, program, driver, log, live } = service;
  const { stopped } = driver;
  return {
    ...{ name, origin: node.origin, version, program: program.hash },
    state: stopped !== undefined ? "stopped" : service.draining() ? "draining" : "running",
    ready: node.complete,
    seals: sealsOf(service),
    uptimeSeconds: Math.round((service.nowMs() - service.startedMs) / 100) / 10,
    holds: Object.fromEntries(node.holds),
    unpersisted: driver.unpersisted,
    logBytes: log.bytes,
    followers: live.size,
    members: Object.fromEntries(node.members),
    peers: peersOf(service),
  };
}

function sealsOf(service: NodeService): z.infer<typeof status>["seals"] {
  return relationSeals(service).map(({ sealed, missing, ...seals }) => {
    return { ...seals, sealed: [...sealed], missing: [...missing] };
  });
}

/** Returns how things stand with the peers of a node. */
export function peersOf({ node, network }: NodeService): z.infer<typeof status>["peers"] {
  const states = new Map(network.status().map((state) => [state.name, state]));
  return node.peers().map(({ name, ready: open, lacks, unacknowledged }) => {
    const { url, connected = false, bufferedBytes = 0, lastEnd } = states.get(name) ?? {};
    return {
      ...{ name, connected, ready: connected && open, lacks, unacknowledged, bufferedBytes },
      ...(url !== undefined && { url }),
      ...(lastEnd !== undefined && { lastEnd: `${lastEnd.reason}: ${lastEnd.detail}` }),
    };
  });
}

async function drain({ parameters, message }: Request, service: NodeService): Promise<Reply> {
  const { wait = 10 } = checked(drainQuery, parameters);
  service.drain();
  const until = service.nowMs() + wait * 1000;
  for (;;) {
    const peers = peersOf(service);
    const done = service.node.handedOver && service.driver.unpersisted === 0;
    if (done || service.nowMs() >= until || message.destroyed)
      return json({ drained: done, peers });
    if (service.driver.stopped !== undefined)
      throw new Problem(503, "stopped", "the node has stopped");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
