import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { compile } from "../../src/compile.ts";
import { Database } from "../../src/engine/database.ts";
import { Heap } from "../../src/engine/heap.ts";
import { LimitFault } from "../../src/engine/limit.ts";
import { Memory } from "../../src/engine/memory.ts";

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

  it("refuses what is above its limit, and counts nothing for it", () => {
    const memory = new Memory();
    const array = memory.array(large);
    memory.bytesMax = 4 * (large + 100);
    expect(() => memory.array(200)).to.throw(LimitFault, "the limit of memory");
    expect(() => memory.grown(array, 2 * large)).to.throw(LimitFault, "the limit of memory");
    expect(memory.bytes).to.equal(4 * large);
  });

  it("is there for thousands of databases at a time", () => {
    const { plan } = compile(".decl a(x: number)").compiled!;
    const databases = Array.from({ length: 3000 }, () => new Database(plan));
    for (const { memory } of databases.slice(0, 200)) memory.array(large);
    expect(databases.filter(({ memory }) => memory.bytes > large).length).to.equal(200);
  });
});
