import { expect } from "chai";

import { compiled, interpreted } from "../../src/codegen/backend.ts";
import { compile } from "../../src/compile.ts";
import { Database } from "../../src/engine/database.ts";
import { evaluate } from "../../src/engine/evaluate.ts";

/** Programs whose memory goes into one thing each, most of it within one block of rows. */
const programs = {
  "rows and their set": `.decl p(x: number, y: number)
    p(x, y) :- x = range(0, 150), y = range(0, 150).`,
  "an index": `.decl p(x: number, y: number)  .decl q(y: number)
    p(x % 700, x) :- x = range(0, 20000).
    q(y) :- p(x, z), z < 20, p(x, y).`,
  symbols: `.decl n(x: number)  .decl s(x: symbol)
    n(x) :- x = range(0, 150).
    s(cat(to_string(x), cat(" is not so much more than ", to_string(y)))) :- n(x), n(y).`,
  "wide numbers": `.decl n(x: number)  .decl w(x: number)
    n(x) :- x = range(0, 150).
    w(x * 1000000000000 + y * 10000000000) :- n(x), n(y).`,
  records: `.type Pair = [a: number, b: number]
    .decl n(x: number)  .decl r(p: Pair)
    n(x) :- x = range(0, 150).
    r([x, y]) :- n(x), n(y).`,
};

for (const [name, backend] of Object.entries({ compiled, interpreted })) {
  describe(`a limit of memory (${name})`, () => {
    for (const [what, text] of Object.entries(programs))
      it(`is kept, to the byte, by ${what}`, () => {
        const { plan } = compile(text).compiled!;
        const whole = new Database(plan);
        expect(evaluate(plan, whole, { backend }).diagnostics).to.deep.equal([]);
        const least = new Database(plan).memoryBytes;
        let stopped = 0;
        const steps = 40;
        for (let step = 0; step <= steps; step++) {
          const maxMemoryBytes =
            least + Math.ceil(((whole.memoryBytes - least) * 3 * step) / steps);
          const database = new Database(plan);
          const { diagnostics } = evaluate(plan, database, { backend, limits: { maxMemoryBytes } });
          const codes = diagnostics.map(({ code }) => code);
          expect(database.memoryBytes).to.be.at.most(maxMemoryBytes);
          if (codes.length === 0) continue;
          stopped++;
          expect(codes).to.deep.equal(["out-of-memory"]);
          // What was derived until then is whole, and there is no limit any more.
          expect(evaluate(plan, database, { backend }).diagnostics).to.deep.equal([]);
          expect(database.relations.map(({ size }) => size)).to.deep.equal(
            whole.relations.map(({ size }) => size),
          );
        }
        expect(stopped).to.be.within(10, steps);
      });
  });
}
