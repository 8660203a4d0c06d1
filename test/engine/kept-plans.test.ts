import { expect } from "chai";

import { compile } from "../../src/compile.ts";
import { Database } from "../../src/engine/database.ts";
import { fits, KeptPlans } from "../../src/engine/kept-plans.ts";
import { newRun } from "../../src/engine/run.ts";

describe("the plans of strata that are kept", () => {
  it("fit until a relation has eight times as many rows, and some", () => {
    expect([fits([10], [144]), fits([10], [145])]).to.deep.equal([true, false]);
    expect([fits([0], [64]), fits([0], [65])]).to.deep.equal([true, false]);
    expect([fits([1000, 0], [1, 64]), fits([1000, 0], [1, 65])]).to.deep.equal([true, false]);
    expect(fits([], [])).to.equal(true);
  });

  it("are made when they are needed, and again when what they read is other than it was", () => {
    const { plan } = compile(`.decl a, b, p, q(x: number)
      p(x) :- a(x), !b(x).
      q(x) :- p(x).
      q(x + 1) :- q(x), a(x).`).compiled!;
    const at = (name: string): number => plan.relations.findIndex((of) => of.name === name);
    const database = new Database(plan);
    const upkeeps = plan.strata.map((_, stratum) => plan.upkeep(stratum));
    const run = newRun(plan, database, {});
    run.sizes.push(...plan.relations.map(() => 0));
    const plans = new KeptPlans(plan, upkeeps);
    const stratum = plan.strata.findIndex((of) => of.includes(at("q")));
    const whole = () => plans.whole(run, stratum);
    const [first, upkeep] = [whole(), plans.upkeep(run, stratum, false)];
    expect(plans.whole(run, stratum - 1)).not.to.equal(first);
    expect(plans.upkeep(run, stratum, true)).not.to.equal(upkeep);
    expect(whole()).to.equal(first);
    expect(plans.upkeep(run, stratum, false))
      .to.equal(upkeep)
      .and.not.to.equal(first);
    expect(["holes" in first.stratum, first.stratum.maintained]).to.deep.equal([false, true]);

    run.sizes[at("b")] = 1000;
    run.sizes[at("a")] = 64;
    expect(whole(), "b is not read, and a has few rows more").to.equal(first);
    run.sizes[at("q")] = 1000;
    expect(whole(), "what it computes is not read").to.equal(first);
    const other = plans.upkeep(run, stratum, false);
    expect(other, "but there is an index on it").not.to.equal(upkeep);
    run.sizes[at("a")] = 65;
    const second = whole();
    expect(second).not.to.equal(first);
    run.sizes[at("a")] = 0;
    expect(whole(), "it may shrink").to.equal(second);
    run.sizes[at("a")] = 65 * 8 + 64;
    expect(whole()).to.equal(second);

    // Rows that were removed are still in indexes; once they are not, there are holes.
    const a = database.relations[at("a")]!;
    for (const word of [1, 2]) a.insert([word]);
    a.mark();
    a.remove(0);
    const losing = whole();
    expect(losing).not.to.equal(second);
    expect([losing.stratum.holes, losing.stratum.losing]).to.deep.equal([true, true]);
    a.mark();
    const holes = whole();
    expect(holes).not.to.equal(losing);
    expect([holes.stratum.holes, "losing" in holes.stratum]).to.deep.equal([true, false]);
    expect(whole()).to.equal(holes);
    a.compact();
    expect(whole(), "the one without").to.equal(second);
    const b = database.relations[at("b")]!;
    b.insert([1]);
    b.remove(0);
    expect(whole(), "it is not read").to.equal(second);
  });

  it("are others for each stratum, for what it is run, and for what is the matter with rows", () => {
    const { plan } = compile(`.decl a, b, c, d, e(x: number)
      b(x) :- a(x).
      c(x) :- a(x), b(x).
      d(x) :- a(x), c(x).
      e(x) :- a(x), d(x).`).compiled!;
    const database = new Database(plan);
    const upkeeps = plan.strata.map((_, stratum) => plan.upkeep(stratum));
    const run = newRun(plan, database, {});
    run.sizes.push(...plan.relations.map(() => 0));
    const plans = new KeptPlans(plan, upkeeps);
    const [a] = database.relations;
    const states = [
      () => {
        a!.compact();
      },
      () => {
        a!.insert([1]);
        a!.mark();
        a!.remove(a!.rowOf([1]));
      },
      () => {
        a!.mark();
      },
    ];
    const made = () =>
      states.flatMap((bring) => {
        bring();
        return [1, 2, 3, 4].flatMap((stratum) => [
          ...[plans.whole(run, stratum), plans.upkeep(run, stratum, true)],
          plans.upkeep(run, stratum, false),
        ]);
      });
    const first = made();
    expect(new Set(first).size).to.equal(3 * 4 * 3);
    expect(made().every((of, at) => of === first[at])).to.equal(true);
  });
});
