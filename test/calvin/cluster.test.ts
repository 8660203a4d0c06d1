import { expect } from "chai";

import type { Value } from "../../src/value/schema.ts";
import { OrderedCluster } from "../support/ordered-cluster.ts";
import type { ClusterCounts } from "../support/ordered-cluster/options.ts";
import { understood, type Workload, workloads as shared } from "../support/ordered-workloads.ts";

const seed = Number(process.env["SEED"] ?? 1);
const seeds = Number(process.env["SEEDS"] ?? 6);

function known(title: string): Workload {
  const found = shared[title];
  if (found === undefined) throw new Error(`no workload "${title}"`);
  return found;
}

/** What clients call, for each program. */
const workloads: Readonly<Record<string, Pick<Workload, "program" | "call">>> = {
  "a bank": known("a bank"),
  "names that are given once": known("names that are given once"),
  "what depends on what it finds": {
    program: understood(`
.decl next(x: number, y: number) ordered(x)
next(0, 1). next(1, 2). next(2, 3). next(3, 0). next(4, 4).
.decl from(x: number, y: number)
.calm ordered from "of now"
from(x, y) :- next(x, y).
from(x, z) :- from(x, y), next(y, z).
// Moves where the last that is reached points to, as far as absence allows.
.transaction point(x: number, y: number) {
  -next(x, z) :- next(x, z).
  +next(x, y).
}
.transaction skip(x: number) {
  abort("a circle of one") :- next(x, x).
  -next(x, y), +next(x, z) :- next(x, y), next(y, z).
}
.transaction cut(x: number) {
  abort("not reached") :- !from(0, x).
  -next(x, y) :- next(x, y).
}
`),
    call: (chance) => {
      const [x, y] = [BigInt(chance.below(5)), BigInt(chance.below(5))];
      return chance.pick<{ name: string; args: Value[] }>([
        { name: "point", args: [x, y] },
        { name: "skip", args: [x] },
        { name: "skip", args: [x] },
        { name: "cut", args: [x] },
      ]);
    },
  },
};

describe(`clusters of the ordered plane (SEED=${seed}, SEEDS=${seeds})`, function () {
  this.timeout(600_000);
  for (const [title, { program, call }] of Object.entries(workloads))
    it(`carry out ${title} as if one by one`, async () => {
      const sums: ClusterCounts = new OrderedCluster({
        ...{ program, call, seed, partitions: 1, replicas: 1, sequencers: 1, calls: 5 },
        faults: { lost: 0, crash: 0, ambiguous: 0 },
      }).counts;
      for (let at = 0; at < seeds; at++) {
        const cluster = new OrderedCluster({
          ...{ program, call, seed: seed * 1000 + at },
          ...{ partitions: 1 + (at % 3), replicas: 1 + (at % 2), sequencers: 1 + (at % 4) },
          ...{ calls: 60, faults: { lost: 0.2, crash: 0.3, ambiguous: 0.2 } },
        });
        await cluster.run();
        for (const key of Object.keys(sums) as (keyof ClusterCounts)[])
          sums[key] += cluster.counts[key];
      }
      expect(sums.transactions).to.equal(60 * seeds);
      expect(sums.aborted).to.be.within(seeds, 55 * seeds);
      // Fewer rounds have not been through all partitions and sequencers.
      for (const count of seeds < 6 ? [] : [sums.remote, sums.crashes, sums.conflicts])
        expect(count, JSON.stringify(sums)).to.be.greaterThan(0);
    });
});
