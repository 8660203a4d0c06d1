// The flags of `calm run`.
import { type Command, Option } from "commander";
import { resultFormats } from "../io/write.ts";
import type { CommandGroup } from "./command-line.ts";
import { loadFunctors } from "./functors.ts";
import { example, given, reading, showOption } from "./program-flags.ts";
import { backends, run, type RunOptions } from "./run.ts";

/** `calm run`. */
export const runCommand: CommandGroup = {
  names: ["run"],
  add: (root, host, finish) => {
    reading(root.command("run"), host)
      .description("evaluate a program on facts; write or print its outputs")
      .optionsGroup("Facts and results:")
      .option("-F, --fact-dir <dir>", "where `.input` relations are read from", ".")
      .option(
        "-D, --output-dir <dir>",
        "where `.output` relations are written to; - is stdout",
        ".",
      )
      .addOption(
        new Option("--format <format>", "print outputs to stdout in this format").choices(
          resultFormats,
        ),
      )
      .option("--rows <n>", "how many rows of a table are shown", "40")
      .optionsGroup("Evaluation:")
      .option(
        "-j, --jobs <n>",
        "threads that share heavy rules and read long files: a number, or `auto`",
        "1",
      )
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
  },
};

function verboseOption(): Option {
  const option = new Option("-v, --verbose", "the same as --stats");
  option.attributeName = () => "stats";
  return option;
}
