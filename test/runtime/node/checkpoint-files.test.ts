import { crc32 } from "node:zlib";

import { expect } from "chai";

import { random } from "../../../src/base/random.ts";
import type { Checkpoint } from "../../../src/calvin/checkpoint.ts";
import { readReplicaState, replicaStateBytes } from "../../../src/runtime/checkpoint-bytes.ts";
import { WireError } from "../../../src/runtime/bytes.ts";
import {
  installCheckpoint,
  newestCheckpoint,
  newestCheckpointBytes,
  writeCheckpoint,
} from "../../../src/runtime/node/checkpoint-files.ts";
import { checkpointFrames, CheckpointReader } from "../../../src/runtime/node/checkpoint-frames.ts";
import { OrderedLogError } from "../../../src/runtime/ordered-log-error.ts";
import { randomCheckpoint } from "../../support/checkpoints.ts";
import { type Remains, SimulatedDisk, systemError } from "../../support/simulated-disk.ts";

const of = { program: "p1", partition: 0, partitions: 2, record: "abc" };
const remains: readonly Remains[] = ["nothing", "half", "zeros", "all"];

function bytesOf(checkpoint: Checkpoint): Uint8Array {
  return Buffer.concat([...checkpointFrames(of, checkpoint)]);
}

function read(bytes: Uint8Array, piece = bytes.length): ReturnType<CheckpointReader["finish"]> {
  const reader = new CheckpointReader();
  for (let at = 0; at < bytes.length; at += piece) reader.push(bytes.subarray(at, at + piece));
  return reader.finish();
}

/** The bytes of a checkpoint whose state, its second frame, has another format. */
function stateOfFormat(format: number, bytes: Uint8Array): Uint8Array {
  const [magicBytes, headBytes] = [8, 9];
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const at = magicBytes + headBytes + view.getUint32(magicBytes, true);
  const payload = bytes.subarray(at + headBytes, at + headBytes + view.getUint32(at, true));
  payload[0] = format;
  const place = Buffer.of(1, 0, 0, 0, bytes[at + 8] ?? 0);
  view.setUint32(at + 4, crc32(payload, crc32(place)), true);
  return bytes;
}

async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).to.be.instanceOf(OrderedLogError);
  return (error as OrderedLogError).code;
}

describe("the bytes of a checkpoint", () => {
  it("are read as what was written, in pieces of any length", () => {
    for (let seed = 1; seed <= 60; seed++) {
      const checkpoint = randomCheckpoint(seed, seed, seed === 60 ? 20_000 : 40);
      const bytes = bytesOf(checkpoint);
      const found = read(bytes, seed % 3 === 0 ? 7 * seed : undefined);
      expect(found.state, `seed ${seed}`).to.deep.equal(checkpoint.state);
      expect(found.versions).to.deep.equal(checkpoint.versions);
      expect(found.manifest).to.include({ ...of, epoch: seed, hash: checkpoint.state.hash });
    }
  });

  it("are refused wherever a bit is another one, they end early, or go on", () => {
    const bytes = bytesOf(randomCheckpoint(3));
    const damages: Uint8Array[] = [Buffer.concat([bytes, Buffer.of(0)])];
    for (let at = 0; at < bytes.length; at++) {
      damages.push(bytes.subarray(0, at));
      const other = Uint8Array.from(bytes);
      other[at] = (other[at] ?? 0) ^ (1 << (at % 8));
      damages.push(other);
    }
    for (const damage of damages)
      expect(() => read(damage))
        .to.throw(OrderedLogError)
        .with.property("code", "damaged");
  });

  it("of a state are a state or refused, whatever they are", () => {
    const chance = random(9);
    for (let step = 0; step < 2_000; step++) {
      const bytes = replicaStateBytes(randomCheckpoint(1 + (step % 50)).state);
      const count = 1 + chance.below(3);
      for (let at = 0; at < count; at++) bytes[chance.below(bytes.length)] = chance.below(256);
      try {
        readReplicaState(bytes.subarray(0, bytes.length - chance.below(2)));
      } catch (error) {
        // The first byte may be that of another format.
        if (error instanceof OrderedLogError) expect(error.code).to.equal("unknown-format");
        else expect(error).to.be.instanceOf(WireError);
      }
    }
  });
});

describe("checkpoints in a folder", () => {
  it("are there as a whole or not at all, wherever the machine stops", async () => {
    const [before, after] = [randomCheckpoint(4, 10), randomCheckpoint(5, 20)];
    for (let budget = 1; ; budget++) {
      const disk = new SimulatedDisk();
      await writeCheckpoint("c", of, before, disk.machine());
      disk.budget = budget;
      const stopped = disk.stopped();
      const told = { written: false };
      const written = writeCheckpoint("c", of, after, disk.machine()).then(
        () => (told.written = true),
      );
      await Promise.race([written, stopped]);
      const ended = disk.budget > 0;
      disk.crash(remains[budget % remains.length] ?? "all");
      const { checkpoint, skipped } = await newestCheckpoint("c", of, disk.machine());
      expect(skipped, `budget ${budget}`).to.deep.equal([]);
      const epoch = checkpoint?.state.epoch ?? 0;
      expect(epoch).to.be.oneOf(told.written ? [20] : [10, 20]);
      expect(checkpoint?.versions).to.deep.equal((epoch === 20 ? after : before).versions);
      if (ended) {
        expect(told.written).to.equal(true);
        break;
      }
    }
  });

  it("are skipped where they are damaged: the one before is taken", async () => {
    const disk = new SimulatedDisk();
    for (const epoch of [10, 20, 30])
      await writeCheckpoint("c", of, randomCheckpoint(epoch, epoch), disk.machine());
    expect(disk.paths, "two are kept").to.deep.equal(["c/checkpoint-20", "c/checkpoint-30"]);
    disk.damage("c/checkpoint-30", (bytes) => bytes.subarray(0, bytes.length - 1));
    const found = await newestCheckpoint("c", of, disk.machine());
    expect(found.checkpoint?.state.epoch).to.equal(20);
    expect(found.skipped.map(({ path }) => path)).to.deep.equal(["c/checkpoint-30"]);
    disk.damage("c/checkpoint-20", () => new Uint8Array());
    const none = await newestCheckpoint("c", of, disk.machine());
    expect(none.checkpoint).to.equal(undefined);
    expect(none.skipped.length).to.equal(2);
  });

  it("are refused to another program or partition, and to an earlier version", async () => {
    const disk = new SimulatedDisk();
    await writeCheckpoint("c", of, randomCheckpoint(1), disk.machine());
    for (const other of [{ program: "p2" }, { partition: 1 }, { partitions: 3 }])
      expect(await codeOf(newestCheckpoint("c", { ...of, ...other }, disk.machine()))).to.equal(
        "other-program",
      );
    const later = { ...of, format: 2 };
    await writeCheckpoint("c", later, randomCheckpoint(2, 50), disk.machine());
    const opened = newestCheckpoint("c", of, disk.machine());
    expect(await codeOf(opened), "no older one is taken in its place").to.equal("unknown-format");
  });

  it("are refused, and not skipped as damaged, where an earlier version wrote their state", async () => {
    const disk = new SimulatedDisk();
    await writeCheckpoint("c", of, randomCheckpoint(1, 10), disk.machine());
    await writeCheckpoint("c", of, randomCheckpoint(2, 20), disk.machine());
    disk.damage("c/checkpoint-20", (bytes) => stateOfFormat(1, bytes));
    const opened = newestCheckpoint("c", of, disk.machine());
    expect(await codeOf(opened)).to.equal("unknown-format");
    await opened.catch((error: unknown) => {
      expect(String(error)).to.include("an earlier version of calmdb wrote it; remove");
    });
  });

  it("are those that were there where the disk is full or fails", async () => {
    for (const operation of ["create", "write", "sync", "rename"])
      for (const [error, code] of [
        ["ENOSPC", "disk-full"],
        ["EIO", "disk-failed"],
      ] as const) {
        const disk = new SimulatedDisk();
        await writeCheckpoint("c", of, randomCheckpoint(1, 10), disk.machine());
        disk.before = (at) => {
          if (at === operation) throw systemError(error);
        };
        const written = writeCheckpoint("c", of, randomCheckpoint(2, 20), disk.machine());
        expect(await codeOf(written), operation).to.equal(code);
        disk.before = () => undefined;
        expect(disk.paths).to.deep.equal(["c/checkpoint-10"]);
        const { checkpoint } = await newestCheckpoint("c", of, disk.machine());
        expect(checkpoint?.state.epoch).to.equal(10);
      }
  });

  it("go to another replica, which reads them before it takes them", async () => {
    const [here, there] = [new SimulatedDisk(), new SimulatedDisk()];
    expect(await newestCheckpointBytes("c", here.machine())).to.equal(undefined);
    const checkpoint = randomCheckpoint(7, 40, 3_000);
    await writeCheckpoint("c", of, checkpoint, here.machine());
    const sent = async () => {
      const found = await newestCheckpointBytes("c", here.machine());
      expect(found?.epoch).to.equal(40);
      return found?.bytes ?? (async function* () {})();
    };
    const loaded = await installCheckpoint("c", of, await sent(), there.machine());
    expect(loaded.versions).to.deep.equal(checkpoint.versions);
    expect((await newestCheckpoint("c", of, there.machine())).checkpoint).to.deep.equal(loaded);
    here.damage("c/checkpoint-40", (bytes) => bytes.fill(0, 100, 101));
    const other = new SimulatedDisk();
    expect(await codeOf(installCheckpoint("c", of, await sent(), other.machine()))).to.equal(
      "damaged",
    );
    expect(other.paths).to.deep.equal([]);
  });
});
