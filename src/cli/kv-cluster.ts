// `calm kv serve --cluster N`: N processes on this machine, for trying the store out. Who ends
// without being told to is started again.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";

import type { GivenSettings } from "../server/node-settings.ts";
import { CommandError, type ExitCode, exitCodes } from "./exit.ts";
import type { Host } from "./host.ts";
import type { KvServeOptions } from "./kv-serve-options.ts";
import { settingsOf } from "./node.ts";

/** How long a node that has ended stays away. */
const restartMs = 500;

/** The options of a cluster. */
export type ClusterOptions = KvServeOptions & {
  readonly nodes: number;
  readonly ephemeral: boolean;
};

/** One process of a cluster. */
type Member = {
  readonly name: string;
  process: ChildProcess;
  /** Settles when it has ended. */
  ended: Promise<unknown>;
  readonly port: number;
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
  const { host: address, port: first } = read.listen;
  const names = Array.from({ length: options.nodes }, (_, at) => nameOf(at));
  const members: Member[] = [];
  let told = false;
  const stopping = (): boolean => told;
  const start = async (name: string, port: number): Promise<Member> => {
    const peers = names
      .filter((other) => other !== name)
      .map((other) => {
        const up = members.find((member) => member.name === other);
        return up === undefined ? other : `${other}=ws://${address}:${up.port}`;
      });
    return launch(name, argumentsOf(options, read.data, { name, peers, address, port }), host);
  };
  const keep = async (member: Member): Promise<void> => {
    while (!stopping()) {
      await member.ended;
      if (stopping()) return;
      const { signalCode, exitCode } = member.process;
      host.stderr.write(
        `calm: node ${member.name} has ended (${signalCode ?? String(exitCode)}), starts again\n`,
      );
      await pause(restartMs);
      if (stopping()) return;
      try {
        Object.assign(member, await start(member.name, member.port));
      } catch (error) {
        if (error instanceof CommandError) host.stderr.write(`calm: ${error.message}\n`);
        else throw error;
      }
    }
  };
  const stopped = signalled();
  try {
    for (const [at, name] of names.entries())
      members.push(await start(name, first === 0 ? 0 : first + at));
    const scheme = read.tls === undefined ? "http" : "https";
    for (const { name, port, process } of members)
      host.stdout.write(`${name}  ${scheme}://${address}:${port}  pid ${process.pid}\n`);
    const kept = members.map(keep);
    await stopped.promise;
    told = true;
    for (const { process } of members) process.kill("SIGTERM");
    await Promise.all(members.map(({ ended }) => ended));
    await Promise.all(kept);
    return exitCodes.ok;
  } finally {
    told = true;
    stopped.off();
    for (const { process } of members) process.kill("SIGTERM");
  }
}

/** `a`, `b`, `c` … */
function nameOf(at: number): string {
  return at < 26 ? String.fromCharCode(97 + at) : `n${at + 1}`;
}

type Place = {
  readonly name: string;
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
    ...peers.flatMap((peer) => ["--peer", peer]),
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

/** Starts a node; returns it once it listens. It is no part of the terminal's group of processes:
 * what ends the cluster is told to each once. */
async function launch(name: string, argv: readonly string[], host: Host): Promise<Member> {
  const self = process.argv[1] ?? "";
  const child = spawn(process.execPath, [...process.execArgv, self, "kv", "serve", ...argv], {
    ...{ stdio: ["ignore", "ignore", "pipe"], detached: true },
  });
  const ended = once(child, "exit");
  const lines = createInterface({ input: child.stderr });
  const listening = new Promise<number>((resolve) => {
    lines.on("line", (line) => {
      const { level, msg, url } = lineOf(line);
      if (msg === "listens" && url !== undefined) resolve(Number(new URL(url).port));
      if (level !== "info" && level !== "debug") host.stderr.write(`${name}: ${msg}\n`);
    });
  });
  const port = await Promise.race([listening, ended.then(() => undefined)]);
  if (port === undefined)
    throw new CommandError(exitCodes.problem, `node ${name} cannot be started`);
  return { name, process: child, ended, port };
}

function lineOf(line: string): { level?: string; msg: string; url?: string } {
  try {
    return JSON.parse(line) as { msg: string };
  } catch {
    return { msg: line };
  }
}

function signalled() {
  let tell: () => void = () => undefined;
  const promise = new Promise<void>((resolve) => (tell = resolve));
  const hear = (): void => {
    tell();
  };
  const signals = ["SIGTERM", "SIGINT"] as const;
  for (const signal of signals) process.on(signal, hear);
  const off = (): void => {
    for (const signal of signals) process.off(signal, hear);
  };
  return { promise, off };
}
