import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { commandOf } from "../repl/commands.ts";
import { connectWith } from "../repl/commands-connect.ts";
import { loadFile } from "../repl/commands-keep.ts";
import { modeOf } from "../repl/output.ts";
import { pager } from "../repl/pager.ts";
import { runScript } from "../repl/script.ts";
import type { Outcome } from "../repl/outcome.ts";
import { Shell } from "../repl/shell.ts";
import { runTerminal } from "../repl/terminal.ts";
import { Refusal, type World } from "../repl/world.ts";
import type { Implementations } from "../value/user-functor.ts";
import { channelsOf } from "./channels.ts";
import { CommandError, exitCodes, type ExitCode } from "./exit.ts";
import type { Host } from "./host.ts";
import { readInputs } from "./inputs.ts";
import { colored, compileOptions, textOfStdin, type ProgramOptions } from "./program.ts";

/** The options of `calm repl`. */
export type ReplOptions = ProgramOptions & {
  readonly factDir: string;
  readonly functors?: string;
  /** What is done instead of what is typed. */
  readonly command: readonly string[];
  readonly format?: string;
  readonly keepGoing?: boolean;
  readonly rc: boolean;
  readonly history?: string;
  readonly maxTuples: string;
  /** The node that is asked and told, and the file with its secret. */
  readonly connect?: string;
  readonly token?: string;
};

/** Holds a session: at a terminal, or on what `-c` or standard input says. */
export async function repl(
  files: readonly string[],
  options: ReplOptions,
  functors: Implementations,
  host: Host,
): Promise<ExitCode> {
  const typing = options.command.length === 0 && host.stdinTerminal === true;
  const world = worldOf(options, functors, host);
  const shell = new Shell({ ...world, ...(typing && paging(host)) }, commandOf);
  if (options.format !== undefined) shell.output.mode = mode(options.format);
  let worst: ExitCode = exitCodes.ok;
  const note = (outcome: Outcome): boolean => {
    if (outcome === "failed" || outcome === "limit") worst = exitOf(outcome, worst);
    return typing || options.keepGoing === true || worst === exitCodes.ok;
  };
  try {
    for (const file of files)
      if (!note(await shell.guarded(() => loadFile(shell, file)))) return worst;
    const { connect } = options;
    if (connect !== undefined && !note(await shell.guarded(() => connected(shell, connect))))
      return worst;
    const script = { keepGoing: options.keepGoing === true };
    if (!typing) {
      const texts = options.command.length > 0 ? options.command : [textOfStdin(host)];
      for (const text of texts) {
        const { outcome, exited } = await runScript(shell, text, script.keepGoing);
        if (!note(outcome) || exited) break;
      }
      return worst;
    }
    const rc = join(homedir(), ".calmrc");
    if (options.rc && existsSync(rc)) await runScript(shell, readFileSync(rc, "utf8"), true);
    host.stdout.write("`.help` lists the commands, ^D leaves\n");
    const history = historyFile(options, host);
    const { stdin, stdout } = process;
    await runTerminal(shell, {
      ...{ input: stdin, output: stdout, keys: true },
      ...(history !== undefined && { history }),
    });
    return exitCodes.ok;
  } finally {
    shell.disconnect();
    shell.output.close();
  }
}

/** At a terminal long answers are shown by `$PAGER`, where it is set. */
function paging({ env, stdout }: Host): Pick<World, "page"> {
  const command = env["PAGER"] ?? "";
  if (command === "" || !stdout.terminal) return {};
  return { page: pager(command, () => process.stdout.rows) };
}

async function connected(shell: Shell, url: string): Promise<Outcome> {
  await connectWith(shell, url, shell.world.token);
  return "ok";
}

function exitOf(outcome: "failed" | "limit", before: ExitCode): ExitCode {
  return outcome === "limit" || before === exitCodes.limit ? exitCodes.limit : exitCodes.problem;
}

function worldOf(options: ReplOptions, functors: Implementations, host: Host): World {
  const { preprocess, includeDirectories, macros, load, domain, inlineExclude } =
    compileOptions(options);
  const maxTuples = Number(options.maxTuples);
  if (!Number.isSafeInteger(maxTuples) || maxTuples < 1)
    throw new CommandError(exitCodes.usage, "--max-tuples takes a number from 1 on");
  return {
    out: host.stdout,
    err: host.stderr,
    color: colored(options, host, "stdout"),
    nowMs: () => host.nowMs(),
    options: {
      ...(preprocess !== undefined && { preprocess }),
      ...(includeDirectories !== undefined && { includeDirectories }),
      ...(macros !== undefined && { macros }),
      ...(load !== undefined && { load }),
      ...(domain !== undefined && { domain }),
      ...(inlineExclude !== undefined && { inlineExclude }),
    },
    functors,
    limits: { maxTuples },
    ...tokenOf(options, host),
    readInputs: (program, database) => {
      const settings = { factDir: options.factDir, missingIsEmpty: !options.warn };
      return readInputs(channelsOf(program).inputs, database, settings, host);
    },
  };
}

function tokenOf({ token }: ReplOptions, { env }: Host): { readonly token?: string } {
  const secret = token === undefined ? env["CALM_TOKEN"] : readToken(token);
  return secret === undefined ? {} : { token: secret };
}

function readToken(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    throw new CommandError(exitCodes.usage, `cannot read token "${file}"`);
  }
}

function mode(name: string): Shell["output"]["mode"] {
  try {
    return modeOf(name);
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    throw new CommandError(exitCodes.usage, refusal.message, refusal.hint);
  }
}

/** Where lines are kept: beside the state of other programs, unless something else is said. */
function historyFile({ history }: ReplOptions, { env }: Host): string | undefined {
  if (history !== undefined) return history === "" ? undefined : history;
  const state = env["XDG_STATE_HOME"] ?? "";
  return join(state === "" ? join(homedir(), ".local", "state") : state, "calm", "history");
}
