// Each law of `--laws`, with a claim that keeps it and one that breaks it. It is long because it is
// the one list of them.
import { expect } from "chai";

import { monotonicity } from "../../src/analysis/monotone.ts";
import type { Diagnostic } from "../../src/base/diagnostic.ts";
import { renderConcise } from "../../src/base/render.ts";
import { random } from "../../src/base/random.ts";
import { textOf } from "../../src/base/source.ts";
import { understand } from "../../src/understand.ts";
import type { Implementations } from "../../src/value/user-functor.ts";
import { lawFindings } from "../../src/witness/law-findings.ts";
import type { LawOptions } from "../../src/witness/laws.ts";
import { SampleValues } from "../../src/witness/sample-values.ts";
import { smallerValues } from "../../src/witness/smaller-values.ts";

const seed = Number(process.env["SEED"] ?? "1");
/** Each test is run with so many seeds, from `seed` on. */
const seeds = Array.from({ length: 5 }, (_, at) => seed + at);

type Interval = readonly [bigint, bigint];
type Flat = { readonly branch: string; readonly fields: readonly bigint[] };

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const hull = (a: Interval, b: Interval): Interval => [min(a[0], b[0]), max(a[1], b[1])];
const meet = (a: Interval, b: Interval): Interval => [max(a[0], b[0]), min(a[1], b[1])];
const flat = (a: Flat, b: Flat): Flat => {
  if (a.branch === "None" || JSON.stringify(a, shown) === JSON.stringify(b, shown)) return b;
  return b.branch === "None" ? a : { branch: "Any", fields: [] };
};
const shown = (_: string, value: unknown): unknown =>
  typeof value === "bigint" ? String(value) : value;

/** A program that claims a lattice `L` of a type, with these members. */
function lattice(type: string, members: string): string {
  return `
    .type L ${type}
    .functor lub(a: L, b: L): L
    .functor glb(a: L, b: L): L
    .functor leq(a: L, b: L): unsigned
    .functor least(): L
    .lattice L<> { ${members} }
    .calm monotone L`;
}

/** A program that applies the functor `f` to what comes in, and to a number, and claims it. */
function applied(from: string, to: string, second = "number"): string {
  return `
    .type Level <: number
    .lattice Level<> { Lub -> _ bor _ }
    .functor f(x: number, y: ${second}): number
    .calm monotone f
    .decl a(v: ${from}) .input a
    .decl w(x: ${second}) .input w
    .decl b(v: ${to}) .output b
    b(@f(v, x)) :- a(v), w(x).`;
}

describe(`the laws of lattices (SEED=${seed})`, () => {
  const good: Readonly<Record<string, readonly [string, Implementations]>> = {
    "the greater of two numbers": [
      lattice("<: number", "Lub -> @lub(_, _), Glb -> @glb(_, _), Leq -> @leq(_, _)"),
      { lub: max, glb: min, leq: (a: bigint, b: bigint) => (a <= b ? 1n : 0n) },
    ],
    "the lesser of two floats": [
      lattice("<: float", "Lub -> @lub(_, _), Glb -> @glb(_, _)"),
      { lub: lesser, glb: (a: number, b: number) => (Object.is(lesser(a, b), a) ? b : a) },
    ],
    "bits, by built-in functors": [
      lattice("<: unsigned", "Bottom -> 0, Lub -> _ bor _, Glb -> _ band _"),
      {},
    ],
    "truth values, of which 2 is one": [
      lattice("<: number", "Bottom -> 0, Top -> 2, Lub -> _ lor _, Glb -> _ land _"),
      {},
    ],
    "intervals that grow": [
      lattice("= [low: number, high: number]", "Lub -> @lub(_, _), Glb -> @glb(_, _)"),
      { lub: hull, glb: meet },
    ],
    "constants, between none and any": [
      lattice(
        "= None {} | Only { value: number } | Any {}",
        "Bottom -> @least(), Top -> $Any(), Lub -> @lub(_, _)",
      ),
      { lub: flat, least: () => ({ branch: "None", fields: [] }) },
    ],
    "texts, of which the later one is the greater": [
      lattice("<: symbol", 'Bottom -> "", Lub -> max(_, _), Glb -> min(_, _)'),
      {},
    ],
  };
  for (const [name, [text, functors]] of Object.entries(good))
    it(`hold for ${name}`, () => {
      for (const one of seeds) expect(findings(text, { functors, seed: one })).to.deep.equal([]);
    });

  const numbers = "<: number";
  const bad: Readonly<
    Record<string, readonly [text: string, functors: Implementations, found: RegExp]>
  > = {
    idempotent: [
      lattice(numbers, "Lub -> @lub(_, _)"),
      { lub: (a: bigint, b: bigint) => a ^ b },
      /^lattice "L" is not idempotent: Lub\(a, a\) is not a; for a = 1, Lub\(a, a\) is 0$/m,
    ],
    "idempotent, by a built-in functor": [
      lattice("<: symbol", "Lub -> cat(_, _)"),
      {},
      /^lattice "L" is not idempotent: Lub\(a, a\) is not a; for a = "a", Lub\(a, a\) is "aa"$/m,
    ],
    commutative: [
      lattice(numbers, "Lub -> @lub(_, _)"),
      { lub: (a: bigint) => a },
      /^lattice "L" is not commutative: .*; for a = 0 and b = 1, Lub\(a, b\) is 0, and Lub\(b, a\) is 1$/m,
    ],
    associative: [
      lattice(numbers, "Lub -> @lub(_, _)"),
      { lub: (a: bigint, b: bigint) => (a + b) / 2n },
      /^lattice "L" is not associative: Lub\(Lub\(a, b\), c\) is not Lub\(a, Lub\(b, c\)\); for a = 0, b = 0 and c = 2, /m,
    ],
    "of an order": [
      lattice(numbers, "Lub -> @lub(_, _), Leq -> @leq(_, _)"),
      { lub: max, leq: (a: bigint, b: bigint) => (a < b ? 1n : 0n) },
      /^lattice "L" has a `Leq` that does not agree with its `Lub`: .*; for a = 0 and b = 0, Leq\(a, b\) is false, and Lub\(a, b\) = b is true$/m,
    ],
    "of a bottom": [
      lattice(numbers, "Bottom -> -5, Lub -> @lub(_, _)"),
      { lub: max },
      /^lattice "L" has a `Bottom` that is not below all: .*; for a = -6, Lub\(Bottom, a\) is -5$/m,
    ],
    "of a top": [
      lattice(numbers, "Top -> 1000, Lub -> max(_, _)"),
      {},
      /^lattice "L" has a `Top` that is not above all: .*; for a = 1001, Lub\(Top, a\) is 1001, and Top is 1000$/m,
    ],
    "of a Glb that depends on the order": [
      lattice(numbers, "Lub -> max(_, _), Glb -> @glb(_, _)"),
      { glb: (a: bigint) => a },
      /^lattice "L" has a `Glb` that is not commutative: /m,
    ],
    "of a Glb that depends on the grouping": [
      lattice(numbers, "Lub -> max(_, _), Glb -> @glb(_, _)"),
      { glb: (a: bigint, b: bigint) => (a + b) / 2n },
      /^lattice "L" has a `Glb` that is not associative: /m,
    ],
    "of a Glb that is above both": [
      lattice(numbers, "Lub -> max(_, _), Glb -> max(_, _)"),
      {},
      /^lattice "L" has a `Glb` that is not dual to its `Lub`: Glb\(a, Lub\(a, b\)\) is not a; for a = 0 and b = 1, /m,
    ],
    "of a Glb that is too low": [
      lattice(numbers, "Lub -> max(_, _), Glb -> @glb(_, _)"),
      { glb: (a: bigint, b: bigint) => (a === b ? a : 0n) },
      /^lattice "L" has a `Glb` that is not dual to its `Lub`: /m,
    ],
    "of floats, of which NaN is one": [
      lattice("<: float", "Lub -> @lub(_, _)"),
      { lub: (a: number, b: number) => (a > b ? a : b) },
      /^lattice "L" is not commutative: .*; for a = 0.0 and b = NaN, .*; NaN is a float: it is `inf - inf`$/m,
    ],
    "of intervals that are joined where they meet": [
      lattice("= [low: number, high: number]", "Lub -> @lub(_, _)"),
      { lub: (a: Interval, b: Interval) => (a[1] < b[0] ? b : hull(a, b)) },
      /^lattice "L" is not commutative: /m,
    ],
    "of lists of which the longer one is taken": [
      lattice("= Nil {} | Cons { head: number, tail: L }", "Lub -> @lub(_, _)"),
      { lub: (a: List, b: List) => (lengthOf(a) >= lengthOf(b) ? a : b) },
      /^lattice "L" is not commutative: .*; for a = \$Cons\(.\d?, \$Nil\(\)\) and b = \$Cons\(.\d?, \$Nil\(\)\), /m,
    ],
    "at a constant of the program alone": [
      `${lattice("<: symbol", "Lub -> @lub(_, _)")}
      .decl r(x: L<>) .output r
      r(as("odd one out", L)).`,
      { lub: (a: string, b: string) => (a === "odd one out" || a > b ? a : b) },
      /^lattice "L" is not commutative: .*"odd one out"/m,
    ],
  };
  for (const [name, [text, functors, found]] of Object.entries(bad))
    it(`are broken: ${name}`, () => {
      for (const one of seeds)
        expect(findings(text, { functors, seed: one }).join("\n"), `SEED=${one}`).to.match(found);
    });

  it("are said where they are claimed, each once", () => {
    const text = `${lattice(numbers, "Lub -> @lub(_, _)")}\n.calm monotone L`;
    const found = diagnostics(text, { functors: { lub: (a: bigint) => a } });
    expect(found.map(({ severity, code, subject }) => [severity, code, subject])).to.deep.equal([
      ["error", "broken-law", "L"],
    ]);
    expect(found.map(({ span }) => textOf(span))).to.deep.equal([".calm monotone L"]);
  });

  it("are not tested unless they are claimed", () => {
    const text = lattice(numbers, "Lub -> @lub(_, _)").replace(/\.calm.*/, "");
    expect(findings(text, { functors: { lub: (a: bigint) => a } })).to.deep.equal([]);
  });

  it("are not tested without what computes them", () => {
    const text = lattice(numbers, "Lub -> @lub(_, _), Glb -> @glb(_, _), Leq -> @leq(_, _)");
    expect(findings(text, { functors: { glb: min, leq: () => 2 } })).to.deep.equal([
      'lattice "L" is not tested: functor "lub" is not implemented',
    ]);
    expect(findings(text, { functors: { lub: max, glb: max } })).to.deep.equal([
      'lattice "L" is not tested: functor "leq" is not implemented',
      'lattice "L" has a `Glb` that is not dual to its `Lub`: Glb(a, Lub(a, b)) is not a; ' +
        "for a = 0 and b = 1, Glb(a, Lub(a, b)) is 1",
      'lattice "L" has a `Glb` that is not dual to its `Lub`: Lub(a, Glb(a, b)) is not a; ' +
        "for a = 0 and b = 1, Lub(a, Glb(a, b)) is 1",
    ]);
  });

  it("are not tested where nothing has a result", () => {
    const text = lattice(numbers, "Lub -> @lub(_, _)");
    expect(findings(text, { functors: { lub: () => undefined } })).to.deep.equal([
      'lattice "L" is not tested: no sample has a result; ' +
        "functor @lub is to give a number (a bigint of the domain), but gave nothing",
    ]);
  });

  it("are tested where there are results, and the domain is what numbers wrap in", () => {
    const text = lattice(numbers, "Top -> @least(), Lub -> @lub(_, _)");
    const functors = {
      lub: (a: bigint, b: bigint) => {
        if (a < 0n || b < 0n) throw new RangeError("negative");
        return max(a, b);
      },
      least: () => 2n ** 31n - 1n,
    };
    expect(findings(text, { functors })).to.have.length(1);
    expect(findings(text, { functors }, 32)).to.deep.equal([]);
  });

  it("have the same findings for the same seed", () => {
    const text = lattice("= [low: number, high: number]", "Lub -> @lub(_, _)");
    const functors = { lub: (a: Interval, b: Interval) => (a[0] > b[1] ? hull(b, b) : meet(a, b)) };
    const [first, second] = [1, 2].map(() => findings(text, { functors, seed, samples: 300 }));
    expect(first).to.deep.equal(second);
    expect(first).to.not.deep.equal([]);
  });
});

describe(`functors that are claimed to keep an order (SEED=${seed})`, () => {
  const good: readonly (readonly [string, string, string, Implementations, string?])[] = [
    ["Max<>", "Max<>", "half", { f: (x: bigint) => x / 2n }],
    ["Max<>", "Min<>", "the opposite", { f: (x: bigint) => -x - 1n }],
    ["Min<>", "Min<>", "what fails at the end", { f: (x: bigint, y: bigint) => x + y }],
    ["Or<>", "And<>", "what turns true into false", { f: (x: bigint) => (x === 0n ? 5n : 0n) }],
    ["Level<>", "Level<>", "a mask", { f: (x: bigint, y: bigint) => x & y }],
    [
      ...(["Max<>", "Max<>", "a product with what is not negative"] as const),
      { f: (x: bigint, y: bigint) => BigInt.asUintN(63, y) && min(max(x, -9n), 9n) * min(y, 9n) },
      "unsigned",
    ],
  ];
  for (const [from, to, name, functors, second] of good)
    it(`do: ${name}, from ${from} to ${to}`, () => {
      for (const one of seeds)
        expect(findings(applied(from, to, second), { functors, seed: one })).to.deep.equal([]);
    });

  const bad: readonly (readonly [string, string, string, Implementations, RegExp])[] = [
    [
      ...(["Max<>", "Max<>", "a square"] as const),
      { f: (x: bigint) => x * x },
      /^functor "f" does not keep the order in its first argument; -1 is below 0 in Max<>; @f\(-1, 0\) is 1 and @f\(0, 0\) is 0: 1 is not below 0 in Max<>$/,
    ],
    [
      ...(["Max<>", "Max<>", "a product, where a factor is negative"] as const),
      { f: (x: bigint, y: bigint) => x * y },
      /; 0 is below 1 in Max<>; @f\(0, -1\) is 0 and @f\(1, -1\) is -1: 0 is not below -1 in Max<>$/,
    ],
    [
      ...(["Max<>", "Min<>", "half, in the wrong direction"] as const),
      { f: (x: bigint) => x / 2n },
      /; @f\(0, 0\) is 0 and @f\(2, 0\) is 1: 0 is not below 1 in Min<>$/,
    ],
    [
      ...(["Level<>", "Max<>", "whether there is the lowest bit and no other"] as const),
      { f: (x: bigint) => (x === 1n ? 1n : 0n) },
      /; 1 is below -?\d+ in Level<>; @f\(1, 0\) is 1 and @f\(-?\d+, 0\) is 0: /,
    ],
    [
      ...(["Max<>", "Or<>", "a test that holds for a while"] as const),
      { f: (x: bigint) => (x === 7n || x === 8n ? 1n : 0n) },
      /; \d is below \d+ in Max<>; @f\([78], 0\) is 1 and @f\(\d+, 0\) is 0: 1 is not below 0 in Or<>$/,
    ],
  ];
  for (const [from, to, name, functors, found] of bad)
    it(`do not: ${name}, from ${from} to ${to}`, () => {
      for (const one of seeds) {
        const text = applied(from, to);
        const [only = "", ...others] = findings(text, { functors, seed: one });
        expect(only, `SEED=${one}`).to.match(found);
        expect(others).to.deep.equal([]);
      }
    });

  it("do so in the lattices of the program", () => {
    const text = `
      .type Interval = [low: number, high: number]
      .functor hull(a: Interval, b: Interval): Interval
      .functor width(i: Interval): number
      .lattice Interval<> { Lub -> @hull(_, _) }
      .calm monotone Interval
      .calm monotone width
      .decl in(i: Interval) .input in
      .decl a(i: Interval<>)
      a(i) :- in(i).
      .decl b(w: Max<>) .output b
      b(@width(i)) :- a(i).`;
    const width = ([low, high]: Interval): bigint => (high < low ? 0n : high - low);
    expect(findings(text, { functors: { hull, width } })).to.deep.equal([]);
    const low = ([from]: Interval): bigint => from;
    expect(findings(text, { functors: { hull, width: low } })).to.deep.equal([
      'functor "width" does not keep the order in its first argument; ' +
        "[0, 0] is below [-1, 0] in Interval<>; " +
        "@width([0, 0]) is 0 and @width([-1, 0]) is -1: 0 is not below -1 in Max<>",
    ]);
    // What is no lattice compares nothing.
    const broken = findings(text, { functors: { hull: (a: Interval) => a, width: low } });
    expect(broken.map((one) => one.split(":")[0])).to.deep.equal([
      'lattice "Interval" is not commutative',
    ]);
    expect(findings(text, { functors: { hull } })).to.deep.equal([
      'functor "width" is not tested: it is not implemented',
    ]);
  });

  it("are not tested where they fail", () => {
    const functors = {
      f: () => {
        throw new RangeError("never");
      },
    };
    expect(findings(applied("Max<>", "Max<>"), { functors })).to.deep.equal([
      'functor "f" is not tested: no sample has a result; functor @f failed: never',
    ]);
  });
});

describe(`samples (SEED=${seed})`, () => {
  const text = `
    .type Pair = [x: number, text: symbol]
    .type Tree = Leaf {} | Node { left: Tree, pair: Pair, right: Tree }
    .type Empty = Loop { again: Empty }
    .decl r(p: Pair, t: Tree, u: unsigned, f: float)
    r([42, "forty-two"], $Leaf(), 77, 1.25).
    .decl s(e: Empty) .input s`;
  const kinds = ["number", "unsigned", "float", "symbol", "record Pair", "record Tree"] as const;

  it("are the constants of the program, the ends of its types and others", () => {
    const { source } = sampling(text);
    const marked = (kind: (typeof kinds)[number]) => source.marked(kind);
    expect(marked("number")).to.include.members([0n, -1n, 42n, 2n ** 63n - 1n, -(2n ** 63n)]);
    expect(marked("unsigned")).to.include.members([0n, 77n, 2n ** 64n - 1n]);
    expect(marked("float")).to.include.members([0, 1.25, Infinity, -Infinity]);
    expect(marked("float").some(Number.isNaN)).to.equal(true);
    expect(marked("symbol")).to.include.members(["", "forty-two"]);
    expect(marked("record Pair")).to.deep.include.members([null, [42n, "forty-two"]]);
    expect(marked("record Tree").length).to.be.greaterThan(5);
    expect(source.marked("record Empty")).to.deep.equal([]);
    const drawn = new Set(Array.from({ length: 500 }, () => source.next("number")));
    expect(drawn.size).to.be.greaterThan(50);
  });

  it("become plainer until they are as plain as can be", () => {
    const { source, structures } = sampling(text);
    // `nil` stays, and is not what another record becomes.
    const pairs = [null, [0n, ""]];
    const plain = [[0n], [0n], [0], [""], pairs, [{ branch: "Leaf", fields: [] }]];
    for (const [at, kind] of kinds.entries())
      for (let count = 0; count < 30; count++) {
        let value = source.next(kind);
        for (let steps = 0; ; steps++) {
          const next = smallerValues(kind, value, structures);
          const last = next.at(-1);
          if (last === undefined) break;
          value = last;
          expect(steps, `SEED=${seed}`).to.be.lessThan(20_000);
          if (steps > 50) break;
        }
        for (let next = smallerValues(kind, value, structures); next[0] !== undefined;)
          next = smallerValues(kind, (value = next[0]), structures);
        expect(plain[at]).to.deep.include(value);
      }
  });
});

type List = { readonly branch: string; readonly fields: readonly [bigint, List] | readonly [] };

function lengthOf({ fields: [, tail] }: List): number {
  return tail === undefined ? 0 : 1 + lengthOf(tail);
}

/** The lesser of two floats, of which NaN is the least. */
function lesser(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return NaN;
  return a < b ? a : b;
}

/** What is found, each with its notes. */
function findings(text: string, options: LawOptions, domain: 32 | 64 = 64): string[] {
  return diagnostics(text, options, domain).map(({ message, notes = [] }) =>
    [message, ...notes].join("; "),
  );
}

function diagnostics(text: string, options: LawOptions, domain: 32 | 64 = 64): Diagnostic[] {
  const program = programOf(text, domain);
  return lawFindings(program, monotonicity(program), options);
}

function programOf(text: string, domain: 32 | 64 = 64) {
  const { program, diagnostics: found } = understand(text, { domain });
  if (program === undefined) throw new Error(renderConcise(found));
  return program;
}

function sampling(text: string) {
  const program = programOf(text);
  return { source: new SampleValues(program, random(seed)), structures: program.structures };
}
