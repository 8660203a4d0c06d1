// The command as one file, for tests that start many processes: from its source each would take
// seconds to start on a busy machine.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";

import { project } from "../programs/folder.ts";

let built: string | undefined;

/** Returns the file to run, built from the source when it is asked for first; it is gone when this
 * process ends. */
export function builtCommand(): string {
  built ??= build();
  return built;
}

function build(): string {
  const dist = join(project, "dist");
  mkdirSync(dist, { recursive: true });
  const folder = mkdtempSync(join(dist, "test-"));
  process.once("exit", () => {
    rmSync(folder, { recursive: true, force: true });
  });
  const outfile = join(folder, "calm.cjs");
  buildSync({
    ...{ absWorkingDir: project, entryPoints: ["src/cli/bin.ts"], outfile, bundle: true },
    ...{ platform: "node", target: "node20", format: "cjs", logLevel: "error" },
    external: ["node-sqlite3-wasm", "lmdb"],
    supported: { "dynamic-import": false },
    define: { "import.meta.dirname": "__dirname" },
  });
  buildSync({
    ...{ absWorkingDir: project, entryPoints: ["src/cli/worker-thread.ts"], bundle: true },
    ...{ platform: "node", target: "node20", format: "cjs", logLevel: "error" },
    outfile: join(folder, "worker-thread.cjs"),
  });
  return outfile;
}
