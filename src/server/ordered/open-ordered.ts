// Opens what the ordered plane of a node begins with: its log, its rows, its last checkpoint.
import type { EvaluateOptions } from "../../engine/run.ts";
import type { OrderedLog } from "../../calvin/ordered-log.ts";
import { Partitions } from "../../calvin/partitions.ts";
import { recordText } from "../../calvin/record.ts";
import { openFileLog } from "../../runtime/node/open-file-log.ts";
import { openEtcdLog } from "../../runtime/node/ordered-log-etcd.ts";
import { textHash } from "../../runtime/node/record-hash.ts";
import { OrderedLogError } from "../../runtime/ordered-log-error.ts";
import type { RecordHash } from "../../runtime/record-chain.ts";
import type { NodeProgram } from "../node-program.ts";
import { orderedLimits, type OrderedLimits } from "./limits.ts";
import type { LogAddress } from "./log-address.ts";
import { memoryKeeper } from "./memory-keeper.ts";
import { orderedProgram } from "./ordered-program.ts";
import type { Layout } from "./place.ts";
import { OrderedPlane } from "./plane.ts";
import type { OrderedOf } from "./service.ts";

/** What an ordered plane is opened with. */
export type OrderedOptions = {
  readonly program: NodeProgram;
  readonly layout: Layout;
  readonly log: LogAddress;
  /** Where a log in etcd has its keys: logs of other clusters are beside it. */
  readonly cluster: string;
  readonly checkpointMs: number;
  readonly storage: "memory" | "lmdb";
  /** The folder of the node: checkpoints, and rows on disk, are in folders of it. */
  readonly data: string;
  readonly evaluation: EvaluateOptions;
  readonly limits?: Partial<OrderedLimits>;
};

/** Opens an ordered plane. Throws an `OrderedLogError` where the log cannot be used. */
export async function openOrdered(options: OrderedOptions): Promise<OrderedOf> {
  const { program, layout, evaluation, checkpointMs } = options;
  const of = orderedProgram(program.program, evaluation);
  const log = await openOrderedLog(options);
  const partitions = new Partitions(layout.partitions, of.keys);
  const stated = of.stated.filter((row) => partitions.of(row) === layout.place.partition);
  const keeper = memoryKeeper(stated);
  const limits = { ...orderedLimits, ...options.limits };
  const logKind = options.log.kind;
  return {
    start: (service, links) =>
      new OrderedPlane({ of, layout, log, logKind, keeper, limits, checkpointMs }, service, links),
    async close() {
      await log.close();
      await keeper.close();
    },
  };
}

const hash: RecordHash = (record) => textHash(recordText(record));

async function openOrderedLog({ log, program, cluster }: OrderedOptions): Promise<OrderedLog> {
  switch (log.kind) {
    case "file":
      return openFileLog(log.folder, { program: program.hash, hash });
    case "etcd":
      return openEtcdLog({
        ...{ endpoints: log.urls, prefix: `calm/${cluster}`, program: program.hash, hash },
      });
    case "http":
      throw new OrderedLogError("refused", "a log that another node keeps cannot be used yet");
  }
}
