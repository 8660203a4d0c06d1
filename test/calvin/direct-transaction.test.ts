// What transactions say before they change rows in place: where these are, and how they are locked.
import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { locksOf } from "../../src/calvin/footprint.ts";
import { MemoryStorage } from "../../src/calvin/memory-storage.ts";
import { Partitions } from "../../src/calvin/partitions.ts";
import { PlannedTransaction } from "../../src/calvin/planned-transaction.ts";
import type { Footprint, Pattern, Row } from "../../src/calvin/transaction.ts";
import { keyColumns, transactionPlan } from "../../src/plan/transaction.ts";
import { textOf } from "../../src/calvin/gathered.ts";
import { ZigzagStorage } from "../../src/calvin/zigzag-storage.ts";
import type { Value } from "../../src/value/schema.ts";
import { understood } from "../support/ordered-workloads.ts";

const seed = Number(process.env["SEED"] ?? 1);

const program = understood(`
  .decl r(a: number, b: symbol, n: number) ordered(b, a)
  .decl u(a: unsigned, f: symbol) ordered(a)
  .transaction both(p: number, q: number, s: symbol, k: unsigned) {
    abort("not there") :- !r(p, s, _).
    -r(q, s, n), +r(q, s, n + m) :- r(q, s, n), r(p, s, m).
    +u(k, s) :- !u(k, _).
  }
  .transaction reads(p: number, q: number, s: symbol, k: unsigned) {
    abort("both") :- r(p, s, n), r(q, s, n), u(k, _).
  }
  .transaction moves(p: number, q: number, s: symbol, k: unsigned) {
    -r(p, s, n), +r(p, s, n - 1) :- r(p, s, n).
    -r(q, s, n), +r(q, s, n + 1) :- r(q, s, n).
    -u(k, f) :- u(k, f).
  }
  .transaction never(p: number, q: number, s: symbol, k: unsigned) {
    abort("never") :- p > q.
  }
`);
const keys = program.relations.map((_, at) => keyColumns(program, at));
const plans = program.transactions.map((of) => transactionPlan(program, of));

function planned(): PlannedTransaction[] {
  return plans.map((plan) => new PlannedTransaction(plan));
}

describe(`transactions that change rows in place (SEED=${seed})`, () => {
  it("have the partitions, the patterns and the locks of their footprint", () => {
    const codes = planned();
    const chance = random(seed);
    const counts = { some: 0, alone: 0 };
    for (let round = 0; round < 500; round++) {
      const code = chance.pick(codes);
      const { direct } = code;
      if (direct === undefined) throw new Error("it looks rows up by their keys");
      const partitions = new Partitions(chance.between(1, 4), keys);
      const number = (): Value => BigInt(chance.below(5) - 2);
      const args = [number(), number(), chance.pick(["x", "y", "z"]), BigInt(chance.below(4))];
      const footprint = code.footprint(args) ?? { reads: [], writes: [] };
      const places = direct.places(args, partitions);
      if (places === undefined) throw new Error("its arguments are exact");
      expect({ all: places.all, active: places.active }).to.deep.equal(
        partitions.participants(footprint),
      );
      counts[places.all.length > 1 ? "some" : "alone"]++;
      for (let partition = 0; partition < partitions.count; partition++) {
        const own = (of: readonly Pattern[]): Pattern[] =>
          of.filter((pattern) => partitions.ofPattern(pattern).includes(partition));
        const part: Footprint = { reads: own(footprint.reads), writes: own(footprint.writes) };
        const sorted = (locks: readonly number[]): number[] => locks.toSorted((a, b) => a - b);
        const locks = direct.locks(partition, places, keys);
        expect(sorted(locks), code.name).to.deep.equal(sorted(locksOf(part, keys)));
        const patterns = direct.patterns(args, places, partition);
        const named = new Set([...part.reads, ...part.writes].map(textOf));
        expect(new Set(patterns.map(textOf))).to.deep.equal(named);
      }
    }
    expect(Math.min(counts.some, counts.alone)).to.be.greaterThan(100);
  });

  it("send others their rows as they are before a place, however these are kept", () => {
    const codes = planned();
    const chance = random(seed);
    const counts = { there: 0, absent: 0 };
    for (let round = 0; round < 100; round++) {
      const number = (): Value => (chance.chance(0.1) ? 2n ** 60n : BigInt(chance.below(4)));
      const inserted: Row[] = [];
      for (const a of [0n, 1n, 2n, 3n]) {
        for (const b of ["x", "y"])
          if (chance.chance(0.5)) inserted.push({ relation: 0, values: [a, b, number()] });
        if (chance.chance(0.5)) inserted.push({ relation: 1, values: [a, chance.pick(["x", ""])] });
      }
      const storage = new MemoryStorage([], keys);
      storage.apply(5, { removed: [], inserted });
      const partitions = new Partitions(2, keys);
      const args = [0n, 1n, chance.pick(["x", "y"]), 2n].map((of) =>
        typeof of === "bigint" ? BigInt(chance.below(4)) : of,
      );
      const { direct } = chance.pick(codes);
      const places = direct?.places(args, partitions);
      if (direct === undefined || places === undefined) throw new Error("its rows are looked up");
      for (const partition of [0, 1])
        for (const before of [5, 6]) {
          const expected = direct.patterns(args, places, partition).map((pattern) => {
            return { pattern, tuples: storage.tuples(pattern, before) };
          });
          for (const { tuples } of expected) counts[tuples.length > 0 ? "there" : "absent"]++;
          for (const of of [storage, new ZigzagStorage(storage)]) {
            const { found, at } = direct.reads(of, args, places, partition, before);
            expect("rows" in found).to.equal(true);
            const rows = direct.lookedUp(found, places, partition);
            if (rows === undefined) throw new Error("it is what was asked for");
            expect(direct.found(args, places, partition, rows)).to.deep.equal(expected);
            const isThere = expected.map(({ tuples }) => tuples.length > 0);
            // Not in columns, they are nowhere that can be kept.
            if (of === storage) expect(at.map((row) => row >= 0)).to.deep.equal(isThere);
            else expect(new Set(at).size).to.equal(Math.min(1, expected.length));
          }
        }
    }
    expect(Math.min(counts.there, counts.absent)).to.be.greaterThan(50);
  });

  it("are told where they write, and compute with no numbers that are not exact", () => {
    const relation = (of: string): number => program.relations.findIndex(({ name }) => name === of);
    const codes = planned();
    const writes = codes.map(({ name, direct }) => [name, direct?.writes.toSorted()]);
    const both = [relation("r"), relation("u")];
    expect(Object.fromEntries(writes)).to.deep.equal({ both, reads: [], moves: both, never: [] });
    const partitions = new Partitions(2, keys);
    const [code] = codes;
    expect(code?.direct?.places([2n ** 60n, 1n, "x", 1n], partitions)).to.equal(undefined);
  });

  it("are left alone where rows are kept in another way", () => {
    const [code] = planned();
    const storage = new MemoryStorage([], keys);
    const args = [1n, 2n, "x", 1n];
    const zigzag = new ZigzagStorage(storage);
    expect(code?.direct?.carryOut(zigzag, args, 5, false)).to.equal(undefined);
    const ended = { kind: "aborted", reason: "not there" };
    expect(code?.direct?.carryOut(storage, args, 5, false)).to.deep.equal(ended);
    // Asked for otherwise, they get an index for each way.
    storage.apply(1, { removed: [], inserted: [{ relation: 0, values: [1n, "x", 1n] }] });
    expect(storage.tuples({ relation: 0, columns: [2], values: [1n] }, 5).length).to.equal(1);
    expect(code?.direct?.carryOut(storage, args, 5, false)).to.equal(undefined);
  });
});
