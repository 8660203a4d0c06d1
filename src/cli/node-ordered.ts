// `calm node --ordered` without --place, where there are several: all members as processes of this
// machine, for trying the ordered plane out.
import { join } from "node:path";

import type { GivenSettings, NodeSettings } from "../server/node-settings.ts";
import type { OrderedSettings } from "../server/ordered/settings.ts";
import { CommandError, type ExitCode, exitCodes } from "./exit.ts";
import type { Host } from "./host.ts";
import type { ProgramOptions } from "./program.ts";
import { nodesTogether, peerFlags } from "./processes.ts";

/** What the command line says of all members. */
type MemberOptions = ProgramOptions & {
  readonly settings: GivenSettings;
  readonly config?: string;
  readonly functors?: string;
};

/** Starts all members of an ordered plane, says where they are, and stops them together. */
export async function orderedTogether(
  file: string,
  options: MemberOptions,
  { listen, data, tls }: NodeSettings,
  { partitions, replicas, log }: OrderedSettings,
  host: Host,
): Promise<ExitCode> {
  const given = ["peer", "join", "advertise"].find((key) => options.settings[key] !== undefined);
  if (given !== undefined)
    throw new CommandError(
      exitCodes.usage,
      `without --place all members are started here, and named: no --${given}`,
      "or start each by itself: with --place REPLICA/PARTITION",
    );
  const scheme = tls === undefined ? "http" : "https";
  const places = Array.from({ length: partitions * replicas }, (_, at) => ({
    name: `r${Math.floor(at / partitions)}p${at % partitions}`,
    place: `${Math.floor(at / partitions)}/${at % partitions}`,
  }));
  const names = places.map(({ name }) => name);
  const [first = ""] = names;
  const commandOf = (name: string, port: number, ports: ReadonlyMap<string, number>): string[] => {
    // The first keeps the log in files, if that is where it is to be.
    const shared = log.kind === "file" && name !== first;
    const { place = "" } = places.find((of) => of.name === name) ?? {};
    return [
      ...["node", file, ...sharedFlags(options)],
      ...(shared ? ["--log", `${scheme}://${listen.host}:${ports.get(first)}`] : []),
      ...["--id", name, "--place", place, "--data", join(data, name)],
      ...["--listen", `${listen.host}:${port}`, "--log-format", "json"],
      ...peerFlags(name, names, listen.host, ports),
    ];
  };
  return nodesTogether({ names, listen, scheme, commandOf }, host);
}

/** The command line of all, without what is each one's own. A later flag takes the place of one
 * before it. */
function sharedFlags({ settings, config, functors, includeDir, macro }: MemberOptions): string[] {
  const own = ["id", "listen", "data", "logFormat"];
  const flags = Object.entries(settings).filter(([key]) => !own.includes(key));
  return [
    ...flags.flatMap(([key, value]) =>
      [value].flat().flatMap((one) => {
        const name = `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
        return one === "true" ? [name] : [name, String(one)];
      }),
    ),
    ...(config === undefined ? [] : ["--config", config]),
    ...(functors === undefined ? [] : ["--functors", functors]),
    ...includeDir.flatMap((folder) => ["-I", folder]),
    ...macro.flatMap((text) => ["-M", text]),
  ];
}
