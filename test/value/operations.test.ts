import { expect } from "chai";
import fc from "fast-check";

import { EvaluationFault } from "../../src/value/fault.ts";
import { operations, type Operations } from "../../src/value/operations.ts";
import { functors } from "../../src/value/operator.ts";
import type { Domain, Value, ValueKind } from "../../src/value/schema.ts";
import { Values } from "../../src/value/values.ts";
import { floats, integers, runs } from "./arbitrary.ts";

type Integer = "number" | "unsigned";
type Binary = (a: bigint, b: bigint) => bigint;

for (const domain of [32, 64] as const) {
  const wraps = {
    number: (bits: number, a: bigint): bigint => BigInt.asIntN(bits, a),
    unsigned: (bits: number, a: bigint): bigint => BigInt.asUintN(bits, a),
  };
  const mask = BigInt(domain - 1);
  const unsigned = (a: bigint): bigint => BigInt.asUintN(domain, a);
  const signed = (a: bigint): bigint => BigInt.asIntN(domain, a);

  describe(`operations in the ${domain}-bit domain`, () => {
    const common: Record<string, Binary> = {
      add: (a, b) => a + b,
      sub: (a, b) => a - b,
      mul: (a, b) => a * b,
      band: (a, b) => a & b,
      bor: (a, b) => a | b,
      bxor: (a, b) => a ^ b,
      bshl: (a, b) => a << (unsigned(b) & mask),
      bshr: (a, b) => a >> (unsigned(b) & mask),
      bshru: (a, b) => unsigned(a) >> (unsigned(b) & mask),
      land: (a, b) => (a !== 0n && b !== 0n ? 1n : 0n),
      lor: (a, b) => (a !== 0n || b !== 0n ? 1n : 0n),
      lxor: (a, b) => ((a !== 0n) !== (b !== 0n) ? 1n : 0n),
      min: (a, b) => (a < b ? a : b),
      max: (a, b) => (a > b ? a : b),
    };
    for (const kind of ["number", "unsigned"] as const) {
      for (const [name, exact] of Object.entries(common)) {
        it(`${name}_${kind} is the exact result, wrapped`, () => {
          check(kind, (on, a, b) => {
            expect(on.call(name, kind, a, b)).to.equal(wraps[kind](domain, exact(a, b)));
          });
        });
      }

      for (const [name, exact] of [
        ["div", divided],
        ["mod", remainder],
      ] as const) {
        it(`${name}_${kind} truncates, and a zero is a fault`, () => {
          check(kind, (on, a, b) => {
            if (b === 0n) {
              expect(() => on.call(name, kind, a, b)).to.throw(EvaluationFault, "is 0");
            } else expect(on.call(name, kind, a, b)).to.equal(wraps[kind](domain, exact(a, b)));
          });
        });
      }

      it(`comparisons of ${kind} are those of the integers`, () => {
        check(kind, (on, a, b) => {
          expect(on.orders(kind, a, b)).to.deep.equal([a < b, a <= b, a > b, a >= b]);
          const order = on.values.compare(kind, on.word(kind, a), on.word(kind, b));
          expect(Math.sign(order)).to.equal(a < b ? -1 : a > b ? 1 : 0);
        });
      });

      it(`words of ${kind} are equal exactly where values are, and decode to them`, () => {
        check(kind, (on, a, b) => {
          expect(on.word(kind, a) === on.word(kind, b)).to.equal(a === b);
          expect(on.values.decode(kind, on.word(kind, a))).to.equal(a);
          expect(on.values.print(kind, on.word(kind, a))).to.equal(String(a));
        });
      });

      it(`${kind} is negated bit by bit, as a truth value, and converted`, () => {
        check(kind, (on, a) => {
          expect(on.call("bnot", kind, a)).to.equal(wraps[kind](domain, ~a));
          expect(on.call("lnot", kind, a)).to.equal(a === 0n ? 1n : 0n);
          expect(on.call("to_number", kind, a)).to.equal(signed(a));
          expect(on.call("to_unsigned", kind, a)).to.equal(unsigned(a));
          expect(on.call("to_string", kind, a)).to.equal(String(a));
          const rounded = domain === 64 ? Number(a) : Math.fround(Number(a));
          expect(on.call("to_float", kind, a)).to.deep.equal(rounded);
          expect(on.call("ord", kind, a)).to.equal(signed(a));
        });
      });

      it(`pow_${kind} is exact as far as a double is`, () => {
        const small = fc.bigInt({ min: -12n, max: 12n });
        fc.assert(
          fc.property(small, fc.bigInt({ min: 0n, max: 14n }), (raw, exponent) => {
            const on = new Calls(domain);
            const base = wraps[kind](8, raw);
            const exact = base ** exponent;
            fc.pre(exact < 2n ** 53n && exact === signed(exact));
            expect(on.call("pow", kind, base, exponent)).to.equal(exact);
          }),
          runs,
        );
      });
    }

    it("neg_number wraps", () => {
      check("number", (on, a) => {
        expect(on.call("neg", "number", a)).to.equal(signed(-a));
      });
    });

    it("pow is cast as x86 casts what is out of range", () => {
      const on = new Calls(domain);
      expect(on.call("pow", "number", 2n, -1n)).to.equal(0n);
      expect(on.call("pow", "number", 0n, -1n)).to.equal(signed(2n ** (BigInt(domain) - 1n)));
      expect(on.call("pow", "number", 10n, 30n)).to.equal(signed(2n ** (BigInt(domain) - 1n)));
      expect(on.call("pow", "unsigned", 2n, 40n)).to.equal(unsigned(2n ** 40n));
      expect(on.call("pow", "unsigned", 2n, 64n)).to.equal(0n);
      // 3^39 has 62 bits: the nearest double counts, not what a rough pow makes of it.
      if (domain === 64) {
        expect(on.call("pow", "number", 3n, 39n)).to.equal(BigInt(Number(3n ** 39n)));
      }
    });

    const round = (a: number): number => (domain === 64 ? a : Math.fround(a)) + 0;
    it("float arithmetic is IEEE's, with one zero and one NaN", () => {
      const exact: Record<string, (a: number, b: number) => number> = {
        add: (a, b) => a + b,
        sub: (a, b) => a - b,
        mul: (a, b) => a * b,
        div: (a, b) => a / b,
      };
      checkFloats((on, a, b) => {
        for (const [name, of] of Object.entries(exact)) {
          expect(on.call(name, "float", a, b), name).to.deep.equal(round(of(round(a), round(b))));
        }
        expect(on.call("neg", "float", a)).to.deep.equal(round(-a));
        expect(on.orders("float", a, b)).to.deep.equal([a < b, a <= b, a > b, a >= b]);
        expect(on.word("float", a) === on.word("float", b)).to.equal(Object.is(a + 0, b + 0));
      });
    });

    it("min and max of floats do not depend on the order of the operands, NaN is the greatest", () => {
      checkFloats((on, a, b) => {
        const nan = Number.isNaN(a) || Number.isNaN(b);
        const least = Number.isNaN(a) ? b : Number.isNaN(b) ? a : Math.min(a, b);
        expect(on.call("min", "float", a, b)).to.deep.equal(least + 0);
        expect(on.call("max", "float", a, b)).to.deep.equal(nan ? NaN : Math.max(a, b) + 0);
      });
    });

    it("a float becomes an integer by truncation", () => {
      checkFloats((on, a) => {
        fc.pre(Math.abs(a) < 2 ** (domain - 1));
        expect(on.call("to_number", "float", a)).to.equal(BigInt(Math.trunc(a)));
        fc.pre(a >= 0);
        expect(on.call("to_unsigned", "float", a)).to.equal(BigInt(Math.trunc(a)));
      });
    });

    it("a float without an integer becomes the least, as on x86", () => {
      const on = new Calls(domain);
      const least = -(2n ** BigInt(domain - 1));
      for (const a of [NaN, Infinity, -Infinity, 1e30, -1e30]) {
        expect(on.call("to_number", "float", a)).to.equal(least);
      }
      expect(on.call("to_unsigned", "float", -1)).to.equal(unsigned(-1n));
      expect(on.call("to_unsigned", "float", 1e30)).to.equal(0n);
    });

    it("sums and means of floats do not depend on the order", () => {
      const terms = fc.array(floats(domain), { minLength: 1, maxLength: 30 });
      fc.assert(
        fc.property(terms, fc.infiniteStream(fc.nat()), (numbers, shuffle: Iterator<number>) => {
          const on = new Calls(domain);
          const words = numbers.map((number) => on.word("float", number));
          const shuffled = words
            .map((word) => ({ word, key: Number(shuffle.next().value) }))
            .sort((a, b) => a.key - b.key)
            .map(({ word }) => word);
          const { length } = words;
          expect(on.ops.sumOfFloats(words, length)).to.equal(on.ops.sumOfFloats(shuffled, length));
          expect(on.ops.meanOfFloats(words, length)).to.equal(
            on.ops.meanOfFloats(shuffled, length),
          );
        }),
        runs,
      );
    });

    it("sums and means of floats are those of the numbers", () => {
      const on = new Calls(domain);
      const words = [0.5, 1.5, 4].map((number) => on.word("float", number));
      expect(on.values.decode("float", on.ops.sumOfFloats(words, 3))).to.equal(6);
      expect(on.values.decode("float", on.ops.meanOfFloats(words, 3))).to.equal(2);
      expect(on.values.decode("float", on.ops.sumOfFloats(words, 0))).to.equal(0);
    });

    it("has a method for each functor and kind, and each comparison", () => {
      const { ops } = new Calls(domain);
      const names = Object.entries(functors).flatMap(([name, { of }]) =>
        of.map((kind) => `${name}_${kind}`),
      );
      const methods = ops as unknown as Record<string, unknown>;
      expect(names.filter((name) => typeof methods[name] !== "function")).to.deep.equal([]);
    });

    function check(kind: Integer, on: (calls: Calls, a: bigint, b: bigint) => void): void {
      const calls = new Calls(domain);
      fc.assert(
        fc.property(integers(), integers(), (a, b) => {
          on(calls, wraps[kind](domain, a), wraps[kind](domain, b));
        }),
        { ...runs, numRuns: 1500 },
      );
    }

    function checkFloats(on: (calls: Calls, a: number, b: number) => void): void {
      const calls = new Calls(domain);
      fc.assert(
        fc.property(floats(domain), floats(domain), (a, b) => {
          on(calls, a, b);
        }),
        { ...runs, numRuns: 1500 },
      );
    }
  });
}

/** Calls operations on values instead of words. */
class Calls {
  readonly values: Values;
  readonly ops: Operations;

  constructor(domain: Domain) {
    this.values = new Values(domain);
    this.ops = operations(this.values);
  }

  word(kind: ValueKind, value: Value): number {
    return this.values.encode(kind, value);
  }

  call(name: string, kind: ValueKind, ...operands: Value[]): Value {
    const { result } = functors[name as keyof typeof functors];
    const words = operands.map((operand) => this.word(kind, operand));
    return this.values.decode(
      result === "same" ? kind : result,
      this.method(`${name}_${kind}`)(...words) as number,
    );
  }

  orders(kind: ValueKind, ...operands: Value[]): boolean[] {
    const words = operands.map((operand) => this.word(kind, operand));
    const names = ["lt", "le", "gt", "ge"];
    return names.map((name) => this.method(`${name}_${kind}`)(...words) as boolean);
  }

  private method(name: string): (...words: number[]) => unknown {
    const methods = this.ops as unknown as Record<string, (...words: number[]) => unknown>;
    return (...words) => methods[name]!(...words);
  }
}

function divided(a: bigint, b: bigint): bigint {
  return a / b;
}

function remainder(a: bigint, b: bigint): bigint {
  return a % b;
}
