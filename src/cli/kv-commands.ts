// The flags of `calm kv`.
import { type Command, InvalidArgumentError, Option } from "commander";
import { nodeSettings } from "../server/node-settings.ts";
import { CommandError, exitCodes } from "./exit.ts";
import { positive } from "./flag-values.ts";
import type { FolderRequest, VerifyRequest } from "./kv-folder.ts";
import type { KvRequest, KvAskOptions } from "./kv.ts";
import type { KvServeOptions } from "./kv-serve-options.ts";
import { seconds, settingFlags, settingsGiven } from "./node-commands.ts";

/** What the commands do. */
export type KvActions = {
  /** Adds the flags of programs. */
  readonly compiling: (command: Command) => Command;
  readonly serve: (options: KvServeOptions, command: Command) => Promise<void>;
  readonly ask: (request: KvRequest, options: KvAskOptions) => Promise<void>;
  readonly folder: (request: FolderRequest) => Promise<void>;
  readonly verify: (request: VerifyRequest, command: Command) => Promise<void>;
};

/** Settings of nodes of any program that say nothing to a store. */
const otherSettings = ["facts", "seal", "awaitReady"];

/** Adds to `calm kv` its commands. */
export function kvCommands(root: Command, actions: KvActions): void {
  root
    .description("a store of values under pairs of keys, on one machine or many")
    .argument("[statement...]", "INSERT k1 k2 value, SELECT [k1|*] [k2], or DELETE k1 k2")
    .addHelpText("after", kvHelp)
    // What stands behind a command is the command's, also where statements have it, too.
    .enablePositionalOptions();
  reaching(root).action((words: string[], options: KvAskOptions) => {
    if (words.length === 0)
      throw new CommandError(exitCodes.usage, "a command is missing", "see `calm kv --help`");
    return actions.ask({ verb: "statement", text: words.join(" ") }, options);
  });
  serving(root.command("serve"), actions);
  writing(root, actions);
  reading(root, actions);
  leaving(root, actions);
  folders(root, actions);
}

function serving(command: Command, { compiling, serve }: KvActions): void {
  command.description("run a node of a store; `--cluster 3` runs three, for trying it out");
  compiling(command);
  settingFlags(
    command,
    nodeSettings
      .filter(({ key }) => !otherSettings.includes(key))
      .map((setting) => {
        const { key, usual, ...rest } = setting;
        if (key === "id") return { ...setting, usual: "a" };
        if (key === "listen") return { ...setting, usual: "127.0.0.1:8080" };
        if (key === "data") return { ...setting, usual: "calm-data/ID" };
        if (key === "cluster" && usual !== undefined)
          return { ...rest, key, usual, flag: "--cluster-name <name>" };
        return setting;
      }),
  );
  command
    .optionsGroup("Store:")
    .option("--ephemeral", "keep nothing when the node stops")
    .addOption(clusterOption())
    .addOption(gcIntervalOption())
    .option("--program <file>", 'a program with the store\'s relations and more: #include "kv.dl"')
    .optionsGroup("Configuration:")
    .option("--config <file>", "read settings from this file: JSON with a member each")
    .option("--print-config", "print the settings and where they are from; start nothing")
    .option("--functors <module>", "an ES module that exports the program's functors")
    .addHelpText("after", serveHelp)
    .action((given: Record<string, unknown>, of: Command) =>
      serve({ ...(given as unknown as KvServeOptions), settings: settingsGiven(given) }, of),
    );
}

function gcIntervalOption(): Option {
  const usual = "clean up so often what nobody needs (default: 10000)";
  return new Option("--gc-interval <ms>", usual).argParser((text) => {
    const everyMs = positive(text);
    if (everyMs <= gcIntervalMsMax) return everyMs;
    throw new InvalidArgumentError(`It is ${gcIntervalMsMax} (a day) at most.`);
  });
}

/** The longest time between two times of cleaning up: a day. */
const gcIntervalMsMax = 86_400_000;

function clusterOption(): Option {
  const option = new Option("--cluster <n>", "start so many nodes, on this port and the next ones");
  option.attributeName = () => "nodes";
  return option.argParser((text) => {
    const nodes = positive(text);
    if (nodes <= clusterNodesMax) return nodes;
    throw new InvalidArgumentError(`It is ${clusterNodesMax} at most.`);
  });
}

/** Nodes of one `calm kv serve --cluster`. */
const clusterNodesMax = 32;

function writing(root: Command, { ask }: KvActions): void {
  reaching(root.command("put <k1> <k2> [value]"))
    .description("put a value: the argument, `-` for standard input, or --file")
    .option("--file <file>", "put what is in this file")
    .option("--type <type>", "its content type (text/plain; of files application/octet-stream)")
    .option("--replaces <dots>", "seen, none, or dots with commas: what it takes the place of")
    .option("--if-absent", "put if nothing is there, else exit code 1 (wants --ordered nodes)")
    .option("--if-match <etag>", "put if what is there has this tag, as get --format json says it")
    .option("--wait <n>", "wait until so many nodes hold it: a number, or all")
    .addHelpText("after", examples("calm kv put user:1 name 'Ada Lovelace'"))
    .action((k1: string, k2: string, value: string | undefined, options: PutFlags) =>
      ask({ verb: "put", k1, k2, value, ...options }, options),
    );
  reaching(root.command("rm <k1> <k2>"))
    .description("remove what is at a pair; exit code 1 where nothing is")
    .option("--dots <dots>", "these values alone: dots with commas")
    .option("--wait <n>", "wait until so many nodes hold it: a number, or all")
    .addHelpText("after", examples("calm kv rm user:1 name"))
    .action((k1: string, k2: string, options: KvAskOptions & RemoveFlags) =>
      ask({ verb: "rm", k1, k2, ...options }, options),
    );
  reaching(root.command("import [file]"))
    .description("put what `calm kv export` wrote, or lines of JSON with k1, k2 and a value")
    .addHelpText("after", examples("calm kv import store.ndjson"))
    .action((file: string | undefined, options: KvAskOptions) =>
      ask({ verb: "import", file }, options),
    );
}

type RemoveFlags = { readonly dots?: string; readonly wait?: string };
type PutFlags = KvAskOptions & {
  readonly file?: string;
  readonly type?: string;
  readonly replaces?: string;
  readonly ifAbsent?: boolean;
  readonly ifMatch?: string;
  readonly wait?: string;
};
type KeyFlags = KvAskOptions & { readonly k2?: string; readonly values?: boolean };

function reading(root: Command, { ask }: KvActions): void {
  reaching(root.command("get <k1> <k2>"))
    .description("print the value at a pair; exit code 1 where there is none")
    .addHelpText(
      "after",
      examples("calm kv get user:1 name", "calm kv get user:1 name --format json"),
    )
    .action((k1: string, k2: string, options: KvAskOptions) =>
      ask({ verb: "get", k1, k2 }, options),
    );
  reaching(root.command("scan [k1]"))
    .description("print the pairs with a first key, or all, with their values")
    .option("--k2 <key>", "those with this second key")
    .option("--no-values", "the keys alone")
    .addHelpText("after", examples("calm kv scan user:1", "calm kv scan --k2 name"))
    .action((k1: string | undefined, { k2, values, ...options }: KeyFlags) =>
      ask({ verb: "scan", k1, k2, values }, options),
    );
  reaching(root.command("watch [k1] [k2]"))
    .description("print what is there, and then what changes, until it is stopped")
    .option("--no-values", "the keys alone")
    .option("--from <id>", "go on after this one, which an earlier watch told")
    .option("--once", "stop when all that is there has been told")
    .addHelpText("after", examples("calm kv watch user:1"))
    .action((k1: string | undefined, k2: string | undefined, options: WatchFlags) =>
      ask({ verb: "watch", k1, k2, ...options }, options),
    );
  reaching(root.command("status"))
    .description("say how things stand with the store, its node and their peers")
    .addHelpText("after", examples("calm kv status --format json"))
    .action((options: KvAskOptions) => ask({ verb: "status" }, options));
  reaching(root.command("export [file]"))
    .description("write all values with their dots, a line of JSON for each pair")
    .addHelpText("after", examples("calm kv export store.ndjson"))
    .action((file: string | undefined, options: KvAskOptions) =>
      ask({ verb: "export", file }, options),
    );
}

function leaving(root: Command, { ask }: KvActions): void {
  reaching(root.command("leave"))
    .description("have a node hand on what it holds, leave the others, and end")
    .option("--wait <seconds>", "how long others may take to get what it holds", seconds, 30)
    .addHelpText("after", examples("calm kv leave --url http://127.0.0.1:8082"))
    .action((options: KvAskOptions & { readonly wait: number }) =>
      ask({ verb: "leave", wait: options.wait }, options),
    );
  reaching(root.command("forget <node>"))
    .description("forget a node that does not come back: nobody waits for it any more")
    .addHelpText("after", examples("calm kv forget c"))
    .action((name: string, options: KvAskOptions) => ask({ verb: "forget", name }, options));
}

type WatchFlags = KeyFlags & { readonly from?: string; readonly once?: boolean };

function folders(root: Command, { folder, verify, compiling }: KvActions): void {
  const asked = "the node to be asked for what it has, in place of --data";
  root
    .command("backup <to>")
    .description("copy a node's data folder, as it is now, to a new folder")
    .option("--data <dir>", "the data folder of the node, which may run (default: calm-data/a)")
    .option("--url <url>", asked)
    .option("--token <file>", "the file with its secret (CALM_TOKEN: the secret itself)")
    .addOption(formatOption())
    .addHelpText(
      "after",
      examples(
        "calm kv backup backups/monday --data calm-data/a",
        "calm kv backup backups/monday --url http://127.0.0.1:8080",
      ),
    )
    .action((to: string, options: BackupFlags) => folder({ verb: "backup", to, ...options }));
  root
    .command("restore <from>")
    .description("put a copy in the place of a node's data; its next start begins a new life")
    .option("--data <dir>", "the data folder, which is new or empty", "calm-data/a")
    .addOption(formatOption())
    .addHelpText("after", examples("calm kv restore backups/monday --data calm-data/a"))
    .action((from: string, { data, format }: FolderFlags) =>
      folder({ verb: "restore", from, to: data, format }),
    );
  const verifying = root
    .command("verify [dir]")
    .description("check all checksums and signatures of a data folder or a copy of one")
    .option("--cluster-name <name>", "the cluster that its batches were signed for", "calm")
    .option("--program <file>", "the program of the node, where it is not that of the store alone")
    .option("--functors <module>", "an ES module that exports the program's functors")
    .addOption(formatOption());
  compiling(verifying)
    .addHelpText(
      "after",
      examples("calm kv verify backups/monday", "calm kv verify --program mine.dl"),
    )
    .action((dir: string | undefined, options: VerifyFlags, of: Command) =>
      verify(
        {
          ...{ ...options, verb: "verify" },
          ...{ from: dir ?? "calm-data/a", cluster: options.clusterName },
        },
        of,
      ),
    );
}

type Format = { readonly format: "text" | "json" };
type FolderFlags = { readonly data: string } & Format;
type BackupFlags = {
  readonly data?: string;
  readonly url?: string;
  readonly token?: string;
} & Format;
type VerifyFlags = Omit<VerifyRequest, "verb" | "from" | "cluster"> & {
  readonly clusterName: string;
};

/** Adds what says where the store is. */
function reaching(command: Command): Command {
  return command
    .option("--url <urls>", "where it is; of several, with commas, who answers is asked (CALM_URL)")
    .option("--token <file>", "the file with its secret (CALM_TOKEN: the secret itself)")
    .addOption(formatOption());
}

function formatOption(): Option {
  return new Option("--format <form>", "how it is said").choices(["text", "json"]).default("text");
}

function examples(...lines: readonly string[]): string {
  return `\nExample:\n${lines.map((line) => `  ${line}`).join("\n")}`;
}

const serveHelp = `
Flags go before variables of the environment, these before the file of --config.

Example:
  calm kv serve
  calm kv serve --cluster 3
  calm kv serve --id b --listen 127.0.0.1:8081 --peer a=ws://127.0.0.1:8080`;

const kvHelp = `
The store is at --url, else at CALM_URL, else at http://127.0.0.1:8080.
Exit code 1 says that there is nothing at the keys.

Example:
  calm kv serve
  calm kv put user:1 name 'Ada Lovelace'
  calm kv get user:1 name
  calm kv 'SELECT user:1'`;
