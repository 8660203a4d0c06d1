import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { Memory } from "../../src/engine/memory.ts";
import { Tuples } from "../../src/engine/tuples.ts";
import { forced, forms } from "../support/forms.ts";

const seed = Number(process.env["SEED"] ?? 20261121);

describe(`room for rows that are to come (SEED=${seed})`, () => {
  for (const form of forms)
    for (let arity = 1; arity <= 3; arity++)
      it(`does not change what is in tuples of arity ${arity} that begin as ${form}`, () => {
        const next = random(seed + arity);
        const [memory, model] = [new Memory(), new Set<string>()];
        const tuples = new Tuples(arity, memory, undefined, forced(form));
        // The table becomes so large that its slots are fetched.
        for (let step = 0; step < 40; step++) {
          const columns = Array.from({ length: arity }, () =>
            Int32Array.from({ length: 2_000 }, () => next.below(2 ** 32) | 0),
          );
          const before = model.size;
          for (let row = 0; row < 2_000; row++)
            model.add(columns.map((column) => column[row]).join());
          expect(tuples.append(columns, 2_000)).to.equal(model.size - before);
          if (step === 5) tuples.reserve(100_000);
          if (step === 20) tuples.reserve(10);
          expect(tuples.append(columns, 2_000)).to.equal(0);
        }
        expect(tuples.size).to.equal(model.size);
        for (const key of model) {
          const tuple = key.split(",").map(Number);
          if (!tuples.has(tuple)) expect.fail(`${key} is not in`);
        }
        expect(tuples.memoryBytes).to.equal(memory.bytes);
      });

  it("is made once: the rows that were expected take no more memory", () => {
    const memory = new Memory();
    const tuples = new Tuples(2, memory);
    tuples.reserve(100_000);
    const reserved = memory.bytes;
    const scattered = Int32Array.from({ length: 100_000 }, (_, at) => Math.imul(at, 0x9e3779b1));
    expect(tuples.append([scattered, scattered], 100_000)).to.equal(100_000);
    expect(tuples.set.form).to.equal("table");
    expect(memory.bytes).to.equal(reserved);
  });

  it("is not made where memory is limited, as it may be for nothing", () => {
    const memory = new Memory();
    memory.bytesMax = 1 << 20;
    const tuples = new Tuples(2, memory);
    const before = memory.bytes;
    tuples.reserve(1e9);
    expect(memory.bytes).to.equal(before);
    expect(tuples.insert([1, 2])).to.equal(true);
  });
});
