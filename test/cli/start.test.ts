import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

import { leanBundle } from "../../scripts/lean-bundle.mjs";
import { project } from "../programs/folder.ts";

/** Says in the end which of Node's own modules a process has loaded. */
const loadedModules = `process.once("exit", () => {
  require("node:fs").writeSync(1, process.moduleLoadList.join("\\n"));
});`;

describe("the start of a run", () => {
  let folder: string;
  before(async () => {
    const dist = join(project, "dist");
    mkdirSync(dist, { recursive: true });
    folder = mkdtempSync(join(dist, "test-start-"));
    await build({
      ...{ absWorkingDir: project, entryPoints: ["src/cli/bin-run.ts"], bundle: true },
      ...{ platform: "node", target: "node20", format: "cjs", logLevel: "error" },
      ...{ plugins: [leanBundle], external: ["node-sqlite3-wasm", "lmdb"] },
      supported: { "dynamic-import": false },
      define: { "import.meta.dirname": "__dirname" },
      outfile: join(folder, "run.cjs"),
    });
    writeFileSync(join(folder, "loaded.cjs"), loadedModules);
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it("loads none of Node's streams, terminals and sockets, also where it warns", () => {
    const program = join(folder, "warned.dl");
    writeFileSync(program, ".decl p(x: number)\np(1).\np(x) :- p(x), p(y).\n.printsize p\n");
    const preloaded = ["-r", join(folder, "loaded.cjs"), join(folder, "run.cjs")];
    const { stdout, stderr } = spawnSync(process.execPath, [...preloaded, "run", program], {
      encoding: "utf8",
    });
    expect(stderr).to.contain("var-appears-once");
    expect(stdout).to.match(/^p\t1$/m);
    const names = ["stream", "tty", "net", "zlib", "v8", "worker_threads", "child_process"];
    for (const name of names) expect(stdout.split("\n")).not.to.include(`NativeModule ${name}`);
  });
});
