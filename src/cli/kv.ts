// `calm kv put|get|rm|scan|watch|status|export|import`: what is asked of a store.
import { createWriteStream, readFileSync } from "node:fs";
import { once } from "node:events";

import { KvClient } from "../client/kv-client.ts";
import type { KvListed, KvValue } from "../client/kv-values.ts";
import { NodeError } from "../client/node-error.ts";
import { CommandError, type ExitCode, exitCodes } from "./exit.ts";
import type { Host } from "./host.ts";
import { kvImport, valueOf } from "./kv-import.ts";
import { ask, nodeAdmin, tokenOf } from "./node-admin.ts";
import { nodeMembers } from "./node-members.ts";

/** Where a store is unless said. */
const usualUrl = "http://127.0.0.1:8080";

/** The options of every command that asks a store. */
export type KvAskOptions = {
  /** Where it is: of several with commas between them one that answers is asked. */
  readonly url?: string;
  /** The file with its secret. */
  readonly token?: string;
  readonly format: "text" | "json";
};

type Pair = { readonly k1: string; readonly k2: string };

/** What is asked. */
export type KvRequest =
  | ({
      readonly verb: "put";
      readonly value: string | undefined;
      readonly file?: string;
      readonly type?: string;
      readonly replaces?: string;
      readonly ifAbsent?: boolean;
      readonly ifMatch?: string;
      readonly wait?: string;
    } & Pair)
  | ({ readonly verb: "rm"; readonly dots?: string; readonly wait?: string } & Pair)
  | ({ readonly verb: "get" } & Pair)
  | {
      readonly verb: "scan";
      readonly k1: string | undefined;
      readonly k2: string | undefined;
      readonly values: boolean | undefined;
    }
  | {
      readonly verb: "watch";
      readonly k1: string | undefined;
      readonly k2: string | undefined;
      readonly values?: boolean;
      readonly from?: string;
      readonly once?: boolean;
    }
  | { readonly verb: "export" | "import"; readonly file: string | undefined }
  | { readonly verb: "status" }
  | { readonly verb: "leave"; readonly wait: number }
  | { readonly verb: "forget"; readonly name: string }
  | { readonly verb: "statement"; readonly text: string };

type Of<V extends KvRequest["verb"]> = Extract<KvRequest, { readonly verb: V }>;

/** Asks a store for something, and prints what it answers. */
export async function kv(request: KvRequest, options: KvAskOptions, host: Host): Promise<ExitCode> {
  const urls = (options.url ?? host.env["CALM_URL"] ?? usualUrl)
    .split(",")
    .map((url) => url.trim());
  const token = tokenOf(options, host);
  const retry = { attemptsMax: 2 };
  const client = new KvClient(urls, { retry, ...(token !== undefined && { token }) });
  const asked = { ...options, url: urls[0] ?? usualUrl };
  try {
    return await done(request, client, asked, host);
  } catch (error) {
    throw refused(error, urls);
  }
}

async function done(
  request: KvRequest,
  client: KvClient,
  options: KvAskOptions,
  host: Host,
): Promise<ExitCode> {
  switch (request.verb) {
    case "put":
      return put(request, client, options, host);
    case "rm":
      return remove(request, client, options, host);
    case "get":
      return get(request, client, options, host);
    case "scan":
      return scan(request, client, options, host);
    case "watch":
      return watch(request, client, options, host);
    case "export":
      return exported(request.file, client, host);
    case "import":
      return kvImport(request.file, client, host);
    case "status":
      return status(options, host);
    case "leave":
      return nodeMembers({ kind: "leave" }, { ...options, wait: request.wait }, host);
    case "forget":
      return nodeMembers({ kind: "forget", name: request.name }, options, host);
    case "statement":
      return statement(request.text, options, host);
  }
}

async function put(
  { k1, k2, value, file, type, replaces, ifAbsent, ifMatch, wait }: Of<"put">,
  client: KvClient,
  { format }: KvAskOptions,
  host: Host,
): Promise<ExitCode> {
  const done = await client.put(k1, k2, given(value, file, host), {
    ...(type !== undefined && { type }),
    ...(replaces !== undefined && { replaces: replacesOf(replaces) }),
    ...(ifAbsent !== undefined && { ifAbsent }),
    ...(ifMatch !== undefined && { ifMatch }),
    ...waitOf(wait),
  });
  if (format === "json") print(done, host);
  else host.stdout.write(`${done.dot}\n`);
  return exitCodes.ok;
}

async function remove(
  { k1, k2, dots, wait }: Of<"rm">,
  client: KvClient,
  { format }: KvAskOptions,
  host: Host,
): Promise<ExitCode> {
  const done = await client.remove(k1, k2, {
    ...(dots !== undefined && { dots: dots.split(",") }),
    ...waitOf(wait),
  });
  if (format === "json") print(done, host);
  else if (done.dot !== undefined) host.stdout.write(`${done.removed.join("\n")}\n`);
  return done.dot === undefined ? exitCodes.problem : exitCodes.ok;
}

async function get(
  { k1, k2 }: Pair,
  client: KvClient,
  { format }: KvAskOptions,
  host: Host,
): Promise<ExitCode> {
  if (format === "json") {
    const cell = await client.get(k1, k2);
    if (cell !== undefined) print(cell, host);
    return cell === undefined ? exitCodes.problem : exitCodes.ok;
  }
  const found = await client.bytes(k1, k2);
  if (found === undefined) return exitCodes.problem;
  host.stdout.write(found.bytes);
  // For whoever reads: a file gets what was put, and nothing more.
  if (host.stdout.terminal && found.bytes.at(-1) !== newline) host.stdout.write("\n");
  if (found.siblings > 0)
    host.stderr.write(`calm: ${found.siblings} more, put at the same time: --format json\n`);
  return exitCodes.ok;
}

const newline = 10;

async function scan(
  { k1, k2, values = true }: Of<"scan">,
  client: KvClient,
  { format }: KvAskOptions,
  host: Host,
): Promise<ExitCode> {
  let found = false;
  for await (const cell of client.scan(keysOf(k1, k2), { values })) {
    found = true;
    host.stdout.write(format === "json" ? `${JSON.stringify(cell)}\n` : lineOf(cell, values));
  }
  return found || (k1 === undefined && k2 === undefined) ? exitCodes.ok : exitCodes.problem;
}

async function watch(
  { k1, k2, values = true, from, once: untilCurrent = false }: Of<"watch">,
  client: KvClient,
  { format }: KvAskOptions,
  host: Host,
): Promise<ExitCode> {
  const options = { values, ...(from !== undefined && { from }) };
  for await (const change of client.watch(keysOf(k1, k2), options)) {
    if (format === "json") host.stdout.write(`${JSON.stringify(change)}\n`);
    else if (change.kind === "put") host.stdout.write(`+ ${lineOf(change, values)}`);
    else if (change.kind === "removed")
      host.stdout.write(`- ${shown(change.k1)}\t${shown(change.k2)}\n`);
    else if (change.kind === "failed")
      host.stderr.write(`calm: ${shown(change.k1)} ${shown(change.k2)}: ${change.detail}\n`);
    if (change.kind === "current" && untilCurrent) break;
  }
  return exitCodes.ok;
}

async function exported(file: string | undefined, client: KvClient, host: Host): Promise<ExitCode> {
  const out = file === undefined || file === "-" ? undefined : createWriteStream(file);
  if (out !== undefined) await once(out, "open");
  for await (const cell of client.scan()) {
    const line = `${JSON.stringify(cell)}\n`;
    if (out === undefined) host.stdout.write(line);
    else if (!out.write(line)) await once(out, "drain");
  }
  if (out !== undefined) {
    out.end();
    await once(out, "finish");
  }
  return exitCodes.ok;
}

async function status(options: KvAskOptions, host: Host): Promise<ExitCode> {
  const store = (await ask(options, host, "GET", "/v1/store")) as Record<string, unknown>;
  if (options.format === "json") {
    const node = await ask(options, host, "GET", "/v1/status");
    print({ store, node }, host);
    return exitCodes.ok;
  }
  const rows = Object.entries(store).flatMap(([name, value]) =>
    typeof value === "object" && value !== null
      ? Object.entries(value).map(([of, one]) => [`${name} ${of}`, String(one)])
      : [[name, String(value)]],
  );
  const width = Math.max(...rows.map(([name = ""]) => name.length));
  for (const [name = "", value = ""] of rows)
    host.stdout.write(`${name.padEnd(width)}  ${value}\n`);
  return nodeAdmin("status", options, host);
}

/** Carries out a statement of the original: INSERT k1 k2 value, SELECT k1 k2, DELETE k1 k2. */
async function statement(text: string, options: KvAskOptions, host: Host): Promise<ExitCode> {
  const [, oper = "", k1 = "", k2 = "", data = ""] =
    /^\s*(\S+)(?:\s+(\S+))?(?:\s+(\S+))?(?:\s+([^]*?))?\s*$/.exec(text) ?? [];
  if (!["INSERT", "SELECT", "DELETE"].includes(oper))
    throw new CommandError(
      exitCodes.usage,
      `"${text}" is no command and no statement`,
      "statements are INSERT k1 k2 value, SELECT [k1|*] [k2], DELETE k1 k2; see `calm kv --help`",
    );
  const first = oper === "SELECT" && k1 === "*" ? "" : k1;
  const body = { oper, k1: first, k2, data };
  const answer = (await ask(options, host, "POST", "/", body)) as Record<string, unknown>;
  if (oper !== "SELECT") return exitCodes.ok;
  host.stdout.write(`${JSON.stringify(answer, undefined, 2)}\n`);
  const row = answer[first] as Record<string, string> | null | undefined;
  const missing = first !== "" && (row === null || (k2 !== "" && row?.[k2] === ""));
  return missing ? exitCodes.problem : exitCodes.ok;
}

/** What is to be put. */
function given(value: string | undefined, file: string | undefined, host: Host): KvValue {
  if ((value === undefined) === (file === undefined))
    throw new CommandError(
      exitCodes.usage,
      "put wants one value: as an argument, as `-` for standard input, or with --file",
    );
  if (file !== undefined) return bytesOfFile(file);
  if (value !== "-") return value ?? "";
  const bytes = Buffer.concat([...host.stdin()].map((chunk) => Buffer.from(chunk)));
  return valueOf(bytes);
}

function bytesOfFile(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "there is no such file" : code;
    throw new CommandError(exitCodes.usage, `cannot read "${path}": ${reason}`);
  }
}

function replacesOf(text: string): "seen" | "none" | readonly string[] {
  return text === "seen" || text === "none" ? text : text.split(",");
}

function waitOf(text: string | undefined): { readonly wait?: number | "all" } {
  if (text === undefined) return {};
  if (text === "all") return { wait: "all" };
  if (/^[1-9]\d{0,2}$/.test(text)) return { wait: Number(text) };
  throw new CommandError(exitCodes.usage, `--wait is a number of nodes or all, not "${text}"`);
}

function keysOf(k1: string | undefined, k2: string | undefined) {
  const any = k1 === undefined || k1 === "*";
  return { ...(!any && { k1 }), ...(k2 !== undefined && { k2 }) };
}

/** A pair on a line: its keys and its value with tabs between them, the value in JSON where it is
 * no plain text. */
function lineOf(cell: KvListed, values: boolean): string {
  const keys = `${shown(cell.k1)}\t${shown(cell.k2)}`;
  if (!values) return `${keys}\n`;
  const { text, json, base64 = "" } = cell;
  const value = text === undefined ? (json === undefined ? base64 : JSON.stringify(json)) : text;
  const more = cell.siblings === undefined ? "" : `\t(+${cell.siblings.length})`;
  return `${keys}\t${shown(value)}${more}\n`;
}

/** A text as it is, or in JSON where it would break the line. */
function shown(text: string): string {
  return /[\p{Cc}]/u.test(text) ? JSON.stringify(text) : text;
}

function print(value: object, host: Host): void {
  host.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
}

/** What went wrong, for whoever typed the command. */
function refused(error: unknown, urls: readonly string[]): unknown {
  if (error instanceof NodeError) {
    const place = error.errors.map(({ at, message }) => `${String(at)}: ${String(message)}`);
    const text = [error.message, ...place].join("\n  ");
    return new CommandError(exitCodes.problem, `${error.status}: ${text}`, error.hint);
  }
  if (!(error instanceof TypeError)) return error;
  const { cause } = error as { readonly cause?: NodeJS.ErrnoException };
  if (cause === undefined) return new CommandError(exitCodes.usage, error.message);
  const reason = cause.code ?? cause.message;
  return new CommandError(
    exitCodes.problem,
    `no store answers at ${urls.join(", ")}: ${reason}`,
    "start one with `calm kv serve`, or say where it is with --url",
  );
}
