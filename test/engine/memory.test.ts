import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { compile } from "../../src/compile.ts";
import { Database } from "../../src/engine/database.ts";
import { Heap } from "../../src/engine/heap.ts";
import { LimitFault } from "../../src/engine/limit.ts";
import { Memory } from "../../src/engine/memory.ts";
import { Room } from "../../src/value/room.ts";

const seed = Number(process.env["SEED"] ?? 20261121);
const large = 1 << 17;

describe(`the memory of a database (SEED=${seed})`, () => {
  it("hands out arrays of zeros that do not overlap, and keeps what is in longer ones", () => {
    const next = random(seed);
    const heap = Heap.make()!;
    const held: { array: Int32Array; mark: number }[] = [];
    for (let step = 1; step <= 4000; step++) {
      const at = held.length === 0 ? 0 : next.below(held.length);
      const one = held[at];
      if (one === undefined || next.chance(0.45)) {
        const array = heap.array(1 + next.below(next.chance(0.1) ? 20_000 : 300))!;
        expect(array.every((word) => word === 0)).to.equal(true);
        held.push({ array: array.fill(step), mark: step });
      } else if (next.chance(0.3)) {
        const { length } = one.array;
        const longer = heap.lengthened(one.array, 2 * length);
        if (longer === undefined) continue;
        expect(longer.subarray(length).every((word) => word === 0)).to.equal(true);
        one.array = longer;
        longer.fill(one.mark, length);
      } else {
        expect(one.array.every((word) => word === one.mark)).to.equal(true);
        heap.free(one.array);
        held.splice(at, 1);
      }
    }
    for (const { array, mark } of held) expect(array.every((word) => word === mark)).to.equal(true);
  });

  it("takes no more when arrays double than what is left behind", () => {
    const heap = Heap.make()!;
    // More than a heap has in the beginning.
    const largest = 16 * large;
    for (let arrays = 0; arrays < 20; arrays++) {
      let array = heap.array(16)!;
      for (let length = 32; length <= largest; length *= 2) {
        const longer = heap.array(length)!;
        heap.free(array);
        array = longer;
      }
      heap.free(array);
    }
    expect(heap.memory.buffer.byteLength).to.be.at.most(4 * 4 * largest);
  });

  it("is plain while its arrays are small, and one heap from the first large one on", () => {
    const memory = new Memory();
    const small = memory.array(1000).fill(7);
    expect(memory.addressOf(small)).to.equal(undefined);
    const [first, second] = [memory.array(large), memory.array(1000)];
    expect(memory.addressOf(first)).to.be.above(0);
    expect(memory.addressOf(second)).to.be.above(0);
    const moved = memory.moved(small);
    expect(memory.addressOf(moved)).to.be.above(0);
    expect(moved).to.deep.equal(small);
    expect(moved).not.to.equal(small);
    expect(memory.moved(moved)).to.equal(moved);
    expect(memory.bytes).to.equal(4 * (large + 2000));
  });

  it("leaves what is released as it is until it is reclaimed", () => {
    const memory = new Memory();
    const old = memory.array(large).fill(7);
    // What comes after it keeps it from growing in its place.
    memory.array(100);
    const longer = memory.grown(old, 2 * large);
    expect(longer.subarray(0, large)).to.deep.equal(old);
    expect(memory.bytes).to.equal(4 * (2 * large + 100));
    const address = memory.addressOf(old);
    memory.array(large).fill(8);
    expect(old.every((word) => word === 7)).to.equal(true);
    memory.reclaim();
    const next = memory.array(large);
    expect(memory.addressOf(next)).to.equal(address);
    expect(next.every((word) => word === 0)).to.equal(true);
  });

  it("goes on with plain arrays where its heap is full, or there is none", () => {
    for (const pagesMax of [0, 16]) {
      const memory = new Memory(pagesMax);
      const arrays = [1, 2, 3, 4].map((mark) => memory.array(large).fill(mark));
      expect(memory.addressOf(arrays[0]!) !== undefined).to.equal(pagesMax > 0);
      expect(memory.addressOf(arrays[3]!)).to.equal(undefined);
      arrays[0] = memory.grown(arrays[0]!, 3 * large);
      for (const [at, array] of arrays.entries())
        expect(array.subarray(0, large).every((word) => word === at + 1)).to.equal(true);
      for (const array of arrays) memory.release(array);
      memory.reclaim();
      expect(memory.bytes).to.equal(0);
    }
  });

  it("has tables whose pages are all there, of numbers and of symbols", () => {
    const faults = (): number => process.resourceUsage().minorPageFault;
    const memory = new Memory();
    for (const table of [memory.table(1 << 21), new Room().table(1 << 21)]) {
      let words = 0;
      const before = faults();
      for (let at = 0; at < table.length; at += 512) words |= table[at]!;
      for (let at = 0; at < table.length; at += 512) table[at] = at;
      expect(words).to.equal(0);
      // Of 2,048 pages.
      expect(faults() - before).to.be.below(200);
    }
  });

  it("refuses what is above its limit, and counts nothing for it", () => {
    const memory = new Memory();
    const array = memory.array(large);
    memory.bytesMax = 4 * (large + 100);
    expect(() => memory.array(200)).to.throw(LimitFault, "the limit of memory");
    expect(() => memory.grown(array, 2 * large)).to.throw(LimitFault, "the limit of memory");
    expect(memory.bytes).to.equal(4 * large);
  });

  it("counts what is released in its heap until that is used again", () => {
    const memory = new Memory();
    memory.release(memory.array(10));
    expect(memory.releasedBytes, "no part of a heap").to.equal(0);
    const [first, second] = [memory.array(large), memory.array(100)];
    memory.release(first);
    memory.release(second);
    expect(memory.releasedBytes).to.equal(4 * (large + 100));
    expect(memory.bytes).to.equal(0);
    memory.reclaim();
    expect(memory.releasedBytes).to.equal(0);
  });

  it("hands out frames of its heap, the same one while it is long enough", () => {
    const memory = new Memory();
    const frame = memory.frame(3);
    expect(frame.length).to.equal(256);
    expect(memory.addressOf(frame), "there is no heap yet").to.equal(undefined);
    memory.array(large);
    const there = memory.frame(256);
    expect(memory.addressOf(there)).to.be.above(0);
    expect(memory.frame(200)).to.equal(there);
    expect(memory.frame(257).length).to.equal(257);
    expect(memory.bytes).to.equal(4 * (large + 257));
  });

  it("has its heap from arrays of 256 KiB on, where it is asked for, and for none of no length", () => {
    const memory = new Memory();
    expect(memory.addressOf(memory.array((1 << 16) - 1))).to.equal(undefined);
    expect(memory.addressOf(memory.array(1 << 16))).to.be.above(0);
    const asked = new Memory();
    const small = asked.array(8);
    expect(asked.shared).not.to.equal(undefined);
    expect(asked.addressOf(asked.array(8))).to.be.above(0);
    expect(asked.addressOf(asked.moved(small))).to.be.above(0);
    const none = asked.array(0);
    expect(asked.moved(none)).to.equal(none);
    const without = new Memory(0);
    expect(without.shared).to.equal(undefined);
    const plain = without.array(8);
    expect(without.moved(plain)).to.equal(plain);
  });

  it("says what the machine has not, and counts nothing for it", () => {
    const memory = new Memory(0);
    let error: unknown;
    try {
      memory.array(2 ** 42);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).to.be.instanceOf(LimitFault).and.to.include({ code: "out-of-memory" });
    expect((error as Error).message).to.include("16777216 MiB");
    expect(memory.bytes).to.equal(0);
  });

  it("takes just as much as its limit", () => {
    const memory = new Memory();
    memory.bytesMax = 4 * 100;
    expect(memory.array(100).length).to.equal(100);
    expect(() => memory.array(1)).to.throw(LimitFault);
  });

  it("is there for thousands of databases at a time", () => {
    const { plan } = compile(".decl a(x: number)").compiled!;
    const databases = Array.from({ length: 3000 }, () => new Database(plan));
    for (const { memory } of databases.slice(0, 200)) memory.array(large);
    expect(databases.filter(({ memory }) => memory.bytes > large).length).to.equal(200);
  });
});
