// `calm kv serve --cluster N`: N processes on this machine, for trying the store out. Who ends
// without being told to is started again.
import { join } from "node:path";

import type { GivenSettings } from "../server/node-settings.ts";
import { CommandError, type ExitCode, exitCodes } from "./exit.ts";
import type { Host } from "./host.ts";
import type { KvServeOptions } from "./kv-serve-options.ts";
import { settingsOf } from "./node.ts";
import { nodesTogether, peerFlags } from "./processes.ts";

/** The options of a cluster. */
export type ClusterOptions = KvServeOptions & {
  readonly nodes: number;
  readonly ephemeral: boolean;
};

/** Starts the nodes, says where they are, and stops them together. */
export async function serveCluster(
  options: ClusterOptions,
  usual: GivenSettings,
  host: Host,
): Promise<ExitCode> {
  const { settings: read, wrong } = settingsOf({ ...options, usual }, host);
  if (read === undefined) throw new CommandError(exitCodes.usage, wrong.join("\ncalm: "));
  const given = ["id", "peer", "join", "advertise"].filter(
    (key) => options.settings[key] !== undefined,
  );
  if (given.length > 0)
    throw new CommandError(exitCodes.usage, `--cluster names its nodes itself: no --${given[0]}`);
  const names = Array.from({ length: options.nodes }, (_, at) => nameOf(at));
  const { listen } = read;
  return nodesTogether(
    {
      ...{ names, listen, scheme: read.tls === undefined ? "http" : "https" },
      commandOf: (name, port, ports) => [
        ...["kv", "serve"],
        ...argumentsOf(options, read.data, {
          ...{ name, address: listen.host, port },
          peers: peerFlags(name, names, listen.host, ports),
        }),
      ],
    },
    host,
  );
}

/** `a`, `b`, `c` … */
function nameOf(at: number): string {
  return at < 26 ? String.fromCharCode(97 + at) : `n${at + 1}`;
}

type Place = {
  readonly name: string;
  /** The flags that name them. */
  readonly peers: readonly string[];
  readonly address: string;
  readonly port: number;
};

/** The command line of one node: the settings of all, then its own. */
function argumentsOf(
  { settings, config, program, functors, ephemeral, includeDir, macro, gcInterval }: ClusterOptions,
  data: string,
  { name, peers, address, port }: Place,
): string[] {
  const all = Object.entries(settings).filter(([key]) => !ownKeys.includes(key));
  return [
    ...all.flatMap(([key, value]) => [value].flat().flatMap((one) => flagOf(key, String(one)))),
    ...["--id", name, "--listen", `${address}:${port}`, "--log-format", "json"],
    ...peers,
    ...(ephemeral ? ["--ephemeral"] : ["--data", join(data, "..", name)]),
    ...(config === undefined ? [] : ["--config", config]),
    ...(program === undefined ? [] : ["--program", program]),
    ...(gcInterval === undefined ? [] : ["--gc-interval", String(gcInterval)]),
    ...(functors === undefined ? [] : ["--functors", functors]),
    ...includeDir.flatMap((folder) => ["-I", folder]),
    ...macro.flatMap((text) => ["-M", text]),
  ];
}

const ownKeys = ["id", "listen", "peer", "data", "join", "advertise", "logFormat"];

function flagOf(key: string, value: string): string[] {
  if (key === "cluster") return ["--cluster-name", value];
  const name = `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  return value === "true" ? [name] : [name, value];
}
