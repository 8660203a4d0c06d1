// Nodes as processes of this machine, for trying several out: they are started one after the other,
// who ends without being told to is started again, and they are stopped together.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";

import { CommandError, type ExitCode, exitCodes } from "./exit.ts";
import type { Host } from "./host.ts";

/** How long a node that has ended stays away. */
const restartMs = 500;

/** One process. */
type Member = {
  readonly name: string;
  process: ChildProcess;
  /** Settles when it has ended. */
  ended: Promise<unknown>;
  readonly port: number;
};

/** What is started together. */
export type NodesTogether = {
  readonly names: readonly string[];
  /** Where the first listens, and the others after it; port 0 is any that is free. */
  readonly listen: { readonly host: string; readonly port: number };
  readonly scheme: "http" | "https";
  /** The command line of a node that listens on a port; `ports` are those of nodes that run. */
  readonly commandOf: (name: string, port: number, ports: ReadonlyMap<string, number>) => string[];
};

/** Starts nodes, says where they are, and stops them together when this process is told to. */
export async function nodesTogether(
  { names, listen, scheme, commandOf }: NodesTogether,
  host: Host,
): Promise<ExitCode> {
  const members: Member[] = [];
  let told = false;
  const stopping = (): boolean => told;
  const start = (name: string, port: number): Promise<Member> => {
    const ports = new Map(members.map((member) => [member.name, member.port]));
    return launch(name, commandOf(name, port, ports), host);
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
      members.push(await start(name, listen.port === 0 ? 0 : listen.port + at));
    for (const { name, port, process } of members)
      host.stdout.write(`${name}  ${scheme}://${listen.host}:${port}  pid ${process.pid}\n`);
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

/** Returns the peers of a node among others, as `--peer` takes them. */
export function peerFlags(
  name: string,
  names: readonly string[],
  host: string,
  ports: ReadonlyMap<string, number>,
): string[] {
  return names
    .filter((other) => other !== name)
    .flatMap((other) => {
      const port = ports.get(other);
      return ["--peer", port === undefined ? other : `${other}=ws://${host}:${port}`];
    });
}

/** Starts a node; returns it once it listens. It is no part of the terminal's group of processes:
 * what ends the cluster is told to each once. */
async function launch(name: string, argv: readonly string[], host: Host): Promise<Member> {
  const self = process.argv[1] ?? "";
  const child = spawn(process.execPath, [...process.execArgv, self, ...argv], {
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
