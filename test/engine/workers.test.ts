import { expect } from "chai";

import { webAssembly } from "../../src/codegen/backend.ts";
import type { SetForm } from "../../src/codegen/store.ts";
import { compile, type CompiledProgram } from "../../src/compile.ts";
import { Database } from "../../src/engine/database.ts";
import { evaluate } from "../../src/engine/evaluate.ts";
import type { Limits } from "../../src/engine/limit.ts";
import { sharingRules, type SharingRules } from "../../src/engine/sharing.ts";
import { Workers, type ThreadPool } from "../../src/engine/workers.ts";
import type { Domain } from "../../src/value/schema.ts";
import { forced, forms } from "../support/forms.ts";
import { testFunctors } from "../support/functors.ts";
import { generateProgram } from "../support/generate-program.ts";
import { textOfProgram } from "../support/generated-program.ts";
import { testThreads, type TestThreads } from "../support/threads.ts";

// SEED=n starts there; PROGRAMS=n is how many.
const first = Number(process.env["SEED"] ?? 1);
const count = Number(process.env["PROGRAMS"] ?? 25);

/** Shares whatever can be, in the smallest of blocks. */
const eager: SharingRules = {
  ...sharingRules,
  ...{ rowsMin: 1, workMin: 0, blockRowsMin: 1, blockRowsMax: 3, gatheredWords: 16 },
  ...{ newBitsMax: 1, releasedBytesMax: 0 },
};
/** The same, and all of it is done by other threads. */
const idle: SharingRules = { ...eager, takesPart: false };

const closure = `.decl e(x: number, y: number)  .decl p(x: number, y: number)
  e(n, (n * 7 + 1) % 400) :- n = range(0, 400).
  e(n, (n * 3 + 2) % 400) :- n = range(0, 400).
  p(x, y) :- e(x, y).
  p(x, z) :- p(x, y), e(y, z).`;

describe("rules on several threads", () => {
  let threads: TestThreads;

  before(async () => {
    threads = await testThreads(2);
  });

  after(async () => {
    await threads.end();
  });

  for (const domain of [64, 32] as const) {
    it(`leave random programs their rows, in their order, in ${domain} bits (seeds from ${first})`, function () {
      this.timeout(count * 5000);
      let shared = 0;
      for (let seed = first; seed < first + count; seed++) {
        const text = textOfProgram(generateProgram(seed, domain), { plain: false });
        const program = compile(text, { domain }).compiled;
        if (program === undefined) continue;
        const alone = ran(program, {});
        for (const [others, rules] of [[1, idle] as const, [2, eager] as const]) {
          const found = ran(program, { pool: threads.pool(others), rules });
          const where = `SEED=${seed} PROGRAMS=1, ${others} other threads`;
          expect(found.codes, where).to.equal(alone.codes);
          expect(found.rows, where).to.equal(alone.rows);
          shared += found.blocks;
        }
      }
      expect(shared).to.be.greaterThan(0);
    });
  }

  it("leave sets of every form as they are", () => {
    for (const form of forms) {
      const program = compiledFrom(closure);
      const wanted = ran(program, { form }).rows;
      for (const rules of [eager, idle, sharingRules]) {
        const { rows, blocks } = ran(program, { form, rules, pool: threads.pool(2) });
        expect(rows === wanted, form).to.equal(true);
        expect(blocks, form).to.be.greaterThan(0);
      }
    }
  });

  it("have blocks of all threads, and only of others where one does not take part", () => {
    const found = ran(compiledFrom(closure), { rules: idle, pool: threads.pool(1) });
    expect(found.blocksOfOthers).to.equal(found.blocks).and.to.be.greaterThan(1000);
  });

  it("meet limits where one thread meets them", () => {
    const program = compiledFrom(closure);
    for (const maxTuples of [801, 5000, 50_000]) {
      const alone = ran(program, { limits: { maxTuples } });
      const found = ran(program, { limits: { maxTuples }, rules: idle, pool: threads.pool(2) });
      expect(found.codes).to.equal("too-many-tuples");
      expect(found.rows === alone.rows).to.equal(true);
    }
    const limits = { maxMemoryBytes: 2 ** 20 };
    for (const rules of [eager, idle])
      expect(ran(program, { limits, rules, pool: threads.pool(2) }).codes).to.equal(
        "out-of-memory",
      );
  });

  it("leave to one what others cannot do: sums of numbers that are interned", () => {
    const text = `.decl a(x: number)  .decl b(x: number)
      a(4611686018427387904).  a(n) :- n = range(0, 2000).
      b(x + 1) :- a(x).  b(x - 3) :- b(x), x > 4611686018427387000.`;
    const program = compiledFrom(text, 64);
    const alone = ran(program, {});
    const found = ran(program, { rules: idle, pool: threads.pool(1) });
    expect(found.rows).to.equal(alone.rows);
    expect(found.blocksOfOthers).to.be.lessThan(found.blocks);
  });

  it("are rules on one where no other begins", () => {
    const program = compiledFrom(closure);
    const none: ThreadPool = { threads: 3, start: () => undefined };
    const found = ran(program, { rules: eager, pool: none });
    expect(found.rows === ran(program, {}).rows).to.equal(true);
    expect(found.blocks).to.equal(0);
  });
});

function compiledFrom(text: string, domain: Domain = 32): CompiledProgram {
  const { compiled } = compile(text, { domain });
  if (compiled === undefined) throw new Error("the program has errors");
  return compiled;
}

type Ran = {
  /** The words of all relations, in the order of their rows. */
  readonly rows: string;
  readonly codes: string;
  readonly blocks: number;
  readonly blocksOfOthers: number;
};

function ran(
  { plan }: CompiledProgram,
  {
    pool,
    rules,
    form,
    limits = {},
  }: {
    readonly pool?: ThreadPool;
    readonly rules?: SharingRules;
    readonly form?: SetForm;
    readonly limits?: Limits;
  },
): Ran {
  const database = new Database(plan, {}, form === undefined ? {} : { forms: forced(form) });
  const workers = pool && new Workers(pool, database.memory, rules);
  const { diagnostics } = evaluate(plan, database, {
    ...{ backend: webAssembly, functors: testFunctors(), limits: { maxTuples: 1e6, ...limits } },
    ...(workers && { workers }),
  });
  workers?.end();
  const rows = database.relations.map((relation) =>
    relation.schema.attributes.map((_, at) => relation.column(at).join()).join(" "),
  );
  return {
    rows: rows.join("\n"),
    codes: diagnostics.map(({ code }) => code).join(),
    blocks: workers?.blocks ?? 0,
    blocksOfOthers: workers?.blocksOfOthers ?? 0,
  };
}
