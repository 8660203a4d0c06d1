import { readdirSync } from "node:fs";

import { histogramSamples, type Metric } from "./metrics.ts";
import { commitSeconds } from "./node-driver.ts";
import { asked, type NodeService } from "./node-service.ts";
import { relationSeals } from "./readiness.ts";

/** Returns what a node measures of itself. */
export function nodeMetrics(service: NodeService): Metric[] {
  return [
    ...[...ofNode(service), ...ofSeals(service), ...ofLog(service), ...ofPeers(service)],
    ...(service.ordered?.metrics() ?? []),
  ];
}

function ofNode(service: NodeService): Metric[] {
  const { version, program, node, driver, live, transducer } = service;
  // To count what is derived when it is asked for would derive all of it, for each look at metrics.
  const sizeOf = (at: number): number => (transducer.isOnDemand(at) ? 0 : transducer.size(at));
  const held = [...node.holds.values()].reduce((sum, count) => sum + count, 0);
  const sizes = program.program.relations.flatMap((relation, at) =>
    asked(relation) && !transducer.isOnDemand(at)
      ? [{ labels: { relation: relation.name }, value: sizeOf(at) }]
      : [],
  );
  return [
    {
      ...gauge("calm_build_info", "Which build runs which program."),
      samples: [{ labels: { version, program: program.hash }, value: 1 }],
    },
    {
      ...gauge("calm_up", "Whether the node takes facts in."),
      samples: [{ value: driver.stopped === undefined && !service.draining() ? 1 : 0 }],
    },
    {
      ...gauge("calm_facts", "Input facts that are durable here, or were until a clean-up."),
      samples: [{ value: held }],
    },
    {
      ...gauge("calm_kept_facts", "Input facts that are here."),
      samples: [{ value: node.stored.facts }],
    },
    {
      ...gauge("calm_garbage_bytes", "About what is computed with though it was cleaned up."),
      samples: [{ value: node.garbageWeight }],
    },
    {
      ...counter("calm_accepted_requests_total", "Requests of clients that became durable."),
      samples: [{ value: driver.counts.requests }],
    },
    {
      ...counter("calm_accepted_facts_total", "Facts of clients that became durable."),
      samples: [{ value: driver.counts.facts }],
    },
    {
      ...counter("calm_undeliverable_total", "Facts that rules sent to nodes that are no peers."),
      samples: [{ value: driver.counts.undeliverable }],
    },
    { ...gauge("calm_tuples", "Tuples of a relation that is kept."), samples: sizes },
    {
      ...gauge("calm_held_tuples", "Tuples of all relations, with copies that rules need."),
      samples: [{ value: program.plan.relations.reduce((sum, _, at) => sum + sizeOf(at), 0) }],
    },
    ...ofProcess(),
    { ...gauge("calm_followers", "Live queries."), samples: [{ value: live.size }] },
  ];
}

/** What the process needs, under the names that programs for Node usually give. */
function ofProcess(): Metric[] {
  const { rss, heapUsed, external } = process.memoryUsage();
  const descriptors = openDescriptors();
  return [
    {
      ...gauge("process_resident_memory_bytes", "Memory that the process has."),
      samples: [{ value: rss }],
    },
    {
      ...gauge("nodejs_heap_size_used_bytes", "Memory of objects, with what is not collected yet."),
      samples: [{ value: heapUsed }],
    },
    {
      ...gauge("nodejs_external_memory_bytes", "Memory of bytes beside the objects."),
      samples: [{ value: external }],
    },
    ...(descriptors === undefined
      ? []
      : [
          {
            ...gauge("process_open_fds", "Files and connections that the process has open."),
            samples: [{ value: descriptors }],
          },
        ]),
  ];
}

/** How many files and connections are open; undefined where the system does not say. */
function openDescriptors(): number | undefined {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return undefined;
  }
}

function ofSeals(service: NodeService): Metric[] {
  const samples = relationSeals(service).flatMap(({ relation, sealed, missing }) => [
    ...sealed.map((member) => ({ labels: { relation, member }, value: 1 })),
    ...missing.map((member) => ({ labels: { relation, member }, value: 0 })),
  ]);
  return [
    {
      ...gauge("calm_ready", "Whether the node answers: whether it waits for no seal."),
      samples: [{ value: service.node.complete ? 1 : 0 }],
    },
    { ...gauge("calm_sealed", "Whether a member has sealed its share of a relation."), samples },
  ];
}

function ofLog({ driver, log }: NodeService): Metric[] {
  const { buckets, count, seconds } = driver.counts.commits;
  return [
    {
      ...gauge("calm_unpersisted_records", "Records that are not durable yet."),
      samples: [{ value: driver.unpersisted }],
    },
    {
      ...gauge("calm_log_bytes", "Bytes of the log on the disk."),
      samples: [{ value: log.bytes }],
    },
    {
      ...gauge("calm_log_queued_bytes", "Bytes that wait for the disk."),
      samples: [{ value: log.queuedBytes }],
    },
    {
      name: "calm_commit_seconds",
      help: "How long records take to become durable.",
      type: "histogram",
      samples: histogramSamples(commitSeconds, buckets, { count, sum: seconds }),
    },
  ];
}

function ofPeers({ node, network }: NodeService): Metric[] {
  const views = node.peers();
  const states = network.status();
  const of = <T extends { readonly name: string }>(all: readonly T[], value: (one: T) => number) =>
    all.map((one) => ({ labels: { peer: one.name }, value: value(one) }));
  return [
    {
      ...gauge("calm_peer_connected", "Whether there is a connection with a peer."),
      samples: of(states, ({ connected }) => (connected ? 1 : 0)),
    },
    {
      ...gauge("calm_peer_lag_facts", "Facts that a peer is not known to hold."),
      samples: of(views, ({ lacks }) => lacks),
    },
    {
      ...gauge("calm_peer_outbox_messages", "Messages of rules that a peer has not taken."),
      samples: of(views, ({ unacknowledged }) => unacknowledged),
    },
    {
      ...gauge("calm_peer_messages", "Messages of rules to a peer, in this life of the node."),
      samples: of(views, ({ acknowledged, unacknowledged }) => acknowledged + unacknowledged),
    },
    {
      ...gauge("calm_peer_buffered_bytes", "Bytes that wait to be sent to a peer."),
      samples: of(states, ({ bufferedBytes }) => bufferedBytes),
    },
    {
      ...counter("calm_peer_received_bytes_total", "Bytes that came from a peer."),
      samples: of(states, ({ bytesIn }) => bytesIn),
    },
    {
      ...counter("calm_peer_sent_bytes_total", "Bytes that went to a peer."),
      samples: of(states, ({ bytesOut }) => bytesOut),
    },
    {
      ...counter("calm_peer_connections_total", "How often a connection was made."),
      samples: of(states, ({ connections }) => connections),
    },
    {
      ...counter("calm_peer_dropped_frames_total", "Frames that were not sent."),
      samples: of(states, ({ dropped }) => dropped),
    },
  ];
}

function gauge(name: string, help: string): Omit<Metric, "samples"> {
  return { name, help, type: "gauge" };
}

function counter(name: string, help: string): Omit<Metric, "samples"> {
  return { name, help, type: "counter" };
}
