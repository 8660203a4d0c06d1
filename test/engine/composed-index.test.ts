import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { compiled, interpreted, javascript, webAssembly } from "../../src/codegen/backend.ts";
import { groupOfWord } from "../../src/codegen/group.ts";
import { compile, type CompiledProgram } from "../../src/compile.ts";
import { ComposedIndex } from "../../src/engine/composed-index.ts";
import { Database } from "../../src/engine/database.ts";
import { evaluate } from "../../src/engine/evaluate.ts";
import { GroupIndex } from "../../src/engine/group-index.ts";
import { Memory } from "../../src/engine/memory.ts";
import { Tuples } from "../../src/engine/tuples.ts";
import { dump } from "../../src/plan/dump.ts";
import type { Plan } from "../../src/plan/plan.ts";

const seed = Number(process.env["SEED"] ?? 20261121);

describe(`an index of a composition (SEED=${seed})`, () => {
  for (const column of [0, 1])
    for (const through of [0, 1])
      it(`on [${column}] through [${through}] holds the partners of all rows, in order`, () => {
        const next = random(seed);
        const memory = new Memory();
        const [rows, others] = [new Tuples(2, memory), new Tuples(2, memory)];
        while (others.size < 300) others.insert([next.below(400), next.below(400)]);
        const partners = new GroupIndex(others, [through], "values", memory);
        partners.extend(others.size);
        const before = memory.bytes - rows.memoryBytes;
        const index = new ComposedIndex(rows, column, partners, memory);
        // Rounds with and without new rows, and two that begin anew with what there is.
        for (const [from, to] of [
          ...([
            [0, 0],
            [0, 3],
            [3, 400],
            [400, 400],
            [400, 450],
            [450, 3000],
          ] as const),
          ...([
            [3000, 3000],
            [0, 3001],
            [3001, 3400],
            [2000, 3600],
          ] as const),
        ] as const) {
          while (rows.size < to) rows.insert([next.below(90), next.below(400)]);
          rows.from = from;
          index.extend(to);
          for (let key = 0; key < 90; key++) {
            const found = composed(rows, others, { column, through, key, to });
            const slot = groupOfWord(index, key);
            const start = index.directory[slot + 2]!;
            const items = index.items.subarray(start, start + index.directory[slot + 3]!);
            expect([...items], `${key} of ${to}`).to.deep.equal(found.map(({ word }) => word));
            const stable = found.filter(({ row }) => row < from).length;
            expect(index.directory[slot + 1], `${key} of [0, ${from})`).to.equal(stable);
          }
        }
        expect(before + rows.memoryBytes + index.memoryBytes).to.equal(memory.bytes);
        index.release();
        expect(before + rows.memoryBytes).to.equal(memory.bytes);
      });
});

// Who points to what: what is loaded from and stored to is found by what it points to.
const text = `
  .decl base(y: number, x: number)  .input base
  .decl load(y: number, x: number)  .input load
  .decl store(y: number, x: number)  .input store
  .decl pt(y: number, x: number)
  pt(y, x) :- base(y, x).
  pt(y, w) :- pt(x, z), load(y, x), pt(z, w).
  pt(z, w) :- pt(y, z), store(y, x), pt(x, w).`;

describe(`a rule that goes from new to old rows and on to partners (SEED=${seed})`, () => {
  const program = compile(text).compiled!;

  it("looks them up in a composition where there are few, and nothing else needs the rows", () => {
    const planned = (size: number, group: number): string =>
      dump(program.plan.stratum(3, [100, size, 100, -1], undefined, () => group));
    const line = "probe stable pt on [1] = (z) binding (x,_) composed with";
    expect(planned(100, 1)).to.contain(line);
    expect(planned(100, 3)).not.to.contain(line);
    expect(planned(-1, 1)).not.to.contain(line);
    expect(dump(program.plan.stratum(3, [100, 100, 100, -1]))).not.to.contain("composed");
    expect(dump(program.plan.stratum(3, [100, 100, 100, -1], "maintained"))).not.to.contain(
      "composed",
    );
  });

  it("derives the same with and without, in every way to run it", () => {
    const { plan } = program;
    const stratum: Plan["stratum"] = (at, sizes) => plan.stratum(at, sizes);
    const plain: CompiledProgram = { ...program, plan: { ...plan, stratum } };
    const expected = derived(plain, interpreted).toSorted();
    expect(expected.length).to.be.greaterThan(1000);
    const ordered = derived(program, interpreted);
    expect(ordered.toSorted()).to.deep.equal(expected);
    for (const backend of [compiled, javascript, webAssembly])
      expect(derived(program, backend)).to.deep.equal(ordered);
  });
});

/** The pairs that an evaluation derives from facts that are the same each time, in order. */
function derived({ plan }: CompiledProgram, backend: typeof compiled): string[] {
  const next = random(seed);
  const database = new Database(plan);
  for (const [name, count] of Object.entries({ base: 150, load: 100, store: 50 }))
    for (let at = 0; at < count; at++)
      database.relation(name)!.insert([next.below(100), next.below(100)]);
  const { diagnostics } = evaluate(plan, database, { backend });
  expect(diagnostics).to.deep.equal([]);
  const pt = database.relation("pt")!;
  const [first, second] = [pt.column(0), pt.column(1)];
  return [...first].map((word, row) => `${word} ${second[row]}`);
}

type Asked = { column: number; through: number; key: number; to: number };

function composed(
  rows: Tuples,
  others: Tuples,
  { column, through, key, to }: Asked,
): { row: number; word: number }[] {
  const found: { row: number; word: number }[] = [];
  for (let row = 0; row < to; row++) {
    if (rows.columns[column]![row] !== key) continue;
    for (let other = 0; other < others.size; other++)
      if (others.columns[through]![other] === rows.columns[1 - column]![row])
        found.push({ row, word: others.columns[1 - through]![other]! });
  }
  return found;
}
