// What computes the functors of programs in case files.
import type { Implementations } from "../../src/value/user-functor.ts";

/** Returns functors by the names under which case files declare them. What they remember they
 * remember from here on. */
export function testFunctors(): Implementations {
  let calls = 0n;
  return {
    twice: (x: bigint) => 2n * x,
    successor: (x: bigint) => x + 1n,
    half: (x: number) => x / 2,
    upper: (text: string) => text.toUpperCase(),
    describe: (n: bigint, u: bigint, f: number, text: string) => `${n} ${u} ${f} ${text}`,
    gcd: (a: bigint, b: bigint) => {
      let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
      while (y !== 0n) [x, y] = [y, x % y];
      return x;
    },
    product: (a: bigint, b: bigint) => a * b,
    join: (text: string, more: string) => (text === "" ? more : `${text},${more}`),
    seven: () => 7n,
    ticket: () => ++calls,
    picky: (x: bigint) => {
      if (x === 13n) throw new RangeError("13 is out of luck");
      return x;
    },
    plainNumber: () => 3,
    nothing: () => undefined,
    huge: () => 2n ** 70n,
    swap: ([a, b]: readonly [bigint, string]) => [a + 1n, `${b}!`],
    hull: ([a, b]: readonly [bigint, bigint], [c, d]: readonly [bigint, bigint]) => [
      a < c ? a : c,
      b > d ? b : d,
    ],
    signLub: (a: string, b: string) => (a === b || b === "none" ? a : a === "none" ? b : "any"),
    signGlb: (a: string, b: string) => (a === b || b === "any" ? a : a === "any" ? b : "none"),
    signTimes: (a: string, b: string) => {
      if (a === "none" || b === "none") return "none";
      if (a === "any" || b === "any") return "any";
      return a === b ? "plus" : "minus";
    },
    noFunction: 5 as never,
  };
}
