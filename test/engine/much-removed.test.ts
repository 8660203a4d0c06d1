import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { compile } from "../../src/compile.ts";
import { Database } from "../../src/engine/database.ts";
import { Maintained } from "../../src/engine/maintained.ts";

const seed = Number(process.env["SEED"] ?? 20261121);

/** With so few vertices a closure has some ten thousand paths. */
const shapes = [
  {
    name: "a chain",
    rules: ["path(x, z) :- path(x, y), edge(y, z)."],
    vertices: 150,
    web: 0,
    steps: 40,
  },
  {
    name: "a web",
    ...{ rules: ["path(x, z) :- path(x, y), edge(y, z)."], vertices: 90, web: 180, steps: 12 },
  },
  {
    name: "a web, from its ends",
    ...{ rules: ["path(x, z) :- edge(x, y), path(y, z)."], vertices: 90, web: 150, steps: 12 },
  },
  {
    name: "a web, by halves",
    ...{ rules: ["path(x, z) :- path(x, y), path(y, z)."], vertices: 90, web: 120, steps: 8 },
  },
  {
    name: "a web, by two relations",
    rules: ["far(x, z) :- path(x, y), edge(y, z).", "path(x, z) :- far(x, z)."],
    ...{ vertices: 90, web: 150, steps: 8 },
  },
];

describe(`a closure of which much goes (SEED=${seed})`, function () {
  this.timeout(180_000);

  for (const [at, { name, ...shape }] of shapes.entries()) {
    it(`says just what went and what came, of ${name}`, () => {
      follow(shape, seed + at);
    });
  }
});

/** Changes a graph, and compares what is said of its closure with what that is. */
function follow(
  { rules, vertices, web, steps }: Omit<(typeof shapes)[number], "name">,
  start: number,
): void {
  const next = random(start);
  const { plan } = compile(`.decl edge, path, far, long(x: number, y: number)
      path(x, y) :- edge(x, y).
      ${rules.join("\n")}
      long(x, y) :- path(x, y), !edge(x, y).`).compiled!;
  const [edge, path, long] = ["edge", "path", "long"].map((name) =>
    plan.relations.findIndex((relation) => relation.name === name),
  ) as [number, number, number];
  const kept = new Maintained(plan, new Database(plan));
  const edges = new Set<string>();
  const put = (x: number, y: number): void => {
    if (kept.insert(edge, [x, y])) edges.add(`${x},${y}`);
  };
  for (let x = 0; x + 1 < vertices; x++) put(x, x + 1);
  for (let count = web; count > 0; count--) put(next.below(vertices), next.below(vertices));
  const shown = new Map([path, long].map((of) => [of, new Set<string>()]));
  let derived = 0;
  let runs = 0;
  for (let step = 0; step < steps; step++) {
    const { changes, evaluation } = kept.run();
    runs++;
    derived += evaluation.strata.filter(({ relations }) => relations.includes(path)).length;
    for (const change of changes) {
      const tuples = shown.get(change.relation);
      if (tuples === undefined) continue;
      expect(change.kind).not.to.equal("replaced");
      if (change.kind === "replaced") continue;
      if (change.kind === "changed")
        for (const one of pairs(change.removed(), change.removedCount))
          expect(tuples.delete(one), `${one} was there`).to.equal(true);
      for (const one of pairs(change.columns(), change.count)) {
        expect(tuples.has(one), `${one} was not there`).to.equal(false);
        tuples.add(one);
      }
    }
    const paths = closure(edges, vertices);
    expect(shown.get(path)).to.deep.equal(paths);
    expect(shown.get(long)).to.deep.equal(new Set([...paths].filter((one) => !edges.has(one))));

    // One edge in the middle parts a chain; a few others are what is changed beside it.
    for (let change = next.below(4); change >= 0; change--) {
      const [x, y] = [next.below(vertices), next.below(vertices)];
      const [from, to] = next.chance(0.6) && x + 1 < vertices ? [x, x + 1] : [x, y];
      if (next.chance(0.5) || !edges.has(`${from},${to}`)) put(from, to);
      else if (kept.remove(edge, [from, to])) edges.delete(`${from},${to}`);
    }
  }
  expect(derived).to.be.above(runs / 2);
}

function pairs(columns: readonly Int32Array[], count: number): string[] {
  return Array.from({ length: count }, (_, row) => `${columns[0]![row]!},${columns[1]![row]!}`);
}

/** The paths over edges. */
function closure(edges: ReadonlySet<string>, vertices: number): Set<string> {
  const after = Array.from({ length: vertices }, (): number[] => []);
  for (const one of edges) {
    const [x = 0, y = 0] = one.split(",").map(Number);
    after[x]!.push(y);
  }
  const paths = new Set<string>();
  for (let from = 0; from < vertices; from++) {
    const found = new Set<number>();
    const open = [from];
    for (let at = open.pop(); at !== undefined; at = open.pop())
      for (const to of after[at]!) {
        if (found.has(to)) continue;
        found.add(to);
        open.push(to);
        paths.add(`${from},${to}`);
      }
  }
  return paths;
}
