// What versions of calmdb wrote is read by this one (test/fixtures has a folder for each); what a
// later one wrote is refused, and left as it is. `UPDATE=1` writes the folder of this version, where
// there is none; a folder that is there is never written again.
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { crc32 } from "node:zlib";

import { expect } from "chai";
import { open } from "lmdb";

import { batchText } from "../../src/calvin/record.ts";
import { FrameReader } from "../../src/runtime/frame-bytes.ts";
import { extractFolder } from "../../src/runtime/node/archived-folder.ts";
import { newestCheckpoint } from "../../src/runtime/node/checkpoint-files.ts";
import { copyFolder } from "../../src/runtime/node/copied-folder.ts";
import {
  type Introduction,
  mismatch,
  parseIntroduction,
  wireVersion,
} from "../../src/runtime/node/handshake.ts";
import { LmdbStorage } from "../../src/runtime/node/lmdb-storage.ts";
import { openFileLog } from "../../src/runtime/node/open-file-log.ts";
import { epochFormat } from "../../src/runtime/node/ordered-folder.ts";
import { textHash } from "../../src/runtime/node/record-hash.ts";
import { SegmentWriter } from "../../src/runtime/node/segment.ts";
import { verifyFolder } from "../../src/runtime/node/verified-folder.ts";
import { termedBytes } from "../../src/runtime/termed-bytes.ts";
import { BatchFolder } from "../../src/server/ordered/batch-folder.ts";
import {
  checkpoint,
  checkpointOf,
  epochs,
  factsSchema,
  frames,
  logParts,
  longBatch,
  openNodeLog,
  rowsKeys,
  rowsNote,
  versions,
  writeFormats,
} from "../support/format-files.ts";

const fixtures = fileURLToPath(new URL("../fixtures/", import.meta.url));
const packed = new URL("../../package.json", import.meta.url);
const { version } = JSON.parse(readFileSync(packed, "utf8")) as { version: string };
if (process.env["UPDATE"] === "1" && !existsSync(join(fixtures, version)))
  await writeFormats(join(fixtures, version));

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "calm-formats-"));
});

afterEach(() => rm(folder, { recursive: true }));

for (const written of readdirSync(fixtures))
  describe(`what version ${written} wrote`, () => {
    beforeEach(() => cp(join(fixtures, written), folder, { recursive: true }));

    it("is read: the log of a node, compacted and not, and its backup", async () => {
      const backup = [await readFile(join(folder, "backup.tar"))];
      await extractFolder(piecesOf(backup), join(folder, "restored"));
      for (const name of ["node", "restored"]) {
        const log = await openNodeLog(join(folder, name));
        await log.close();
        expect(log.records, name).to.deep.equal(logParts.flat());
        expect(log.repairs, name).to.deep.equal([]);
      }
    });

    it("is read: the ordered log, a checkpoint, and long batches", async () => {
      const log = await openFileLog(join(folder, "ordered"), { program: "p1" });
      expect(await log.read(1, 10)).to.deep.equal(epochs);
      await log.close();
      const found = await newestCheckpoint(join(folder, "checkpoints"), checkpointOf);
      expect(found.skipped).to.deep.equal([]);
      expect(found.checkpoint?.state).to.deep.equal(checkpoint.state);
      expect(found.checkpoint?.versions).to.deep.equal(versions);
      const batches = await BatchFolder.open(join(folder, "batches"));
      expect(batches.bodies.get(textHash(batchText(longBatch)))).to.deep.equal(longBatch);
    });

    it("is read: rows on disk", async () => {
      const rows = new LmdbStorage(join(folder, "rows"), { keys: rowsKeys });
      expect(rows.applied).to.deep.equal({ before: 4 * 2 ** 20, note: Uint8Array.from(rowsNote) });
      expect([...rows.versions(0)]).to.have.deep.members([...versions]);
      await rows.close();
    });

    it("is read, or is told that it is of another version: frames", async () => {
      const [said, ...lines] = (await readFile(join(folder, "frames.txt"), "utf8"))
        .trim()
        .split("\n");
      if (Number(said) === wireVersion) {
        const reader = new FrameReader(factsSchema);
        const read = lines.map((line) => reader.read(Buffer.from(line, "hex")));
        expect(read).to.deep.equal(frames);
      } else expect(refusalOf(Number(said))).to.equal("other-version");
    });
  });

describe("what a later version wrote", () => {
  beforeEach(() => cp(join(fixtures, version), folder, { recursive: true }));

  const changed = async (path: string, change: (bytes: Buffer) => Buffer): Promise<void> => {
    const file = join(folder, path);
    await writeFile(file, change(await readFile(file)));
  };

  /** Expects that opening refuses for that reason, and changes no file of the folder. */
  const refused = async (name: string, opening: (path: string) => unknown): Promise<void> => {
    const path = join(folder, name);
    const before = await filesOf(path);
    const error = await Promise.resolve(path)
      .then(opening)
      .then(
        () => expect.fail("it was opened"),
        (thrown: unknown) => thrown,
      );
    expect(error).to.include({ code: "unknown-format" });
    expect(String(error)).to.include("known is");
    expect(String(error)).to.include("a later version of calmdb wrote it; start that one");
    expect(await filesOf(path)).to.deep.equal(before);
  };
  const raised = (bytes: Buffer): Buffer =>
    Buffer.from(bytes.toString("latin1").replace(/"format": ?\d+/, '"format": 99'), "latin1");
  const renamed = (bytes: Buffer): Buffer =>
    Buffer.concat([bytes.subarray(0, 7), Buffer.from("9"), bytes.subarray(8)]);

  it("is refused: a node's folder, to start, copy, verify and restore it", async () => {
    await changed("node/node.json", raised);
    await refused("node", openNodeLog);
    await refused("node", (path) => copyFolder(path, join(folder, "copy")));
    const context = { program: "p1", cluster: "c", schema: factsSchema };
    await refused("node", (path) => verifyFolder(path, context));
    await changed("backup.tar", (bytes) => {
      const text = bytes.toString("latin1");
      return Buffer.from(text.replace('"format": 3,', '"format": 9,'), "latin1");
    });
    const bytes = [await readFile(join(folder, "backup.tar"))];
    await refused("node", () => extractFolder(piecesOf(bytes), join(folder, "restored")));
  });

  it("is refused: a segment of a node's log, which is no torn write", async () => {
    const tail = (await readdir(join(folder, "node"))).find((name) => name.startsWith("tail-"));
    await changed(join("node", tail ?? ""), renamed);
    await refused("node", openNodeLog);
    const context = { program: "p1", cluster: "c", schema: factsSchema };
    await refused("node", (path) => verifyFolder(path, context));
  });

  it("is refused: the ordered log, a segment of it, and a record", async () => {
    const opening = (path: string): unknown => openFileLog(path, { program: "p1" });
    const segment = join("ordered", "epochs-1");
    const before = await readFile(join(folder, segment));
    await changed(segment, renamed);
    await refused("ordered", opening);
    const newer = new SegmentWriter("epochs-1", {
      ...epochFormat("p1", 1 << 20),
      writer: () => ({ write: (termed) => Buffer.from(termedBytes(termed)).fill(99, 1, 2) }),
    });
    const [record] = epochs;
    const begin = newer.begin();
    const only = newer.record({ term: 1, record: record! }, 0);
    await changed(segment, () => Buffer.concat([begin, only]));
    await refused("ordered", opening);
    await changed(segment, () => before);
    await changed("ordered/log.json", raised);
    await refused("ordered", opening);
  });

  it("is refused: a checkpoint, and what it says of its partition", async () => {
    const opening = (path: string): unknown => newestCheckpoint(path, checkpointOf);
    const path = "checkpoints/checkpoint-3";
    const before = await readFile(join(folder, path));
    await changed(path, renamed);
    await refused("checkpoints", opening);
    for (const frame of [0, 1]) {
      await changed(path, () => reframed(before, frame));
      await refused("checkpoints", opening);
    }
  });

  it("is refused: rows on disk, and long batches", async () => {
    const root = open({ path: join(folder, "rows"), encoding: "binary", keyEncoding: "binary" });
    const meta = root.openDB({ name: "meta", encoding: "binary", keyEncoding: "binary" });
    meta.putSync(Buffer.from("format"), Buffer.from("99"));
    await root.close();
    let message = "";
    try {
      new LmdbStorage(join(folder, "rows"), { keys: rowsKeys });
    } catch (error) {
      message = String(error);
    }
    expect(message).to.include("a later version of calmdb wrote it");
    await writeFile(join(folder, "batches", "format"), "99\n");
    await refused("batches", (path) => BatchFolder.open(path));
  });

  it("is refused: what a peer says, which is told so", () => {
    expect(refusalOf(wireVersion + 1)).to.equal("other-version");
  });
});

function refusalOf(other: number): string | undefined {
  const nonce = "0".repeat(32);
  const own: Introduction = {
    ...{ version: wireVersion, cluster: "c", program: "p1", node: "n", incarnation: 1, nonce },
  };
  const said = parseIntroduction(JSON.stringify({ version: other, more: true }));
  return said && mismatch(own, said)?.reason;
}

/** A checkpoint one of whose frames says another format, with a checksum that fits. */
function reframed(bytes: Buffer, wanted: number): Buffer {
  const copy = Buffer.from(bytes);
  let at = 8;
  for (let number = 0; number < wanted; number++) at += 9 + copy.readUInt32LE(at);
  const payload = copy.subarray(at + 9, at + 9 + copy.readUInt32LE(at));
  if (wanted === 0) payload.write(payload.toString("latin1").replace(/"format":\d/, '"format":9'));
  else payload[0] = 99;
  const place = Buffer.alloc(5);
  place.writeUInt32LE(wanted, 0);
  place.writeUInt8(copy[at + 8] ?? 0, 4);
  copy.writeUInt32LE(crc32(payload, crc32(place)), at + 4);
  return copy;
}

async function filesOf(path: string): Promise<[string, string][]> {
  const names = (await readdir(path)).filter((name) => name !== "lock");
  return Promise.all(
    names.map(async (name): Promise<[string, string]> => [
      name,
      await readFile(join(path, name), "latin1"),
    ]),
  );
}

// eslint-disable-next-line @typescript-eslint/require-await -- as what is read from a disk
async function* piecesOf(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}
