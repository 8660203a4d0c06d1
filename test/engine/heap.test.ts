import { expect } from "chai";

import { Heap } from "../../src/engine/heap.ts";

const pageBytes = 1 << 16;

describe("a heap", () => {
  it("hands out blocks of whole lines, one after the other, and none at address 0", () => {
    const heap = Heap.make()!;
    const offsets = [1, 17, 16, 5].map((length) => heap.array(length)!.byteOffset);
    expect(offsets).to.deep.equal([64, 128, 256, 320]);
  });

  it("uses free blocks again, joined with their neighbours, whichever was free first", () => {
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [0, 2, 1],
      [1, 0, 2],
    ]) {
      const heap = Heap.make()!;
      const [first, ...others] = [16, 16, 16, 16].map((length) => heap.array(length)!.fill(7));
      for (const at of order) heap.free([first!, ...others][at]!);
      const joined = heap.array(48)!;
      expect(joined.byteOffset, order.join()).to.equal(first!.byteOffset);
      expect(joined.every((word) => word === 0)).to.equal(true);
      expect(heap.array(1)!.byteOffset, "after the last").to.equal(64 + 4 * 64);
    }
  });

  it("parts a free block, and keeps the rest of it", () => {
    const heap = Heap.make()!;
    const [large] = [heap.array(160)!, heap.array(16)!];
    heap.free(large);
    expect([48, 96, 16, 16].map((length) => heap.array(length)!.byteOffset)).to.deep.equal([
      ...[64, 64 + 192, 64 + 192 + 384, 64 + 704],
    ]);
  });

  it("passes over free blocks that are too small, also of the same class", () => {
    const heap = Heap.make()!;
    const [small, , large] = [32, 16, 48, 16].map((length) => heap.array(length)!);
    heap.free(small!);
    heap.free(large!);
    expect(heap.array(40)!.byteOffset).to.equal(large!.byteOffset);
    expect(heap.array(30)!.byteOffset).to.equal(small!.byteOffset);
  });

  it("is full when nothing is left, and not before", () => {
    const all = pageBytes / 4 - 16;
    const heap = Heap.make(1)!;
    expect([heap.array(pageBytes), heap.array(all + 1)]).to.deep.equal([undefined, undefined]);
    const array = heap.array(all)!;
    expect(array.length).to.equal(all);
    expect(heap.array(1)).to.equal(undefined);
    expect(heap.lengthened(array, all + 1)).to.equal(undefined);
    heap.free(array);
    expect(heap.array(all)!.byteOffset).to.equal(64);
  });

  it("grows by so much that it need not grow for each array, up to what it may have", () => {
    const heap = Heap.make(200)!;
    const bytes = (): number => heap.memory.buffer.byteLength / pageBytes;
    expect(bytes()).to.equal(64);
    const first = heap.array((64 * pageBytes) / 4 - 16)!;
    expect(bytes(), "just what there is").to.equal(64);
    expect(heap.array(16)!.byteOffset).to.equal(64 * pageBytes);
    expect(bytes(), "4 MiB").to.equal(128);
    expect(heap.memory.buffer, "views stay").to.be.instanceOf(SharedArrayBuffer);
    expect(heap.holds(first)).to.equal(true);
    expect(heap.holds(new Int32Array(4))).to.equal(false);
    expect(heap.array((136 * pageBytes) / 4), "more than is left").to.equal(undefined);
    expect(heap.array((135 * pageBytes) / 4)!.length).to.be.above(0);
    expect(bytes()).to.equal(200);
    // With less left than it would grow by it has that.
    expect(Heap.make(70)!.array((66 * pageBytes) / 4)!.byteOffset).to.equal(64);
    expect(Heap.make(70)!.array((70 * pageBytes) / 4 - 16)!.byteOffset).to.equal(64);
    expect(Heap.make(1)!.memory.buffer.byteLength).to.equal(pageBytes);
  });

  it("grows by a part of what it has, where that is more", () => {
    const grown: number[] = [];
    for (const pages of [1024, 2048]) {
      const buffer = { byteLength: pages * pageBytes } as SharedArrayBuffer;
      const heap = new Heap({ buffer, grow: (more) => grown.push(more) }, 1 << 16);
      heap.array(buffer.byteLength / 4);
    }
    expect(grown).to.deep.equal([128, 256]);
  });

  it("has no room where the platform has none, and hides no other fault", () => {
    const failing = (error: Error): Heap =>
      new Heap(
        {
          buffer: new SharedArrayBuffer(pageBytes),
          grow: () => {
            throw error;
          },
        },
        100,
      );
    const heap = failing(new RangeError("no memory"));
    expect(heap.array(pageBytes)).to.equal(undefined);
    expect(heap.array(16)!.byteOffset, "it is as it was").to.equal(64);
    expect(() => failing(new TypeError("another")).array(pageBytes)).to.throw(TypeError);
    expect(Heap.make(1 << 17), "more than addresses reach").to.equal(undefined);
  });

  it("lengthens an array in its place where nothing comes after it", () => {
    const heap = Heap.make()!;
    const last = heap.array(4)!.fill(7);
    const longer = heap.lengthened(last, 40)!;
    expect([longer.byteOffset, longer.length]).to.deep.equal([64, 40]);
    expect([...longer.subarray(0, 6)]).to.deep.equal([7, 7, 7, 7, 0, 0]);
    expect(heap.array(16)!.byteOffset, "what comes next is after it").to.equal(64 + 192);
    // Within its last line it can grow whatever comes after it.
    expect(heap.lengthened(longer, 48)!.length).to.equal(48);
    expect(heap.lengthened(longer, 49)).to.equal(undefined);
  });

  it("lengthens an array into the free block after it, if that is large enough", () => {
    for (const [free, wanted, next] of [
      [48, 33, 256],
      [48, 64, 384],
      [48, 65, undefined],
      [16, 33, undefined],
    ] as const) {
      const heap = Heap.make()!;
      const [array, after] = [heap.array(16)!.fill(7), heap.array(free)!.fill(8)];
      heap.array(16);
      heap.free(after);
      const longer = heap.lengthened(array, wanted);
      expect(longer?.length, `${wanted} words`).to.equal(next && wanted);
      if (longer === undefined || next === undefined) {
        expect(heap.array(free)!.byteOffset, "it is still free").to.equal(after.byteOffset);
        continue;
      }
      expect(longer.byteOffset).to.equal(64);
      expect(longer.subarray(0, 16).every((word) => word === 7)).to.equal(true);
      expect(longer.subarray(16).every((word) => word === 0)).to.equal(true);
      expect(heap.array(16)!.byteOffset, "what is left of it").to.equal(next);
      expect(heap.array(16)!.byteOffset, "and no more").to.equal(wanted === 33 ? 384 : 448);
    }
  });

  it("gives zeros where an array in use again, which was shorter, becomes longer", () => {
    for (const isLast of [true, false]) {
      const heap = Heap.make()!;
      const dirty = heap.array(32)!.fill(9);
      if (!isLast) heap.array(16);
      heap.free(dirty);
      const short = heap.array(20)!.fill(7);
      expect(short.byteOffset).to.equal(64);
      const longer = heap.lengthened(short, isLast ? 60 : 32)!;
      expect([...longer.subarray(18, 32)], `last: ${isLast}`).to.deep.equal([
        ...[7, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      ]);
      expect(longer.subarray(32).every((word) => word === 0)).to.equal(true);
    }
  });
});
