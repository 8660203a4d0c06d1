// `calm query`: the answers of a goal at a node, with what they are to hold.
import { readFileSync, renameSync, writeFileSync } from "node:fs";

import { ClientSession } from "../client/client-session.ts";
import type { Answers, QueryLevel } from "../client/queries.ts";
import type { ClientValue } from "../client/values.ts";
import { aligned } from "./aligned.ts";
import { CommandError, type ExitCode, exitCodes } from "./exit.ts";
import type { Host } from "./host.ts";
import { type OrderedAsk, reached } from "./ordered.ts";

/** The options of `calm query`. */
export type QueryAsk = OrderedAsk & {
  readonly at?: QueryLevel;
  /** The file with what was written and seen before, for what is seen now. */
  readonly session?: string;
  /** How long a node may wait, in milliseconds. */
  readonly timeout?: number;
  readonly limit?: number;
};

/** Prints the answers of a goal. */
export async function query(goal: string, options: QueryAsk, host: Host): Promise<ExitCode> {
  const { at, session: file, timeout, limit, format } = options;
  if (at === "session" && file === undefined)
    throw new CommandError(
      exitCodes.usage,
      "--at session follows what was seen before, and nothing says what that is",
      "give --session FILE: answers are noted there, and followed by the next question",
    );
  const session = new ClientSession(file === undefined ? "" : textOf(file));
  const { client, refused } = reached(options, host, session);
  const answers = await client
    .query(goal, {
      ...(at !== undefined && { at }),
      ...(timeout !== undefined && { timeoutMs: timeout }),
      ...(limit !== undefined && { limit }),
    })
    .catch((error: unknown) => {
      throw refused(error);
    });
  if (file !== undefined) note(file, session.text);
  host.stdout.write(format === "json" ? jsonOf(answers) : answersText(answers));
  if (answers.more) host.stderr.write("calm: there are more answers; --limit says how many\n");
  return answers.holds ? exitCodes.ok : exitCodes.problem;
}

/** Returns the session in a file; nothing where there is no file yet. */
function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw new CommandError(exitCodes.usage, `cannot read session "${file}"`);
  }
}

/** Notes a session; who reads the file meanwhile finds the one before. */
function note(file: string, text: string): void {
  try {
    writeFileSync(`${file}.new`, `${text}\n`);
    renameSync(`${file}.new`, file);
  } catch {
    throw new CommandError(exitCodes.usage, `cannot write session "${file}"`);
  }
}

function jsonOf(answers: Answers): string {
  // Integers that no double holds are said as texts, as nodes do.
  const plain = (_: string, value: unknown): unknown =>
    typeof value === "bigint" ? String(value) : value;
  return `${JSON.stringify(answers, plain, 2)}\n`;
}

/** A table of the variables, or whether the goal holds; then of which epoch that is. */
function answersText({ columns, tuples, holds, epoch }: Answers): string {
  const names = columns.map(({ name }) => name);
  const shown =
    columns.length === 0
      ? `${holds ? "yes" : "no"}\n`
      : holds
        ? aligned([names, ...tuples.map((tuple) => tuple.map(valueText))])
        : "no answers\n";
  return epoch === undefined ? shown : `${shown}at epoch ${epoch}\n`;
}

function valueText(value: ClientValue): string {
  return typeof value === "object"
    ? JSON.stringify(value, (_, one: unknown) => (typeof one === "bigint" ? String(one) : one))
    : String(value);
}
