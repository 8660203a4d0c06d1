// `calm kv backup|restore|verify`: what is done with the data folder of a node.
import { createReadStream, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import { extractFolder } from "../runtime/node/archived-folder.ts";
import { type Copied, copyFolder, isDiskError } from "../runtime/node/copied-folder.ts";
import { LogError } from "../runtime/node/durable-log.ts";
import { type Verified, verifyFolder } from "../runtime/node/verified-folder.ts";
import { backupPath } from "../server/kv/routes/backup.ts";
import { nodeProgram } from "../server/node-program.ts";
import { CommandError, type ExitCode, exitCodes } from "./exit.ts";
import type { Host } from "./host.ts";
import { shippedPrograms } from "./kv-serve.ts";
import { download } from "./node-admin.ts";
import { compileOptions, printDiagnostics, type ProgramOptions, sourceOf } from "./program.ts";

/** What is to be done with which folder. */
export type FolderRequest =
  | ({ readonly verb: "backup"; readonly to: string } & Origin & Said)
  | ({ readonly verb: "restore"; readonly from: string; readonly to: string } & Said)
  | VerifyRequest;

/** What is to be checked. */
export type VerifyRequest = {
  readonly verb: "verify";
  readonly from: string;
  /** The cluster that its batches were signed for. */
  readonly cluster: string;
  /** The node's program, where it is not that of the store alone. */
  readonly program?: string;
  /** The module of its functors. */
  readonly functors?: string;
} & ProgramOptions &
  Said;

type Said = { readonly format: "text" | "json" };

/** What is copied: a folder, unless it is a node that is asked for what it has. */
type Origin = { readonly data?: string; readonly url?: string; readonly token?: string };

/** Where a node keeps its data unless said. */
const usualData = "calm-data/a";

/** Copies a folder, or checks it. */
export async function kvFolder(request: FolderRequest, host: Host): Promise<ExitCode> {
  try {
    if (request.verb === "verify") return await verify(request, host);
    const { verb, to, format } = request;
    const copied = await (verb === "backup" ? backup(request, host) : restored(request));
    if (format === "json")
      host.stdout.write(`${JSON.stringify({ ...copied, to }, undefined, 2)}\n`);
    else host.stdout.write(copiedText(copied, verb === "backup" ? "copied to" : "restored to", to));
    return exitCodes.ok;
  } catch (error) {
    if (!(error instanceof LogError) && !isDiskError(error)) throw error;
    throw new CommandError(exitCodes.problem, (error as Error).message);
  }
}

function copiedText({ name, files, bytes }: Copied, said: string, to: string): string {
  return `node ${name}: ${files} files, ${bytes} bytes, ${said} ${to}\n`;
}

async function backup({ data, url, token, to }: Origin & { to: string }, host: Host) {
  if (url === undefined) return copyFolder(data ?? usualData, to);
  if (data !== undefined)
    throw new CommandError(exitCodes.usage, "a backup is of --data or of --url: give one of them");
  const body = download({ url, ...(token !== undefined && { token }) }, backupPath, host);
  return extractFolder(body, to);
}

/** A copy is a folder, or the archive that a node gives. */
function restored({ from, to }: { readonly from: string; readonly to: string }): Promise<Copied> {
  if (statSync(from, { throwIfNoEntry: false })?.isFile() === true)
    return extractFolder(createReadStream(from), to);
  return copyFolder(from, to);
}

async function verify(request: VerifyRequest, host: Host): Promise<ExitCode> {
  const { from, cluster, format } = request;
  const found = await verifyFolder(from, { cluster, ...storeProgram(request, host) });
  if (format === "json") host.stdout.write(`${JSON.stringify(found, undefined, 2)}\n`);
  else host.stdout.write(verifiedText(found));
  return found.wrong.length > 0 ? exitCodes.problem : exitCodes.ok;
}

/** The program whose data is in a folder: the names, columns and hash of it. */
function storeProgram(request: VerifyRequest, host: Host) {
  const { program: file = join(shippedPrograms, "kv.dl"), includeDir, functors } = request;
  const options = { ...request, includeDir: [...includeDir, shippedPrograms] };
  const modules = functors === undefined ? [] : [readFileSync(functors)];
  const { program, diagnostics } = nodeProgram(sourceOf(file, host), compileOptions(options), {
    modules,
  });
  if (program !== undefined) return { program: program.hash, schema: program.schema };
  printDiagnostics(diagnostics, options, host);
  throw new CommandError(exitCodes.problem, `nodes do not run "${file}"`);
}

function verifiedText(found: Verified): string {
  const { name, incarnation, files, bytes, records, signed, unsigned, torn, wrong } = found;
  const state = wrong.length === 0 ? "whole" : "damaged";
  const lines = [
    `node ${name}, life ${incarnation}`,
    `${records} records in ${files} files, ${bytes} bytes: ${state}`,
    `${signed} batches signed, ${unsigned} of its own not yet`,
    ...(torn > 0 ? [`${torn} bytes at the end of a write that did not come to its own`] : []),
    ...wrong,
  ];
  return lines.map((line) => `${line}\n`).join("");
}
