// Tuples by values in some of their columns, also of views that are derived when they are read.
import { expect } from "chai";

import { random as randomOf } from "../../src/base/random.ts";
import { nodeProgram } from "../../src/server/node-program.ts";
import { assert } from "../../src/base/assert.ts";
import { type Fact, keyOf } from "../../src/transducer/fact.ts";
import { IncrementalTransducer } from "../../src/transducer/incremental.ts";
import type { Value } from "../../src/value/schema.ts";

const text = `
  .decl put(k: symbol, d: number, v: symbol)
  .decl remove(k: symbol, d: number)
  .input put, remove
  .decl cell(k: symbol, d: number, state: Max<>)
  cell(k, d, 1) :- put(k, d, _).
  cell(k, d, 2) :- remove(k, d).
  .output cell
  .decl live(k: symbol, d: number, v: symbol) snapshot
  live(k, d, v) :- put(k, d, v), cell(k, d, 1).
  .decl best(k: symbol, d: number) snapshot
  best(k, d) :- live(k, d, _), d = max e : live(k, e, _).
  .decl alone(k: symbol, d: number) snapshot
  alone(k, d) :- live(k, d, _), !other(k, d).
  .decl other(k: symbol, d: number) snapshot
  other(k, d) :- live(k, d, _), live(k, e, _), d != e.
  .decl seen(k: symbol, d: number) snapshot
  seen(k, d) :- live(k, d, _).
  .decl named(k: symbol, some: number) snapshot
  named(k, 1) :- seen(k, _).
  .decl gone(k: symbol, d: number) snapshot
  gone(k, d) :- cell(k, d, 2), !seen(k, d), d != 3.
  .decl both(k: symbol, d: number, e: number) snapshot
  both(k, d, e) :- seen(k, d), named(k, _), gone(k, e), seen(k, 1).`;
/** The views of it. */
const views = ["live", "best", "alone", "other", "seen", "named", "gone", "both"];

function programOf(of: string) {
  const { program, diagnostics } = nodeProgram(of, {});
  assert(program !== undefined, diagnostics.map(({ message }) => message).join("; "));
  return program;
}

describe("tuples by values in their columns", () => {
  const lazy = programOf(text);
  // With all views put out they are kept up: the other way to the same tuples.
  const eager = programOf(`${text}\n.output ${views.join(", ")}`);
  const at = (name: string): number =>
    lazy.program.relations.findIndex((relation) => relation.name === name);

  it("are derived on demand where no output depends on them", () => {
    const names = [...lazy.onDemand].map((of) => lazy.program.relations[of]?.name);
    expect(names).to.have.members(views);
    expect(eager.onDemand.size).to.equal(0);
  });

  it("are those of all tuples that have the values, while facts come in", () => {
    const seed = Number(process.env["SEED"] ?? 7);
    const random = randomOf(seed);
    const reclaims = { bytesMin: 0, growth: 0, gone: 0 };
    const [one, other] = [lazy, eager].map(
      (of) => new IncrementalTransducer({ ...of, reclaims }, "a", ["a"]),
    );
    assert(one !== undefined && other !== undefined, "two transducers");
    for (let step = 0; step < 150; step++) {
      const key = `k${random.below(6)}`;
      const dot = BigInt(random.below(12));
      const fact: Fact =
        random.below(3) === 0
          ? { relation: at("remove"), values: [key, dot] }
          : { relation: at("put"), values: [key, dot, `v${random.below(2)}`] };
      for (const transducer of [one, other]) transducer.step([fact]);
      for (const name of ["put", "cell", ...views]) {
        const tuples = other.tuples(at(name));
        const shown = (of: readonly (readonly Value[])[]) =>
          of.map((row) => keyOf({ relation: 0, values: row })).toSorted();
        const where = `seed ${seed}, step ${step}, ${name}`;
        expect(shown(one.matching(at(name), [], [])), where).to.deep.equal(shown(tuples));
        const found = one.matching(at(name), [0], [key]);
        expect(shown(found), where).to.deep.equal(shown(tuples.filter((of) => of[0] === key)));
        const both = one.matching(at(name), [0, 1], [key, dot]);
        const fitting = tuples.filter((of) => of[0] === key && of[1] === dot);
        expect(shown(both), where).to.deep.equal(shown(fitting));
      }
    }
  });

  it("are found again after many were", () => {
    const transducer = new IncrementalTransducer(lazy, "a", ["a"]);
    const facts = Array.from({ length: 5_000 }, (_, d): Fact => {
      return { relation: at("put"), values: [`k${d % 10}`, BigInt(d), "v"] };
    });
    transducer.step(facts);
    expect(transducer.tuples(at("live"))).to.have.length(5_000);
    expect(transducer.matching(at("live"), [0], ["k3"])).to.have.length(500);
    expect(transducer.tuples(at("live"))).to.have.length(5_000);
    expect(transducer.matching(at("live"), [0, 1], ["k3", 3n])).to.deep.equal([["k3", 3n, "v"]]);
  });
});
