// Random programs with transactions: what is planned does what the definition says, alone and in
// clusters.
import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { printValue } from "../../src/value/print-value.ts";
import { generateTransactions } from "../support/generate-transactions.ts";
import { naiveOutcome } from "../support/naive-transaction.ts";
import { OrderedCluster } from "../support/ordered-cluster.ts";
import { understood } from "../support/ordered-workloads.ts";
import { outcomeText, statedState, transactionsOf } from "../support/transactions.ts";

const seed = Number(process.env["SEED"] ?? 1);
const seeds = Number(process.env["SEEDS"] ?? 40);

describe(`random transactions (SEED=${seed}, SEEDS=${seeds})`, () => {
  it("do what their definition says", () => {
    const ends = { changed: 0, aborted: 0, nothing: 0 };
    for (let at = 0; at < seeds; at++) {
      const chance = random(seed * 1000 + at);
      const { text, call } = generateTransactions(seed * 1000 + at);
      const program = understood(text);
      const codes = transactionsOf(program);
      const state = statedState(program);
      for (let step = 0; step < 12; step++) {
        const { name, args } = call(chance);
        const label = `seed ${seed * 1000 + at}, step ${step}: ${name}(${args.map(printValue).join()})\n${text}`;
        const expected = naiveOutcome(program, name, args, [...state.rows.values()]);
        const outcome = codes.get(name)?.run(state, args);
        if (outcome === undefined) throw new Error(label);
        expect(outcomeText(outcome, program), label).to.equal(outcomeText(expected, program));
        state.apply(outcome);
        if (outcome.kind === "aborted") ends.aborted++;
        else if (outcome.inserted.length + outcome.removed.length > 0) ends.changed++;
        else ends.nothing++;
      }
    }
    for (const [end, count] of Object.entries(ends)) expect(count, end).to.be.greaterThan(seeds);
  });

  it("are carried out by clusters as if one by one", async () => {
    let restarted = 0;
    for (let at = 0; at < seeds / 6; at++) {
      const { text, call } = generateTransactions(seed * 1000 + at);
      const cluster = new OrderedCluster({
        ...{ program: understood(text), call, calls: 20, seed: seed * 1000 + at },
        ...{ partitions: 1 + (at % 3), replicas: 2, sequencers: 2 },
        faults: { lost: 0.1, crash: 0.1, ambiguous: 0.1 },
      });
      try {
        await cluster.run();
      } catch (error) {
        throw new Error(`seed ${seed * 1000 + at}\n${text}`, { cause: error });
      }
      restarted += cluster.counts.restarted;
    }
    expect(restarted).to.be.greaterThan(0);
  });
});
