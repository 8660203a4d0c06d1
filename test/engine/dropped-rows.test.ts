import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { renderConcise } from "../../src/base/render.ts";
import { least } from "../../src/codegen/store.ts";
import { compile } from "../../src/compile.ts";
import { Database } from "../../src/engine/database.ts";
import { evaluate } from "../../src/engine/evaluate.ts";
import { Memory } from "../../src/engine/memory.ts";
import { relationOfNumbers } from "../support/relations.ts";

const seed = Number(process.env["SEED"] ?? 20261121);

describe(`rows that are dropped (SEED=${seed})`, () => {
  for (const arity of [1, 2, 3, 5]) {
    it(`of arity ${arity} are taken out, of tables and indexes, and may come again`, () => {
      const next = random(seed + arity);
      const memory = new Memory();
      const relation = relationOfNumbers(arity, memory);
      const { tuples } = relation;
      let model: { readonly key: string; readonly dropped: boolean }[] = [];
      for (let round = 0; round < 40; round++) {
        for (let count = next.below(200); count > 0; count--) {
          const tuple = relation.schema.attributes.map(() =>
            next.chance(0.1) ? least : next.below(12),
          );
          const key = tuple.join();
          const known = model.some((one) => one.key === key);
          expect(relation.insert(tuple)).to.equal(!known);
          if (!known) model.push({ key, dropped: false });
        }
        relation.advance();
        const index = relation.index([0], "rows");
        index.extend(tuples.to);
        tuples.coverDropped();
        model = model.map((one, row) => {
          if (!next.chance(0.3)) return one;
          tuples.drop(row);
          return { ...one, dropped: true };
        });
        const kept = model.filter(({ dropped }) => !dropped);
        expect(tuples.kept).to.equal(kept.length);
        const stable = model.slice(0, tuples.from).filter(({ dropped }) => !dropped).length;
        if (!next.chance(0.4)) continue;
        relation.compact();
        model = kept;
        expect(tuples.from).to.equal(stable);
        expect([tuples.to, tuples.size]).to.deep.equal([kept.length, kept.length]);
        const rows = kept.map((_, row) => tuples.columns.map((column) => column[row]).join());
        expect(rows).to.deep.equal(kept.map(({ key }) => key));
        index.extend(tuples.to);
        let indexed = 0;
        for (let slot = 3; slot < index.directory.length; slot += 4)
          indexed += index.directory[slot]!;
        expect(indexed).to.equal(kept.length);
        expect(relation.memoryBytes).to.equal(memory.bytes);
      }
    });
  }

  it("do not count for a limit of size, which holds what is left", () => {
    const { database } = ran(
      `.decl p(x: number, y: number)
       p(0, 0).
       p(x, y + 1) :- p(x, y), y < 50.
       p(y, y) :- p(0, y).
       p(0, a) <= p(0, b) :- a < b.
       .limitsize p(n = 20)`,
    );
    expect(database.relation("p")?.size).to.be.within(20, 30);
  });

  it("are taken out where an evaluation ends with an error", () => {
    const { database, codes } = ran(
      `.decl p(x: number, y: number)
       p(0, 0).
       p(x, 5 / (3 - y) - 9) :- p(x, y).
       p(x, y + 1) :- p(x, y).
       p(x, a) <= p(x, b) :- a < b.`,
    );
    expect(codes).to.contain("division-by-zero");
    const p = database.relation("p");
    expect(p?.tuples.kept).to.equal(p?.size);
  });
});

function ran(text: string): { readonly database: Database; readonly codes: string } {
  const { compiled, diagnostics } = compile(text, {});
  if (compiled === undefined) expect.fail(renderConcise(diagnostics));
  const database = new Database(compiled.plan);
  const found = evaluate(compiled.plan, database).diagnostics;
  return { database, codes: found.map(({ code }) => code).join() };
}
