import { expect } from "chai";

import { random, type Random } from "../../src/base/random.ts";
import { least } from "../../src/codegen/store.ts";
import { LimitFault } from "../../src/engine/limit.ts";
import { Memory } from "../../src/engine/memory.ts";
import { Tuples } from "../../src/engine/tuples.ts";

const seed = Number(process.env["SEED"] ?? 20261121);

describe(`tuples (SEED=${seed})`, () => {
  const words = [least, least + 1, -1, 0, 1, 2, 0x7fffffff];

  for (let arity = 0; arity <= 6; arity++) {
    it(`of arity ${arity} are a set in order of insertion`, () => {
      const next = random(seed + arity);
      const tuples = new Tuples(arity, new Memory());
      const model = new Map<string, number[]>();
      for (let step = 0; step < 3000; step++) {
        const tuple = Array.from({ length: arity }, () => wordOf(next, words));
        const key = tuple.join();
        let right = tuples.has(tuple) === model.has(key);
        if (next.chance(0.7)) {
          right &&= tuples.insert(tuple) === !model.has(key);
          if (!model.has(key)) model.set(key, tuple);
        }
        if (!right || tuples.size !== model.size) expect.fail(`step ${step}: ${key}`);
      }
      const rows = Array.from({ length: tuples.size }, (_, row) =>
        tuples.columns.map((column) => column[row]!),
      );
      expect(rows).to.deep.equal([...model.values()]);
      for (const tuple of model.values()) expect(tuples.has(tuple)).to.equal(true);
    });

    it(`of arity ${arity} that are appended equal those that are inserted`, () => {
      const next = random(seed - arity);
      const count = 5000;
      const columns = Array.from({ length: arity }, () =>
        Int32Array.from({ length: count }, () => next.below(9) - 4),
      );
      const one = new Tuples(arity, new Memory());
      const other = new Tuples(arity, new Memory());
      const before = next.below(count);
      expect(one.append(columns, before)).to.equal(one.size);
      one.append(columns, count);
      for (let row = 0; row < count; row++) other.insert(columns.map((column) => column[row]!));
      expect(one.size).to.equal(other.size);
      for (const [at, column] of one.columns.entries())
        expect(column.subarray(0, one.size)).to.deep.equal(
          other.columns[at]!.subarray(0, one.size),
        );
    });
  }

  it("know the tuple that looks like an empty slot", () => {
    for (const tuple of [[least], [least, 0], [least, 0, 0]]) {
      const tuples = new Tuples(tuple.length, new Memory());
      expect(tuples.has(tuple)).to.equal(false);
      expect(tuples.insert(tuple)).to.equal(true);
      expect(tuples.insert(tuple)).to.equal(false);
      for (let at = 0; at < 100; at++) tuples.insert(tuple.map(() => at));
      expect(tuples.has(tuple)).to.equal(true);
      expect(tuples.size).to.equal(101);
    }
  });

  it("stop where no more are allowed, and are whole afterwards", () => {
    const tuples = new Tuples(2, new Memory());
    tuples.allow(100);
    const inserted = (): void => {
      for (let at = 0; at < 1000; at++) tuples.insert([at, at]);
    };
    expect(inserted).to.throw(LimitFault, "limit of tuples");
    expect(tuples.size).to.equal(101);
    tuples.allow(Infinity);
    inserted();
    expect(tuples.size).to.equal(1000);
  });

  it("say how many bytes they hold, as the memory does that they have them from", () => {
    const memory = new Memory();
    const tuples = new Tuples(3, memory);
    for (let at = 0; at < 5000; at++) tuples.insert([at, 0, 0]);
    expect(tuples.memoryBytes).to.equal(memory.bytes);
    expect(tuples.memoryBytes).to.be.within(5000 * 20, 5000 * 80);
  });

  it("stop where there is no memory, and go on when there is", () => {
    for (const bytesMax of [4000, 5000, 6000, 7000, 8000, 9000, 10_000]) {
      const memory = new Memory();
      memory.bytesMax = bytesMax;
      const tuples = new Tuples(2, memory);
      const inserted = (): void => {
        for (let at = 0; at < 2000; at++) tuples.insert([at, at]);
      };
      expect(inserted).to.throw(LimitFault, "limit of memory");
      expect(inserted).to.throw(LimitFault);
      expect(memory.bytes).to.be.at.most(bytesMax);
      memory.bytesMax = Infinity;
      inserted();
      expect(tuples.size).to.equal(2000);
      const numbers = Int32Array.from({ length: 2000 }, (_, at) => at);
      for (const column of tuples.columns) expect(column.subarray(0, 2000)).to.deep.equal(numbers);
    }
  });

  it("stop where the machine has no memory", () => {
    expect(() => new Memory().array(2 ** 50)).to.throw(LimitFault, "no memory");
  });
});

/** Mostly small words, so that tuples repeat; sometimes one of `words`. */
function wordOf(next: Random, words: readonly number[]): number {
  return next.chance(0.2) ? next.pick(words) : next.below(40) * (next.chance(0.5) ? 1 : 1 << 20);
}
