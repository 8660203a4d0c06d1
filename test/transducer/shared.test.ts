import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { leftOf, partsOf } from "../../src/transducer/batch-parts.ts";
import type { Batch } from "../../src/transducer/protocol.ts";
import { rangesOf } from "../../src/transducer/ranges.ts";
import { lastOf, SharedFacts } from "../../src/transducer/shared.ts";

const seed = Number(process.env["SEED"] ?? "1");

describe(`the facts that a node holds (SEED=${seed})`, () => {
  it("are found by their numbers in any order, also when some are gone", () => {
    const from = random(seed);
    const shared = new SharedFacts();
    const held = new Map<string, Batch[]>();
    const ask = (origin: string, number: number): void => {
      const batch = held.get(origin)?.find((one) => one.from <= number && number <= lastOf(one));
      expect(shared.batch(origin, number)).to.deep.equal(batch);
    };
    for (let round = 0; round < 60; round++) {
      for (const origin of ["a/1", "b/1"]) {
        const batches = held.get(origin) ?? [];
        for (let more = from.below(20); more > 0; more--) {
          const facts = Array.from({ length: from.between(1, 3) }, () => ({
            ...{ relation: 0, values: [] },
          }));
          const split = facts.length > 1 && from.chance(0.5) ? { split: 1 } : {};
          const batch: Batch = { origin, from: shared.of(origin) + 1, facts, ...split };
          shared.add(batch);
          batches.push(batch);
        }
        const gone = batches.flatMap(partsOf).filter(() => from.chance(0.1));
        const ranges = rangesOf(gone.flatMap((batch) => [batch.from, lastOf(batch)]));
        const { batches: dropped } = shared.drop(new Map([[origin, ranges]]));
        expect(dropped.flatMap(partsOf)).to.deep.equal(gone);
        held.set(
          origin,
          batches.flatMap((batch) => leftOf(batch, ranges, 1) ?? []),
        );
      }
      // Two rows of questions that alternate, and some that are anywhere.
      let [one, other] = [from.below(50), from.below(200)];
      for (let asked = 0; asked < 60; asked++) {
        ask("a/1", (one += from.below(3)));
        ask(from.pick(["a/1", "b/1"]), (other += from.below(4)));
        if (from.chance(0.1)) ask("b/1", from.below(2_000));
      }
    }
  });

  it("are taken in by whole batches, or by the part that is neither held nor gone", () => {
    const facts = [1, 2, 3].map(() => ({ relation: 0, values: [] }));
    const batch: Batch = { origin: "a/1", from: 2, facts, split: 1, request: "r" };
    const [first, second] = partsOf(batch);
    const after = (...done: ((shared: SharedFacts) => void)[]): SharedFacts => {
      const shared = new SharedFacts();
      for (const one of done) one(shared);
      return shared;
    };
    const add = (one: Batch) => (shared: SharedFacts) => {
      shared.add(one);
    };
    const drop =
      (...ranges: number[]) =>
      (shared: SharedFacts) =>
        shared.drop(new Map([["a/1", ranges]]));
    const before = add({ origin: "a/1", from: 1, facts: facts.slice(1, 2) });
    expect(after().next(batch)).to.equal(undefined);
    expect(after(before).next(batch)).to.equal(batch);
    expect(after(before, add(batch)).next(batch)).to.equal(undefined);
    // What went at another node before it came here.
    expect(after(before, drop(2, 2)).next(batch)).to.deep.equal(second);
    expect(after(drop(3, 4), before).next(batch)).to.deep.equal(first);
    expect(after(before, drop(2, 4)).next(batch)).to.equal(undefined);
    // The other part came by itself, from one at which this one was gone.
    expect(after(before, add({ ...batch, ...first })).next(second ?? batch)).to.equal(second);
    const alone = after(before, add({ origin: "a/1", from: 2, facts: facts.slice(0, 1) }));
    expect(alone.next(batch)).to.deep.equal(second);
    // Where both are taken in, the second not having come, it is what is gone that is passed over.
    const passed = after(drop(3, 4), before);
    passed.add(passed.next(batch) ?? batch);
    expect(passed.of("a/1")).to.equal(4);
  });
});
