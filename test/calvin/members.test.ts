import { expect } from "chai";

import {
  changedMembers,
  epochOfAll,
  inOrder,
  type MemberChange,
  type OrderedMember,
} from "../../src/calvin/members.ts";

describe("what all members have", () => {
  it("is counted by who is a member, and nothing where one has not said", () => {
    const members = ["a", "b"].map((name, replica) => ({ name, replica, partition: 0 }));
    const durable = new Map(Object.entries({ a: 7, b: 9, x: 1 }));
    expect(epochOfAll(members, durable)).to.equal(7);
    expect(epochOfAll(members.slice(1), durable)).to.equal(9);
    expect(epochOfAll([...members, { name: "c", replica: 2, partition: 0 }], durable)).to.equal(0);
    expect(epochOfAll([], durable)).to.equal(0);
  });
});

describe("members", () => {
  const at = (name: string, replica: number, partition: number): OrderedMember => {
    return { name, replica, partition };
  };
  const members = [at("a", 0, 0), at("b", 0, 1), at("c", 1, 0), at("d", 1, 1)];
  const changed = (change: MemberChange, of: readonly OrderedMember[] = members): unknown => {
    const found = changedMembers(of, change);
    if (found.kind === "changed") return found.members.map(({ name }) => name).join("");
    return found.kind === "refused" ? found.reason : found.kind;
  };

  it("are in the order of replicas, and of partitions in these", () => {
    expect(inOrder(members.toReversed())).to.deep.equal(members);
    const [a, b, c, d] = members as [OrderedMember, OrderedMember, OrderedMember, OrderedMember];
    expect(inOrder([c, b, d, a])).to.deep.equal(members);
    expect(changed({ kind: "add", member: c }, [d, b, a])).to.equal("abcd");
    expect(changed({ kind: "remove", name: "c" })).to.equal("abd");
  });

  it("stay who they are where that is so already", () => {
    expect(changed({ kind: "remove", name: "x" })).to.equal("same");
    expect(changed({ kind: "add", member: at("b", 0, 1) })).to.equal("same");
  });

  it("are at one place each, and one is at each place", () => {
    const add = (member: OrderedMember): unknown => changed({ kind: "add", member });
    for (const member of [at("b", 0, 2), at("b", 2, 1), at("b", 1, 0)])
      expect(add(member)).to.equal("b is a member at replica 0, partition 1: remove it");
    expect(add(at("x", 1, 0))).to.equal("c is at replica 1, partition 0: remove it");
    for (const [replica, partition] of [
      [0, 2],
      [2, 0],
      [2, 1],
    ] as const)
      expect(String(add(at("x", replica, partition)))).to.include("x");
  });

  it("are left of each partition", () => {
    const some = members.slice(0, 3);
    const last = "b is the last one with partition 1";
    expect(changed({ kind: "remove", name: "b" }, some)).to.equal(last);
    expect(changed({ kind: "remove", name: "a" }, some)).to.equal("bc");
    const alone = changed({ kind: "remove", name: "a" }, members.slice(0, 1));
    expect(alone).to.equal("the last member cannot be removed");
  });
});
