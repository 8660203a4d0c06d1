// Clusters under all faults: disks that are lost, machines that are replaced, pauses, cuts in one
// direction, clocks that jump, appends that come late, a log that is cut off, long batches.
import { expect } from "chai";

import { OrderedCluster } from "../support/ordered-cluster.ts";
import type { ClusterCounts } from "../support/ordered-cluster/options.ts";
import { workloads } from "../support/ordered-workloads.ts";

const seed = Number(process.env["SEED"] ?? 1);
const seeds = Number(process.env["SEEDS"] ?? 3);
const calls = 40;

describe(`clusters under all faults (SEED=${seed}, SEEDS=${seeds})`, () => {
  const sums: Partial<Record<keyof ClusterCounts, number>> = {};

  for (const [title, { program, call, insert, judge }] of Object.entries(workloads))
    it(`go on, and all replicas agree with the log: ${title}`, async () => {
      for (let at = 0; at < seeds; at++) {
        const cluster = new OrderedCluster({
          ...{ program, call, calls, openMax: 6, seed: seed * 1000 + at },
          // Each machine has a sequencer: who holds a long batch says so.
          ...{ partitions: 1 + (at % 2), replicas: 2 + ((at + 1) % 2) },
          sequencers: at % 2 === 0 ? 3 : 4,
          ...(insert !== undefined && { insert }),
          ...(at % 3 !== 2 && { recordBytes: at % 3 === 0 ? 1500 : 40_000 }),
          faults: {
            ...{ lost: 0.2, crash: 0.1, ambiguous: 0.2, pause: 0.1, disk: 0.04, replace: 0.02 },
            power: 0.2,
          },
        });
        try {
          await cluster.run();
        } catch (error) {
          throw new Error(`seed ${seed * 1000 + at}`, { cause: error });
        }
        const wrong =
          judge?.(
            cluster.history.heard(() => false),
            program,
          ) ?? "";
        expect(wrong, `seed ${seed * 1000 + at}`).to.equal("");
        for (const [key, count] of Object.entries(cluster.counts) as [
          keyof ClusterCounts,
          number,
        ][])
          sums[key] = (sums[key] ?? 0) + count;
      }
    });

  it("have met each fault", () => {
    const few = Object.entries(sums).filter(([, count]) => count < seeds);
    expect(few, JSON.stringify(sums)).to.deep.equal([]);
  });
});
