import { type Command, InvalidArgumentError, Option } from "commander";

import type { QueryLevel } from "../client/queries.ts";
import { reaching } from "./ordered-commands.ts";
import type { QueryAsk } from "./query.ts";

/** Adds the command that asks a node for the answers of a goal. */
export function queryCommand(
  root: Command,
  query: (goal: string, options: QueryAsk) => Promise<void>,
): void {
  reaching(root.command("query <goal>"))
    .description("ask a node for the answers of a goal")
    .addOption(
      new Option("--at <what>", "what they hold: local, session, strict, or an epoch").argParser(
        levelOf,
      ),
    )
    .option("--session <file>", "follow what is noted there, and note what is seen")
    .option("--timeout <ms>", "how long the node may wait for that (5000)", count)
    .option("--limit <n>", "how many answers are given", count)
    .addHelpText("after", queryHelp)
    .action(query);
}

function levelOf(text: string): QueryLevel {
  if (text === "local" || text === "session" || text === "strict") return text;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It is to be local, session, strict, or the number of an epoch.");
}

function count(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It is to be a number.");
}

const queryHelp = `
  local    what the node has: of the ordered plane what it has carried out
  session  all that is noted in the file of --session, at whatever node
  strict   all that anybody was told of before the question, or no answer
  17       epoch 17 of the ordered plane, the same at every replica

Without --at it is session where --session is given, otherwise local.

Exit codes: 0 there are answers, 1 there are none, or it is refused, 2 wrong usage.

Example:
  calm query 'balance(A, X)' --at strict --url http://127.0.0.1:7411,http://127.0.0.1:7412`;
