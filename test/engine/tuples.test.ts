import { expect } from "chai";

import { random, type Random } from "../../src/base/random.ts";
import { least } from "../../src/codegen/store.ts";
import { LimitFault } from "../../src/engine/limit.ts";
import { Memory } from "../../src/engine/memory.ts";
import { Tuples } from "../../src/engine/tuples.ts";
import { forced, forms } from "../support/forms.ts";

const seed = Number(process.env["SEED"] ?? 20261121);

describe(`tuples (SEED=${seed})`, () => {
  const words = [least, least + 1, -1, 0, 1, 2, 0x7fffffff];

  for (const form of forms)
    for (let arity = 1; arity <= 3; arity++) {
      it(`of arity ${arity} that begin as ${form} are a set, whatever comes`, () => {
        const next = random(seed + 10 * arity);
        const memory = new Memory();
        const tuples = new Tuples(arity, memory, undefined, forced(form));
        const model = new Map<string, number[]>();
        const seen = new Set<string>();
        for (let step = 0; step < 6000; step++) {
          // Now and then a word from far away, and ranges that grow in both directions.
          const far = next.chance(step > 3000 ? 0.01 : 0);
          const tuple = Array.from({ length: arity }, () =>
            far ? next.pick(words) : next.below(20 + step / 50) - step / 100,
          ).map(Math.trunc);
          const key = tuple.join();
          let right = tuples.has(tuple) === model.has(key);
          // What generated code does, which leaves the form as it is until a rule has run.
          right &&= tuples.add(tuple) === !model.has(key);
          model.set(key, tuple);
          if (step % 500 === 499) tuples.reform();
          if (next.chance(0.1)) {
            const row = next.below(tuples.size);
            const gone = tuples.columns.map((column) => column[row]!);
            if (!tuples.isDropped(row)) {
              tuples.remove(row);
              right &&= !tuples.has(gone);
              if (next.chance(0.5)) tuples.putBack(row);
              else model.delete(gone.join());
            }
          }
          if (!right || tuples.kept !== model.size) expect.fail(`step ${step}: ${key}`);
          if (tuples.set.form === "bits" && tuples.set.spilled) seen.add("spilled");
          seen.add(tuples.set.form);
        }
        if (form !== "blocks" || arity === 2) expect([...seen]).to.include(form);
        if (form === "bits") expect([...seen]).to.include.members(["spilled", "table"]);
        for (const tuple of model.values()) expect(tuples.has(tuple)).to.equal(true);
        expect(tuples.memoryBytes).to.equal(memory.bytes);
      });
    }

  it("of a narrow range become bits, and stay bits when they are cleared or compacted", () => {
    const tuples = new Tuples(2, new Memory());
    const square = Int32Array.from({ length: 10_000 }, (_, at) => Math.floor(at / 100) - 50);
    const across = Int32Array.from({ length: 10_000 }, (_, at) => (at % 100) + 2 ** 30);
    tuples.append([square, across], 10_000);
    expect(tuples.set.form).to.equal("bits");
    expect(tuples.append([square, across], 10_000)).to.equal(0);
    tuples.coverDropped();
    for (let row = 0; row < 10_000; row += 2) tuples.drop(row);
    tuples.compact();
    expect(tuples.size).to.equal(5000);
    expect(tuples.has([-50, 2 ** 30])).to.equal(false);
    expect(tuples.has([-50, 2 ** 30 + 1])).to.equal(true);
    expect(tuples.append([square, across], 10_000)).to.equal(5000);
    tuples.clear();
    expect(tuples.has([-50, 2 ** 30 + 1])).to.equal(false);
    expect(tuples.append([square, across], 10_000)).to.equal(10_000);
    expect(tuples.set.form).to.equal("bits");
  });

  it("that are bits are moved few times while words ascend, up to where bits take too much", () => {
    const rows = 12_000;
    const tuples = new Tuples(2, new Memory());
    const moved = new Set<unknown>();
    for (let row = 0; row < rows; row++) {
      tuples.insert([row, (row * 7) % 600]);
      if (tuples.set.form === "bits") moved.add(tuples.set.bits);
    }
    expect(moved.size).to.be.within(2, 40);
    expect(tuples.size).to.equal(rows);
    for (let row = 0; row < rows; row++) expect(tuples.has([row, (row * 7) % 600])).to.equal(true);
  });

  it("that are blocks have room for all that is appended, and for all when compacted", () => {
    const tuples = new Tuples(2, new Memory(), undefined, forced("blocks"));
    const words = Int32Array.from({ length: 5000 }, (_, at) => 64 * at);
    tuples.insert([1, 1]);
    expect(tuples.append([words, words], 5000)).to.equal(5000);
    expect(tuples.set.form).to.equal("blocks");
    tuples.coverDropped();
    tuples.drop(0);
    tuples.compact();
    expect(tuples.size).to.equal(5000);
  });

  it("stay in a table where there is no memory for bits", () => {
    const memory = new Memory();
    const tuples = new Tuples(2, memory, undefined, { ...forced("bits"), rowsMin: 1000 });
    for (let at = 0; at < 999; at++) tuples.insert([at, 0]);
    tuples.insert([16_000, 16_000]);
    expect(tuples.set.form).to.equal("bits");
    const poor = new Tuples(2, memory, undefined, { ...forced("bits"), rowsMin: 1000 });
    for (let at = 0; at < 999; at++) poor.insert([at, 0]);
    memory.bytesMax = memory.bytes + 1_000_000;
    poor.insert([16_000, 16_000]);
    expect(poor.set.form).to.equal("table");
    expect(poor.has([16_000, 16_000])).to.equal(true);
  });

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

  it("may be told apart by their first words alone", () => {
    const tuples = new Tuples(3, new Memory(), undefined, undefined, true);
    for (let at = 0; at < 1000; at++) expect(tuples.insert([at % 500, at, -at])).to.equal(at < 500);
    expect(tuples.size).to.equal(500);
    expect(tuples.has([499, 0, 0])).to.equal(true);
    expect(tuples.has([500, 500, -500])).to.equal(false);
    const all = tuples.columns.map((column) => [...column.subarray(498, 500)]);
    expect(all).to.deep.equal([
      [498, 499],
      [498, 499],
      [-498, -499],
    ]);
    tuples.clear();
    const others = new Tuples(3, new Memory());
    others.insert([7, 8, 9]);
    tuples.pushAll(others);
    tuples.pushAll(others);
    expect(tuples.columns.map((column) => [...column.subarray(0, 2)])).to.deep.equal([
      [7, 7],
      [8, 8],
      [9, 9],
    ]);
    expect(tuples.has([7, 8, 9]), "what is pushed is not in the set").to.equal(false);
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
