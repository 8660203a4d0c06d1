"use strict";
// Writes dist/bin/NAME.cache: runs NAME.bundle on small programs, in this process, and keeps the
// code that V8 compiled for it, the functions that were called included. Four bytes stand before
// it: the checksum of the bundle and of that code, by which the launcher knows that they belong
// together.
const { createRequire } = require("node:module");
const { mkdtempSync, readFileSync, rmSync, writeFileSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { Script } = require("node:vm");
const { crc32 } = require("node:zlib");

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
  const code = script.createCachedData();
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32LE(crc32(code, crc32(bundle)));
  writeFileSync(join(folder, `${name}.cache`), Buffer.concat([checksum, code]));
});
