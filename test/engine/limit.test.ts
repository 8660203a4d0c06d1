import { expect } from "chai";

import { LimitFault, withinMemory } from "../../src/engine/limit.ts";

describe("what is made within memory", () => {
  it("is nothing where there is none, and hides no other fault", () => {
    expect(withinMemory(() => 5)).to.equal(5);
    const fault = new LimitFault("out-of-memory", "the limit");
    expect([fault.name, fault.code, fault.message]).to.deep.equal([
      ...["LimitFault", "out-of-memory", "the limit"],
    ]);
    const failing = (error: Error) => (): number => {
      throw error;
    };
    expect(withinMemory(failing(fault))).to.equal(undefined);
    expect(() => withinMemory(failing(new RangeError("another")))).to.throw(RangeError, "another");
  });
});
