import { expect } from "chai";

import { epochOfAll } from "../../src/calvin/members.ts";

describe("what all members have", () => {
  it("is counted by who is a member, and nothing where one has not said", () => {
    const members = ["a", "b"].map((name, replica) => ({ name, replica, partition: 0 }));
    const durable = new Map(Object.entries({ a: 7, b: 9, x: 1 }));
    expect(epochOfAll(members, durable)).to.equal(7);
    expect(epochOfAll(members.slice(1), durable)).to.equal(9);
    expect(epochOfAll([...members, { name: "c", replica: 2, partition: 0 }], durable)).to.equal(0);
  });
});
