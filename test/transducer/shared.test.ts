import { expect } from "chai";

import { random } from "../../src/base/random.ts";
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
      expect(shared.batch(origin, number)).to.equal(batch);
    };
    for (let round = 0; round < 60; round++) {
      for (const origin of ["a/1", "b/1"]) {
        const batches = held.get(origin) ?? [];
        for (let more = from.below(20); more > 0; more--) {
          const facts = Array.from({ length: from.between(1, 3) }, () => ({
            ...{ relation: 0, values: [] },
          }));
          const batch: Batch = { origin, from: shared.of(origin) + 1, facts };
          shared.add(batch);
          batches.push(batch);
        }
        const gone = batches.filter(() => from.chance(0.1));
        const ranges = rangesOf(gone.map((batch) => [batch.from, lastOf(batch)]));
        const { batches: dropped } = shared.drop(new Map([[origin, ranges]]));
        expect(dropped).to.deep.equal(gone);
        held.set(
          origin,
          batches.filter((batch) => !gone.includes(batch)),
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
});
