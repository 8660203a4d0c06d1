// What a node is told of its ordered plane.
import {
  type EtcdKey,
  type EtcdReading,
  type EtcdSettings,
  etcdSettings,
  etcdSettingsOf,
} from "./etcd-settings.ts";
import { type LogAddress, logAddress, nodeAddresses } from "./log-address.ts";
import type { Place } from "./place.ts";

/** The key of a setting. */
export type OrderedKey =
  | ("ordered" | "log" | "follow" | "partitions" | "replicas" | "place" | "storage")
  | ("checkpointInterval" | "checkpointBy")
  | EtcdKey;

/** How a node whose rows are in memory catches the state of a checkpoint. */
export type CheckpointBy = "versions" | "zigzag" | "synchronous";

/** The settings of a node's ordered plane. */
export type OrderedSettings = {
  readonly log: LogAddress;
  readonly etcd?: EtcdSettings;
  readonly partitions: number;
  readonly replicas: number;
  /** Absent where all members are to be started on this machine. */
  readonly place?: Place;
  readonly storage: "memory" | "lmdb";
  readonly checkpointMs: number;
  readonly checkpointBy: CheckpointBy;
};

const group = "Ordered plane:";

/** All that can be set: rows of `nodeSettings`. */
export const orderedSettings: readonly {
  readonly key: OrderedKey;
  readonly flag: string;
  readonly description: string;
  readonly group: string;
  readonly plain?: boolean;
  readonly choices?: readonly string[];
  readonly usual?: string;
}[] = [
  {
    ...{ key: "ordered", flag: "--ordered", group, plain: true },
    description: "carry out transactions, in one order for all members",
  },
  {
    ...{ key: "log", flag: "--log <where>", group },
    description:
      "the order: file:DIR, etcd:URL,URL…, or http://HOST:PORT of a node that keeps it in files",
  },
  {
    ...{ key: "follow", flag: "--follow <url>", group },
    description:
      "with --log file:DIR: keep a copy of the log there that the nodes at these addresses lead, " +
      "to be promoted once they are dead",
  },
  ...etcdSettings,
  {
    ...{ key: "partitions", flag: "--partitions <n>", group, usual: "1" },
    description: "over how many nodes the rows of a replica are spread",
  },
  {
    ...{ key: "replicas", flag: "--replicas <n>", group, usual: "1" },
    description: "how often all rows are kept",
  },
  {
    ...{ key: "place", flag: "--place <replica/partition>", group },
    description:
      "which partition of which replica this node is, from 0 on; without it, where there are " +
      "several, all are started on this machine",
  },
  {
    ...{ key: "storage", flag: "--storage <kind>", group, usual: "memory" },
    description: "where rows are: in memory, or on disk (lmdb)",
    choices: ["memory", "lmdb"],
  },
  {
    key: "checkpointInterval",
    ...{ flag: "--checkpoint-interval <s>", group, usual: "60" },
    description: "how often a checkpoint is made",
  },
  {
    ...{ key: "checkpointBy", flag: "--checkpoint-by <way>", group, usual: "versions" },
    description:
      "how the state of a checkpoint is caught, with rows in memory: by the past of rows, by a " +
      "second copy of each (zigzag), or while no further epoch is taken in (synchronous)",
    choices: ["versions", "zigzag", "synchronous"],
  },
];

type Reading = Pick<EtcdReading, "secret"> & {
  readonly text: (key: OrderedKey) => string | undefined;
  readonly number: (key: OrderedKey) => number | undefined;
  readonly said: (key: OrderedKey) => boolean;
  /** Whether it was set, and is not as usual. */
  readonly given: (key: OrderedKey) => boolean;
};

/** Partitions, and replicas: each is a process. */
const membersMax = 1_000;

/** Whether what is to be started is all members, on this machine. */
export function isTogether({ text, said }: Pick<Reading, "text" | "said">): boolean {
  const several = Number(text("partitions") ?? 1) * Number(text("replicas") ?? 1) > 1;
  return said("ordered") && several && text("place") === undefined;
}

/** Returns the settings of a node's ordered plane, unless it is to have none; what is wrong with
 * them is added to `wrong`. */
export function orderedSettingsOf(
  { text, secret, number, said, given }: Reading,
  wrong: string[],
): OrderedSettings | undefined {
  if (!said("ordered")) {
    const stray = orderedKeys.find(given);
    if (stray !== undefined) wrong.push(`--${stray} goes with --ordered`);
    else etcdSettingsOf({ text, secret }, undefined, wrong);
    return undefined;
  }
  const where = text("log");
  const log = where === undefined ? undefined : logAddress(where);
  if (where === undefined) wrong.push("--ordered wants --log: file:DIR, etcd:URL, or http://…");
  else if (log === undefined)
    wrong.push(`--log is file:DIR, etcd:URL,URL…, or http://HOST:PORT, not "${where}"`);
  const followed = text("follow");
  const follow = followed === undefined ? undefined : nodeAddresses(followed);
  if (followed !== undefined && follow === undefined)
    wrong.push(`--follow is http://HOST:PORT of the node that leads the log, not "${followed}"`);
  if (followed !== undefined && log !== undefined && log.kind !== "file")
    wrong.push("--follow keeps a copy of the log in files: give --log file:DIR with it");
  const etcd = where === undefined ? undefined : etcdSettingsOf({ text, secret }, log, wrong);
  const [partitions, replicas] = [number("partitions") ?? 1, number("replicas") ?? 1];
  if (partitions * replicas > membersMax)
    wrong.push(`--partitions times --replicas is at most ${membersMax}`);
  const placed = text("place") ?? (partitions * replicas === 1 ? "0/0" : undefined);
  const [, replica, partition] = /^(\d{1,4})\/(\d{1,4})$/.exec(placed ?? "") ?? [];
  const place = { replica: Number(replica), partition: Number(partition) };
  if (placed !== undefined && !(place.replica < replicas && place.partition < partitions))
    wrong.push(
      `--place is REPLICA/PARTITION, from 0/0 to ${replicas - 1}/${partitions - 1}, ` +
        `not "${placed}"`,
    );
  const storage = text("storage") === "lmdb" ? "lmdb" : "memory";
  const by = text("checkpointBy");
  const checkpointBy = by === "zigzag" || by === "synchronous" ? by : "versions";
  if (storage === "lmdb" && checkpointBy !== "versions")
    wrong.push(
      "--checkpoint-by goes with --storage memory: rows on disk need no checkpoint of their own",
    );
  return {
    ...{ partitions, replicas },
    log:
      log?.kind === "file" && follow ? { ...log, follow } : (log ?? { kind: "file", folder: "" }),
    ...(etcd && { etcd }),
    ...(placed !== undefined && { place }),
    storage,
    checkpointMs: (number("checkpointInterval") ?? 60) * 1000,
    checkpointBy,
  };
}

const orderedKeys = ["log", "follow", "partitions", "replicas", "place", "storage"] as const;
