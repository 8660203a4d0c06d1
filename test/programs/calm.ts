import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { main } from "../../src/cli/main.ts";
import type { Host, Stream } from "../../src/cli/host.ts";

/** What a command line did. */
export type Outcome = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** Runs a command line in this process, with a text as standard input; the environment is empty and
 * the streams are no terminals, unless `around` says otherwise. */
export async function calm(
  argv: readonly string[],
  input = "",
  around: { readonly env?: Host["env"]; readonly terminal?: boolean } = {},
): Promise<Outcome> {
  const written = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
  const stream = (name: "stdout" | "stderr"): Stream => ({
    terminal: around.terminal ?? false,
    width: 100,
    // A chunk may be written over once it was taken.
    write: (chunk) => {
      written[name].push(typeof chunk === "string" ? Buffer.from(chunk) : Buffer.from(chunk));
    },
  });
  const host: Host = {
    env: around.env ?? {},
    stdout: stream("stdout"),
    stderr: stream("stderr"),
    stdin: () => [Buffer.from(input)],
    nowMs: () => performance.now(),
  };
  const code = await main(argv, host);
  const text = (name: "stdout" | "stderr"): string => Buffer.concat(written[name]).toString();
  return { code, stdout: text("stdout"), stderr: text("stderr") };
}

/** Calls `use` with a new folder, which is gone afterwards. */
export async function inFolder<T>(use: (folder: string) => T | Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "calm-"));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
