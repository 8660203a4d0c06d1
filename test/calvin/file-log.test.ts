// Clusters whose log is the one in files, on a disk that tears writes, loses what was not synced, and
// changes bits: what is told, and what is read, is as if carried out one by one all the same.
import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { OrderedCluster } from "../support/ordered-cluster.ts";
import { FileClusterLog, type FileLogCounts } from "../support/ordered-cluster/file-cluster-log.ts";
import { workloads } from "../support/ordered-workloads.ts";

const seed = Number(process.env["SEED"] ?? 1);
const seeds = Number(process.env["SEEDS"] ?? 4);
const calls = 40;

describe(`clusters over the log in files (SEED=${seed}, SEEDS=${seeds})`, () => {
  const sums: Partial<Record<keyof FileLogCounts | "cutOff", number>> = {};

  for (const [title, { program, call, insert, judge }] of Object.entries(workloads))
    it(`go on, and all replicas agree with the log: ${title}`, async () => {
      for (let at = 0; at < seeds; at++) {
        const label = `seed ${seed * 1000 + at}`;
        const log = new FileClusterLog(random(seed * 1000 + at), { power: 0.004, flip: 0.01 });
        const cluster = new OrderedCluster({
          ...{ program, call, calls, openMax: 6, seed: seed * 1000 + at, log },
          ...{ partitions: 1 + (at % 2), replicas: 2, sequencers: 3 },
          ...(insert !== undefined && { insert }),
          ...(at % 3 === 0 && { recordBytes: 1500 }),
          faults: {
            ...{ lost: 0.2, crash: 0.1, ambiguous: 0, pause: 0.1, disk: 0.02, replace: 0.01 },
            power: 0.2,
          },
        });
        try {
          await cluster.run();
        } catch (error) {
          throw new Error(label, { cause: error });
        }
        const wrong = judge?.(
          cluster.history.heard(() => false),
          program,
        );
        expect(wrong ?? "", label).to.equal("");
        const counts = Object.entries({ ...log.counts, cutOff: cluster.counts.cutOff });
        for (const [key, count] of counts as [keyof FileLogCounts | "cutOff", number][])
          sums[key] = (sums[key] ?? 0) + count;
      }
    });

  it("have met each fault", () => {
    const few = Object.entries(sums).filter(([, count]) => count === 0);
    expect(few, JSON.stringify(sums)).to.deep.equal([]);
  });
});
