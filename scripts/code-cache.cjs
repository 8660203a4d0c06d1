"use strict";
// Writes dist/bin/main.cache: runs the bundle on a small program, in this process, and keeps the
// code that V8 compiled for it, the functions that were called included.
const { createRequire } = require("node:module");
const { readFileSync, rmSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { Script } = require("node:vm");

const folder = join(__dirname, "../dist/bin");
const filename = join(folder, "main.bundle");
const launcher = join(folder, "calm.cjs");
const cache = join(folder, "main.cache");

rmSync(cache, { force: true });
const script = new Script(readFileSync(filename, "latin1"), { filename });
process.on("exit", (code) => {
  if (code === 0) writeFileSync(cache, script.createCachedData());
});
process.argv = [process.execPath, launcher, "run", join(__dirname, "startup.dl")];
const bundleModule = { exports: {} };
script.runInThisContext()(
  bundleModule.exports,
  createRequire(launcher),
  bundleModule,
  launcher,
  folder,
);
