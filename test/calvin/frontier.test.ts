import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import {
  addedFacts,
  joinedFrontier,
  majorityFrontier,
  majorityOf,
  reaches,
} from "../../src/calvin/frontier.ts";
import type { Batch, VersionVector } from "../../src/transducer/protocol.ts";
import { SharedFacts } from "../../src/transducer/shared.ts";

const members = ["a", "b", "c"];

function vector(counts: Record<string, number>): VersionVector {
  return new Map(Object.entries(counts));
}

function batch(origin: string, from: number, count: number): Batch {
  const fact = (at: number) => ({ relation: 0, values: [`${origin} ${from + at}`] });
  return { origin, from, facts: Array.from({ length: count }, (_, at) => fact(at)) };
}

function said(...vectors: Record<string, number>[]): Map<string, VersionVector> {
  return new Map(vectors.map((of, at) => [members[at] ?? "", vector(of)]));
}

describe("a frontier", () => {
  it("names what a majority of the members holds, and not what its origin holds alone", () => {
    const frontier = majorityFrontier(members, said({ "a/1": 5 }, { "a/1": 3 }, { "b/1": 9 }));
    expect([...frontier]).to.deep.equal([["a/1", 3]]);
  });

  it("counts members alone, each once, and those who said nothing", () => {
    const known = new Map([...said({ "a/1": 5 }), ["x", vector({ "a/1": 5 })]]);
    expect(majorityFrontier(members, known)).to.deep.equal(new Map());
    expect(majorityFrontier(["a", "a", "b"], known)).to.deep.equal(new Map());
    expect(majorityFrontier(["a"], known)).to.deep.equal(vector({ "a/1": 5 }));
  });

  it("never goes back", () => {
    const before = vector({ "a/1": 5, "b/1": 1 });
    const now = joinedFrontier(before, vector({ "a/1": 2, "c/1": 1 }));
    expect(now).to.deep.equal(vector({ "a/1": 5, "b/1": 1, "c/1": 1 }));
  });

  it("is reached by who holds all that it names", () => {
    const frontier = vector({ "a/1": 2, "b/1": 1 });
    expect(reaches(vector({ "a/1": 2, "b/1": 1, "c/1": 7 }), frontier)).to.equal(true);
    expect(reaches(vector({ "a/1": 1, "b/1": 1 }), frontier)).to.equal(false);
    expect(reaches(vector({ "a/1": 2 }), frontier)).to.equal(false);
  });

  it("adds facts in the order of origins and numbers, however they came", () => {
    const shared = new SharedFacts();
    for (const of of [batch("b/1", 1, 2), batch("a/1", 1, 1), batch("b/1", 3, 1)]) shared.add(of);
    const facts = addedFacts(vector({ "b/1": 2 }), vector({ "b/1": 3, "a/1": 1 }), (...of) =>
      shared.between(...of),
    );
    expect([...facts].map(({ values }) => values[0])).to.deep.equal(["a/1 1", "b/1 3"]);
  });

  it("adds them by origin whichever was heard of first, and asks for none where none is added", () => {
    const origins = ["a/1", "b/1", "c/1"];
    for (const order of [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ]) {
      const now = new Map(order.map((at) => [origins[at] ?? "", 2]));
      const asked: string[] = [];
      const facts = addedFacts(vector({ "b/1": 2 }), now, (origin, after) => {
        asked.push(origin);
        return [batch(origin, after + 1, 2)];
      });
      const values = [...facts].map(({ values }) => values[0]);
      expect(values).to.deep.equal(["a/1 1", "a/1 2", "c/1 1", "c/1 2"]);
      expect(asked).to.deep.equal(["a/1", "c/1"]);
    }
  });

  it("adds a part of a batch where it ends within one", () => {
    const facts = addedFacts(vector({ "a/1": 1 }), vector({ "a/1": 3 }), () => [
      batch("a/1", 1, 4),
    ]);
    expect([...facts].map(({ values }) => values[0])).to.deep.equal(["a/1 2", "a/1 3"]);
  });

  it("is not taken in past a gap", () => {
    const short = addedFacts(vector({}), vector({ "a/1": 3 }), () => [batch("a/1", 1, 2)]);
    expect(() => [...short]).to.throw("is there");
    const gap = addedFacts(vector({}), vector({ "a/1": 3 }), () => [
      batch("a/1", 1, 1),
      batch("a/1", 3, 1),
    ]);
    expect(() => [...gap]).to.throw("gaps");
  });

  it("survives the loss of as many members as are no majority", () => {
    const chance = random(1);
    for (let run = 0; run < 200; run++) {
      const names = Array.from({ length: 1 + chance.below(6) }, (_, at) => `n${at}`);
      const held = new Map(
        names.map((name) => [name, vector({ "a/1": chance.below(5), "b/1": chance.below(5) })]),
      );
      const frontier = majorityFrontier(names, held);
      const left = chance.shuffled(names).slice(names.length - majorityOf(names.length));
      for (const [origin, count] of frontier) {
        const most = Math.max(...left.map((name) => held.get(name)?.get(origin) ?? 0));
        expect(most, `run ${run}: ${left.join()} of ${names.length}`).to.be.at.least(count);
      }
    }
  });
});
