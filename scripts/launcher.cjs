#!/usr/bin/env node
"use strict";
// The `calm` command. It starts the bundle beside it from V8's code cache, where there is one that
// this Node accepts, and compiles the bundle where there is none. The cache is only ever read.
// `--version` alone is answered here: loading anything would take longer than the answer.
if (process.argv.length === 3 && /^(--version|-V)$/.test(process.argv[2])) {
  process.stdout.write(`calm ${CALM_VERSION} (node ${process.version}, ${process.platform})\n`);
} else {
  const { readFileSync } = require("node:fs");
  const { Script } = require("node:vm");
  const filename = `${__dirname}/main.bundle`;
  let cachedData;
  try {
    cachedData = readFileSync(`${__dirname}/main.cache`);
  } catch {
    cachedData = undefined;
  }
  // The bundle is ASCII, which "latin1" reads without decoding.
  const script = new Script(readFileSync(filename, "latin1"), { filename, cachedData });
  script.runInThisContext()(exports, require, module, __filename, __dirname);
}
