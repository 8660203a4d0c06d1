import { expect } from "chai";
import fc from "fast-check";

import { WidePool } from "../../src/value/wide.ts";
import { inline } from "../../src/value/word.ts";
import { floats, integers, runs } from "./arbitrary.ts";

describe("the pool of wide patterns", () => {
  it("gives equal patterns equal words and different ones different words", () => {
    const half = fc.integer();
    fc.assert(
      fc.property(fc.array(fc.tuple(half, half), { maxLength: 300 }), (patterns) => {
        const pool = new WidePool();
        const model = new Map<string, number>();
        for (const [high, low] of patterns) {
          const word = pool.intern(high, low);
          expect([pool.high(word), pool.low(word)]).to.deep.equal([high, low]);
          const known = model.get(`${high},${low}`);
          if (known !== undefined) expect(word).to.equal(known);
          model.set(`${high},${low}`, word);
        }
        expect(new Set(model.values()).size).to.equal(model.size);
        const wide = [...model.values()].filter((word) => !inline(word));
        expect(pool.size).to.equal(wide.length);
      }),
      runs,
    );
  });

  it("interns many at once as it does one by one", () => {
    const half = fc.oneof(fc.integer(), fc.integer({ min: -3, max: 3 }));
    const batch = fc.array(fc.tuple(half, half), { maxLength: 600 });
    fc.assert(
      fc.property(fc.array(batch, { maxLength: 4 }), (batches) => {
        const [together, single] = [new WidePool(), new WidePool()];
        for (const patterns of batches) {
          const words = new Int32Array(patterns.length);
          const halves = Int32Array.from(patterns.flatMap(([high, low]) => [low, high]));
          together.internAll(halves, patterns.length, words);
          expect([...words]).to.deep.equal(patterns.map(([high, low]) => single.intern(high, low)));
        }
        expect(together.size).to.equal(single.size);
      }),
      runs,
    );
  });

  it("interns many at once as it does one by one, while its table grows in the midst of them", () => {
    const [together, single] = [new WidePool(), new WidePool()];
    for (let from = 0; from < 40_000; from += 1000) {
      // Each is there three times, a part of them in the batch before.
      const patterns = Array.from({ length: 3000 }, (_, at) => {
        const value = from + (at % 1500);
        return [Math.imul(value, 0x9e3779b1), value] as const;
      });
      const words = new Int32Array(patterns.length);
      const halves = Int32Array.from(patterns.flatMap(([high, low]) => [low, high]));
      together.internAll(halves, patterns.length, words);
      expect([...words]).to.deep.equal(patterns.map(([high, low]) => single.intern(high, low)));
    }
    expect(together.size).to.equal(single.size);
  });

  it("leaves what lies in [-2^30, 2^30) inline", () => {
    const pool = new WidePool();
    for (const value of [-(2 ** 30), 2 ** 30 - 1, 0, -1]) {
      expect(pool.ofInteger(value)).to.equal(value);
    }
    expect(pool.size).to.equal(0);
    for (const value of [-(2 ** 30) - 1, 2 ** 30]) {
      expect(inline(pool.ofInteger(value))).to.equal(false);
    }
    expect(pool.size).to.equal(2);
  });

  it("holds integers as two's complement", () => {
    const pool = new WidePool();
    fc.assert(
      fc.property(integers(), (value) => {
        const word = pool.ofBigint(value);
        expect(pool.signed(word)).to.equal(BigInt.asIntN(64, value));
        expect(pool.unsigned(word)).to.equal(BigInt.asUintN(64, value));
        if (value >= -(2n ** 53n) && value <= 2n ** 53n) {
          expect(pool.ofInteger(Number(value))).to.equal(word);
        }
      }),
      { ...runs, numRuns: 2000 },
    );
  });

  it("holds doubles bit by bit, with one zero and one NaN", () => {
    const pool = new WidePool();
    fc.assert(
      fc.property(floats(64), (value) => {
        expect(pool.double(pool.ofDouble(value))).to.deep.equal(value + 0);
      }),
      { ...runs, numRuns: 2000 },
    );
    expect(pool.ofDouble(-0)).to.equal(0);
  });

  it("holds more than a million patterns", () => {
    const pool = new WidePool();
    const count = 1_200_000;
    const words = new Int32Array(count);
    for (let at = 0; at < count; at++) words[at] = pool.intern(at, at * 7);
    expect(pool.size).to.equal(count - 1);
    const wrong = words.findIndex(
      (word, at) => pool.high(word) !== at || pool.low(word) !== at * 7,
    );
    expect(wrong).to.equal(-1);
  });
});
