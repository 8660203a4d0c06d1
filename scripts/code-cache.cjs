"use strict";
// Writes the code cache of dist/bin/NAME.bundle for this version of Node, from a run on small
// programs: what the command itself leaves depends on what it was first asked.
const { createRequire } = require("node:module");
const { mkdtempSync, readFileSync, rmSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { Script } = require("node:vm");

const { leaveCodeCache } = require("./leave-code-cache.cjs");

const name = process.argv[2];
const folder = join(__dirname, "../dist/bin");
const filename = join(folder, `${name}.bundle`);
const launcher = join(folder, "calm.cjs");
const programs = join(__dirname, "../programs");

const bundle = readFileSync(filename);
const script = new Script(bundle.latin1Slice(), { filename });

/** What each bundle is run on. */
const commandLines = {
  run: (outputs) => [
    ["run", join(__dirname, "startup.dl")],
    ["run", join(programs, "10-points-to.dl"), "-F", programs, "-D", outputs],
    // What has much to do is made in WebAssembly, which these have not.
    ["run", join(__dirname, "startup.dl"), "--backend", "wasm"],
  ],
  main: () => [["check", "--level", "ordered", join(__dirname, "startup.dl")]],
};

async function warmedUp() {
  const outputs = mkdtempSync(join(tmpdir(), "calmdb-cache-"));
  try {
    for (const args of commandLines[name](outputs)) {
      process.argv = [process.execPath, launcher, ...args];
      const main = { exports: {} };
      script.runInThisContext()(main.exports, createRequire(launcher), main, launcher, folder);
      await main.exports.ended;
      if (process.exitCode !== 0) throw new Error(`\`calm ${args.join(" ")}\` fails`);
    }
  } finally {
    rmSync(outputs, { recursive: true });
  }
}

warmedUp().then(() => {
  const path = join(folder, `${name}.${process.version}-${process.arch}.cache`);
  leaveCodeCache(path, bundle, script);
});
