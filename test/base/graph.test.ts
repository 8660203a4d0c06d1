import { expect } from "chai";

import { shortestPath, stronglyConnected } from "../../src/base/graph.ts";
import { random } from "../../src/base/random.ts";

describe("strongly connected components", () => {
  const of = (...edges: number[][]) => stronglyConnected(edges.length, (at) => edges[at] ?? []);

  it("are single vertices where there is no cycle, what is reached first", () => {
    expect(of([1, 2], [2], [])).to.deep.equal([[2], [1], [0]]);
  });

  it("join what reaches each other", () => {
    expect(of([1], [2], [0, 3], [4], [3], [])).to.deep.equal([[3, 4], [0, 1, 2], [5]]);
  });

  it("are found on a path of three hundred thousand vertices", () => {
    const count = 300_000;
    const components = stronglyConnected(count, (at) => (at + 1 < count ? [at + 1] : []));
    expect(components.length).to.equal(count);
    expect(components[0]).to.deep.equal([count - 1]);
  });

  it("are those that reachability defines, in an order in which edges go back", () => {
    const seed = Number(process.env["SEED"] ?? 1);
    const choose = random(seed);
    for (let round = 0; round < 200; round++) {
      const count = 1 + choose.below(9);
      const edges = Array.from({ length: count }, () =>
        Array.from({ length: choose.below(4) }, () => choose.below(count)),
      );
      const successors = (at: number) => edges[at] ?? [];
      const components = stronglyConnected(count, successors);
      const placeOf = new Map(components.flatMap((all, at) => all.map((one) => [one, at])));
      expect(placeOf.size, `seed ${seed}`).to.equal(count);
      for (let a = 0; a < count; a++) {
        for (let b = 0; b < count; b++) {
          const there = shortestPath(a, b, successors) !== undefined;
          const back = shortestPath(b, a, successors) !== undefined;
          expect(placeOf.get(a) === placeOf.get(b), `seed ${seed}`).to.equal(there && back);
          if (there) expect(placeOf.get(b), `seed ${seed}`).to.be.at.most(placeOf.get(a) ?? -1);
        }
      }
    }
  });
});

describe("a shortest path", () => {
  const edges = [[1, 2], [3], [4], [4], [5], []];
  const path = (from: number, to: number) => shortestPath(from, to, (at) => edges[at] ?? []);

  it("names every vertex it goes through, its ends included", () => {
    expect(path(0, 5)).to.deep.equal([0, 2, 4, 5]);
  });

  it("is one vertex from there to there, and undefined where there is none", () => {
    expect(path(3, 3)).to.deep.equal([3]);
    expect(path(5, 0)).to.equal(undefined);
  });
});
