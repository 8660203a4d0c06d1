// Opens what the ordered plane of a node begins with: its log, its rows, its last checkpoint.
import { join } from "node:path";

import type { EvaluateOptions } from "../../engine/run.ts";
import type { OrderedLog } from "../../calvin/ordered-log.ts";
import { Partitions } from "../../calvin/partitions.ts";
import type { LogNodesOptions } from "../../runtime/node/log-nodes.ts";
import { openFileLog } from "../../runtime/node/open-file-log.ts";
import { openFollowedLog } from "../../runtime/node/ordered-log-followed.ts";
import type { EtcdOptions } from "../../runtime/node/etcd-client.ts";
import { openEtcdLog } from "../../runtime/node/ordered-log-etcd.ts";
import { orderedLogError } from "../../runtime/node/ordered-folder.ts";
import { recordHash } from "../../runtime/node/record-hash.ts";
import { openHttpLog } from "../../runtime/node/ordered-log-http.ts";
import type { TlsFiles } from "../http/http-server.ts";
import type { Route } from "../http/router.ts";
import { logRoutes } from "./log-routes.ts";
import { OrderedLogError } from "../../runtime/ordered-log-error.ts";
import type { Logger } from "../logger.ts";
import type { NodeProgram } from "../node-program.ts";
import { orderedLimits, type OrderedLimits } from "./limits.ts";
import type { LogAddress } from "./log-address.ts";
import { BatchFolder } from "./batch-folder.ts";
import type { Keeper } from "./keeper.ts";
import { type MemoryKeeperOptions, openMemoryKeeper } from "./memory-keeper.ts";
import { orderedProgram } from "./ordered-program.ts";
import type { Layout } from "./place.ts";
import { orderedMetrics } from "./ordered-metrics.ts";
import { OrderedPlane } from "./plane.ts";
import { orderedRoutes } from "./routes.ts";
import type { CheckpointBy } from "./settings.ts";
import type { OrderedOf } from "./ordered-of.ts";

/** What an ordered plane is opened with. */
export type OrderedOptions = {
  readonly program: NodeProgram;
  readonly layout: Layout;
  readonly log: LogAddress;
  /** How a log in etcd is spoken to. */
  readonly etcd?: Pick<EtcdOptions, "user" | "tls">;
  /** Where a log in etcd has its keys: logs of other clusters are beside it. */
  readonly cluster: string;
  readonly checkpointMs: number;
  readonly checkpointBy: CheckpointBy;
  readonly storage: "memory" | "lmdb";
  /** The folder of the node: checkpoints, and rows on disk, are in folders of it. */
  readonly data: string;
  readonly evaluation: EvaluateOptions;
  /** The secret of the nodes, and how they are spoken to: for a log that another one keeps. */
  readonly token?: string;
  readonly tls?: TlsFiles;
  readonly limits?: Partial<OrderedLimits>;
  readonly logger: Logger;
};

/** Opens an ordered plane. Throws an `OrderedLogError` where the log cannot be used. */
export async function openOrdered(options: OrderedOptions): Promise<OrderedOf> {
  const { program, layout, evaluation, checkpointMs } = options;
  const of = orderedProgram(program.program, evaluation);
  const { log, routes } = await openOrderedLog(options);
  const partitions = new Partitions(layout.partitions, of.keys);
  const stated = of.stated.filter((row) => partitions.of(row) === layout.place.partition);
  const { partition } = layout.place;
  const named = { program: program.hash, partition, partitions: layout.partitions };
  const folder = join(options.data, "checkpoints");
  const kept = { folder, of: named, stated, keys: of.keys, checkpointBy: options.checkpointBy };
  const first = await openKeeper(options, kept).catch(async (error: unknown) => {
    await log.close();
    throw error;
  });
  const batches = await BatchFolder.open(join(options.data, "batches")).catch(
    async (error: unknown) => {
      await first.close();
      await log.close();
      throw orderedLogError(error, `long batches cannot be kept in ${options.data}`);
    },
  );
  const limits = { ...orderedLimits, ...options.limits };
  const logKind = options.log.kind;
  return {
    start(service, links) {
      const begun = (keeper: Keeper, generation: number): OrderedPlane => {
        const onInstalled = (installed: Keeper): void => {
          plane.retire();
          plane = begun(installed, generation + 1);
        };
        const parts = { of, layout, log, logKind, keeper, batches, limits, checkpointMs };
        return new OrderedPlane({ ...parts, generation, onInstalled }, service, links);
      };
      let plane = begun(first, 0);
      return {
        get reads() {
          return plane.reads;
        },
        get questions() {
          return plane.questions;
        },
        routes: [...orderedRoutes(() => plane, service), ...routes],
        submit: (wanted) => plane.submit(wanted),
        answer: (peer, ask) => plane.answer(peer, ask),
        told: (peer, news) => {
          plane.told(peer, news);
        },
        metrics: () => orderedMetrics(plane),
        close: () => plane.close(),
      };
    },
    async close() {
      await log.close();
      await first.close();
    },
  };
}

async function openKeeper(
  { storage, data, logger }: OrderedOptions,
  kept: MemoryKeeperOptions,
): Promise<Keeper> {
  if (storage === "memory") return openMemoryKeeper(kept, logger);
  try {
    // LMDB is an optional dependency: it is loaded where it is wanted.
    const { openLmdbKeeper } = await import("./lmdb-keeper.ts");
    return openLmdbKeeper({ ...kept, rows: join(data, "rows") });
  } catch (error) {
    if (error instanceof OrderedLogError) throw error;
    const text = error instanceof Error ? error.message : String(error);
    throw new OrderedLogError(
      "disk-failed",
      `rows on disk cannot be opened (${text}): npm install lmdb, or take --storage memory`,
    );
  }
}

/** A log that is open, with what its node answers where it keeps it. */
type Opened = { readonly log: OrderedLog; readonly routes: readonly Route[] };

async function openOrderedLog(options: OrderedOptions): Promise<Opened> {
  const { log, program, cluster } = options;
  switch (log.kind) {
    case "file": {
      const { folder, follow } = log;
      if (follow !== undefined) return followedLog(folder, follow, options);
      const opened = await openFileLog(folder, { program: program.hash });
      return { log: opened, routes: logRoutes({ log: opened, program: program.hash }) };
    }
    case "etcd": {
      const { urls: endpoints } = log;
      const prefix = `calm/${cluster}`;
      const opened = await openEtcdLog({
        ...options.etcd,
        endpoints,
        prefix,
        program: program.hash,
        hash: recordHash,
      });
      return { log: opened, routes: [] };
    }
    case "http": {
      const { urls } = log;
      const opened = await openHttpLog({ ...logNodes(urls, options), hash: recordHash });
      return { log: opened, routes: [] };
    }
  }
}

async function followedLog(
  folder: string,
  urls: readonly string[],
  options: OrderedOptions,
): Promise<Opened> {
  const { logger } = options;
  let reached: boolean | undefined;
  const onLag = (epochs: number | undefined): void => {
    const before = reached;
    reached = epochs !== undefined;
    if (reached === before) return;
    if (reached) logger.info("follows the log", { at: urls.join(", "), behind: epochs });
    else logger.warn("the leader of the log does not answer", { at: urls.join(", ") });
  };
  const { hash: program } = options.program;
  const leader = logNodes(urls, options);
  const log = await openFollowedLog(folder, { program, leader, onLag });
  return { log, routes: logRoutes({ log: log.own, program }) };
}

function logNodes(
  urls: readonly string[],
  { program, token, tls }: OrderedOptions,
): LogNodesOptions {
  return {
    urls,
    program: program.hash,
    ...(token !== undefined && { token }),
    ...(tls && { tls }),
  };
}
