// `calm kv backup|restore|verify`: what is done with the data folder of a node.
import { join } from "node:path";

import { copyFolder, isDiskError } from "../runtime/node/copied-folder.ts";
import { LogError } from "../runtime/node/durable-log.ts";
import { type Verified, verifyFolder } from "../runtime/node/verified-folder.ts";
import { nodeProgram } from "../server/node-program.ts";
import { CommandError, type ExitCode, exitCodes } from "./exit.ts";
import type { Host } from "./host.ts";
import { shippedPrograms } from "./kv-serve.ts";
import { sourceOf } from "./program.ts";

/** What is to be done with which folder. */
export type FolderRequest =
  | { readonly verb: "backup" | "restore"; readonly from: string; readonly to: string }
  | {
      readonly verb: "verify";
      readonly from: string;
      /** The cluster that its batches were signed for. */
      readonly cluster: string;
      readonly format: "text" | "json";
    };

/** Copies a folder, or checks it. */
export async function kvFolder(request: FolderRequest, host: Host): Promise<ExitCode> {
  try {
    if (request.verb === "verify") return await verify(request, host);
    const { from, to, verb } = request;
    const { name, files, bytes } = await copyFolder(from, to);
    const said = verb === "backup" ? "copied to" : "restored to";
    host.stdout.write(`node ${name}: ${files} files, ${bytes} bytes, ${said} ${to}\n`);
    return exitCodes.ok;
  } catch (error) {
    if (!(error instanceof LogError) && !isDiskError(error)) throw error;
    throw new CommandError(exitCodes.problem, (error as Error).message);
  }
}

async function verify(
  { from, cluster, format }: Extract<FolderRequest, { verb: "verify" }>,
  host: Host,
): Promise<ExitCode> {
  const found = await verifyFolder(from, { cluster, ...storeProgram(host) });
  if (format === "json") host.stdout.write(`${JSON.stringify(found, undefined, 2)}\n`);
  else host.stdout.write(verifiedText(found));
  return found.wrong.length > 0 ? exitCodes.problem : exitCodes.ok;
}

function storeProgram(host: Host) {
  const { program, diagnostics } = nodeProgram(
    sourceOf(join(shippedPrograms, "kv.dl"), host),
    {},
    {},
  );
  if (program === undefined) throw new Error(diagnostics[0]?.message ?? "the store has no program");
  return { program: program.hash, schema: program.schema };
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
