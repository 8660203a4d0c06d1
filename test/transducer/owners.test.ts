import { expect } from "chai";
import { random } from "../../src/base/random.ts";
import { integerHash, keyHash, moves, Owners, ringPoints } from "../../src/transducer/owners.ts";
import type { Value } from "../../src/value/schema.ts";

const seed = Number(process.env["SEED"] ?? 1);

function named(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `n${at + 1}`);
}

describe(`owners (SEED=${seed})`, () => {
  it("are the same on every machine", () => {
    const keys: Value[][] = [
      [],
      [0n],
      [-1n],
      [1n, 2n],
      [2n, 1n],
      ["", "a"],
      ["a", ""],
      ["grüße"],
      [1.5],
      [NaN],
      [null],
      [[1n, null]],
      [{ branch: "Some", fields: [1n] }],
      [{ elements: [1n, 2n] }],
      [{ pairs: [["a", 1n]] }],
    ];
    expect(keys.map(keyHash)).to.deep.equal([
      2872998923, 517664885, 1916944851, 4074626955, 2672458231, 2521833773, 4097312875, 3459648471,
      3056162647, 1551327312, 1726300461, 4052675650, 2118864260, 137193096, 1276113686,
    ]);
    expect(keyHash([-0])).to.equal(keyHash([0]));
    for (const number of [0, 1, -1, 255, -256, 2 ** 31, -(2 ** 32), 2 ** 53 - 1, 1 - 2 ** 53])
      expect(integerHash(number), String(number)).to.equal(keyHash([BigInt(number)]));
    const owners = new Owners(["b", "a", "c"]);
    expect(keys.map((key) => owners.of(key)).join("")).to.equal("ababaaaccaccbba");
  });

  it("depend on who the members are, not on their order", () => {
    const from = random(seed);
    const [one, other] = [new Owners(named(7)), new Owners(named(7).toReversed())];
    for (let tries = 0; tries < 100; tries++) {
      const key = [BigInt(from.below(2 ** 32))];
      expect(one.of(key)).to.equal(other.of(key));
    }
  });

  it("share the keys evenly", () => {
    for (const count of [2, 3, 5, 16]) {
      const owners = new Owners(named(count));
      const owned = new Map<string, number>();
      for (let key = 0n; key < 20_000n; key++)
        owned.set(owners.of([key]), (owned.get(owners.of([key])) ?? 0) + 1);
      for (const keys of owned.values()) expect((keys * count) / 20_000).to.be.within(0.7, 1.3);
      expect(owned.size).to.equal(count);
    }
  });

  it("have ranges that are the whole ring", () => {
    const owners = new Owners(named(3));
    let end = 0;
    for (const { from, to, member } of owners.ranges()) {
      expect(from).to.equal(end);
      expect(to).to.be.greaterThan(from);
      expect([owners.at(from), owners.at(to - 1)]).to.deep.equal([member, member]);
      end = to;
    }
    expect(end).to.equal(ringPoints);
  });

  it("move only to who comes, and from who goes", () => {
    const [three, four] = [new Owners(named(3)), new Owners(named(4))];
    const coming = moves(three, four);
    expect(coming).not.to.deep.equal([]);
    for (const move of coming) expect(move.new).to.equal("n4");
    const size = coming.reduce((sum, { from, to }) => sum + to - from, 0) / ringPoints;
    expect(size).to.be.within(0.15, 0.35);
    const back = coming.map(({ from, to, old, new: now }) => ({ from, to, old: now, new: old }));
    expect(moves(four, three)).to.deep.equal(back);
    expect(moves(three, three)).to.deep.equal([]);
    expect(moves(new Owners([]), new Owners(["a"]))).to.deep.equal([
      { from: 0, to: ringPoints, new: "a" },
    ]);
  });

  it("move the keys whose hashes are in the ranges, and no others", () => {
    const from = random(seed + 1);
    for (let tries = 0; tries < 20; tries++) {
      const [before, after] = [0, 1].map(
        () => new Owners(["n0", ...named(6).filter(() => from.below(2) === 0)]),
      );
      if (before === undefined || after === undefined) continue;
      const moving = moves(before, after);
      for (let keys = 0; keys < 200; keys++) {
        const key = [BigInt(from.below(2 ** 32))];
        const hash = keyHash(key);
        const move = moving.find((range) => range.from <= hash && hash < range.to);
        const [old, now] = [before.of(key), after.of(key)];
        expect(move && [move.old, move.new]).to.deep.equal(old === now ? undefined : [old, now]);
      }
    }
  });
});
