// `calm node status|peers|drain`: what those who operate a node ask of it.
import { readFileSync } from "node:fs";
import { aligned } from "./aligned.ts";
import { CommandError, type ExitCode, exitCodes } from "./exit.ts";
import type { Host } from "./host.ts";

/** The options of the commands that ask a node. */
export type AdminOptions = {
  /** Where the node is. */
  readonly url?: string;
  /** The file with its secret. */
  readonly token?: string;
  readonly format: "text" | "json";
  /** How long a drain may take, in seconds. */
  readonly wait?: number;
};

type PeerStatus = {
  readonly name: string;
  readonly url?: string;
  readonly connected: boolean;
  readonly ready: boolean;
  readonly lacks: number;
  readonly unacknowledged: number;
  readonly lastEnd?: string;
};

/** What is known of a member. */
export type MemberStatus = {
  readonly epoch: number;
  readonly status: string;
  readonly url?: string;
};

/** How things stand with the seals of a relation. */
export type SealStatus = {
  readonly relation: string;
  readonly sealed: readonly string[];
  readonly missing: readonly string[];
  readonly complete: boolean;
};

type NodeStatus = {
  readonly name: string;
  readonly origin: string;
  readonly version: string;
  readonly program: string;
  readonly state: string;
  readonly ready: boolean;
  readonly seals: readonly SealStatus[];
  readonly uptimeSeconds: number;
  readonly holds: Readonly<Record<string, number>>;
  readonly unpersisted: number;
  readonly logBytes: number;
  readonly followers: number;
  readonly members: Readonly<Record<string, MemberStatus>>;
  readonly peers: readonly PeerStatus[];
};

/** Asks a node how it does, how things stand with its peers, or to take no more facts. */
export async function nodeAdmin(
  verb: "status" | "peers" | "drain",
  options: AdminOptions,
  host: Host,
): Promise<ExitCode> {
  if (verb === "drain") return drain(options, host);
  const status = (await ask(options, host, "GET", "/v1/status")) as NodeStatus;
  const shown = verb === "peers" ? status.peers : status;
  if (options.format === "json") host.stdout.write(`${JSON.stringify(shown, undefined, 2)}\n`);
  else host.stdout.write(verb === "peers" ? peersText(status.peers) : statusText(status));
  return exitCodes.ok;
}

async function drain(options: AdminOptions, host: Host): Promise<ExitCode> {
  const { wait = 10 } = options;
  const done = (await ask(options, host, "POST", `/v1/drain?wait=${wait}`)) as {
    readonly drained: boolean;
    readonly peers: readonly PeerStatus[];
  };
  if (options.format === "json") host.stdout.write(`${JSON.stringify(done, undefined, 2)}\n`);
  else
    host.stdout.write(
      done.drained
        ? "the node takes no more facts, and may be stopped\n"
        : `no peer holds all of it yet:\n${peersText(done.peers)}`,
    );
  return done.drained ? exitCodes.ok : exitCodes.problem;
}

/** Asks a node for something, and returns what it answers. Throws a `CommandError`. */
export async function ask(
  options: Pick<AdminOptions, "url" | "token">,
  host: Host,
  method: "GET" | "POST",
  path: string,
  body?: object,
): Promise<unknown> {
  const response = await answered(options, host, path, {
    method,
    ...(body !== undefined && {
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    }),
  });
  return response.json().catch(() => ({}));
}

/** Asks a node for something, and returns the bytes of its answer. Throws a `CommandError`. */
export async function* download(
  options: Pick<AdminOptions, "url" | "token">,
  path: string,
  host: Host,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { body } = await answered(options, host, path, {});
  if (body === null) return;
  try {
    yield* body as unknown as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw unanswered(error, baseOf(options, host));
  }
}

async function answered(
  options: Pick<AdminOptions, "url" | "token">,
  host: Host,
  path: string,
  init: RequestInit,
): Promise<Response> {
  const base = baseOf(options, host);
  const token = tokenOf(options, host);
  const headers = new Headers(init.headers);
  if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
  let response;
  try {
    response = await fetch(`${base}${path}`, { ...init, headers });
  } catch (error) {
    throw unanswered(error, base);
  }
  if (response.ok) return response;
  const { detail = response.statusText, hint } = (await response.json().catch(() => ({}))) as {
    readonly detail?: string;
    readonly hint?: string;
  };
  throw new CommandError(exitCodes.problem, `${base}: ${response.status}: ${detail}`, hint);
}

function baseOf({ url }: Pick<AdminOptions, "url">, { env }: Host): string {
  return (url ?? env["CALM_URL"] ?? "http://127.0.0.1:7411").replace(/\/$/, "");
}

function unanswered(error: unknown, base: string): CommandError {
  const { cause } = error as { readonly cause?: NodeJS.ErrnoException };
  const reason = cause?.code ?? cause?.message ?? String(error);
  return new CommandError(exitCodes.problem, `no node answers at ${base}: ${reason}`);
}

/** Returns the secret of a node, if one is given. */
export function tokenOf({ token }: Pick<AdminOptions, "token">, { env }: Host): string | undefined {
  if (token === undefined) return env["CALM_TOKEN"];
  try {
    return readFileSync(token, "utf8").trim();
  } catch {
    throw new CommandError(exitCodes.usage, `cannot read token "${token}"`);
  }
}

function statusText(status: NodeStatus): string {
  const facts = Object.values(status.holds).reduce((sum, count) => sum + count, 0);
  const rows = [
    ["node", `${status.name} (life ${status.origin.slice(status.origin.lastIndexOf("/") + 1)})`],
    ["state", status.ready ? status.state : `${status.state}, waits for seals`],
    ["version", status.version],
    ["program", status.program],
    ["up", `${status.uptimeSeconds} s`],
    ["facts", `${facts}, of ${Object.keys(status.holds).length} origins`],
    ["log", `${status.logBytes} bytes, ${status.unpersisted} records waiting`],
    ["followers", String(status.followers)],
  ];
  const seals = status.seals.length === 0 ? "" : `${sealsText(status.seals)}\n`;
  return `${aligned(rows)}\n${seals}${membersText(status.members)}\n${peersText(status.peers)}`;
}

/** Returns in words who is, and who was, a member. */
export function membersText(members: Readonly<Record<string, MemberStatus>>): string {
  return aligned([
    ["member", "epoch", "stands", "address"],
    ...Object.entries(members).map(([name, { epoch, status, url = "-" }]) => {
      return [name, String(epoch), status, url];
    }),
  ]);
}

/** Returns in words who has sealed what. */
export function sealsText(seals: readonly SealStatus[]): string {
  return aligned([
    ["relation", "sealed by", "not by", ""],
    ...seals.map(({ relation, sealed, missing, complete }) => [
      relation,
      sealed.join(", ") || "-",
      missing.join(", ") || "-",
      complete ? "complete" : missing.length === 0 ? "on its way" : "",
    ]),
  ]);
}

function peersText(peers: readonly PeerStatus[]): string {
  if (peers.length === 0) return "no peers\n";
  return aligned([
    ["peer", "state", "lacks", "outbox", "address"],
    ...peers.map(({ name, url = "-", connected, ready, lacks, unacknowledged, lastEnd = "" }) => [
      name,
      ready ? "connected" : connected ? "greets" : `away ${lastEnd}`.trim(),
      String(lacks),
      String(unacknowledged),
      url,
    ]),
  ]);
}
