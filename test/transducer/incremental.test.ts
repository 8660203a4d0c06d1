// The transducer that is kept up does what the model does, step by step.
import { readFileSync } from "node:fs";
import { expect } from "chai";
import type { Program } from "../../src/analysis/program.ts";
import { random, type Random } from "../../src/base/random.ts";
import { interpreted } from "../../src/codegen/backend.ts";
import { growingRelations } from "../../src/plan/growing.ts";
import { flooded, networkProgram } from "../../src/plan/network.ts";
import { plan } from "../../src/plan/program.ts";
import type { Fact, Sent } from "../../src/transducer/fact.ts";
import { IncrementalTransducer } from "../../src/transducer/incremental.ts";
import { ModelTransducer } from "../../src/transducer/model-transducer.ts";
import { Model } from "../../src/transducer/model.ts";
import { programOf, texts } from "../support/networks.ts";

const seed = Number(process.env["SEED"] ?? "1");

const closure = `
  .decl edge(x: number, y: number)
  .input edge
  .decl path(x: number, y: number)
  path(x, y) :- edge(x, y).
  path(x, z) :- path(x, y), edge(y, z).
  .output path`;

const programs: Readonly<Record<string, Program>> = {
  "a closure that floods": flooded(programOf(closure)),
  "shortest paths that flood": flooded(
    programOf(`
      .decl edge(x: number, y: number)
      .input edge
      .decl far(y: number, d: Min<>)
      far(0, 0).
      far(y, d + x + y) :- far(x, d), edge(x, y).
      .output far`),
  ),
  "programs/multicast.dl": programOf(
    readFileSync(new URL("../../programs/multicast.dl", import.meta.url), "utf8"),
  ),
  "a toggle": programOf(`
    .decl edge(x: number, y: number)
    .input edge
    .decl on(x: number) memory
    on(x) :+ edge(x, _), !on(x).
    -on(x) :+ on(x), edge(_, x).
    on(y) :+ on(x), edge(x, y), x < y.
    .decl out(x: number)
    out(x) :- on(x).
    .output out`),
  "memory that rules derive, too": programOf(`
    .decl edge(x: number, y: number)
    .input edge
    .decl start(x: number)
    start(1).
    .decl known(x: number) memory
    known(x) :- start(x).
    known(y) :+ known(x), edge(x, y).
    .decl unknown(x: number)
    unknown(x) :+ edge(x, _), !known(x).
    -unknown(x) :+ known(x).
    .decl told(x: number) message
    told(0) :~ start(1), !known(2).
    .output unknown, told`),
  events: programOf(`
    .decl edge(x: number, y: number)
    .input edge
    .decl ping(x: number) message event
    ping(x) :~ edge(x, _).
    .decl pong(x: number) event
    pong(y) :+ ping(x), edge(x, y).
    .decl joined(x: number, y: number)
    joined(x, y) :- ping(x), pong(y).
    .decl kept(x: number, y: number) memory
    kept(x, y) :+ joined(x, y).
    .decl seen(x: number) message
    seen(x)@n :~ ping(x), Id(n).
    seen(x) :~ kept(x, _).
    .output joined, kept, seen`),
  "texts that come and go": programOf(`
    .decl edge(x: number, y: number)
    .input edge
    .decl said(text: symbol) message event
    said(cat(to_string(x), " said")) :~ edge(x, _).
    .decl last(text: symbol) memory
    last(cat(text, ".")) :+ said(text).
    -last(text) :+ last(text), said(_).
    .decl heard(text: symbol, also: symbol)
    heard(text, cat("also ", also)) :- last(text), said(also).
    .output heard`),
  "a snapshot": flooded(
    programOf(`
      .decl edge(x: number, y: number)
      .input edge
      .decl sink(x: number) snapshot
      sink(y) :- edge(_, y), !edge(y, _).
      .output sink`),
  ),
};

function randomReceived(from: Random, program: Program): Fact[] {
  if (from.chance(0.3)) return [];
  const { roles } = networkProgram(program);
  const travelling = roles.flatMap(({ input, message }, at) => (input || message ? [at] : []));
  return Array.from({ length: from.between(1, 3) }, (): Fact => {
    const relation = from.pick(travelling);
    const attributes = program.relations[relation]?.attributes ?? [];
    const values = attributes.map(({ kind }) =>
      kind === "symbol" ? from.pick(["a", "b"]) : BigInt(from.below(4)),
    );
    return { relation, values };
  });
}

describe(`a transducer that is kept up (SEED=${seed})`, () => {
  for (const [name, program] of Object.entries(programs)) {
    it(`does what the model does: ${name}`, () => {
      const network = networkProgram(program);
      const options = { network, plan: plan(network.step), backend: interpreted };
      const grows = growingRelations(program, network);
      // Values that are gone are given up after each step.
      const reclaims = { bytesMin: 0, growth: 0, gone: 0 };
      const model = new Model(options);
      const shown = (facts: readonly Sent[]): string[] =>
        facts.map((fact) => `${fact.to ?? "*"} ${texts(model, [fact]).join("")}`).toSorted();
      for (let round = 0; round < 12; round++) {
        const from = random(seed * 1000 + round);
        const members = from.chance(0.5) ? ["a"] : ["a", "b"];
        const slow = new ModelTransducer(model, "a", members);
        const fast = new IncrementalTransducer({ ...options, grows, reclaims }, "a", members);
        for (let step = 0; step < 12; step++) {
          const received = randomReceived(from, program);
          const [wanted, found] = [slow.step(received), fast.step(received)];
          const where = `round ${round}, step ${step}`;
          expect(shown(found.sent), where).to.deep.equal(shown(wanted.sent));
          for (const [relation, role] of network.roles.entries()) {
            if (!role.output || role.snapshot) continue;
            const all = (of: typeof fast | typeof slow): string[] =>
              texts(
                model,
                of.tuples(relation).map((values) => ({ relation, values })),
              );
            expect(all(fast), where).to.deep.equal(all(slow));
          }
          expect(found.again, where).to.equal(wanted.again);
        }
      }
    });
  }

  it("does not tell of an output that nobody reads, and tells what comes once somebody does", () => {
    const program = flooded(programOf(closure));
    const network = networkProgram(program);
    const grows = growingRelations(program, network);
    const place = (name: string): number => network.roles.findIndex((role) => role.name === name);
    const [edge, path] = [place("edge"), place("path")];
    let unread = true;
    const options = { network, plan: plan(network.step), backend: interpreted, grows };
    const node = new IncrementalTransducer({ ...options, unread: () => unread }, "a", ["a"]);
    const step = (x: bigint, y: bigint) =>
      node.step([{ relation: edge, values: [x, y] }]).changes.map(({ tuples }) => tuples);
    expect(step(1n, 2n)).to.deep.equal([]);
    expect(node.tuples(path)).to.deep.equal([[1n, 2n]]);
    unread = false;
    const [came] = step(2n, 3n);
    expect(came).to.have.deep.members([
      [2n, 3n],
      [1n, 3n],
    ]);
  });
});
