import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { compatible, joined, type LockMode, lockModes } from "../../src/calvin/lock-mode.ts";
import { type LockHolder, lockOf, LockTable, modeOf, nodeOf } from "../../src/calvin/lock-table.ts";

const seed = Number(process.env["SEED"] ?? 1);

function holder(position: number, locks: readonly (readonly [number, LockMode])[]): LockHolder {
  return { position, locks: locks.map(([node, mode]) => lockOf(node, mode)), lacking: 0 };
}

function released(table: LockTable, holder: LockHolder): number[] {
  const ready: LockHolder[] = [];
  table.release(holder, ready);
  return ready.map(({ position }) => position);
}

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
    const modes = ["S", "IX", "S", "IS", "X", "IS"] as const;
    const [s1, ix2, s3, is4, x5, is6] = modes.map((mode, at) => holder(at + 1, [[1, mode]])) as [
      ...[LockHolder, LockHolder, LockHolder, LockHolder, LockHolder, LockHolder],
    ];
    expect([s1, ix2, s3, is4, x5, is6].map((of) => table.request(of))).to.deep.equal([
      ...[true, false, false, true, false, false],
    ]);
    expect(released(table, s1)).to.deep.equal([2]);
    expect(released(table, is4)).to.deep.equal([]);
    expect(released(table, ix2)).to.deep.equal([3]);
    expect(released(table, s3)).to.deep.equal([5]);
    expect(released(table, x5)).to.deep.equal([6]);
    expect(released(table, is6)).to.deep.equal([]);
    expect(table.size).to.equal(0);
  });

  it("locks absence: who reads a prefix waits for who changes a key below it", () => {
    const table = new LockTable();
    const write = holder(1, [
      [1, "IX"],
      [2, "IX"],
      [3, "X"],
    ]);
    const read = holder(2, [
      [1, "IS"],
      [2, "S"],
    ]);
    expect(table.request(write)).to.equal(true);
    expect(table.request(read)).to.equal(false);
    expect(table.request(holder(3, [[1, "IS"]]))).to.equal(true);
    expect(released(table, write)).to.deep.equal([2]);
  });

  it("refuses requests out of order, and releases of what is not held", () => {
    const table = new LockTable();
    const on = (position: number): LockHolder => holder(position, [[1, "X"]]);
    table.request(on(2));
    for (const before of [1, 2])
      expect(() => table.request(on(before))).to.throw("order of the log");
    expect(() => released(table, holder(3, [[2, "X"]]))).to.throw("has requested");
    const waiting = on(4);
    table.request(waiting);
    expect(() => released(table, waiting)).to.throw("has all");
  });

  it(`agrees with what its definition says (SEED=${seed})`, () => {
    const chance = random(seed);
    let waited = 0;
    for (let round = 0; round < 300; round++) {
      const table = new LockTable();
      /** All that was requested and is not released, in order. */
      let requested: LockHolder[] = [];
      const ready = (holder: LockHolder): boolean => {
        const before = requested.slice(0, requested.indexOf(holder)).flatMap((of) => of.locks);
        return holder.locks.every((lock) =>
          before.every(
            (other) => nodeOf(other) !== nodeOf(lock) || compatible(modeOf(other), modeOf(lock)),
          ),
        );
      };
      // Some are beside each other in a hash table, and more than it begins with.
      const all = [1, 2, 3, 65, 129, 2 ** 28 - 1, ...Array.from({ length: 40 }, (_, at) => 7 * at)];
      const nodes = [...new Set(all)].slice(0, chance.between(1, chance.chance(0.1) ? 46 : 6));
      for (let transaction = 0; transaction < 20 || requested.length > 0; transaction++) {
        if (transaction < 20) {
          const next = holder(
            transaction,
            nodes
              .filter(() => chance.chance(0.6))
              .map((node): [number, LockMode] => [node, chance.pick(lockModes)]),
          );
          requested.push(next);
          expect(table.grants(next.locks)).to.equal(ready(next));
          expect(table.request(next)).to.equal(ready(next));
        }
        while (requested.length > 0 && (transaction >= 20 || chance.chance(0.5))) {
          const over = chance.pick(requested.filter(ready));
          const waiting = requested.filter((of) => !ready(of));
          waited += waiting.length;
          requested = requested.filter((of) => of !== over);
          const now = waiting.filter(ready).map(({ position }) => position);
          expect(released(table, over)).to.deep.equal(now);
          const locked = requested.flatMap((of) => of.locks.map(nodeOf));
          expect(table.nodeCount).to.equal(new Set(locked).size);
          for (const of of requested) expect(of.lacking === 0).to.equal(ready(of));
        }
      }
      expect(table.size).to.equal(0);
    }
    expect(waited).to.be.greaterThan(1000);
  });
});
