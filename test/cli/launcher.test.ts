import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";

import { project } from "../programs/folder.ts";

/** A bundle that says which command line it has, and ends with the status that it is asked for. */
const bundle = `(function (exports, require, module, __filename, __dirname, calmImport) {
  console.log(process.argv.slice(2).join(" "));
  process.exitCode = Number(process.argv[3] ?? 0);
})`;

describe("the launcher", () => {
  const folder = mkdtempSync(join(tmpdir(), "calm-launcher-"));
  const cacheOf = (name: string): string => `${name}.${process.version}-${process.arch}.cache`;
  const caches = (): string[] => readdirSync(folder).filter((name) => /\.cache/.test(name));

  function launched(...args: readonly string[]) {
    const command = [join(folder, "launcher.cjs"), ...args];
    return spawnSync(process.execPath, command, { encoding: "utf8" });
  }

  before(() => {
    buildSync({
      ...{ absWorkingDir: project, outdir: folder, outExtension: { ".js": ".cjs" } },
      ...{ entryPoints: ["scripts/launcher.cjs", "scripts/leave-code-cache.cjs"] },
      ...{ platform: "node", define: { calmVersion: '"1.2.3"' } },
    });
    for (const name of ["run", "main"]) writeFileSync(join(folder, `${name}.bundle`), bundle);
  });
  beforeEach(() => {
    for (const name of caches()) rmSync(join(folder, name));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it("starts the bundle of the command, and leaves its code for the next start", () => {
    expect(launched("run", "0").stdout).to.equal("run 0\n");
    expect(caches()).to.deep.equal([cacheOf("run")]);
    const left = readFileSync(join(folder, cacheOf("run")));
    expect(launched("run", "0").stdout).to.equal("run 0\n");
    expect(readFileSync(join(folder, cacheOf("run"))).equals(left)).to.equal(true);
    expect(launched("check").stdout).to.equal("check\n");
    expect(caches()).to.deep.equal([cacheOf("main"), cacheOf("run")]);
  });

  it("takes no code that is not of its bundle, and replaces it", () => {
    launched("run", "0");
    const path = join(folder, cacheOf("run"));
    const left = readFileSync(path);
    for (const wrong of [Buffer.alloc(0), left.subarray(0, 99), left.map((byte) => byte ^ 1)]) {
      writeFileSync(path, wrong);
      const { stdout, status } = launched("run", "0");
      expect([stdout, status]).to.deep.equal(["run 0\n", 0]);
      expect(readFileSync(path).equals(wrong)).to.equal(false);
    }
    const other = bundle.replace("slice(2)", "slice(3)");
    writeFileSync(join(folder, "run.bundle"), other);
    expect(launched("run", "0").stdout).to.equal("0\n");
    writeFileSync(join(folder, "run.bundle"), bundle);
  });

  it("has V8 optimise less by flags that this version knows", () => {
    launched("run", "0");
    // V8 says on stderr which flags it does not know.
    expect(launched("run", "0").stderr).to.equal("");
  });

  it("leaves nothing of a command that fails, and answers --version without a bundle", () => {
    expect(launched("run", "1").status).to.equal(1);
    expect(launched("--version").stdout).to.equal("1.2.3\n");
    expect(caches()).to.deep.equal([]);
  });
});
