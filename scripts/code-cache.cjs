"use strict";
// Writes dist/bin/main.cache: runs the bundle on a small program, in this process, and keeps the
// code that V8 compiled for it, the functions that were called included. Four bytes stand before
// it: the checksum of the bundle and of that code, by which the launcher knows that they belong
// together.
const { createRequire } = require("node:module");
const { readFileSync, rmSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { Script } = require("node:vm");
const { crc32 } = require("node:zlib");

const folder = join(__dirname, "../dist/bin");
const filename = join(folder, "main.bundle");
const launcher = join(folder, "calm.cjs");
const cache = join(folder, "main.cache");

rmSync(cache, { force: true });
const bundle = readFileSync(filename);
const script = new Script(bundle.latin1Slice(), { filename });
process.on("exit", (status) => {
  if (status !== 0) return;
  const code = script.createCachedData();
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32LE(crc32(code, crc32(bundle)));
  writeFileSync(cache, Buffer.concat([checksum, code]));
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
