import { expect } from "chai";

import { indexNeeds } from "../../src/codegen/access.ts";
import { compiled, interpreted, webAssembly, type Backend } from "../../src/codegen/backend.ts";
import { compile } from "../../src/compile.ts";
import { Database } from "../../src/engine/database.ts";
import { Maintained, type Maintenance } from "../../src/engine/maintained.ts";
import type { StratumPlan } from "../../src/plan/plan.ts";
import { printValue } from "../../src/value/print-value.ts";
import type { Word } from "../../src/value/word.ts";
import { runCases } from "../support/cases.ts";
import { testFunctors } from "../support/functors.ts";

describe("a program that is kept up", () => {
  runCases("maintained", {
    keep: (input, args) => {
      const [byCode, byPlan, byWasm] = [compiled, interpreted, webAssembly].map((backend) =>
        session(input, args.includes("grows"), backend),
      );
      expect(byPlan).to.equal(byCode);
      expect(byWasm).to.equal(byCode);
      return byCode ?? "";
    },
  });
});

describe("what is found to have lost a derivation by a change below", () => {
  it("is sought in the indexes that insertions have: of words where one column is left", () => {
    const { compiled: program } = compile(`.decl edge, path(x: number, y: number)
      path(x, y) :- edge(x, y).
      path(x, z) :- path(x, y), edge(y, z).`);
    const plan = program!.plan;
    const path = plan.relations.findIndex(({ name }) => name === "path");
    const at = plan.strata.findIndex((relations) => relations.includes(path));
    const sizes = plan.relations.map(() => 1000);
    const { below, again } = plan.removal(at, sizes);
    const forms = (of: StratumPlan): string[] =>
      indexNeeds(of).flatMap(({ relation, columns, form }) =>
        relation === path ? [`${columns.join()} ${form}`] : [],
      );
    expect(forms(below)).to.deep.equal(["0,1 tuples", "1 values"]);
    expect(forms(again), "of what is left of them, rows may be gone").to.include("1 rows");
  });

  it("makes no index of rows where nothing is new", () => {
    const { compiled: program } = compile(`.decl edge, path(x: number, y: number)
      path(x, y) :- edge(x, y).
      path(x, z) :- path(x, y), edge(y, z).`);
    const { plan } = program!;
    const [edge, path] = ["edge", "path"].map((name) =>
      plan.relations.findIndex((relation) => relation.name === name),
    );
    const database = new Database(plan);
    const kept = new Maintained(plan, database);
    for (let x = 0; x < 200; x++) kept.insert(edge!, [x, x + 1]);
    kept.run();
    kept.insert(edge!, [200, 201]);
    kept.run();
    const { indexBytes } = database.relations[path!]!;
    kept.remove(edge!, [200, 201]);
    kept.run();
    const rows = database.relations[path!]!.rowIndex().memoryBytes;
    const room = 1 << 12;
    expect(database.relations[path!]!.indexBytes).to.be.below(indexBytes + rows + room);
  });
});

describe("facts of a program that is kept up", () => {
  const { compiled: program } = compile(`.decl a, p(x: number)
    a(5).
    p(x) :- a(x).
    .decl b(x: number, y: Max<number>)`);
  if (program === undefined) throw new Error("the program has errors");

  it("are inserted once and removed once, whatever rules derive", () => {
    const kept = new Maintained(program.plan, new Database(program.plan));
    kept.run();
    expect(kept.insert(1, [5])).to.equal(true);
    expect(kept.insert(1, [5])).to.equal(false);
    expect(kept.remove(1, [5])).to.equal(true);
    expect(kept.remove(1, [5])).to.equal(false);
    expect(kept.insert(1, [5])).to.equal(true);
    expect(kept.run().changes).to.deep.equal([]);
    expect(kept.remove(1, [5])).to.equal(true);
    expect(kept.run().changes).to.deep.equal([]);
    expect(kept.remove(1, [5])).to.equal(false);
  });

  it("stay where the text states them", () => {
    const kept = new Maintained(program.plan, new Database(program.plan));
    kept.run();
    expect(kept.insert(0, [5])).to.equal(false);
    expect(kept.remove(0, [5])).to.equal(false);
  });

  it("come many at once", () => {
    const database = new Database(program.plan);
    const kept = new Maintained(program.plan, database);
    const ascending = Int32Array.from({ length: 1000 }, (_, at) => at);
    expect(kept.append(0, [ascending], 1000)).to.equal(1000);
    expect(kept.append(2, [ascending.map((word) => word % 10), ascending], 1000)).to.equal(1000);
    kept.run();
    expect(database.relations.map(({ size }) => size)).to.deep.equal([1000, 1000, 10]);
    for (const word of [7, 8, 999]) kept.remove(0, [word]);
    expect(kept.append(0, [ascending], 8)).to.equal(1);
    kept.run();
    expect(database.relations.map(({ size }) => size)).to.deep.equal([998, 998, 10]);
    expect(database.relations[2]?.has([3, 993])).to.equal(true);
    expect(database.relations[2]?.has([3, 983])).to.equal(false);
  });

  it("can be in the database from the beginning", () => {
    const database = new Database(program.plan);
    database.relations[1]?.insert([7]);
    const kept = new Maintained(program.plan, database);
    kept.run();
    expect(database.relations[1]?.size).to.equal(2);
    expect(kept.remove(1, [7])).to.equal(true);
    const [change] = kept.run().changes;
    expect(change?.kind === "changed" && [change.count, change.removed()]).to.deep.equal([
      ...[0, [Int32Array.of(7)]],
    ]);
    expect(database.relations[1]?.size).to.equal(1);
  });
});

describe("of a program that is kept up", () => {
  const { compiled: program } = compile(`.decl a, p(x: number)
    a(5).
    p(8).
    p(x) :- a(x).
    .decl twin(x: number, y: number) eqrel`);
  if (program === undefined) throw new Error("the program has errors");

  it("what was inserted can be had, whatever rules derive", () => {
    const kept = new Maintained(program.plan, new Database(program.plan));
    for (const word of [3, 5, 7]) kept.insert(1, [word]);
    kept.insert(0, [6]);
    kept.insert(2, [1, 2]);
    kept.remove(1, [7]);
    kept.run();
    const given = [0, 1, 2].map((at) => {
      const { columns, size } = kept.given(at);
      return [size, columns.map((column) => [...column])];
    });
    expect(given).to.deep.equal([
      [2, [[6, 5]]],
      [2, [[3, 5]]],
      [1, [[1], [2]]],
    ]);
    expect([3, 5, 6, 7, 8].map((word) => kept.isGiven(1, [word]))).to.deep.equal([
      ...[true, true, false, false, false],
    ]);
    expect([kept.isGiven(2, [1, 2]), kept.isGiven(2, [2, 1])]).to.deep.equal([true, false]);
  });

  it("each run says how many tuples it doubted", () => {
    const kept = new Maintained(program.plan, new Database(program.plan));
    for (let word = 10; word < 20; word++) kept.insert(0, [word]);
    const doubted = [kept.run().doubted];
    for (const words of [[10, 11, 12], [], [13]]) {
      for (const word of words) kept.remove(0, [word]);
      doubted.push(kept.run().doubted);
    }
    expect(doubted).to.deep.equal([0, 3, 0, 1]);
  });

  it("no memory is given back as long as there is little to give", () => {
    const kept = new Maintained(program.plan, new Database(program.plan));
    kept.run();
    expect(kept.reclaim()).to.equal(false);
  });

  it("nothing is run as long as a functor is missing", () => {
    const { compiled: calls } = compile(`.functor twice(x: number): number
      .decl a, p(x: number)
      a(5).
      p(@twice(x)) :- a(x).`);
    const { plan } = calls!;
    const database = new Database(plan);
    const { evaluation, ...rest } = new Maintained(plan, database).run();
    expect(evaluation.diagnostics.map(({ code }) => code)).to.deep.equal(["missing-functor"]);
    expect({ ...evaluation, diagnostics: [] }).to.deep.equal({
      ...{ diagnostics: [], strata: [], rules: [], complete: false },
    });
    expect(rest).to.deep.equal({ changes: [], doubted: 0 });
    expect(database.relations.map(({ size }) => size)).to.deep.equal([0, 0]);
  });
});

/** A program, and from the first line that begins with `+` or `-` on what is inserted and removed,
 * all of a line before one run. Of each run the strata that were evaluated are shown, with how many
 * tuples their rules derived, and what changed. */
function session(input: string, grows: boolean, backend: Backend): string {
  const lines = input.split("\n");
  const begin = lines.findIndex((line) => /^[+-]/.test(line));
  const { compiled: program } = compile(lines.slice(0, begin).join("\n"));
  if (program === undefined) return "the program has errors";
  const { plan } = program;
  const database = new Database(plan);
  const functors = testFunctors();
  const kept = new Maintained(plan, database, { backend, functors, grows: () => grows });
  const nameOf = (relation: number): string => plan.relations[relation]?.name ?? "";
  const said = ({ evaluation, changes }: Maintenance): string[] => {
    const strata = evaluation.strata.map(
      ({ relations, derived }) => `${relations.map(nameOf).join(" and ")} by ${derived}`,
    );
    const codes = evaluation.diagnostics.map(({ code }) => `  ${code}`);
    return [
      ...[...strata].map((of) => `  rules of ${of}`),
      ...codes,
      ...changes.map((change) => {
        const { kind, relation } = change;
        const columns =
          change.kind === "replaced"
            ? plan.relations[relation]!.attributes.map((_, at) =>
                database.relations[relation]!.column(at),
              )
            : change.columns();
        const count =
          change.kind === "replaced" ? database.relations[relation]!.size : change.count;
        const rows = Array.from({ length: count }, (_, row) => tupleText(relation, columns, row));
        if (change.kind !== "changed") return `  ${nameOf(relation)} ${kind}: ${rows.join(" ")}`;
        const removed = Array.from({ length: change.removedCount }, (_, row) =>
          tupleText(relation, change.removed(), row),
        );
        const signed = [...removed.map((row) => `-${row}`), ...rows.map((row) => `+${row}`)];
        return `  ${nameOf(relation)} ${kind}: ${signed.join(" ")}`;
      }),
    ];
  };
  const tupleText = (relation: number, columns: readonly Int32Array[], row: number): string => {
    const values = plan.relations[relation]!.attributes.map(({ kind }, at) =>
      printValue(database.values.decode(kind, columns[at]![row]!)),
    );
    return `(${values.join(", ")})`;
  };
  const wordsOf = (relation: number, text: string): Word[] =>
    (JSON.parse(`[${text}]`) as (number | string)[]).map((value, at) =>
      database.values.encode(
        plan.relations[relation]!.attributes[at]!.kind,
        typeof value === "number" ? BigInt(value) : value,
      ),
    );
  return lines
    .slice(begin)
    .filter((line) => line !== "")
    .flatMap((line) => {
      for (const [, sign, name, text = ""] of line.matchAll(/([+-])(\w+)\(([^)]*)\)/g)) {
        const relation = plan.relations.findIndex((of) => of.name === name);
        if (sign === "+") kept.insert(relation, wordsOf(relation, text));
        else kept.remove(relation, wordsOf(relation, text));
      }
      return [line, ...said(kept.run())];
    })
    .join("\n");
}
