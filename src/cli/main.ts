// The commands of `calm`. Long because it has the flags of most of them.
import { type Command, CommanderError, Option } from "commander";
import { allFaults } from "../sim/faults.ts";
import { check, type CheckOptions } from "./check.ts";
import { type CommandGroup, commandLine, version } from "./command-line.ts";
import { completionCommand } from "./completion.ts";
import { acceptedLevels, failLevels } from "./config.ts";
import { exitCodes } from "./exit.ts";
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
import type { PlaygroundOptions } from "./playground.ts";
import type { ProgramOptions } from "./program.ts";
import { queryCommand } from "./query-command.ts";
import {
  collect,
  compiling,
  domainOption,
  example,
  given,
  preprocessing,
  reading,
  showOption,
} from "./program-flags.ts";
import type { ReplOptions } from "./repl.ts";
import { reportFormats } from "./reports/print.ts";
import { runCommand } from "./run-command.ts";
import { sim, type SimOptions } from "./sim.ts";
import { testCommand } from "./test-command.ts";
import { explainGoal } from "./why.ts";
import { whyCommands } from "./why-commands.ts";

/** Runs one command line (without the program's name) and returns its exit code; never throws. */
export function main(argv: readonly string[], host: Host): Promise<number> {
  return commandLine(argv, host, commands);
}

const commands: readonly CommandGroup[] = [
  runCommand,
  {
    names: ["check"],
    add: (root, host, finish) => {
      reading(root.command("check"), host, programs)
        .description("report what is wrong with programs, and which answers need coordination")
        .optionsGroup("Findings:")
        .addOption(
          new Option("--level <level>", "the worst level that passes").choices(acceptedLevels),
        )
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
        .addOption(
          new Option("--format <format>", "how findings are printed").choices(reportFormats),
        )
        .addOption(
          new Option("--graph <form>", "draw what depends on what, and its levels").choices(
            graphForms,
          ),
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
    },
  },
  {
    names: ["explain"],
    add: (root, host, finish) => {
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
        .option(
          "--functors <module>",
          "with facts: an ES module that exports the program's functors",
        )
        .addHelpText("after", example("calm explain programs/02-reachability.dl --plan"))
        .action(async (file: string, options: ExplainOptions, command: Command) => {
          const functors = await loadFunctors(options.functors);
          finish(await explain(file, given(options, command), functors, host));
        });
    },
  },
  {
    names: ["types"],
    add: (root, host, finish) => {
      reading(root.command("types"), host)
        .description("print what its relations hold as a TypeScript module, for the library")
        .addHelpText("after", example("calm types programs/02-reachability.dl > reachability.ts"))
        .action(async (file: string, options: ProgramOptions, command: Command) => {
          const { relationTypes } = await import("./relation-types.ts");
          finish(relationTypes(file, given(options, command), host));
        });
    },
  },
  {
    names: ["why", "whynot"],
    add: (root, host, finish) => {
      whyCommands(
        { why: reading(root.command("why"), host), whynot: reading(root.command("whynot"), host) },
        async (verb, asked, options, command) => {
          const functors = await loadFunctors(options.functors);
          finish(await explainGoal(verb, asked, given(options, command), functors, host));
        },
      );
    },
  },
  {
    names: ["sim"],
    add: (root, host, finish) => {
      reading(root.command("sim"), host)
        .description("run a program on a simulated network that loses, delays, cuts and crashes")
        .optionsGroup("Network:")
        .option("--nodes <n>", "how many nodes the facts are split over", natural, 3)
        .option("--seed <n>", "the same seed gives the same run", natural, 1)
        .option("--await-ready", "clients seal what they inserted, and nodes answer when all have")
        .option(
          "--faults <kinds>",
          `what happens: all, none, or some of ${allFaults.join(",")}`,
          "all",
        )
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
        .addHelpText(
          "after",
          example("calm sim programs/multicast.dl -F programs --nodes 3 --seed 7"),
        )
        .action(async (file: string, options: SimOptions, command: Command) => {
          const functors = await loadFunctors(options.functors);
          finish(await sim(file, given(options, command), functors, host));
        });
    },
  },
  {
    names: ["node"],
    add: (root, host, finish) => {
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
    },
  },
  {
    names: ["kv"],
    add: (root, host, finish) => {
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
    },
  },
  {
    names: ["txn", "ordered"],
    add: (root, host, finish) => {
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
    },
  },
  {
    names: ["query"],
    add: (root, host, finish) => {
      queryCommand(root, async (goal, options) => {
        const { query } = await import("./query.ts");
        finish(await query(goal, options, host));
      });
    },
  },
  {
    names: ["maelstrom"],
    add: (root, host, finish) => {
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
        .addHelpText(
          "after",
          example("calm maelstrom programs/maelstrom/broadcast.dl --data nodes"),
        )
        .addHelpText("after", example("calm maelstrom programs/maelstrom/lin-kv.dl"))
        .action(async (file: string, options: MaelstromOptions, command: Command) => {
          const functors = await loadFunctors(options.functors);
          const { maelstrom } = await import("./maelstrom.ts");
          finish(await maelstrom(file, given(options, command), functors, host));
        });
    },
  },
  {
    names: ["test"],
    add: (root, host, finish) => {
      testCommand(
        reading(root.command("test"), host, programs),
        async (paths, options, command) => {
          const { test } = await import("./test.ts");
          finish(await test(paths, given(options, command), host, version));
        },
      );
    },
  },
  {
    names: ["lsp"],
    add: (root, host, finish) => {
      preprocessing(root.command("lsp"))
        .description("serve an editor by the Language Server Protocol")
        .requiredOption("--stdio", "over standard input and output")
        .addOption(
          new Option("--level <level>", "the worst level that passes").choices(acceptedLevels),
        )
        .addOption(domainOption())
        .option("--config <file>", "read this instead of the nearest calm.config.json")
        .option("--no-config", "read none")
        .addHelpText("after", example("calm lsp --stdio"))
        .action(async (options: LspOptions) => {
          const { lsp } = await import("./lsp.ts");
          finish(await lsp(options, version));
        });
    },
  },
  {
    names: ["repl"],
    add: (root, host, finish) => {
      preprocessing(root.command("repl"))
        .argument("[file...]", "programs to begin with, and files of facts for what they declare")
        .description(
          "ask and change a program, entry by entry; for scripts by -c or standard input",
        )
        .optionsGroup("Entries:")
        .option("--connect <url>", "ask and tell the node there")
        .option("--token <file>", "the file with the node's secret (CALM_TOKEN: the secret itself)")
        .option(
          "-c, --command <text>",
          "do this instead of what is typed (repeatable)",
          collect,
          [],
        )
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
    },
  },
  {
    names: ["fmt"],
    add: (root, host, finish) => {
      preprocessing(root.command("fmt"))
        .description("write programs in canonical layout, in place; comments and meaning stay")
        .argument(
          "[path...]",
          "programs, and folders of .dl files; - is stdin to stdout; . by default",
        )
        .optionsGroup("What is written:")
        .option(
          "--check",
          "write nothing; list what would change, and exit with 1 if anything would",
        )
        .option("--diff", "write nothing; print what would change")
        .option("--stdout", "print the result instead of writing it to the files")
        .addHelpText("after", example("calm fmt --check programs"))
        .action((paths: string[], options: FormatOptions) => finish(fmt(paths, options, host)));
    },
  },
  {
    names: ["init"],
    add: (root, host, finish) => {
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
    },
  },
  {
    names: ["playground"],
    add: (root, host, finish) => {
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
    },
  },
  {
    // It is about all commands, so they are all there when it is asked for.
    names: [],
    add: completionCommand,
  },
];

const programs = [
  "[path...]",
  "programs, and folders of .dl files; - is stdin; . by default",
] as const;
