"use strict";
// Writes the code that V8 has compiled of a bundle, the functions that were called included, for
// the launcher. Four bytes stand before it: the checksum of the bundle and of that code, by which
// the launcher knows that they belong together.
const { renameSync, rmSync, writeFileSync } = require("node:fs");
const { crc32 } = require("node:zlib");

/** Writes the cache, whole or not at all. A folder that takes none is no mistake: the next start
 * compiles once more. */
exports.leaveCodeCache = (path, bundle, script) => {
  const part = `${path}.${process.pid}`;
  try {
    const code = script.createCachedData();
    const checksum = Buffer.alloc(4);
    checksum.writeUInt32LE(crc32(code, crc32(bundle)));
    writeFileSync(part, Buffer.concat([checksum, code]));
    renameSync(part, path);
  } catch {
    rmSync(part, { force: true });
  }
};
