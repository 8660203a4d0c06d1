// From arguments to a command to an exit code. Long because it has the flags of all commands.
import { Command, CommanderError, Help, InvalidArgumentError, Option } from "commander";
import { resultFormats } from "../io/write.ts";
import { allFaults } from "../sim/faults.ts";
import { check, type CheckOptions } from "./check.ts";
import { completionCommand } from "./completion.ts";
import { acceptedLevels, failLevels } from "./config.ts";
import { CommandError, exitCodes } from "./exit.ts";
import { pageOf } from "./explain-code.ts";
import { explain, type ExplainOptions } from "./explain.ts";
import { natural, port } from "./flag-values.ts";
import { loadFunctors } from "./functors.ts";
import { fmt, type FormatOptions } from "./fmt.ts";
import { graphForms } from "./graph/forms.ts";
import type { Host } from "./host.ts";
import type { MaelstromOptions } from "./maelstrom.ts";
import { nodeCommands } from "./node-commands.ts";
import { templates, type InitOptions } from "./init-templates.ts";
import { kvCommands } from "./kv-commands.ts";
import type { LspOptions } from "./lsp.ts";
import { orderedCommands } from "./ordered-commands.ts";
import { withPragmaFlags } from "./pragmas.ts";
import type { PlaygroundOptions } from "./playground.ts";
import type { ProgramOptions } from "./program.ts";
import { queryCommand } from "./query-command.ts";
import type { ReplOptions } from "./repl.ts";
import { reportFormats } from "./reports/print.ts";
import { backends, run, type RunOptions } from "./run.ts";
import { shownForms, type Shown } from "./show.ts";
import { sim, type SimOptions } from "./sim.ts";
import { refuseSouffleFlags } from "./souffle-flags.ts";
import { testCommand } from "./test-command.ts";
import { explainGoal } from "./why.ts";
import { whyCommands } from "./why-commands.ts";

declare const calmVersion: string | undefined;

/** The version of this build. */
const version = typeof calmVersion === "string" ? calmVersion : "0.0.0-source";

/** Runs one command line (without the program's name) and returns its exit code; never throws. */
export async function main(argv: readonly string[], host: Host): Promise<number> {
  let code: number = exitCodes.ok;
  const finish = (result: number): void => void (code = result);
  try {
    await commands(host, finish).parseAsync([...argv], { from: "user" });
    return code;
  } catch (error) {
    return report(error, host);
  }
}

function report(error: unknown, host: Host): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  if (error instanceof CommandError) {
    host.stderr.write(`calm: ${error.message}\n`);
    if (error.hint !== undefined) host.stderr.write(`  ${error.hint}\n`);
    return error.code;
  }
  // The reader of our output went away, as `head` does.
  if ((error as NodeJS.ErrnoException | undefined)?.code === "EPIPE") return exitCodes.ok;
  host.stderr.write(`calm: internal error, please report it\n${trace(error)}\n`);
  return exitCodes.fault;
}

function trace(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function commands(host: Host, finish: (code: number) => void): Command {
  const root = new Command("calm")
    .description("Datalog that knows which of its questions need coordination.")
    .version(version, "-V, --version", "print the version")
    // The options of commands of commands are theirs.
    .enablePositionalOptions()
    .helpOption("-h, --help", "print help")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => host.stdout.write(text),
      writeErr: (text) => host.stderr.write(text),
    })
    .configureHelp({ optionDescription: described })
    .showSuggestionAfterError()
    .addHelpText("after", exitCodeHelp);
  reading(root.command("run"), host)
    .description("evaluate a program on facts; write or print its outputs")
    .optionsGroup("Facts and results:")
    .option("-F, --fact-dir <dir>", "where `.input` relations are read from", ".")
    .option("-D, --output-dir <dir>", "where `.output` relations are written to; - is stdout", ".")
    .addOption(
      new Option("--format <format>", "print outputs to stdout in this format").choices(
        resultFormats,
      ),
    )
    .option("--rows <n>", "how many rows of a table are shown", "40")
    .optionsGroup("Evaluation:")
    .option("-j, --jobs <n>", "threads: a number or `auto`; evaluation uses one so far", "1")
    .option("--functors <module>", "an ES module that exports the program's functors")
    .addOption(
      new Option("--backend <backend>", "what rules are run in; auto: WebAssembly where it pays")
        .choices(Object.keys(backends))
        .default("auto"),
    )
    .option("--no-codegen", "interpret the plans: --backend interpreter")
    .option("--max-tuples <n>", "stop when rules have derived more tuples than this")
    .option("--max-rounds <n>", "stop when a recursive stratum takes more rounds than this")
    .option(
      "--max-steps <n>",
      "stop when a program for a network takes more steps than this",
      "10000",
    )
    .option("--max-memory <MiB>", "stop when tuples and values take more than this")
    .optionsGroup("Insight:")
    .option("--stats", "print time, rounds, tuples and bytes to stderr")
    .addOption(verboseOption())
    .option(
      "-p, --profile <file>",
      "write time, tuples, look-ups and memory by rule and iteration; .html: as a page",
    )
    .addOption(showOption())
    .addHelpText("after", example("calm run programs/02-reachability.dl --format table"))
    .action(async (file: string, options: RunOptions, command: Command) => {
      const functors = await loadFunctors(options.functors);
      finish(await run(file, given(options, command), functors, host));
    });
  reading(root.command("check"), host, programs)
    .description("report what is wrong with programs, and which answers need coordination")
    .optionsGroup("Findings:")
    .addOption(new Option("--level <level>", "the worst level that passes").choices(acceptedLevels))
    .addOption(new Option("--fail-level <level>", "the mildest that fails").choices(failLevels))
    .option("--max-warnings <n>", "fail where there are more warnings than this", natural)
    .option("--max-snapshots <n>", "fail where a program has more snapshots than this", natural)
    .option("--against <version>", "report what became worse since a git revision, or a folder")
    .option("--baseline <file>", "let the findings pass that are in this file")
    .option("--update-baseline", "write the baseline: let pass what is found now")
    .option("--laws", "test the laws of lattices and functors that the verdict relies on")
    .option("--functors <module>", "an ES module that exports the program's functors")
    .optionsGroup("Witnesses:")
    .option("--no-witness", "do not look for facts that take an answer back")
    .option("--witness-steps <n>", "how many evaluations a search may take", natural)
    .option("--witness-ms <ms>", "how long a search may take", natural, 2000)
    .optionsGroup("Report:")
    .addOption(new Option("--format <format>", "how findings are printed").choices(reportFormats))
    .addOption(
      new Option("--graph <form>", "draw what depends on what, and its levels").choices(graphForms),
    )
    .option("--output-file <file>", "write the report there, and print it for people")
    .option("--stdin-filename <path>", "the name of the program that - is")
    .option("-q, --quiet", "print nothing but what fails the check")
    .option("-v, --verbose", "print the level of every relation")
    .optionsGroup("Configuration:")
    .option("--config <file>", "read this instead of the nearest calm.config.json")
    .option("--no-config", "read none")
    .option("--print-config", "print the configuration, and check nothing")
    .optionsGroup("Options:")
    .option("--explain <code>", "print what the code of a finding means, and how to repair it")
    .on("option:explain", (code: string) => {
      host.stdout.write(pageOf(code));
      throw new CommanderError(exitCodes.ok, "calm.explained", "");
    })
    .addHelpText("after", example("calm check programs/02-reachability.dl"))
    .action(async (paths: string[], options: CheckOptions, command: Command) => {
      finish(await check(paths, given(options, command), host, version));
    });
  reading(root.command("explain"), host)
    .description("print how a program is evaluated")
    .optionsGroup("What is printed:")
    .option("--strata", "the rules, in the order of evaluation")
    .option("--plan", "the nested loops of every rule variant (the default)")
    .option("--code", "the generated JavaScript")
    .option("--wasm", "the WebAssembly of rules that have much to do, or why there is none")
    .option("--network", "what is where on a network of nodes, and what is sent between them")
    .option("--transactions", "what transactions read, lock and change, and how that is known")
    .addOption(showOption())
    .option("--nodes <n>", "with --network: how much of it so many nodes own", natural)
    .addOption(
      new Option("--format <format>", "how --network and --transactions are printed").choices([
        "text",
        "json",
      ]),
    )
    .option("-F, --fact-dir <dir>", "plan for the sizes of these facts")
    .option("--functors <module>", "with facts: an ES module that exports the program's functors")
    .addHelpText("after", example("calm explain programs/02-reachability.dl --plan"))
    .action(async (file: string, options: ExplainOptions, command: Command) => {
      const functors = await loadFunctors(options.functors);
      finish(await explain(file, given(options, command), functors, host));
    });
  reading(root.command("types"), host)
    .description("print what its relations hold as a TypeScript module, for the library")
    .addHelpText("after", example("calm types programs/02-reachability.dl > reachability.ts"))
    .action(async (file: string, options: ProgramOptions, command: Command) => {
      const { relationTypes } = await import("./relation-types.ts");
      finish(relationTypes(file, given(options, command), host));
    });
  whyCommands(
    { why: reading(root.command("why"), host), whynot: reading(root.command("whynot"), host) },
    async (verb, asked, options, command) => {
      const functors = await loadFunctors(options.functors);
      finish(await explainGoal(verb, asked, given(options, command), functors, host));
    },
  );
  reading(root.command("sim"), host)
    .description("run a program on a simulated network that loses, delays, cuts and crashes")
    .optionsGroup("Network:")
    .option("--nodes <n>", "how many nodes the facts are split over", natural, 3)
    .option("--seed <n>", "the same seed gives the same run", natural, 1)
    .option("--await-ready", "clients seal what they inserted, and nodes answer when all have")
    .option("--faults <kinds>", `what happens: all, none, or some of ${allFaults.join(",")}`, "all")
    .option("-F, --fact-dir <dir>", "where `.input` relations are read from", ".")
    .option("--functors <module>", "an ES module that exports the program's functors")
    .optionsGroup("Report:")
    .addOption(
      new Option("--format <format>", "how the report is printed")
        .choices(["text", "json"])
        .default("text"),
    )
    .option("--trace <file>", "write all that happens to a file")
    .option("--shrink", "where a check fails, look for a small run that fails the same way")
    .addHelpText("after", example("calm sim programs/multicast.dl -F programs --nodes 3 --seed 7"))
    .action(async (file: string, options: SimOptions, command: Command) => {
      const functors = await loadFunctors(options.functors);
      finish(await sim(file, given(options, command), functors, host));
    });
  nodeCommands(
    reading(root.command("node"), host).description(
      "run a node of a network: facts in, live answers out, over HTTP",
    ),
    {
      node: async (file, options, command) => {
        const functors = await loadFunctors(options.functors);
        const { node } = await import("./node.ts");
        finish(await node(file, given(options, command), functors, host, version));
      },
      members: async (request, options) => {
        const { nodeMembers } = await import("./node-members.ts");
        finish(await nodeMembers(request, options, host));
      },
      seal: async (relations, options) => {
        const { nodeSeal } = await import("./node-seal.ts");
        finish(await nodeSeal(relations, options, host));
      },
      admin: async (verb, options) => {
        const { nodeAdmin } = await import("./node-admin.ts");
        finish(await nodeAdmin(verb, options, host));
      },
    },
  );
  kvCommands(root.command("kv"), {
    compiling: (command) => compiling(command, host),
    serve: async (options, command) => {
      const functors = await loadFunctors(options.functors);
      const { kvServe } = await import("./kv-serve.ts");
      finish(await kvServe(given(options, command), functors, host, version));
    },
    ask: async (request, options) => {
      const { kv } = await import("./kv.ts");
      finish(await kv(request, options, host));
    },
    folder: async (request) => {
      const { kvFolder } = await import("./kv-folder.ts");
      finish(await kvFolder(request, host));
    },
    verify: async (request, command) => {
      const { kvFolder } = await import("./kv-folder.ts");
      finish(await kvFolder(given(request, command), host));
    },
  });
  orderedCommands(root, {
    txn: async (name, args, options) => {
      const { txn } = await import("./txn.ts");
      finish(await txn(name, args, options, host));
    },
    ordered: async (verb, options, change) => {
      const { ordered } = await import("./ordered.ts");
      finish(await ordered(verb, options, host, change));
    },
  });
  queryCommand(root, async (goal, options) => {
    const { query } = await import("./query.ts");
    finish(await query(goal, options, host));
  });
  reading(root.command("maelstrom"), host)
    .description("be a node of Maelstrom: requests and peers speak on stdin and stdout")
    .optionsGroup("Node:")
    .option("--data <dir>", "where each node keeps what it knows, in a folder of its name")
    .addOption(
      new Option("--fsync <policy>", "when what is acknowledged is on the disk")
        .choices(["always", "interval", "never"])
        .default("always"),
    )
    .option("--functors <module>", "an ES module that exports the program's functors")
    .addHelpText("after", example("calm maelstrom programs/maelstrom/broadcast.dl --data nodes"))
    .addHelpText("after", example("calm maelstrom programs/maelstrom/lin-kv.dl"))
    .action(async (file: string, options: MaelstromOptions, command: Command) => {
      const functors = await loadFunctors(options.functors);
      const { maelstrom } = await import("./maelstrom.ts");
      finish(await maelstrom(file, given(options, command), functors, host));
    });
  testCommand(reading(root.command("test"), host, programs), async (paths, options, command) => {
    const { test } = await import("./test.ts");
    finish(await test(paths, given(options, command), host, version));
  });
  preprocessing(root.command("lsp"))
    .description("serve an editor by the Language Server Protocol")
    .requiredOption("--stdio", "over standard input and output")
    .addOption(new Option("--level <level>", "the worst level that passes").choices(acceptedLevels))
    .addOption(domainOption())
    .option("--config <file>", "read this instead of the nearest calm.config.json")
    .option("--no-config", "read none")
    .addHelpText("after", example("calm lsp --stdio"))
    .action(async (options: LspOptions) => {
      const { lsp } = await import("./lsp.ts");
      finish(await lsp(options, version));
    });
  preprocessing(root.command("repl"))
    .argument("[file...]", "programs to begin with, and files of facts for what they declare")
    .description("ask and change a program, entry by entry; for scripts by -c or standard input")
    .optionsGroup("Entries:")
    .option("--connect <url>", "ask and tell the node there")
    .option("--token <file>", "the file with the node's secret (CALM_TOKEN: the secret itself)")
    .option("-c, --command <text>", "do this instead of what is typed (repeatable)", collect, [])
    .option("--keep-going", "with -c or standard input: go on after an entry that fails")
    .option("--no-rc", "do not begin with what ~/.calmrc says")
    .option("--history <file>", "where typed lines are kept, empty for nowhere")
    .optionsGroup("Facts and answers:")
    .option("-F, --fact-dir <dir>", "where `.input` relations are read from", ".")
    .option("-w, --no-warn", "a missing file of facts is empty")
    .option("--format <mode>", "how answers are shown, as `.mode` says it")
    .addOption(domainOption())
    .option("--functors <module>", "an ES module that exports the program's functors")
    .option("--max-tuples <n>", "refuse an entry whose rules derive more tuples", "10000000")
    .addHelpText("after", example("calm repl programs/02-reachability.dl -c 'reach(1, X)?'"))
    .action(async (files: string[], options: ReplOptions) => {
      const functors = await loadFunctors(options.functors);
      const { repl } = await import("./repl.ts");
      finish(await repl(files, options, functors, host));
    });
  preprocessing(root.command("fmt"))
    .description("write programs in canonical layout, in place; comments and meaning stay")
    .argument("[path...]", "programs, and folders of .dl files; - is stdin to stdout; . by default")
    .optionsGroup("What is written:")
    .option("--check", "write nothing; list what would change, and exit with 1 if anything would")
    .option("--diff", "write nothing; print what would change")
    .option("--stdout", "print the result instead of writing it to the files")
    .addHelpText("after", example("calm fmt --check programs"))
    .action((paths: string[], options: FormatOptions) => finish(fmt(paths, options, host)));
  root
    .command("init")
    .description("write a project to begin with: program, facts, tests, workflow for CI")
    .argument("[dir]", "the folder that it is written to", ".")
    .addOption(
      new Option("--template <name>", "what it is about").choices(templates).default("basic"),
    )
    .addHelpText("after", example("calm init my-project --template network"))
    .action(async (folder: string, options: InitOptions) => {
      const { init } = await import("./init.ts");
      finish(init(folder, options, host, version));
    });
  root
    .command("playground")
    .description("serve the playground to a browser on this machine, until it is interrupted")
    .option("--port <n>", "where it listens; 0 is any port that is free", port, 7180)
    .option("--open", "show it in a browser")
    .addHelpText("after", example("calm playground --open"))
    .action(async (options: PlaygroundOptions) => {
      const { playground } = await import("./playground.ts");
      finish(await playground(options, host));
    });
  completionCommand(root, host);
  return root;
}

/** Returns options with the names of those that the command line gives. */
function given<T extends ProgramOptions>(options: T, command: Command): T {
  const names = Object.keys(options).filter((name) => command.getOptionValueSource(name) === "cli");
  return withPragmaFlags({ ...options, given: new Set(names) });
}

const programs = [
  "[path...]",
  "programs, and folders of .dl files; - is stdin; . by default",
] as const;

/** Adds what every command that reads a program takes. */
function reading(
  command: Command,
  host: Host,
  argument: readonly [name: string, description: string] = ["<file>", "a .dl program; - is stdin"],
): Command {
  return compiling(command.argument(...argument), host);
}

/** Adds what says how the text of a program is understood. */
function compiling(command: Command, host: Host): Command {
  preprocessing(command)
    .addOption(domainOption())
    .option("-m, --magic-transform <relations>", "derive these on demand: names with commas, or *")
    .option("--magic-transform-exclude <relations>", "derive these as a whole")
    .option("--inline-exclude <relations>", "do not inline these: names with commas, or *")
    .option("-P, --pragma <key:value>", "as `.pragma`, before the program's own", collect, [])
    .optionsGroup("Warnings:")
    .option("-w, --no-warn", "print no warnings; a missing file of facts is empty")
    .addOption(warningOption())
    .option("--wno <name>", "do not print this warning, or `all` (repeatable)", collect, [])
    .option("--legacy", "do not warn of old forms of declarations");
  refuseSouffleFlags(command, host);
  return command.optionsGroup("Options:");
}

function domainOption(): Option {
  return new Option("--domain <bits>", "width of numbers and floats")
    .choices(["32", "64"])
    .default("64");
}

function warningOption(): Option {
  const option = new Option("-W, --warn <name>", "print this warning, or `all`; no-NAME: do not")
    .argParser(collect)
    .default([]);
  // Apart from `--no-warn`, which is about all of them.
  option.attributeName = () => "warning";
  return option;
}

function verboseOption(): Option {
  const option = new Option("-v, --verbose", "the same as --stats");
  option.attributeName = () => "stats";
  return option;
}

function showOption(): Option {
  return new Option(
    "--show <forms>",
    `do not run the program, print it as: ${shownForms.join(", ")}`,
  ).argParser((text: string, before: readonly Shown[] | undefined) => {
    const forms = text.split(",").map((name) => {
      const form = shownForms.find((one) => one === name);
      if (form === undefined)
        throw new InvalidArgumentError(`Allowed choices are ${shownForms.join(", ")}.`);
      return form;
    });
    return [...(before ?? []), ...forms];
  });
}

/** Adds what every command that reads the text of a program takes. */
function preprocessing(command: Command): Command {
  return command
    .optionsGroup("Program:")
    .option("-I, --include-dir <dir>", "where #include looks (repeatable)", collect, [])
    .option("-M, --macro <macros>", 'macros: "NAME" or "NAME=VALUE …" (repeatable)', collect, [])
    .option("--no-preprocessor", "read the file as it is")
    .addOption(
      new Option("--color <when>", "colour in diagnostics")
        .choices(["auto", "always", "never"])
        .default("auto"),
    );
}

/** What the help says of an option; that a list is empty at first goes without saying. */
function described(option: Option): string {
  return Array.isArray(option.defaultValue)
    ? option.description
    : new Help().optionDescription(option);
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

function example(line: string): string {
  return `\nExample:\n  ${line}`;
}

const exitCodeHelp = `
Exit codes: 0 fine, 1 the program or the data has a problem, 2 wrong usage, 3 a limit stopped it,
70 our own mistake.

Example:
  calm run programs/02-reachability.dl --format table`;
