// The flags of `calm node` and of what asks a node.
import { type Command, InvalidArgumentError, Option } from "commander";
import { type NodeOptions as NodeFlags } from "./node.ts";
import type { AdminOptions } from "./node-admin.ts";
import type { MembersRequest } from "./node-members.ts";
import type { SealOptions } from "./node-seal.ts";
import {
  type GivenSettings,
  nodeSettings,
  type Setting,
  variableOf,
} from "../server/node-settings.ts";

/** What the commands do. */
export type NodeActions = {
  readonly node: (file: string, options: NodeFlags, command: Command) => Promise<void>;
  readonly admin: (verb: "status" | "peers" | "drain", options: AdminOptions) => Promise<void>;
  readonly members: (request: MembersRequest, options: AdminOptions) => Promise<void>;
  readonly seal: (relations: readonly string[], options: SealOptions) => Promise<void>;
};

/** Adds to `calm node` its flags, and the commands that ask a node. */
export function nodeCommands(command: Command, { node, admin, members, seal }: NodeActions): void {
  settingFlags(command, nodeSettings);
  command
    .optionsGroup("Configuration:")
    .option("--config <file>", "read settings from this file: JSON with a member each")
    .option("--print-config", "print the settings and where they are from; start nothing")
    .option("--functors <module>", "an ES module that exports the program's functors")
    .addHelpText("after", nodeHelp)
    .action((file: string, given: Record<string, unknown>, of: Command) =>
      node(file, { ...(given as unknown as NodeFlags), settings: settingsGiven(given) }, of),
    );
  asking(command, "status", "say how a node does", admin);
  asking(command, "peers", "say how things stand with the peers of a node", admin);
  asking(
    command,
    "drain",
    "have a node take no more facts, and hand on what it holds",
    admin,
  ).option("--wait <seconds>", "how long that may take", seconds, 10);
  askingCommand(command, "leave", "have a node leave the network, and end")
    .option("--wait <seconds>", "how long others may take to get what it holds", seconds, 30)
    .addHelpText("after", leaveHelp)
    .action((options: AdminOptions) => members({ kind: "leave" }, options));
  askingCommand(command, "forget <name>", "forget a member that does not come back")
    .addHelpText("after", forgetHelp)
    .action((name: string, options: AdminOptions) => members({ kind: "forget", name }, options));
  askingCommand(command, "seal [relations...]", "say that a node's share of inputs is complete")
    .option("--all", "of all inputs")
    .option("--key <values...>", "one key of a relation in parts: its owner takes no more of it")
    .addHelpText("after", sealHelp)
    .action((relations: string[], options: SealOptions) => seal(relations, options));
}

/** Adds the flags of settings. */
export function settingFlags(command: Command, settings: readonly Setting[]): void {
  let group = "";
  for (const { key, flag, description, many, choices, usual, ...setting } of settings) {
    if (setting.group !== group) command.optionsGroup((group = setting.group));
    const told = [usual, many === true ? undefined : variableOf({ key })].filter(Boolean);
    const option = new Option(
      flag,
      told.length > 0 ? `${description} (${told.join("; ")})` : description,
    );
    option.attributeName = () => settingName(key);
    if (choices !== undefined) option.choices(choices);
    if (many === true)
      option.argParser((text: string, before: readonly string[] | undefined) => [
        ...(before ?? []),
        text,
      ]);
    command.addOption(option);
  }
}

/** Returns what the flags of settings say. */
export function settingsGiven(given: Readonly<Record<string, unknown>>): GivenSettings {
  return Object.fromEntries(
    nodeSettings.flatMap(({ key }) => {
      const value = given[settingName(key)];
      if (value === undefined) return [];
      return [[key, value === true ? "true" : (value as string | readonly string[])]];
    }),
  );
}

/** Apart from the options of programs. */
function settingName(key: string): string {
  return `node:${key}`;
}

function asking(
  command: Command,
  verb: "status" | "peers" | "drain",
  description: string,
  admin: NodeActions["admin"],
): Command {
  return askingCommand(command, verb, description).action((options: AdminOptions) =>
    admin(verb, options),
  );
}

function askingCommand(command: Command, usage: string, description: string): Command {
  return command
    .command(usage)
    .description(description)
    .option("--url <url>", "where the node is (CALM_URL; http://127.0.0.1:7411)")
    .option("--token <file>", "the file with its secret (CALM_TOKEN: the secret itself)")
    .addOption(
      new Option("--format <form>", "how it is said").choices(["text", "json"]).default("text"),
    );
}

/** Returns a number of seconds that something may take. */
export function seconds(text: string): number {
  if (/^\d{1,3}$/.test(text) && Number(text) <= 600) return Number(text);
  throw new InvalidArgumentError("It is to be a number of seconds, 600 at most.");
}

const sealHelp = `
The node takes no more facts of these relations from then on. Nodes that were started with
--await-ready answer when all members have sealed all inputs.

Example:
  calm node seal edge --url http://127.0.0.1:7411
  calm node seal --all
  calm node seal taken --key 17`;

const leaveHelp = `
The node takes no more facts, waits until another member holds all that it does, tells that it
leaves, and ends with exit code 0. Started with --join it becomes a member again.

Example:
  calm node leave --url http://127.0.0.1:7413`;

const forgetHelp = `
For a member that is lost: the others have no connection with it any more, and keep its facts as far
as they have them. Should it come back, it is refused until it is started with --join.

Example:
  calm node forget c --url http://127.0.0.1:7411`;

const nodeHelp = `
Flags go before variables of the environment, these before the file of --config.

Example:
  calm node reach.dl --id a --data data/a --peer b=ws://127.0.0.1:7412
  calm node reach.dl --id d --data data/d --listen 127.0.0.1:7414 --join http://127.0.0.1:7411
  calm node bank.dl --ordered --log file:data/log --id a --data data/a
  calm node bank.dl --ordered --log file:data/log --partitions 2 --replicas 2 --data data
  calm node bank.dl --ordered --log etcd:http://e1:2379,http://e2:2379 --replicas 2 --place 1/0 \\
    --id b --data data/b --listen 127.0.0.1:7412 --peer a=ws://127.0.0.1:7411
  calm node status --url http://127.0.0.1:7411`;
