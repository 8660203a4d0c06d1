import fc from "fast-check";

import type { Domain } from "../../src/value/schema.ts";

const seedText = process.env["SEED"];

/** How properties are run: fast-check prints the seed of a failure, and `SEED` takes it back. */
export const runs = {
  numRuns: 400,
  ...(seedText === undefined ? {} : { seed: Number(seedText) }),
};

/** Integers around every bound at which a representation changes. */
const edges: readonly bigint[] = [0n, 15n, 29n, 30n, 31n, 32n, 33n, 52n, 53n, 62n, 63n]
  .flatMap((bits) => [-2n, -1n, 0n, 1n, 2n].map((step) => 2n ** bits + step))
  .flatMap((value) => [value, -value]);

/** Integers of any size below 64 bits, the edges often. */
export function integers(): fc.Arbitrary<bigint> {
  return fc.oneof(
    fc.constantFrom(...edges),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
    fc.bigInt({ min: -(2n ** 31n), max: 2n ** 31n }),
    fc.bigInt({ min: -20n, max: 70n }),
  );
}

/** Floats of the domain: whole, broken, tiny, huge, infinite and NaN. */
export function floats(domain: Domain): fc.Arbitrary<number> {
  const any = domain === 64 ? fc.double() : fc.float();
  const near = fc.integer({ min: -4000, max: 4000 }).map((n) => n / 128);
  return fc.oneof(any, near, fc.constantFrom(0, -0, 1, -1, Infinity, -Infinity, NaN));
}
