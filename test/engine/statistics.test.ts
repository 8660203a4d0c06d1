import { expect } from "chai";

import { RuleStatistics } from "../../src/engine/statistics.ts";
import type { RulePlan } from "../../src/plan/plan.ts";

const rule = (text: string): RulePlan => ({ text }) as RulePlan;

describe("the statistics of rules", () => {
  it("add up what each took, in the order in which they ran first", () => {
    const [one, other] = [rule("one"), rule("other")];
    const statistics = new RuleStatistics();
    expect([statistics.all, statistics.most]).to.deep.equal([[], undefined]);
    const effort = { derived: 2, probes: 3, firings: 4, ms: 5, grownBytes: 6 };
    statistics.add(one, 2, undefined);
    statistics.add(other, 0, 7, effort);
    statistics.add(other, 5, 1.5, effort);
    statistics.inWasm(other);
    const both = { derived: 4, probes: 6, firings: 8, ms: 10, grownBytes: 12 };
    expect(statistics.all).to.deep.equal([
      { rule: one, derived: 2, runs: 1 },
      { rule: other, derived: 5, runs: 2, ms: 8.5, effort: both, wasm: true },
    ]);
  });

  it("tell of the rule that derived most, and of the first of several", () => {
    const rules = ["a", "b", "c", "d"].map(rule);
    const statistics = new RuleStatistics();
    for (const [at, derived] of [3, 7, 7, 1].entries())
      statistics.add(rules[at]!, derived, undefined);
    expect(statistics.most?.rule.text).to.equal("b");
    statistics.add(rules[3]!, 7, undefined);
    expect(statistics.most?.rule.text).to.equal("d");
  });
});
