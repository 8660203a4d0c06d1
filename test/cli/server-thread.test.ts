import { expect } from "chai";
import { Command } from "commander";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { buildSync } from "esbuild";

import { nodeCommands } from "../../src/cli/node-commands.ts";
import { semiSpaceMb, serves } from "../../src/cli/server-thread.ts";
import { project } from "../programs/folder.ts";

describe("commands that serve", () => {
  const folder = mkdtempSync(join(tmpdir(), "calm-server-thread-"));

  before(() => {
    buildSync({
      ...{ absWorkingDir: project, entryPoints: ["src/cli/server-thread.ts"], bundle: true },
      ...{ platform: "node", target: "node20", format: "cjs", logLevel: "error" },
      outfile: join(folder, "server-thread.cjs"),
    });
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  /** Starts a script as the launcher does, with what it is to do as a server. */
  function started(body: string, argv: readonly string[] = ["node", "a.dl"]) {
    const script = join(folder, "calm.cjs");
    const begin = `const { servedInThread } = require("./server-thread.cjs");
const threads = require("node:worker_threads");
if (!servedInThread(__filename, process.argv.slice(2))) {${body}}`;
    writeFileSync(script, begin);
    const child = spawn(process.execPath, [script, ...argv], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const lines = createInterface({ input: child.stdout });
    const said: string[] = [];
    lines.on("line", (line) => said.push(line));
    let wrong = "";
    child.stderr.on("data", (chunk: Buffer) => (wrong += chunk.toString()));
    const ended = once(child, "close").then(([code, signal]: (number | string | null)[]) => {
      return { code, signal, said, wrong };
    });
    return { child, ended, line: () => once(lines, "line") };
  }

  it("run in a thread that has a larger young generation, and the process's other bounds", async () => {
    const { ended } = started(`
      const { maxYoungGenerationSizeMb, maxOldGenerationSizeMb } = threads.resourceLimits;
      const { heap_size_limit } = require("node:v8").getHeapStatistics();
      const old = maxOldGenerationSizeMb * 2 ** 20 <= heap_size_limit;
      console.log(threads.isMainThread, maxYoungGenerationSizeMb, old, process.argv.slice(2));
      process.exitCode = 3;`);
    const { code, said } = await ended;
    expect(said).to.deep.equal([`false ${3 * semiSpaceMb} true [ 'node', 'a.dl' ]`]);
    expect(code).to.equal(3);
  });

  it("others run in the process itself", async () => {
    const { ended } = started("console.log(threads.isMainThread);", ["node", "status"]);
    expect((await ended).said).to.deep.equal(["true"]);
  });

  it("are told of signals, and end by those that they do not listen to", async () => {
    const body = `
      const wait = setInterval(() => {}, 60_000);
      process.on("SIGTERM", (signal) => {
        console.log(signal);
        clearInterval(wait);
      });
      console.log("listens");`;
    const orderly = started(body);
    await orderly.line();
    orderly.child.kill("SIGTERM");
    expect(await orderly.ended).to.include({ code: 0, signal: null });
    expect((await orderly.ended).said).to.deep.equal(["listens", "SIGTERM"]);
    const other = started(body);
    await other.line();
    other.child.kill("SIGHUP");
    expect(await other.ended).to.include({ code: null, signal: "SIGHUP" });
  });

  it("end at the second signal where they are too busy to hear the first one", async () => {
    // It says so without the process, which writes for it as long as it is not busy.
    const busy = started(`
      require("node:fs").writeSync(1, "busy\\n");
      for (;;);`);
    await busy.line();
    const again = setInterval(() => busy.child.kill("SIGINT"), 20);
    expect(await busy.ended).to.include({ code: null, signal: "SIGINT" });
    clearInterval(again);
  });

  it("say what they fail of, and fail", async () => {
    const { code, wrong } = await started(`throw new Error("it is so");`).ended;
    expect(code).to.equal(1);
    expect(wrong).to.include("it is so");
    const { ended } = started("process.exit(5);");
    expect((await ended).code).to.equal(5);
  });

  it("are `calm node` with a program, and `calm kv serve --ordered`", () => {
    for (const line of ["node a.dl", "node --config a.json a.dl", "kv serve --ordered --nodes 3"])
      expect(serves(line.split(" ")), line).to.equal(true);
    for (const line of [
      ...["run a.dl", "node", "node --help", "node a.dl --print-config", "node seal --all"],
      ...["node status", "kv", "kv get a b", "kv serve", "kv serve --help", "check a.dl"],
    ])
      expect(serves(line.split(" ")), line).to.equal(false);
  });

  it("are none of the commands that ask a node", () => {
    const node = new Command("node");
    const none = () => Promise.resolve();
    nodeCommands(node, { node: none, admin: none, members: none, seal: none });
    expect(node.commands).to.not.be.empty;
    for (const command of node.commands)
      expect(serves(["node", command.name(), "a"]), command.name()).to.equal(false);
  });
});
