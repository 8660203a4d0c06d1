#!/usr/bin/env node
"use strict";
// The `calm` command. It starts a bundle beside it from V8's code cache, where there is one of this
// version of Node that belongs to it; where there is none it compiles the bundle, and leaves a cache
// for the next start.
// `calm run` has a bundle of its own, which is a third of that of all commands.
// What serves is run by this file again, in a thread (server-thread.cjs).
// `--version` alone is answered here: loading anything would take longer than the answer.
if (process.argv.length === 3 && /^(--version|-V)$/.test(process.argv[2])) {
  process.stdout.write(`${calmVersion}\n`);
} else if (!/^(node|kv)$/.test(process.argv[2]) || !servedInThread()) {
  const { readFileSync } = require("node:fs");
  const { Script } = require("node:vm");
  const name = process.argv[2] === "run" ? "run" : "main";
  const filename = `${__dirname}/${name}.bundle`;
  const cache = `${__dirname}/${name}.${process.version}-${process.arch}.cache`;
  const bundle = readFileSync(filename);
  const cachedData = codeCache(cache, bundle);
  // The bundle is ASCII, which "latin1" reads without decoding.
  const script = new Script(bundle.latin1Slice(), { filename, cachedData });
  if (cachedData === undefined) {
    const { leaveCodeCache } = require("./leave-code-cache.cjs");
    process.once("exit", (status) => {
      if (status === 0) leaveCodeCache(cache, bundle, script);
    });
  }
  // Flags are set once the cache is taken, which only fits those that it was made with.
  else if (name === "run") setFlags();
  const calmImport = (url) => import(url);
  script.runInThisContext()(exports, require, module, __filename, __dirname, calmImport);
}

function servedInThread() {
  return require("./server-thread.cjs").servedInThread(__filename, process.argv.slice(2));
}

// V8 refuses a cache that another version or other flags made, but it compares no more than the
// length of the source and trusts the rest: a stale or damaged cache would crash the process.
// So the file begins with a checksum of the bundle and of the cache (leave-code-cache.cjs).
function codeCache(path, bundle) {
  const { readFileSync } = require("node:fs");
  const { crc32 } = require("node:zlib");
  try {
    const file = readFileSync(path);
    const code = file.subarray(4);
    return file.readUInt32LE(0) === crc32(code, crc32(bundle)) ? code : undefined;
  } catch {
    return undefined;
  }
}

// Most runs end before what V8 optimises for them on a second thread has paid: what it inlines into
// what it optimises, and loops that it writes twice, cost more than all they save. Where much is read
// it is to do so again (src/cli/reading-much.ts). Node 20 also optimises a function after a few runs;
// later versions wait by themselves. Versions that are not named here may not know these flags, and
// would say so.
function setFlags() {
  const { setFlagsFromString } = require("node:v8");
  const [version] = process.version.split(".", 1);
  if (!["v20", "v22", "v24"].includes(version)) return;
  setFlagsFromString("--max-inlined-bytecode-size-cumulative=50");
  setFlagsFromString("--no-turbo-loop-peeling");
  if (version === "v20") setFlagsFromString("--interrupt-budget=200000");
}
