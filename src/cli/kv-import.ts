// `calm kv import`: lines of JSON, each a pair with its value.
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";

import type { KvClient } from "../client/kv-client.ts";
import type { KvValue } from "../client/kv-values.ts";
import { CommandError, type ExitCode, exitCodes } from "./exit.ts";
import type { Host } from "./host.ts";

/** Puts that wait for their answers at a time. */
const inFlight = 32;

/** Puts the pairs of a file (`-`, or none: standard input); siblings are put beside their winner. A
 * line that is wrong stops it; what came before is put. */
export async function kvImport(
  file: string | undefined,
  client: KvClient,
  host: Host,
): Promise<ExitCode> {
  const standard = file === undefined || file === "-";
  const input = standard ? Readable.from(host.stdin()) : createReadStream(file);
  const going = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  let line = 0;
  let pairs = 0;
  try {
    for await (const text of createInterface({ input, crlfDelay: Infinity })) {
      line++;
      if (text.trim() === "") continue;
      const puts = putsOf(text, `${standard ? "<stdin>" : file}:${line}`);
      const done = puts(client)
        .then(() => {
          pairs++;
        })
        .catch((error: unknown) => {
          failure ??= { error };
        })
        .finally(() => going.delete(done));
      going.add(done);
      if (going.size >= inFlight) await Promise.race(going);
      if (failure !== undefined) break;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new CommandError(exitCodes.usage, `cannot read "${file}": there is no such file`);
  } finally {
    await Promise.all(going);
  }
  if (failure !== undefined) throw failure.error;
  host.stderr.write(`calm: ${pairs} pairs\n`);
  return exitCodes.ok;
}

/** Returns what puts the values of one line. */
function putsOf(text: string, place: string): (client: KvClient) => Promise<void> {
  const wrong = (why: string): CommandError =>
    new CommandError(
      exitCodes.problem,
      `${place}: ${why}`,
      'a line is {"k1": …, "k2": …} with "text", "json" or "base64", and may have a "type"',
    );
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    throw wrong("this is no JSON");
  }
  const { k1, k2, siblings = [], ...winner } = (said ?? {}) as Record<string, unknown>;
  if (typeof k1 !== "string" || typeof k2 !== "string") throw wrong("it has no k1 and k2");
  if (!Array.isArray(siblings)) throw wrong("siblings are an array");
  const values = [winner, ...(siblings as unknown[])].map((one) => {
    const { type, text: plain, json, base64 } = (one ?? {}) as Record<string, unknown>;
    const typed = typeof type === "string" ? { type } : {};
    if (typeof plain === "string") return { value: plain, typed };
    if (typeof base64 === "string") return { value: Buffer.from(base64, "base64"), typed };
    if (json === undefined) throw wrong("it has no value");
    return { value: { json }, typed };
  });
  return async (client) => {
    // The winner goes last: of values that one node has put, the last one wins.
    for (const [at, { value, typed }] of values.toReversed().entries())
      await client.put(k1, k2, value, { ...typed, ...(at > 0 && { replaces: "none" }) });
  };
}

/** Returns bytes as a text, if they are one. */
export function valueOf(bytes: Uint8Array): KvValue {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return bytes;
  }
}
