// `calm kv serve`: a node of the store, as a process, or several for trying it out.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { storeApplication } from "../server/kv/application.ts";
import { storeRelations } from "../server/kv/relations.ts";
import type { GivenSettings } from "../server/node-settings.ts";
import type { Implementations } from "../value/user-functor.ts";
import { CommandError, type ExitCode, exitCodes } from "./exit.ts";
import type { Host } from "./host.ts";
import { serveCluster } from "./kv-cluster.ts";
import type { KvServeOptions } from "./kv-serve-options.ts";
import { node, type NodeOptions, settingsOf } from "./node.ts";

/** The folder of the programs that are shipped: as far from here as from the bundle. */
export const shippedPrograms = join(import.meta.dirname, "../../programs");

/** Serves the store until it is told to stop, or cannot go on. */
export async function kvServe(
  options: KvServeOptions,
  functors: Implementations,
  host: Host,
  version: string,
): Promise<ExitCode> {
  const { nodes = 1, ephemeral = false } = options;
  const shipped = set(options, host, "ordered") ? "kv-conditional.dl" : "kv.dl";
  const { program = join(shippedPrograms, shipped) } = options;
  const { includeDir, gcInterval } = options;
  if (ephemeral && set(options, host, "data"))
    throw new CommandError(
      exitCodes.usage,
      "--ephemeral keeps nothing, and --data says where to keep it: give one of them",
    );
  if (nodes > 1 && options.printConfig !== true)
    return serveCluster({ ...options, nodes, ephemeral }, usualOf(options, host), host);
  // What a node that keeps nothing has in a folder is its keys.
  const folder = ephemeral ? mkdtempSync(join(tmpdir(), "calm-kv-")) : undefined;
  try {
    const served: NodeOptions = {
      ...options,
      // A program of one's own says `#include "kv.dl"`.
      includeDir: [...includeDir, shippedPrograms],
      usual: { ...usualOf(options, host), ...(folder !== undefined && { data: folder }) },
      application: (compiled) => {
        const { relations, wrong } = storeRelations(compiled);
        if (relations === undefined) return { wrong };
        const often = gcInterval === undefined ? {} : { gcIntervalMs: gcInterval };
        const ordered = compiled.ordered !== undefined;
        return { application: storeApplication(relations, { ...often, ordered }) };
      },
    };
    return await node(program, served, functors, host, version);
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}

/** What holds for the store where nothing is set. */
function usualOf(options: KvServeOptions, host: Host): GivenSettings {
  const usual = { id: "a", listen: "127.0.0.1:8080" };
  const id = settingsOf({ ...options, usual }, host).found.get("id")?.value;
  return { ...usual, data: join("calm-data", String(id)) };
}

function set(options: KvServeOptions, host: Host, key: string): boolean {
  return settingsOf(options, host).found.has(key);
}
