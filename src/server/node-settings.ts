// What a node is told: by flags, else by the environment, else by a file, else as usual. One table
// says all of it.
import { suggest } from "../base/suggest.ts";
import type { FsyncPolicy } from "../runtime/node/durable-log.ts";
import type { Peer } from "../runtime/node/peer-network.ts";
import { isMemberUrl } from "../runtime/member-bytes.ts";
import { isLoopback } from "./loopback.ts";
import { type LogLevel, logLevels } from "./logger.ts";
import type { Secret } from "./ordered/etcd-settings.ts";
import {
  type OrderedKey,
  isTogether,
  type OrderedSettings,
  orderedSettings,
  orderedSettingsOf,
} from "./ordered/settings.ts";

/** One thing that can be set. Its key in a file is `key`, its variable `CALM_…`. */
export type Setting = {
  readonly key: SettingKey;
  /** As commander takes it. */
  readonly flag: string;
  readonly description: string;
  readonly group: string;
  /** Several can be given: in the environment with commas between them, in a file as an array. */
  readonly many?: boolean;
  readonly choices?: readonly string[];
  /** It is said or not: elsewhere than in a flag `true` or `false`. */
  readonly plain?: boolean;
  readonly usual?: string;
};

type SettingKey =
  | ("id" | "listen" | "peer" | "cluster" | "data" | "fsync" | "facts" | "seal" | "awaitReady")
  | ("join" | "advertise" | "clientToken")
  | OrderedKey
  | ("token" | "tlsCert" | "tlsKey" | "tlsCa" | "allowOrigin")
  | ("logFormat" | "logLevel" | "maxTuples" | "maxMemory" | "shutdownTimeout");

const fsyncPolicies = ["always", "interval", "never"] as const satisfies readonly FsyncPolicy[];

/** All that can be set. */
export const nodeSettings: readonly Setting[] = [
  {
    ...{ key: "id", flag: "--id <name>", group: "Network:" },
    description: "the name of this node",
  },
  {
    ...{ key: "listen", flag: "--listen <host:port>", group: "Network:" },
    description: "where clients and peers reach it",
    usual: "127.0.0.1:7411",
  },
  {
    ...{ key: "peer", flag: "--peer <name=url>", group: "Network:", many: true },
    description: "another node, as b=ws://127.0.0.1:7412; b alone is waited for (repeatable)",
  },
  {
    ...{ key: "join", flag: "--join <url>", group: "Network:" },
    description:
      "a member of a network that runs, which admits this node and says who the others are",
  },
  {
    ...{ key: "advertise", flag: "--advertise <url>", group: "Network:" },
    description: "where other members reach it, as ws://host:port: where it listens, unless given",
  },
  {
    ...{ key: "cluster", flag: "--cluster <name>", group: "Network:", usual: "calm" },
    description: "nodes of other clusters are refused",
  },
  {
    ...{ key: "data", flag: "--data <dir>", group: "Facts:" },
    description: "the folder in which the node keeps what it accepts",
  },
  {
    ...{ key: "fsync", flag: "--fsync <policy>", group: "Facts:", usual: "always" },
    description: "when what is acknowledged is on the disk",
    choices: fsyncPolicies,
  },
  {
    ...{ key: "facts", flag: "-F, --facts <dir>", group: "Facts:" },
    description: "insert this node's share of the input: the files of `.input` relations there",
  },
  {
    ...{ key: "seal", flag: "--seal", group: "Facts:", plain: true },
    description: "and say that this is all of it",
  },
  {
    ...{ key: "awaitReady", flag: "--await-ready", group: "Facts:", plain: true },
    description: "answer once all members have sealed their input: then any level will do",
  },
  ...orderedSettings,
  {
    ...{ key: "token", flag: "--token <file>", group: "Access:" },
    description: "the file with the secret of peers and clients; CALM_TOKEN is the secret itself",
  },
  {
    ...{ key: "clientToken", flag: "--client-token <file>", group: "Access:" },
    description:
      "the file with another secret for clients: that of --token is for peers and operators",
  },
  {
    ...{ key: "tlsCert", flag: "--tls-cert <file>", group: "Access:" },
    description: "the certificate for https and wss, in PEM",
  },
  {
    ...{ key: "tlsKey", flag: "--tls-key <file>", group: "Access:" },
    description: "its key",
  },
  {
    ...{ key: "tlsCa", flag: "--tls-ca <file>", group: "Access:" },
    description: "whoever connects has to show a certificate of this authority",
  },
  {
    ...{ key: "allowOrigin", flag: "--allow-origin <url>", group: "Access:", many: true },
    description: "let the pages of this site ask (repeatable)",
  },
  {
    ...{ key: "logFormat", flag: "--log-format <form>", group: "Log:", usual: "text" },
    description: "how lines on stderr are written",
    choices: ["text", "json"],
  },
  {
    ...{ key: "logLevel", flag: "--log-level <level>", group: "Log:", usual: "info" },
    description: "leave out what is milder",
    choices: logLevels,
  },
  {
    ...{ key: "maxTuples", flag: "--max-tuples <n>", group: "Limits:" },
    description: "stop when rules have derived more tuples than this",
  },
  {
    ...{ key: "maxMemory", flag: "--max-memory <MiB>", group: "Limits:" },
    description: "stop when tuples and values take more than this",
  },
  {
    ...{ key: "shutdownTimeout", flag: "--shutdown-timeout <s>", group: "Limits:", usual: "10" },
    description: "how long the node may take to stop",
  },
];

/** What was set where: by key, as text, or as texts where several can be given. */
export type GivenSettings = Readonly<Partial<Record<string, string | readonly string[]>>>;

/** Where settings come from, the stronger first. */
export type SettingSources = {
  readonly flags: GivenSettings;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The text of a file, and what it is called. */
  readonly file?: { readonly path: string; readonly text: string };
  /** What holds where nothing is set, other than for nodes in general. */
  readonly usual?: GivenSettings;
};

/** A setting as it is, and where from. */
export type Found = {
  readonly value: string | readonly string[];
  readonly from: "flag" | "environment" | "file" | "usual";
};

/** The settings of a node, understood. Files are not read. */
export type NodeSettings = {
  readonly id: string;
  readonly listen: { readonly host: string; readonly port: number };
  readonly peers: readonly Peer[];
  readonly cluster: string;
  readonly data: string;
  readonly fsync: FsyncPolicy;
  readonly facts?: string;
  /** Whether that is all of the node's share. */
  readonly seal: boolean;
  readonly awaitReady: boolean;
  readonly join?: string;
  readonly advertise?: string;
  readonly token?: Secret;
  readonly clientToken?: Secret;
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca?: string };
  readonly origins: readonly string[];
  readonly logFormat: "text" | "json";
  readonly logLevel: LogLevel;
  readonly maxTuples?: number;
  readonly maxMemoryBytes?: number;
  readonly shutdownMs: number;
  /** Absent where the node has no ordered plane. */
  readonly ordered?: OrderedSettings;
};

/** What came of reading settings: what each is, and what is wrong, or else the settings. */
export type ReadSettings = {
  readonly found: ReadonlyMap<string, Found>;
  readonly wrong: readonly string[];
  readonly settings?: NodeSettings;
};

/** The environment's variable of a setting. */
export function variableOf({ key }: Pick<Setting, "key">): string {
  return `CALM_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** Returns what a node is told. */
export function readSettings({ flags, env, file, usual: own = {} }: SettingSources): ReadSettings {
  const wrong: string[] = [];
  const inFile = file === undefined ? {} : settingsIn(file, wrong);
  const found = new Map<string, Found>();
  for (const setting of nodeSettings) {
    const { key, many = false } = setting;
    const usual = own[key] ?? setting.usual;
    const variable = env[variableOf(setting)] ?? "";
    const [flag, given] = [flags[key], inFile[key]];
    if (flag !== undefined && flag.length > 0) found.set(key, { value: flag, from: "flag" });
    else if (variable !== "")
      found.set(key, { value: many ? variable.split(",") : variable, from: "environment" });
    else if (given !== undefined) found.set(key, { value: given, from: "file" });
    else if (usual !== undefined) found.set(key, { value: usual, from: "usual" });
  }
  const settings = understood(found, wrong);
  return wrong.length > 0 ? { found, wrong } : { found, wrong, settings };
}

function settingsIn(file: { readonly path: string; readonly text: string }, wrong: string[]) {
  let value: unknown;
  try {
    value = JSON.parse(file.text);
  } catch (error) {
    wrong.push(`${file.path}: ${error instanceof Error ? error.message : String(error)}`);
    return {};
  }
  const found: Record<string, string | readonly string[]> = {};
  for (const [key, given] of Object.entries(value ?? {}) as [string, unknown][]) {
    const setting = nodeSettings.find((one) => one.key === key);
    if (setting === undefined) {
      const near = suggest(
        key,
        nodeSettings.map((one) => one.key),
      );
      const hint = near === undefined ? "" : `: did you mean "${near}"?`;
      if (key !== "$schema") wrong.push(`${file.path}: there is no setting "${key}"${hint}`);
    } else if (setting.many === true && Array.isArray(given)) found[key] = given.map(String);
    else if (setting.plain === true && typeof given === "boolean") found[key] = String(given);
    else if (typeof given === "string" || typeof given === "number") {
      const text = String(given);
      found[key] = setting.many === true ? [text] : text;
    } else {
      const { many, plain } = setting;
      const wanted = many ? "an array of texts" : plain ? "true or false" : "a text";
      wrong.push(`${file.path}: "${key}" is ${wanted}`);
    }
  }
  return found;
}

function understood(found: ReadonlyMap<string, Found>, wrong: string[]): NodeSettings {
  const texts = (key: SettingKey): readonly string[] => [found.get(key)?.value ?? []].flat();
  const text = (key: SettingKey): string | undefined => texts(key)[0];
  const flagOf = (key: SettingKey): string =>
    nodeSettings.find((one) => one.key === key)?.flag.replace(/^-\w, /, "") ?? key;
  for (const { key, choices, flag } of nodeSettings) {
    const value = text(key);
    if (choices !== undefined && value !== undefined && !choices.includes(value))
      wrong.push(`${flag} is one of ${choices.join(", ")}, not "${value}"`);
  }
  const number = (key: SettingKey): number | undefined => {
    const value = text(key);
    if (value === undefined) return undefined;
    if (/^[1-9]\d{0,14}$/.test(value)) return Number(value);
    wrong.push(`${flagOf(key)} is a number from 1 on, not "${value}"`);
    return undefined;
  };
  const said = (key: SettingKey): boolean => {
    const value = text(key);
    if (value !== undefined && value !== "true" && value !== "false")
      wrong.push(`${flagOf(key)} is true or false, not "${value}"`);
    return value === "true";
  };
  const needed = (key: SettingKey): string => {
    const value = text(key);
    if (value === undefined || value === "") wrong.push(`${flagOf(key)} is missing`);
    return value ?? "";
  };
  // Where all members are started together they are named.
  const id = isTogether({ text, said }) ? (text("id") ?? "all") : needed("id");
  if (id !== "" && !nodeName.test(id)) wrong.push(`--id is a name without spaces, not "${id}"`);
  const peers = texts("peer").flatMap((peer) => peerOf(peer, id, wrong));
  const listen = addressOf(text("listen") ?? "", wrong);
  const tls = tlsOf(text, wrong);
  const secretOf = (key: SettingKey): Secret | undefined => {
    const given = found.get(key);
    return given && secretIn(given);
  };
  const secret = secretOf("token");
  const ofClients = secretOf("clientToken");
  if (ofClients !== undefined && secret === undefined)
    wrong.push("--client-token FILE goes with --token FILE, the secret of peers and operators");
  const [join, advertise] = [text("join"), text("advertise")];
  if (join !== undefined && !/^(?:http|ws)s?:\/\/[^/\s]+\/?$/.test(join))
    wrong.push(`--join ${join}: an address is http://host:port or https://host:port`);
  if (advertise !== undefined && !isMemberUrl(advertise))
    wrong.push(`--advertise ${advertise}: an address is ws://host:port or wss://host:port`);
  if (listen !== undefined && !isLoopback(listen.host) && !secret && tls?.ca === undefined)
    wrong.push(
      `--listen ${listen.host} can be reached by other machines: give the node a secret with ` +
        "--token FILE, or ask for certificates with --tls-ca FILE",
    );
  const [maxTuples, memory] = [number("maxTuples"), number("maxMemory")];
  const facts = text("facts");
  const given = (key: OrderedKey): boolean => (found.get(key)?.from ?? "usual") !== "usual";
  const ordered = orderedSettingsOf({ text, secret: secretOf, number, said, given }, wrong);
  return {
    ...{ id, peers, cluster: needed("cluster"), data: needed("data") },
    ...{ seal: said("seal"), awaitReady: said("awaitReady") },
    listen: listen ?? { host: "", port: 0 },
    fsync: fsyncPolicies.find((policy) => policy === text("fsync")) ?? "always",
    origins: texts("allowOrigin"),
    logFormat: text("logFormat") === "json" ? "json" : "text",
    logLevel: logLevels.find((level) => level === text("logLevel")) ?? "info",
    shutdownMs: (number("shutdownTimeout") ?? 10) * 1000,
    ...(facts !== undefined && { facts }),
    ...(ordered && { ordered }),
    ...(secret && { token: secret }),
    ...(ofClients && { clientToken: ofClients }),
    ...(join !== undefined && { join }),
    ...(advertise !== undefined && { advertise }),
    ...(tls !== undefined && { tls }),
    ...(maxTuples !== undefined && { maxTuples }),
    ...(memory !== undefined && { maxMemoryBytes: memory * 2 ** 20 }),
  };
}

const nodeName = /^[^\s/@=]{1,200}$/;

/** `b=ws://host:port`, or `b`. */
function peerOf(text: string, id: string, wrong: string[]): Peer[] {
  const [, name = "", url] = /^([^=]*)(?:=(.*))?$/s.exec(text) ?? [];
  if (!nodeName.test(name)) wrong.push(`--peer ${text}: a name without spaces comes first`);
  else if (name === id) wrong.push(`--peer ${text}: this is the name of the node itself`);
  else if (url !== undefined && !/^wss?:\/\/[^/\s]+\/?$/.test(url))
    wrong.push(`--peer ${text}: an address is ws://host:port or wss://host:port`);
  else return [{ name, ...(url !== undefined && { url: url.replace(/\/$/, "") }) }];
  return [];
}

/** `host:port`, `[::1]:port`, or a port alone. */
function addressOf(text: string, wrong: string[]): NodeSettings["listen"] | undefined {
  const [, v6, plain, digits = ""] = /^(?:\[([^\]]+)\]:|([^:]*):)?(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits !== "" && port < 65_536) return { host: (v6 ?? plain) || "127.0.0.1", port };
  wrong.push(`--listen is host:port, not "${text}"`);
  return undefined;
}

function tlsOf(
  text: (key: SettingKey) => string | undefined,
  wrong: string[],
): NodeSettings["tls"] | undefined {
  const [cert, key, ca] = [text("tlsCert"), text("tlsKey"), text("tlsCa")];
  if (cert !== undefined && key !== undefined)
    return { cert, key, ...(ca !== undefined && { ca }) };
  if (cert !== undefined || key !== undefined || ca !== undefined)
    wrong.push("--tls-cert and --tls-key go together, and --tls-ca with them");
  return undefined;
}

function secretIn({ value, from }: Found): Secret {
  const [text = ""] = [value].flat();
  return from === "environment" ? { text } : { path: text };
}
