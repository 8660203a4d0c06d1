import { expect } from "chai";

import { random } from "../../src/base/random.ts";
import { accumulator } from "../../src/codegen/accumulator.ts";
import type { Aggregate } from "../../src/value/operator.ts";
import { operations } from "../../src/value/operations.ts";
import type { Domain, Value, ValueKind } from "../../src/value/schema.ts";
import { Values } from "../../src/value/values.ts";

const seed = Number(process.env["SEED"] ?? 20261121);

/** The aggregate of `items`, as printed; undefined where there is none. */
function aggregate(
  domain: Domain,
  name: Aggregate,
  of: ValueKind,
  items: readonly Value[],
): string | undefined {
  const values = new Values(domain);
  const total = accumulator({ name, of }, environment(values));
  // An aggregate begins anew, whatever it added before.
  total.add(values.encode(of, of === "float" ? 1e9 : 77n));
  total.reset();
  for (const item of items) total.add(values.encode(of, item));
  const result = name === "count" ? "number" : name === "mean" ? "float" : of;
  return total.defined() ? values.print(result, total.result()) : undefined;
}

function environment(values: Values): Parameters<typeof accumulator>[1] {
  return { values, operations: operations(values), functor: () => expect.fail("no functors") };
}

describe(`an aggregate (SEED=${seed})`, () => {
  it("of nothing is 0 where it counts or sums, and nothing else", () => {
    for (const of of ["number", "unsigned", "float"] as const) {
      expect(aggregate(64, "count", of, [])).to.equal("0");
      expect(aggregate(64, "sum", of, [])).to.equal("0");
      for (const name of ["min", "max", "mean"] as const)
        expect(aggregate(64, name, of, [])).to.equal(undefined);
    }
  });

  for (const domain of [32, 64] as const) {
    it(`sums integers as the domain wraps them (${domain} bits)`, () => {
      const next = random(seed);
      for (const [of, wrapped] of [
        ["number", (sum: bigint) => BigInt.asIntN(domain, sum)],
        ["unsigned", (sum: bigint) => BigInt.asUintN(domain, sum)],
      ] as const) {
        for (let bits = 2; bits <= domain; bits += 5) {
          const items = Array.from({ length: 40 }, () => {
            const wide = (BigInt(next.below(2 ** 32)) << 32n) | BigInt(next.below(2 ** 32));
            return of === "number" ? BigInt.asIntN(bits, wide) : BigInt.asUintN(bits, wide);
          });
          const sum = items.reduce((total, item) => total + item, 0n);
          expect(aggregate(domain, "sum", of, items)).to.equal(String(wrapped(sum)));
        }
      }
    });

    it(`of floats does not depend on their order (${domain} bits)`, () => {
      const next = random(seed);
      const items = Array.from({ length: 100 }, () => (next.next() - 0.5) * 10 ** next.below(12));
      for (const name of ["sum", "mean", "min", "max"] as const) {
        const first = aggregate(domain, name, "float", items);
        for (let at = 0; at < 5; at++)
          expect(aggregate(domain, name, "float", next.shuffled(items))).to.equal(first);
      }
    });
  }

  it("finds the least and the greatest in the order of values", () => {
    expect(aggregate(64, "min", "number", [3n, -5n, 2n ** 62n])).to.equal("-5");
    expect(aggregate(64, "max", "unsigned", [3n, 2n ** 64n - 1n, 5n])).to.equal(
      "18446744073709551615",
    );
    expect(aggregate(64, "max", "float", [1, NaN, 2])).to.equal("nan");
    expect(aggregate(64, "min", "float", [NaN, 1, -Infinity])).to.equal("-inf");
  });

  it("keeps partial sums out of the table of wide values", () => {
    const values = new Values(64);
    const total = accumulator({ name: "sum", of: "number" }, environment(values));
    for (let at = 0; at < 1000; at++) total.add(2 ** 29);
    expect(values.print("number", total.result())).to.equal("536870912000");
    expect(values.wide.size).to.equal(1);
  });
});
