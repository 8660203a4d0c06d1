import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { compatible, joined, type LockMode, lockModes } from "../../src/calvin/lock-mode.ts";
import { type LockRequest, LockTable } from "../../src/calvin/lock-table.ts";

const seed = Number(process.env["SEED"] ?? 1);

describe("modes of locks", () => {
  it("are compatible as in the table of Gray and others", () => {
    const table = lockModes.map((one) =>
      lockModes.map((other) => (compatible(one, other) ? "y" : "-")).join(""),
    );
    expect(table).to.deep.equal(["yyyy-", "yy---", "y-y--", "y----", "-----"]);
  });

  it("are joined to the weakest that allows both", () => {
    for (const one of lockModes)
      for (const other of lockModes) {
        const join = joined(one, other);
        // What excludes either excludes their join, and nothing weaker does so.
        const excludes = (mode: LockMode): LockMode[] =>
          lockModes.filter((of) => !compatible(mode, of));
        const both = new Set([...excludes(one), ...excludes(other)]);
        const candidates = lockModes.filter((mode) =>
          [...both].every((of) => !compatible(mode, of)),
        );
        const least = Math.min(...candidates.map((mode) => excludes(mode).length));
        expect(excludes(join).length, `${one} ${other}`).to.equal(least);
        expect(
          [...both].every((of) => !compatible(join, of)),
          `${one} ${other}`,
        ).to.equal(true);
      }
  });
});

describe("the lock table", () => {
  it("grants in the order of requests, and together what is compatible", () => {
    const table = new LockTable();
    const on = (mode: LockMode): LockRequest[] => [{ node: 1, mode }];
    expect(table.request(1, on("S"))).to.equal(true);
    expect(table.request(2, on("IX"))).to.equal(false);
    expect(table.request(3, on("S"))).to.equal(false);
    expect(table.request(4, on("IS"))).to.equal(true);
    expect(table.request(5, on("X"))).to.equal(false);
    expect(table.request(6, on("IS"))).to.equal(false);
    expect(table.release(1)).to.deep.equal([2]);
    expect(table.release(4)).to.deep.equal([]);
    expect(table.release(2)).to.deep.equal([3]);
    expect(table.release(3)).to.deep.equal([5]);
    expect(table.release(5)).to.deep.equal([6]);
    expect(table.release(6)).to.deep.equal([]);
    expect(table.size).to.equal(0);
  });

  it("locks absence: who reads a prefix waits for who changes a key below it", () => {
    const table = new LockTable();
    const write = [
      { node: 1, mode: "IX" },
      { node: 2, mode: "IX" },
      { node: 3, mode: "X" },
    ] as const;
    const read = [
      { node: 1, mode: "IS" },
      { node: 2, mode: "S" },
    ] as const;
    expect(table.request(1, write)).to.equal(true);
    expect(table.request(2, read)).to.equal(false);
    expect(table.request(3, [{ node: 1, mode: "IS" }])).to.equal(true);
    expect(table.release(1)).to.deep.equal([2]);
  });

  it("refuses requests out of order, and releases of what is not held", () => {
    const table = new LockTable();
    const on: LockRequest[] = [{ node: 1, mode: "X" }];
    table.request(2, on);
    for (const before of [1, 2])
      expect(() => table.request(before, on)).to.throw("order of the log");
    expect(() => table.release(3)).to.throw("has requested");
    table.request(4, on);
    expect(() => table.release(4)).to.throw("has all");
  });

  it(`agrees with what its definition says (SEED=${seed})`, () => {
    const chance = random(seed);
    let waited = 0;
    for (let round = 0; round < 300; round++) {
      const table = new LockTable();
      /** All that was requested and is not released, in order. */
      let requested: { readonly transaction: number; readonly requests: readonly LockRequest[] }[] =
        [];
      const ready = (transaction: number): boolean => {
        const at = requested.findIndex((of) => of.transaction === transaction);
        const requests = requested[at]?.requests ?? [];
        return requests.every(({ node, mode }) =>
          requested
            .slice(0, at)
            .flatMap((of) => of.requests)
            .every((other) => other.node !== node || compatible(other.mode, mode)),
        );
      };
      const nodes = [1, 2, 3, 4].slice(0, chance.between(1, 4));
      for (let transaction = 0; transaction < 20 || requested.length > 0; transaction++) {
        if (transaction < 20) {
          const requests = nodes
            .filter(() => chance.chance(0.6))
            .map((node) => ({ node, mode: chance.pick(lockModes) }));
          requested.push({ transaction, requests });
          expect(table.grants(requests)).to.equal(ready(transaction));
          expect(table.request(transaction, requests)).to.equal(ready(transaction));
        }
        while (requested.length > 0 && (transaction >= 20 || chance.chance(0.5))) {
          const before = requested.filter((of) => ready(of.transaction));
          const released = chance.pick(before).transaction;
          const waiting = requested.filter((of) => !ready(of.transaction));
          waited += waiting.length;
          requested = requested.filter((of) => of.transaction !== released);
          const now = waiting.map((of) => of.transaction).filter(ready);
          expect(table.release(released)).to.deep.equal(now);
          const nodes = requested.flatMap((of) => of.requests.map(({ node }) => node));
          expect(table.nodeCount).to.equal(new Set(nodes).size);
          for (const of of requested)
            expect(table.holds(of.transaction)).to.equal(ready(of.transaction));
        }
      }
      expect(table.size).to.equal(0);
    }
    expect(waited).to.be.greaterThan(1000);
  });
});
