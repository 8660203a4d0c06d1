// From what a program claims of its lattices and functors to values for which it is not so.
import type { Law } from "../analysis/levels.ts";
import type { LatticeDeclaration, Program, Term } from "../analysis/program.ts";
import { random } from "../base/random.ts";
import type { Span } from "../base/source.ts";
import { functorOf } from "../engine/functors.ts";
import type { Value, ValueKind } from "../value/schema.ts";
import type { Implementations } from "../value/user-functor.ts";
import { Values } from "../value/values.ts";
import type { Word } from "../value/word.ts";
import { counterexample, type Claim, type Trial } from "./counterexample.ts";
import { latticeLaws, namesIn, type LatticeLaw, type Member } from "./lattice-laws.ts";
import { SampleValues } from "./sample-values.ts";
import { latticeNamed, WordLattice } from "./word-lattice.ts";

/** How laws are tested. */
export type LawOptions = {
  /** What computes the functors that the program declares. */
  readonly functors?: Implementations;
  readonly seed?: number;
  /** How many samples are tried for each law. */
  readonly samples?: number;
};

/** So many samples are tried for each law, unless another number is given. */
const lawSamples = 1000;
/** The seed of the samples, unless another is given. */
const lawSeed = 1;

/** What is wrong with a claim, which is at `span`, about the lattice or functor `name`. */
export type LawFinding = { readonly name: string; readonly span: Span } & (
  | BrokenLatticeLaw
  | LostOrder
  /** No sample says anything: nobody implements the functor `missing`, or each of them fails, the
   * first one with `fault`. */
  | {
      readonly kind: "untested";
      readonly of: "lattice" | "functor";
      readonly missing?: string;
      readonly fault?: string;
    }
);

/** A law of lattices that is false for the elements `given`, by their names in the law. */
export type BrokenLatticeLaw = {
  readonly kind: "lattice";
  readonly law: LatticeLaw;
  readonly given: ReadonlyMap<string, Value>;
  /** What its two sides are. */
  readonly sides: readonly [Value | boolean, Value | boolean];
};

/** A functor that gives `before` for `given`, and `after` for what differs from it in that the
 * argument at a place has grown to `grown` in the lattice `from`. It is below in `from`, but what
 * is given is not in `to`. */
export type LostOrder = {
  readonly kind: "functor";
  readonly argument: number;
  readonly from: string;
  readonly to: string;
  readonly given: readonly Value[];
  readonly grown: Value;
  readonly before: Value;
  readonly after: Value;
};

/** Tests what a program claims of its lattices and, in the lattices that `laws` tell of, of its
 * functors. The same program and options have the same result. */
export function lawsBroken(
  program: Program,
  laws: readonly Law[],
  options: LawOptions = {},
): LawFinding[] {
  const tests = testsOf(program, options);
  const claims = program.contracts.flatMap(({ span, ...of }) =>
    of.claim === "monotone" && of.of.kind === "lattice" ? [{ name: of.of.name, span }] : [],
  );
  const findings = distinct(claims, ({ name }) => name).flatMap(({ name, span }) => {
    const lattice = program.lattices.find((of) => of.name === name);
    return lattice === undefined ? [] : latticeFindings(tests, lattice, span);
  });
  // What is compared by a lattice that is none says nothing of a functor.
  const bad = new Set(findings.map(({ name }) => `${name}<>`));
  const functors = laws.flatMap((law) => {
    const named = law.kind === "functor" ? [law.result, ...law.arguments] : [];
    return law.kind === "functor" && !named.some((of) => bad.has(of ?? "")) ? [law] : [];
  });
  const keyOf = ({ functor, arguments: from, result }: FunctorLaw) =>
    JSON.stringify([functor, from, result]);
  return [...findings, ...distinct(functors, keyOf).flatMap((law) => functorFindings(tests, law))];
}

type FunctorLaw = Extract<Law, { kind: "functor" }>;

/** What tests need. Words are of `values`. */
type Tests = {
  readonly program: Program;
  readonly functors: Implementations;
  readonly values: Values;
  readonly trial: (claim: Claim) => Trial;
};

function testsOf(
  program: Program,
  { functors = {}, seed = lawSeed, samples = lawSamples }: LawOptions,
): Tests {
  const { domain, structures } = program;
  const values = new Values(domain, structures);
  const trial = (claim: Claim): Trial => {
    // Each law has its samples, whatever others are tested.
    const numbers = random(seed);
    const source = new SampleValues(program, numbers);
    return counterexample(claim, { values, structures, source, random: numbers }, samples);
  };
  return { program, functors, values, trial };
}

function latticeFindings(tests: Tests, declared: LatticeDeclaration, span: Span): LawFinding[] {
  const { name, of } = declared;
  const members = new Map<string, Term>();
  const missing = new Set<string>();
  for (const [member, term] of Object.entries(termsOf(declared))) {
    if (term === undefined) continue;
    const functor = userFunctor(term);
    if (functor === undefined || isGiven(tests, functor)) members.set(member, term);
    else missing.add(functor);
  }
  const lattice = new WordLattice(tests.values, tests.functors, { name, of, members });
  const findings: LawFinding[] = [...missing].map((functor) => ({
    ...{ kind: "untested", of: "lattice", name, span, missing: functor },
  }));
  let fault: string | undefined;
  for (const law of latticeLaws) {
    const names = namesIn(law);
    if ([...names].some((member) => isMember(member) && !members.has(member))) continue;
    const elements = ["a", "b", "c"].filter((element) => names.has(element));
    const given = (words: readonly Word[]) =>
      new Map(elements.map((element, at) => [element, words[at] ?? 0]));
    const sides = (words: readonly Word[]) => {
      const known = given(words);
      return [lattice.side(law.sides[0], known), lattice.side(law.sides[1], known)] as const;
    };
    const trial = tests.trial({
      kinds: elements.map(() => of),
      holds: (words) => {
        const [left, right] = sides(words);
        if (typeof left === "boolean" || typeof right === "boolean") return left === right;
        return lattice.same(left, right);
      },
    });
    if (trial.kind === "untried") fault ??= trial.fault ?? "its type has no values";
    if (trial.kind !== "false") continue;
    const words = trial.values.map((value) => tests.values.encode(of, value));
    const valueOf = (side: Word | boolean) =>
      typeof side === "boolean" ? side : tests.values.decode(of, side);
    const [left, right] = sides(words);
    findings.push({
      ...{ kind: "lattice", name, span, law },
      given: new Map([...given(words)].map(([element, word]) => [element, valueOf(word) as Value])),
      sides: [valueOf(left), valueOf(right)],
    });
  }
  if (fault !== undefined) findings.push({ kind: "untested", of: "lattice", name, span, fault });
  return findings;
}

function functorFindings(tests: Tests, law: FunctorLaw): LawFinding[] {
  const { program, functors, values } = tests;
  const { functor: name, span } = law;
  const user = program.functors.find((functor) => functor.name === name);
  if (user === undefined) return [];
  const needed = [name, ...[law.result, ...law.arguments].flatMap((of) => lubOf(program, of))];
  const missing = needed.find((functor) => !isGiven(tests, functor));
  if (missing !== undefined) return [{ kind: "untested", of: "functor", name, span, missing }];
  const { parameters } = user;
  const lattice = (named: string, of: ValueKind) =>
    latticeNamed(program, values, functors, { name: named, of, span });
  const result = lattice(law.result, user.result);
  const untested = (fault: string): LawFinding[] => [
    { kind: "untested", of: "functor", name, span, fault },
  ];
  const call = functorOf(values, functors)(user);
  for (const [at, from] of law.arguments.entries()) {
    const kind = parameters[at];
    if (from === undefined || kind === undefined) continue;
    const order = lattice(from, kind);
    if (order === undefined || result === undefined) return untested("its orders have no names");
    // The last word is what the argument is joined with.
    const both = (words: readonly Word[]) => {
      const given = words.slice(0, parameters.length);
      const grown = order.join(given[at] ?? 0, words[parameters.length] ?? 0);
      return { given, grown, before: call(...given), after: call(...given.with(at, grown)) };
    };
    const trial = tests.trial({
      kinds: [...parameters, kind],
      holds: (words) => {
        const { before, after } = both(words);
        return result.below(before, after);
      },
    });
    if (trial.kind === "untried") return untested(trial.fault ?? "its types have no values");
    if (trial.kind !== "false") continue;
    const words = trial.values.map((value, place) =>
      values.encode(parameters[place] ?? kind, value),
    );
    const { given, grown, before, after } = both(words);
    return [
      {
        ...{ kind: "functor", name, span, argument: at, from, to: law.result },
        given: given.map((word, place) => values.decode(parameters[place] ?? kind, word)),
        grown: values.decode(kind, grown),
        before: values.decode(user.result, before),
        after: values.decode(user.result, after),
      },
    ];
  }
  return [];
}

function termsOf(lattice: LatticeDeclaration): Record<Member, Term | undefined> {
  const { lub, glb, leq, bottom, top } = lattice;
  return { Lub: lub, Glb: glb, Leq: leq, Bottom: bottom, Top: top };
}

function isMember(name: string): boolean {
  return ["Lub", "Glb", "Leq", "Bottom", "Top"].includes(name);
}

/** The functor that joins the elements of a lattice, if it is one of the program. */
function lubOf({ lattices }: Program, name: string | undefined): readonly string[] {
  const lub = lattices.find((lattice) => `${lattice.name}<>` === name)?.lub;
  const functor = lub && userFunctor(lub);
  return functor === undefined ? [] : [functor];
}

function userFunctor(term: Term): string | undefined {
  return term.kind === "functor" && term.name === "user" ? term.user.name : undefined;
}

function isGiven({ functors }: Tests, name: string): boolean {
  return Object.hasOwn(functors, name) && typeof functors[name] === "function";
}

/** The first of those items that have one key. */
function distinct<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const key = keyOf(item);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
