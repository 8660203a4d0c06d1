// What clients of clusters see under faults, judged by what they see alone: strictly serialisable
// histories of lists, linearisable registers, and what has to hold of all rows at each moment.
import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { OrderedCluster } from "../support/ordered-cluster.ts";
import { workloads } from "../support/ordered-workloads.ts";

const seed = Number(process.env["SEED"] ?? 1);
const seeds = Number(process.env["SEEDS"] ?? 4);
const calls = 60;

describe(`histories of the ordered plane (SEED=${seed}, SEEDS=${seeds})`, () => {
  for (const [title, { program, call, insert, judge, look }] of Object.entries(workloads))
    it(`are as if one by one: ${title}`, async () => {
      const names = program.relations.map(({ name }) => name);
      let looks = 0;
      let done = 0;
      let crashes = 0;
      for (let at = 0; at < seeds; at++) {
        const cluster = new OrderedCluster({
          ...{ program, calls, openMax: 6, seed: seed * 1000 + at },
          ...{ partitions: 1 + (at % 3), replicas: 1 + ((at + 1) % 2), sequencers: 1 + (at % 4) },
          faults: { lost: 0.2, crash: 0.3, ambiguous: 0.2 },
          ...(insert !== undefined && { insert }),
          call,
          look({ epoch, rows }) {
            looks++;
            const tuples = (name: string) =>
              rows.flatMap((row) => (names[row.relation] === name ? [row.values] : []));
            expect(look?.(tuples) ?? "", `seed ${seed * 1000 + at}, epoch ${epoch}`).to.equal("");
          },
        });
        await cluster.run();
        crashes += cluster.counts.crashes;
        const chance = random(seed * 1000 + at);
        const lost = new Set(Array.from({ length: calls }, (_, of) => `c${of + 1}`));
        for (const id of lost) if (!chance.chance(0.1)) lost.delete(id);
        const history = cluster.history.heard((id) => lost.has(id));
        done += history.filter(({ result }) => result?.kind === "done").length;
        expect(judge?.(history, program) ?? "", `seed ${seed * 1000 + at}`).to.equal("");
      }
      expect(done).to.be.within(calls * seeds * 0.1, calls * seeds * 0.98);
      expect(Math.min(looks, crashes)).to.be.greaterThan(seeds);
    });
});
