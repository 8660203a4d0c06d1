// The command as one file, for tests that start many processes: from its source each would take
// seconds to start on a busy machine.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";

import { project } from "../programs/folder.ts";

/** Starts the command as the launcher does (scripts/launcher.cjs), without a cache of its code. */
const launcher = `
const { servedInThread } = require("./server-thread.cjs");
if (!servedInThread(__filename, process.argv.slice(2))) require("./main.cjs");
`;

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
  writeFileSync(outfile, launcher);
  buildSync({
    ...{ absWorkingDir: project, entryPoints: ["src/cli/bin.ts"], bundle: true },
    ...{ platform: "node", target: "node20", format: "cjs", logLevel: "error" },
    outfile: join(folder, "main.cjs"),
    external: ["node-sqlite3-wasm", "lmdb"],
    supported: { "dynamic-import": false },
    define: { "import.meta.dirname": "__dirname" },
  });
  for (const name of ["worker-thread", "server-thread"])
    buildSync({
      ...{ absWorkingDir: project, entryPoints: [`src/cli/${name}.ts`], bundle: true },
      ...{ platform: "node", target: "node20", format: "cjs", logLevel: "error" },
      outfile: join(folder, `${name}.cjs`),
    });
  return outfile;
}
