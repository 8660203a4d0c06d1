import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { extractFolder } from "../../../src/runtime/node/archived-folder.ts";
import { LogError } from "../../../src/runtime/node/durable-log.ts";
import { readTar, type TarEntry, tarBytes, tarOf } from "../../../src/runtime/node/tar.ts";

/** A file of an archive, whose content comes in pieces. */
function fileOf(name: string, ...pieces: readonly string[]) {
  const parts = pieces.map((piece) => Buffer.from(piece));
  const bytes = parts.reduce((sum, part) => sum + part.length, 0);
  // eslint-disable-next-line @typescript-eslint/require-await -- as what is read from a disk
  const content = async function* () {
    yield* parts;
  };
  return { name, bytes, secret: name.endsWith(".pem"), content };
}

describe("an archive", () => {
  it("gives back the files that were put into it, whatever pieces it comes in", async () => {
    const files = [
      fileOf("key.pem", "secret"),
      fileOf("tail-1", "x".repeat(300), "y".repeat(724)),
      fileOf("empty"),
    ];
    const parts: Uint8Array[] = [];
    for await (const part of tarOf(files)) parts.push(part);
    const whole = Buffer.concat(parts);
    expect(whole).to.have.length(tarBytes(files));
    for (const size of [1, 511, 513, whole.length]) {
      // eslint-disable-next-line @typescript-eslint/require-await -- as what comes from a network
      const pieces = async function* () {
        for (let at = 0; at < whole.length; at += size) yield whole.subarray(at, at + size);
      };
      const found: [TarEntry, string][] = [];
      await readTar(pieces(), (entry) => {
        const said: [TarEntry, string] = [entry, ""];
        found.push(said);
        return Promise.resolve({
          write: (bytes) => {
            said[1] += Buffer.from(bytes).toString();
            return Promise.resolve();
          },
          end: () => Promise.resolve(),
        });
      });
      expect(found).to.deep.equal([
        [{ name: "key.pem", bytes: 6, secret: true }, "secret"],
        [{ name: "tail-1", bytes: 1024, secret: false }, "x".repeat(300) + "y".repeat(724)],
        [{ name: "empty", bytes: 0, secret: false }, ""],
      ]);
    }
  });

  it("puts nothing where no node has it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "calm-archive-"));
    try {
      for (const name of ["../evil", "/tmp/evil", "key.pem/x", "lock"]) {
        const to = join(folder, "to");
        const error = await extractFolder(tarOf([fileOf(name, "x")]), to).catch((e: unknown) => e);
        expect(error, name).to.be.instanceOf(LogError);
        expect((error as LogError).message).to.contain("none of a node");
        expect(existsSync(join(folder, "evil"))).to.equal(false);
        rmSync(to, { recursive: true });
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
