// The flags of `calm test`.
import { type Command, InvalidArgumentError, Option } from "commander";
import { natural, positive } from "./flag-values.ts";
import type { TestCommandOptions } from "./test.ts";
import { testFormats } from "./test/print.ts";

/** Adds to `calm test` its flags and what it does. */
export function testCommand(
  command: Command,
  test: (paths: string[], options: TestCommandOptions, command: Command) => Promise<void>,
): void {
  command
    .description("run programs, and hold what they give against what is expected of them")
    .optionsGroup("Tests:")
    .option("--filter <text>", "run the tests whose name contains this (repeatable)", collect, [])
    .option("--update", "write the files of expectations: expect what there is now")
    .option("--watch", "run again whenever a file changes")
    .option("--allow-empty", "let a program pass of which nothing is expected")
    .option("--tolerance <part>", "how far apart floats may be: a part of the greater one", part, 0)
    .optionsGroup("Evaluation:")
    .option("--functors <module>", "an ES module that exports the programs' functors")
    .option("--max-tuples <n>", "fail a test whose rules derive more tuples", positive, 10_000_000)
    .option("--max-rounds <n>", "fail a test with more rounds in a recursive stratum", positive)
    .option(
      "--max-steps <n>",
      "fail a test of a program for a network with more steps",
      positive,
      10_000,
    )
    .optionsGroup("Report:")
    .addOption(
      new Option("--format <format>", "how results are printed")
        .choices(testFormats)
        .default("text"),
    )
    .option("--rows <n>", "how many differing tuples of a relation are shown", natural, 20)
    .option("-q, --quiet", "print nothing of tests that passed")
    .optionsGroup("Configuration:")
    .option("--config <file>", "for levels: read this, not the nearest calm.config.json")
    .option("--no-config", "read none")
    .addHelpText("after", testHelp)
    .action(test);
}

function part(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= 0 && value < 1) return value;
  throw new InvalidArgumentError("It is to be a number from 0 on that is less than 1.");
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

const testHelp = `
What is expected of reach.dl stands in it (\`.expect\`, \`.calm\`), in reach.expected/, or in
reach.cases/NAME/expected/ for the facts in reach.cases/NAME: docs/testing.md.

Example:
  calm test programs
  calm test programs/15-weather/weather.dl --update`;
