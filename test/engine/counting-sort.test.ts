import { expect } from "chai";

import {
  countKeys,
  putRows,
  putWords,
  takeCounts,
  takeStarts,
} from "../../src/engine/counting-sort.ts";

describe("the loops that lay rows side by side by their groups", () => {
  it("count the rows before a row at their keys' lower bits", () => {
    const counts = Int32Array.of(0, 0, 5, 0);
    countKeys(Int32Array.of(2, -3, 6, 4, 1, 3), 3, counts, 5);
    expect([...counts]).to.deep.equal([1, 2, 7, 0]);
  });

  it("put rows, or their words, one after the other where their group begins", () => {
    const numbers = Int32Array.of(2, 0, 6, 1, 2, 0);
    const rows = new Int32Array(6).fill(-1);
    const next = Int32Array.of(3, 4, 0);
    putRows(rows, next, numbers, 3, 5);
    expect([...rows]).to.deep.equal([0, 2, 4, 1, 3, -1]);
    expect([...next]).to.deep.equal([4, 5, 3]);
    const words = new Int32Array(6).fill(-1);
    putWords(words, Int32Array.of(3, 4, 0), numbers, 3, Int32Array.of(70, 71, 72, 73, 74, 75), 5);
    expect([...words]).to.deep.equal([70, 72, 74, 71, 73, -1]);
  });

  it("lay groups out in the order of their slots, whatever their numbers", () => {
    // Four words a slot: the third is the number of a group, the fourth how many rows it has.
    const directory = Int32Array.of(
      ...[7, 0, 2, 3],
      ...[0, 0, 9, 0],
      ...[8, 1, 0, 1],
      ...[9, 0, 1, 4],
    );
    const starts = new Int32Array(3).fill(-1);
    takeStarts(directory, starts);
    expect([...starts]).to.deep.equal([3, 4, 0]);
    expect([...directory]).to.deep.equal([
      ...[7, 0, 0, 3],
      ...[0, 0, 9, 0],
      ...[8, 1, 3, 1],
      ...[9, 0, 4, 4],
    ]);
  });

  it("make a direct directory of counts, which has the keys themselves, from the least one on", () => {
    const counts = Int32Array.of(2, 0, 3, 1);
    const directory = new Int32Array(20);
    expect(takeCounts(counts, directory, -1)).to.equal(3);
    // -1 has the last slot, and those from 0 on the others.
    expect([...directory]).to.deep.equal([
      ...[0, 0, 0, 2],
      ...[0, 0, 0, 0],
      ...[2, 0, 2, 3],
      ...[-1, 0, 5, 1],
      ...[0, 0, 0, 0],
    ]);
    expect([...counts]).to.deep.equal([0, 0, 2, 5]);
  });
});
