import { expect } from "chai";

import { Choices } from "../../src/engine/choices.ts";
import { Memory } from "../../src/engine/memory.ts";

describe("choice domains", () => {
  it("take all keys of a tuple, or none where one is taken", () => {
    const memory = new Memory();
    const before = memory.bytes;
    const choices = new Choices([[0], [1, 2]], memory);
    expect(choices.take([1, 2, 3])).to.equal(true);
    expect(choices.take([1, 7, 7]), "the first is taken").to.equal(false);
    expect(choices.take([7, 2, 3]), "the second is").to.equal(false);
    // The keys of what was refused are free: 7, and (7, 7).
    expect(choices.take([7, 7, 7])).to.equal(true);
    expect(choices.take([8, 2, 7]), "both words tell keys apart").to.equal(true);
    expect(choices.memoryBytes)
      .to.equal(memory.bytes - before)
      .and.to.be.above(0);
    choices.clear();
    expect([choices.take([1, 2, 3]), choices.take([1, 2, 3])]).to.deep.equal([true, false]);
  });
});
