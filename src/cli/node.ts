// `calm node`: a node of a program, as a process.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { compiled } from "../codegen/backend.ts";
import { hasErrors } from "../base/diagnostic.ts";
import { Database } from "../engine/database.ts";
import { missingFunctors } from "../engine/functors.ts";
import type { Limits } from "../engine/limit.ts";
import { LogError } from "../runtime/node/durable-log.ts";
import { OrderedLogError } from "../runtime/ordered-log-error.ts";
import type { ApplicationOf } from "../server/application.ts";
import { type Logger, loggerOf } from "../server/logger.ts";
import { SealedInput, type StopCause } from "../server/node-driver.ts";
import { nodeProgram, type NodeProgram } from "../server/node-program.ts";
import { JoinError } from "../server/joining.ts";
import { type RunningNode, startNode } from "../server/node-server.ts";
import { pageFiles } from "../server/page-routes.ts";
import { openOrdered } from "../server/ordered/open-ordered.ts";
import type { OrderedOf } from "../server/ordered/ordered-of.ts";
import type { Share } from "../server/node-server-options.ts";
import {
  type GivenSettings,
  nodeSettings,
  type NodeSettings,
  readSettings,
  type ReadSettings,
} from "../server/node-settings.ts";
import { keyOf } from "../transducer/fact.ts";
import { ownerFunctors, Owners } from "../transducer/owners.ts";
import { tuplesIn } from "../transducer/stored.ts";
import { StepFault } from "../transducer/transducer.ts";
import type { Implementations } from "../value/user-functor.ts";
import { channelsOf } from "./channels.ts";
import { CommandError, type ExitCode, exitCodes } from "./exit.ts";
import type { Host } from "./host.ts";
import { readInputs } from "./inputs.ts";
import { etcdAccess, fileText, secretText, tlsFiles } from "./node-files.ts";
import { orderedTogether } from "./node-ordered.ts";
import { pageFolder } from "./page-folder.ts";
import { compileOptions, printDiagnostics, type ProgramOptions, sourceOf } from "./program.ts";
import { withoutSilenced } from "./warnings.ts";

/** The options of `calm node`, as the command line gives them. */
export type NodeOptions = ProgramOptions & {
  /** A file with settings. */
  readonly config?: string;
  readonly printConfig?: boolean;
  /** The module that implements the program's functors. */
  readonly functors?: string;
  /** What the flags of `nodeSettings` say. */
  readonly settings: GivenSettings;
  /** What holds where nothing is set, other than for nodes in general. */
  readonly usual?: GivenSettings;
  /** Whether the log is in memory. */
  readonly ephemeral?: boolean;
  /** Returns what is served beside the node, or all that its program lacks for that. */
  readonly application?: (program: NodeProgram) => FoundApplication;
};

/** What is served beside a node, or what its program lacks. */
export type FoundApplication =
  | { readonly application: ApplicationOf; readonly wrong?: undefined }
  | { readonly application?: undefined; readonly wrong: readonly string[] };

/** Runs a node until it is told to stop, or cannot go on. */
export async function node(
  file: string,
  options: NodeOptions,
  functors: Implementations,
  host: Host,
  version: string,
): Promise<ExitCode> {
  const read = settingsOf(options, host);
  if (options.printConfig === true) return printSettings(read, host);
  const { settings, wrong } = read;
  if (settings === undefined)
    throw new CommandError(exitCodes.usage, wrong.join("\ncalm: "), "see `calm node --help`");
  const modules = options.functors === undefined ? [] : [readFileSync(options.functors)];
  const compilation = nodeProgram(sourceOf(file, host), compileOptions(options), {
    ...{ modules, awaitReady: settings.awaitReady, ordered: settings.ordered !== undefined },
  });
  const { program } = compilation;
  const asked = settings.ordered !== undefined;
  const missing = program === undefined ? [] : missingOf(program, asked, functors);
  const channels = program === undefined ? undefined : channelsOf(program.program);
  const found = [...compilation.diagnostics, ...missing, ...(channels?.diagnostics ?? [])];
  printDiagnostics(withoutSilenced(found, options), options, host);
  if (compilation.refused === true) throw notRun(file);
  if (program === undefined || hasErrors(found)) return exitCodes.problem;
  if (settings.awaitReady && !program.floods)
    throw new CommandError(
      exitCodes.usage,
      "--await-ready is for programs that say nothing of networks themselves",
    );
  checkOrdered(file, program, settings);
  const { ordered } = settings;
  if (ordered !== undefined && ordered.place === undefined)
    return orderedTogether(file, options, settings, ordered, host);
  const beside = options.application?.(program);
  if (beside?.wrong !== undefined)
    throw new CommandError(exitCodes.problem, `"${file}": ${beside.wrong.join("\ncalm: ")}`);
  const shares = await sharesOf(program, settings, host);
  if (shares === undefined) return exitCodes.problem;
  const logger = loggerOf({
    ...{ format: settings.logFormat, level: settings.logLevel, node: settings.id },
    write: (line) => {
      host.stderr.write(line);
    },
    now: () => new Date(),
  });
  const { ephemeral = false } = options;
  const parts = { functors, logger, version, ephemeral, application: beside?.application };
  const running = await start(program, settings, shares, parts);
  if (typeof running === "number") return running;
  return untilStopped(running, settings, logger);
}

/** Reads the settings of a node from where they may be. */
export function settingsOf(
  { config, settings: flags, usual = {} }: Pick<NodeOptions, "config" | "settings" | "usual">,
  { env }: Host,
): ReadSettings {
  const path = config ?? env["CALM_CONFIG"];
  return readSettings({
    ...{ flags, env, usual },
    ...(path !== undefined && { file: { path, text: fileText("configuration", path) } }),
  });
}

function notRun(file: string): CommandError {
  return new CommandError(
    exitCodes.problem,
    `nodes do not run "${file}": what it answers may have to be taken back while facts arrive`,
    "there are three ways out: --await-ready, to answer once all members have sealed their " +
      "input; `.calm coordinating`, where the program itself waits for what it needs; or " +
      "--ordered, to carry out transactions and questions in one order",
  );
}

/** Throws where a program and whether its node has an ordered plane do not go together. */
function checkOrdered(
  file: string,
  { program, floods }: NodeProgram,
  settings: NodeSettings,
): void {
  const { relations, transactions } = program;
  const needs = transactions.length > 0 || relations.some(({ place }) => place?.ordered);
  if (needs && settings.ordered === undefined)
    throw new CommandError(
      exitCodes.problem,
      `"${file}" has transactions: they are carried out in one order, which this node has not`,
      "start it with --ordered --log file:DIR; see `calm node --help`",
    );
  if (settings.ordered === undefined) return;
  if (settings.awaitReady)
    throw new CommandError(exitCodes.usage, "--await-ready and --ordered do not go together");
  if (!floods)
    throw new CommandError(
      exitCodes.problem,
      `"${file}" says itself what nodes send, or is in parts: --ordered is for other programs`,
    );
}

/** The functors of the text that nobody gives; who owns what nodes say themselves. Transactions
 * call functors that the rest of the program does not. */
function missingOf({ plan, program }: NodeProgram, ordered: boolean, given: Implementations) {
  const called = ordered ? program : plan;
  return missingFunctors(called, { ...given, ...ownerFunctors(called.functors, new Owners([])) });
}

type Parts = {
  readonly functors: Implementations;
  readonly logger: Logger;
  readonly version: string;
  readonly ephemeral: boolean;
  readonly application: ApplicationOf | undefined;
};

async function start(
  program: NodeProgram,
  settings: NodeSettings,
  shares: readonly Share[],
  { functors, logger, version, ephemeral, application }: Parts,
): Promise<RunningNode | ExitCode> {
  const { id, listen, peers, cluster, data, fsync, token, tls, origins } = settings;
  const { clientToken, join, advertise } = settings;
  const { maxTuples, maxMemoryBytes } = settings;
  const evaluation = {
    ...(maxTuples !== undefined && { maxTuples }),
    ...(maxMemoryBytes !== undefined && { maxMemoryBytes }),
  };
  try {
    const ordered = await orderedPart(program, settings, { functors, evaluation, logger });
    const page = pageFiles(pageFolder);
    const running = await startNode({
      ...{ name: id, program, version, listen, peers, cluster, data, fsync, origins, shares },
      ...{ sealsShares: settings.seal, ephemeral },
      ...(token !== undefined && { token: secretText("token", token) }),
      ...(clientToken !== undefined && { clientToken: secretText("token", clientToken) }),
      ...(join !== undefined && { join }),
      ...(advertise !== undefined && { advertise }),
      ...(tls !== undefined && { tls: tlsFiles(tls) }),
      ...{ evaluation, functors, logger, backend: compiled },
      ...(application && { application }),
      ...(ordered && { ordered }),
      ...(page && { page }),
    });
    const { url } = running;
    logger.info("listens", { url, version, program: program.hash, data, pid: process.pid });
    return running;
  } catch (error) {
    if (error instanceof StepFault) {
      logger.error(`what the log holds cannot be evaluated: ${error.message}`);
      return exitCodes.limit;
    }
    if (error instanceof SealedInput)
      throw new CommandError(
        exitCodes.problem,
        `relation "${program.network.roles[error.relation]?.name}" is sealed: what is new in the \
files of --facts was not inserted`,
      );
    const { code, message } = error as NodeJS.ErrnoException;
    if (error instanceof LogError || error instanceof JoinError || error instanceof OrderedLogError)
      throw new CommandError(exitCodes.problem, message);
    if (code === "EADDRINUSE" || code === "EACCES" || code === "EADDRNOTAVAIL")
      throw new CommandError(
        exitCodes.usage,
        `cannot listen on ${listen.host}:${listen.port}: \
${code === "EADDRINUSE" ? "another process does" : message}`,
      );
    throw error;
  }
}

/** Opens the node's part of the ordered plane, where it is to have one. */
async function orderedPart(
  program: NodeProgram,
  { ordered, cluster, data, token, tls }: NodeSettings,
  { functors, evaluation, logger }: Pick<Parts, "functors" | "logger"> & { evaluation: Limits },
): Promise<OrderedOf | undefined> {
  if (ordered?.place === undefined) return undefined;
  const { partitions, replicas, place, log, etcd, checkpointMs, checkpointBy, storage } = ordered;
  return openOrdered({
    ...{ program, log, cluster, checkpointMs, checkpointBy, storage, data, logger },
    layout: { partitions, replicas, place },
    ...(token !== undefined && { token: secretText("token", token) }),
    ...(tls !== undefined && { tls: tlsFiles(tls) }),
    ...(etcd && { etcd: etcdAccess(etcd) }),
    evaluation: { backend: compiled, functors, limits: evaluation },
  });
}

/** Waits for a signal, or for what keeps the node from going on; then stops it. */
async function untilStopped(
  running: RunningNode,
  { shutdownMs, tls }: NodeSettings,
  logger: Logger,
): Promise<ExitCode> {
  const signals = ["SIGTERM", "SIGINT"] as const;
  const { promise, stop } = told();
  for (const signal of signals) process.on(signal, stop);
  const certify = (): void => {
    if (tls !== undefined) certifyAgain(running, tls, logger);
  };
  if (tls !== undefined) process.on("SIGHUP", certify);
  const cause = await Promise.race([running.failed, promise]);
  if (typeof cause === "string") logger.info("stops", { signal: cause });
  const timer = setTimeout(() => {
    logger.error("could not stop in time");
    process.exit(exitCodes.problem);
  }, shutdownMs);
  await running.close();
  clearTimeout(timer);
  for (const signal of signals) process.off(signal, stop);
  process.off("SIGHUP", certify);
  logger.info("has stopped");
  return typeof cause === "string" ? exitCodes.ok : exitOf(cause);
}

/** Reads the certificates again. Where they cannot be used those before them stay. */
function certifyAgain(
  running: RunningNode,
  tls: NonNullable<NodeSettings["tls"]>,
  logger: Logger,
): void {
  try {
    running.certify(tlsFiles(tls));
    logger.info("shows the certificate that its files hold now");
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    logger.error(`the certificates are as before, these cannot be used: ${text}`);
  }
}

/** What waits for a signal; the second one ends the process at once. */
function told() {
  let heard = false;
  let hear: (signal: "SIGTERM" | "SIGINT") => void = () => undefined;
  const promise = new Promise<"SIGTERM" | "SIGINT">((resolve) => (hear = resolve));
  const stop = (signal: NodeJS.Signals): void => {
    if (heard) process.exit(signal === "SIGINT" ? 130 : 143);
    heard = true;
    hear(signal === "SIGINT" ? "SIGINT" : "SIGTERM");
  };
  return { promise, stop };
}

function exitOf({ kind }: StopCause): ExitCode {
  switch (kind) {
    case "left":
      return exitCodes.ok;
    case "log":
    case "forgotten":
    case "ordered":
      return exitCodes.problem;
    case "evaluation":
      return exitCodes.limit;
    case "fault":
      return exitCodes.fault;
  }
}

/** Facts of one batch of a share. */
const shareFacts = 1 << 14;

/** Returns what the node is to insert of the files of its inputs; undefined where they are wrong,
 * which is said. A part is named by what is in it, so that it is inserted once. */
async function sharesOf(
  program: NodeProgram,
  { facts: factDir }: NodeSettings,
  host: Host,
): Promise<readonly Share[] | undefined> {
  if (factDir === undefined) return [];
  const { inputs } = channelsOf(program.program);
  const database = new Database(program.plan);
  if (!(await readInputs(inputs, database, { factDir, missingIsEmpty: true }, host)))
    return undefined;
  const shares: Share[] = [];
  for (const relation of new Set(inputs.map((input) => input.relation))) {
    const facts = tuplesIn(database, relation).map((values) => ({ relation, values }));
    for (let at = 0; at < facts.length; at += shareFacts) {
      const part = facts.slice(at, at + shareFacts);
      const hash = createHash("sha256");
      for (const fact of part) hash.update(`${keyOf(fact)}\n`);
      shares.push({ request: `share ${hash.digest("base64url")}`, facts: part });
    }
  }
  return shares;
}

function printSettings({ found, wrong }: ReadSettings, host: Host): ExitCode {
  const shown = nodeSettings.map(({ key }) => {
    const { value, from } = found.get(key) ?? {};
    // A secret of the environment is a secret; of others the name of its file is shown.
    const secret = /(?:token|password)$/i.test(key) && from === "environment";
    return [key, value === undefined ? null : { value: secret ? "***" : value, from }] as const;
  });
  host.stdout.write(`${JSON.stringify(Object.fromEntries(shown), undefined, 2)}\n`);
  for (const text of wrong) host.stderr.write(`calm: ${text}\n`);
  return wrong.length === 0 ? exitCodes.ok : exitCodes.usage;
}
